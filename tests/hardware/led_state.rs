//! The state that the module reports of its light, in immediate mode.

use alm::{AlmTester, LedState, Request, Update};
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// How finely the state is read where no ANIMATING may appear in between.
const FINE: Duration = Duration::from_millis(10);

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// Title: The light is off until it is asked for
/// Requirements: REQ-ALM-010
/// Test Steps:
///   1. Watch the state for a second.
/// Expected Result: OFF all the time.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
fn off_stays_off(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    for _ in 0..20 {
        ctx.expect_eq("ALMLEDState", alm.read_led_state()?, LedState::Off)?;
        ctx.sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Title: Immediate mode goes from OFF to ON without ANIMATING
/// Requirements: REQ-ALM-010, REQ-ALM-011
/// Test Steps:
///   1. Request the colour in immediate mode.
///   2. Read the state every 10 ms for 300 ms.
/// Expected Result: ON within 100 ms, never ANIMATING.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::red(Rgb::RED)]
#[case::green(Rgb::GREEN)]
#[case::blue(Rgb::BLUE)]
#[case::white(Rgb::WHITE)]
#[case::amber(Rgb::new(255, 128, 0))]
fn immediate_mode_does_not_animate(ctx: &Ctx, alm: AlmTester, #[case] rgb: Rgb) -> hil::Result {
    alm.request(alm.immediate(rgb, Intensity::FULL))?;
    let asked = ctx.clock().now();
    let mut on_after = None;
    for _ in 0..30 {
        let state = alm.read_led_state()?;
        ctx.expect("the light does not animate in immediate mode", state != LedState::Animating)?;
        if state == LedState::On && on_after.is_none() {
            on_after = Some(ctx.clock().now().since(asked));
        }
        ctx.sleep(FINE);
    }
    let Some(on_after) = on_after else {
        return Err(TestError::failed("ALMLEDState: never ON within 300 ms"));
    };
    ctx.measure("on_after", on_after.as_secs_f64() * 1e3).units(Unit::MILLISECOND).at_most(100.0)
}

/// Title: A colour without intensity is dark, and so is intensity without a colour
/// Requirements: REQ-ALM-010
/// Test Steps:
///   1. Light up.
///   2. Request darkness.
/// Expected Result: OFF.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::no_intensity(Rgb::WHITE, Intensity(0))]
#[case::no_colour(Rgb::OFF, Intensity::FULL)]
fn darkness_is_off(alm: AlmTester, #[case] rgb: Rgb, #[case] intensity: Intensity) -> hil::Result {
    alm.request(alm.immediate(Rgb::WHITE, Intensity::FULL))?;
    alm.wait_for_state(LedState::On)?;
    alm.request(alm.immediate(rgb, intensity))?;
    alm.wait_for_state(LedState::Off)
}

/// Title: A saved request waits until it is applied
/// Requirements: REQ-ALM-015
/// Test Steps:
///   1. Save a request for red; the light stays off.
///   2. Apply what was saved.
/// Expected Result: ON, with the saved colour.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn a_saved_request_waits(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    let red = alm.immediate(Rgb::RED, Intensity::FULL);
    alm.request(Request { update: Update::Save, ..red })?;
    ctx.sleep(Duration::from_millis(300));
    ctx.expect_eq("ALMLEDState while saved", alm.read_led_state()?, LedState::Off)?;
    alm.request(Request { update: Update::ApplySaved, ..alm.immediate(Rgb::OFF, Intensity(0)) })?;
    alm.wait_for_state(LedState::On)?;
    alm.assert_pwm_wo_comp_matches_rgb(Rgb::RED, Intensity::FULL)
}

/// Title: A discarded request is gone
/// Requirements: REQ-ALM-015
/// Test Steps:
///   1. Save a request, discard it, apply what was saved.
/// Expected Result: The light stays off.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn a_discarded_request_is_gone(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    let red = alm.immediate(Rgb::RED, Intensity::FULL);
    for update in [Update::Save, Update::Discard, Update::ApplySaved] {
        alm.request(Request { update, ..red })?;
    }
    ctx.sleep(Duration::from_millis(300));
    ctx.expect_eq("ALMLEDState", alm.read_led_state()?, LedState::Off)
}
