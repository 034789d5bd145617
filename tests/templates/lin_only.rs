//! Template: a test that needs the bus alone. Say here what the tests of this file have in common.

use alm::{AlmTester, LedState};
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// Runs before each test of this file.
#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// Title: One line that names the behaviour
/// Description: More about it, if there is more.
/// Requirements: REQ-XXX-001
/// Test Steps:
///   1. What is done.
///   2. What is waited for.
/// Expected Result: What makes it pass.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn rename_me(ctx: &Ctx, alm: AlmTester, fio: FrameIo) -> hil::Result {
    // Helpers for the unit under test …
    alm.request(alm.immediate(Rgb::GREEN, Intensity::FULL))?;
    alm.wait_for_state(LedState::On)?;
    // … frames and signals by their LDF name …
    fio.send("ConfigFrame", [("EnableCompensation", Value::from("ON"))])?;
    fio.expect_signal("ALM_Status", "SigCommErr", 0, Duration::from_millis(500))?;
    // … and measured values with their limits, which reach every report.
    let green = alm.read_pwm()?.green;
    ctx.measure("pwm_green", f64::from(green)).units(Unit::COUNT).at_least(10_000.0)
}

/// Title: The same for several values
/// Requirements: REQ-XXX-002
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::dim(Intensity(16))]
#[case::full(Intensity::FULL)]
fn rename_me_too(alm: AlmTester, #[case] intensity: Intensity) -> hil::Result {
    alm.request(alm.immediate(Rgb::BLUE, intensity))?;
    alm.wait_for_state(LedState::On)
}
