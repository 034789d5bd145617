//! Go-to-sleep and wake-up.

use alm::{AlmTester, LedState};
use hil::lin::Frame;
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// How long a node may take from the wake-up to its first answer (hardware reference 1.5, uncertain).
const WAKES_WITHIN: Duration = Duration::from_millis(100);

#[hil::baseline]
fn awake_and_dark(fio: FrameIo, alm: AlmTester) -> hil::Result {
    fio.wake_up()?;
    fio.expect_signal("ALM_Status", "SigCommErr", 0, Duration::from_secs(1))?;
    alm.force_off()
}

/// Title: A node that sleeps does not answer, and wakes up on a pulse
/// Requirements: REQ-BUS-020, REQ-BUS-021
/// Test Steps:
///   1. Send go-to-sleep.
///   2. Ask for the status.
///   3. Send a wake-up pulse of 1 ms.
///   4. Ask for the status again.
/// Expected Result: Silence at step 2, a response within 100 ms at step 4.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn sleeps_and_wakes_on_a_pulse(ctx: &Ctx, fio: FrameIo) -> hil::Result {
    fio.go_to_sleep()?;
    // The break of this header wakes the node as well, but it is not ready for the header behind it.
    fio.expect_no_response("ALM_Status")?;
    fio.go_to_sleep()?;
    fio.wake_up()?;
    ctx.sleep(WAKES_WITHIN);
    fio.receive("ALM_Status").map(drop)
}

/// Title: Bytes 2 to 8 of go-to-sleep do not matter
/// Requirements: REQ-BUS-020
/// Test Steps:
///   1. Send 0x3C with a leading zero and other bytes behind it.
///   2. Ask for the status.
/// Expected Result: Silence.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::zeros([0x00; 8])]
#[case::counting([0x00, 1, 2, 3, 4, 5, 6, 7])]
fn any_leading_zero_is_sleep(fio: FrameIo, #[case] data: [u8; 8]) -> hil::Result {
    fio.send_raw(&Frame::new(0x3C, &data)?, None)?;
    fio.expect_no_response("ALM_Status")
}

/// Title: The light is off after sleep
/// Requirements: REQ-BUS-022
/// Test Steps:
///   1. Light up, send go-to-sleep, wake up.
/// Expected Result: OFF.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn the_light_is_off_after_sleep(ctx: &Ctx, fio: FrameIo, alm: AlmTester) -> hil::Result {
    alm.request(alm.immediate(Rgb::WHITE, Intensity::FULL))?;
    alm.wait_for_state(LedState::On)?;
    fio.go_to_sleep()?;
    fio.wake_up()?;
    ctx.sleep(WAKES_WITHIN);
    ctx.expect_eq("ALMLEDState after wake-up", alm.read_led_state()?, LedState::Off)
}
