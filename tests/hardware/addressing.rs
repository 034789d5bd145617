//! LID addressing: only modules with LIDFrom ≤ NAD ≤ LIDTo take a request.

use alm::{AlmTester, LedState, Request};
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// A range of addresses, made from the module's own.
type Range = fn(u8) -> (u8, u8);

/// Title: A request whose range holds the module is taken
/// Requirements: REQ-ALM-040
/// Test Steps:
///   1. Request white for the range.
/// Expected Result: ON.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::own_address(|nad| (nad, nad))]
#[case::broadcast(|_| (0x00, 0xFF))]
#[case::up_to_it(|nad| (0x00, nad))]
#[case::from_it_on(|nad| (nad, 0x7D))]
fn a_range_that_holds_it(alm: AlmTester, #[case] range: Range) -> hil::Result {
    let white = alm.immediate(Rgb::WHITE, Intensity::FULL);
    alm.request(Request { lids: range(alm.nad()), ..white })?;
    alm.wait_for_state(LedState::On)
}

/// Title: A request for others, or for an inverted range, is ignored
/// Requirements: REQ-ALM-040, REQ-ALM-041
/// Test Steps:
///   1. Request white for the range.
///   2. Wait for 500 ms.
/// Expected Result: OFF all the time; a request for the module's own address still works.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::above(|nad| (nad + 1, 0x7D))]
#[case::below(|nad| (0x00, nad - 1))]
#[case::inverted(|nad| (nad + 1, nad))]
#[case::inverted_around_it(|nad| (nad + 1, nad - 1))]
fn a_range_that_does_not(ctx: &Ctx, alm: AlmTester, #[case] range: Range) -> hil::Result {
    let white = alm.immediate(Rgb::WHITE, Intensity::FULL);
    alm.request(Request { lids: range(alm.nad()), ..white })?;
    for _ in 0..10 {
        ctx.expect_eq("ALMLEDState", alm.read_led_state()?, LedState::Off)?;
        ctx.sleep(Duration::from_millis(50));
    }
    alm.request(white)?;
    alm.wait_for_state(LedState::On)
}
