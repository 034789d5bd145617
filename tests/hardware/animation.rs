//! Animation timing: modes 1 and 2 pass through ANIMATING for Duration × 200 ms.

use alm::{AlmTester, AnimatingWindow, LedState, Mode};
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// What a measured window may differ from the requested one: the module refreshes its status each 10 ms,
/// each end is found with a 10 ms poll, and each poll takes a frame of 4.4 ms.
const TOLERANCE_MS: f64 = 50.0;

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// Records how long the light animated, and by how much polling leaves that open.
fn measure(ctx: &Ctx, window: AnimatingWindow, expected: Duration) -> hil::Result {
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    ctx.measure("animating_window_resolution", millis(window.resolution()))
        .units(Unit::MILLISECOND)
        .record()?;
    ctx.measure("animating_window", millis(window.nearest_to(expected)))
        .units(Unit::MILLISECOND)
        .near(millis(expected), TOLERANCE_MS)
}

/// Title: A fade animates for its duration
/// Requirements: REQ-ALM-020, REQ-ALM-021
/// Test Steps:
///   1. Request white with a fade.
///   2. Measure how long the module reports ANIMATING.
/// Expected Result: Duration × 200 ms within 50 ms, then ON.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::mode_1_for_200_ms(Mode::Fade, 1)]
#[case::mode_1_for_600_ms(Mode::Fade, 3)]
#[case::mode_1_for_1_s(Mode::Fade, 5)]
#[case::mode_1_for_3_s(Mode::Fade, 15)]
#[case::mode_2_for_200_ms(Mode::FadeIntensity, 1)]
#[case::mode_2_for_1_s(Mode::FadeIntensity, 5)]
#[case::mode_2_for_2_s(Mode::FadeIntensity, 10)]
#[case::mode_2_for_3_s(Mode::FadeIntensity, 15)]
fn a_fade_takes_its_duration(
    ctx: &Ctx,
    alm: AlmTester,
    #[case] mode: Mode,
    #[case] duration: u8,
) -> hil::Result {
    let expected = AlmTester::duration(duration);
    alm.request(alm.fade(Rgb::WHITE, Intensity::FULL, mode, duration))?;
    let window = alm.measure_animating_window(expected + Duration::from_secs(2))?;
    measure(ctx, window, expected)?;
    alm.wait_for_state(LedState::On)
}

/// Title: A fade without duration is immediate
/// Requirements: REQ-ALM-020
/// Test Steps:
///   1. Request white with a fade of 0 × 200 ms.
/// Expected Result: ON within 100 ms.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::mode_1(Mode::Fade)]
#[case::mode_2(Mode::FadeIntensity)]
fn a_fade_of_no_length_is_immediate(alm: AlmTester, #[case] mode: Mode) -> hil::Result {
    alm.request(alm.fade(Rgb::WHITE, Intensity::FULL, mode, 0))?;
    alm.wait_for_state_within(LedState::On, Duration::from_millis(100))
}

/// Title: A fade to darkness animates and ends OFF
/// Requirements: REQ-ALM-020, REQ-ALM-022
/// Test Steps:
///   1. Light up at once.
///   2. Fade to dark in 1 s.
/// Expected Result: ANIMATING for 1 s, then OFF.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn a_fade_to_darkness_ends_off(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    alm.request(alm.immediate(Rgb::BLUE, Intensity::FULL))?;
    alm.wait_for_state(LedState::On)?;
    alm.request(alm.fade(Rgb::BLUE, Intensity(0), Mode::Fade, 5))?;
    let window = alm.measure_animating_window(Duration::from_secs(3))?;
    measure(ctx, window, Duration::from_secs(1))?;
    alm.wait_for_state(LedState::Off)
}

/// Title: Repeating a request does not start its animation again
/// Requirements: REQ-ALM-023
/// Test Steps:
///   1. Request a fade of 1 s.
///   2. Repeat the request after 600 ms.
/// Expected Result: ON after 1 s in all, not after 1.6 s.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn a_repeated_request_does_not_restart(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    let fade = alm.fade(Rgb::GREEN, Intensity::FULL, Mode::Fade, 5);
    alm.request(fade)?;
    let asked = ctx.clock().now();
    ctx.sleep(Duration::from_millis(600));
    ctx.expect_eq("ALMLEDState in between", alm.read_led_state()?, LedState::Animating)?;
    alm.request(fade)?;
    alm.wait_for_state_within(LedState::On, Duration::from_secs(2))?;
    let took = ctx.clock().now().since(asked).as_secs_f64() * 1e3;
    ctx.measure("until_on", took).units(Unit::MILLISECOND).within(950.0, 1100.0)
}

/// Title: A new request takes over from an animation
/// Requirements: REQ-ALM-023
/// Test Steps:
///   1. Request a fade of 3 s.
///   2. After 500 ms request another colour at once.
/// Expected Result: ON at once, with the new colour.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn a_new_request_takes_over(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    alm.request(alm.fade(Rgb::RED, Intensity::FULL, Mode::Fade, 15))?;
    ctx.sleep(Duration::from_millis(500));
    alm.request(alm.immediate(Rgb::BLUE, Intensity::FULL))?;
    alm.wait_for_state_within(LedState::On, Duration::from_millis(100))?;
    alm.assert_pwm_wo_comp_matches_rgb(Rgb::BLUE, Intensity::FULL)
}

/// Title: Half-way through a fade the light is half as bright
/// Requirements: REQ-ALM-021
/// Test Steps:
///   1. Fade the intensity of white from dark to full in 4 s.
///   2. Read the duties after 2 s.
/// Expected Result: The calculator's duties for half the intensity.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn half_way_is_half_as_bright(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    alm.request(alm.fade(Rgb::WHITE, Intensity::FULL, Mode::FadeIntensity, 20))?;
    // The comparison itself waits another 100 ms for the PWM frame.
    ctx.sleep(Duration::from_millis(1_900));
    alm.assert_pwm_wo_comp_matches_rgb(Rgb::WHITE, Intensity(128))
}
