//! Go-to-sleep, wake-up, and a bus that is idle.

use hil::lin::{FrameId, WakePulse};
use hil::prelude::*;

use super::iut::{Iut, WAKES_WITHIN, mismatch};

/// Wakes the node at the end of a case, whatever came of it.
struct Awake<'a>(&'a Iut);

impl Drop for Awake<'_> {
    fn drop(&mut self) {
        if self.0.settle().is_err() {
            self.0.ctx.log("the node may still sleep".to_owned());
        }
    }
}

/// Title: Go-to-sleep is obeyed, whatever its bytes 2 to 8
/// Description: PT-CT 52. The header that shows it wakes the node as well, but the node is not ready for what
///   stands behind the break (U).
/// Requirements: ISO17987-6-PT-CT-52
/// Test Steps:
///   1. Send go-to-sleep.
///   2. Ask for a published frame, or where there is none for a diagnostic answer.
/// Expected Result: No response.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::recessive([0xFF; 7])]
#[case::other_data([1, 2, 3, 4, 5, 6, 7])]
fn pt_ct_52_go_to_sleep_is_obeyed(iut: Iut, #[case] data: [u8; 7]) -> hil::Result {
    let _awake = Awake(&iut);
    let probe = iut.published.first().map(|frame| (frame.id, frame.length));
    if probe.is_none() {
        // The answer to this must be gone after sleep.
        iut.request(super::diagnostics::single(iut.nad.get(), &iut.read_by_identifier(0)))?;
    }
    iut.send_to_sleep(data)?;
    let (id, length) = probe.unwrap_or((FrameId::SLAVE_RESPONSE, 8));
    iut.expect_nobody("a sleeping node", id, length)
}

/// The lengths of a wake-up pulse, by the bit time.
type Pulse = fn(bitrate: u32) -> Duration;

/// Title: A wake-up pulse wakes the node
/// Description: PT-CT 54.
/// Requirements: ISO17987-6-PT-CT-54
/// Test Steps:
///   1. Send go-to-sleep.
///   2. Send a wake-up pulse.
///   3. After 100 ms, read identifier 0.
/// Expected Result: An answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::of_250_us(|_| Duration::from_micros(250))]
#[case::of_5_ms(|_| Duration::from_millis(5))]
#[case::of_5_bits(|bitrate| Duration::from_micros((5_000_000 / u64::from(bitrate)).max(250)))]
fn pt_ct_54_a_pulse_wakes_the_node(ctx: &Ctx, iut: Iut, #[case] pulse: Pulse) -> hil::Result {
    let _awake = Awake(&iut);
    let pulse = WakePulse::new(pulse(ctx.config().interface.bitrate))?;
    iut.send_to_sleep([0xFF; 7])?;
    // The node may take its time to fall asleep.
    ctx.sleep(WAKES_WITHIN);
    iut.wake_up(pulse)?;
    ctx.sleep(WAKES_WITHIN);
    match iut.ask(iut.nad, &iut.read_by_identifier(0))? {
        Some(_) => Ok(()),
        None => {
            let what = format!("ReadByIdentifier after a pulse of {} µs", pulse.length().as_micros());
            Err(mismatch(&what, "an answer", "no response"))
        }
    }
}

/// Title: A node does not sleep before the bus was idle for four seconds
/// Description: PT-CT 61. The pause is a tenth of a second shorter, so that a slow adapter does not make it longer.
/// Requirements: ISO17987-6-PT-CT-61
/// Test Steps:
///   1. Read identifier 0.
///   2. Leave the bus alone.
///   3. Read identifier 0 again.
/// Expected Result: An answer each time.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "30s")]
fn pt_ct_61_a_short_pause_is_no_sleep(ctx: &Ctx, iut: Iut) -> hil::Result {
    let _awake = Awake(&iut);
    for when in ["before the pause", "after the pause"] {
        if iut.ask(iut.nad, &iut.read_by_identifier(0))?.is_none() {
            return Err(mismatch(&format!("ReadByIdentifier {when}"), "an answer", "no response"));
        }
        if when == "before the pause" {
            ctx.sleep(Duration::from_millis(3_900));
        }
    }
    Ok(())
}
