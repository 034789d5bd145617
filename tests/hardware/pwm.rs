//! The duties of the LED against the colour calculator.

use alm::{AlmTester, LedState};
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// How far two frames may differ that carry the same duties, in counts: 0.1 % of 16 bits, for rounding.
const SAME_DUTY: f64 = 66.0;

#[hil::baseline]
fn light_is_off_and_compensated(alm: AlmTester) -> hil::Result {
    alm.force_off()?;
    alm.enable_compensation(true)
}

fn light_up(alm: &AlmTester, rgb: Rgb, intensity: Intensity) -> hil::Result {
    alm.request(alm.immediate(rgb, intensity))?;
    alm.wait_for_state(LedState::On)
}

/// Title: The duties are those of the calculator
/// Requirements: REQ-ALM-030, REQ-ALM-031
/// Test Steps:
///   1. Request the colour.
///   2. Compare the duties without compensation.
///   3. Compare the compensated duties at the temperature that the module measures.
/// Expected Result: Each channel within 5 %.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::red(Rgb::RED, Intensity::FULL)]
#[case::green(Rgb::GREEN, Intensity::FULL)]
#[case::blue(Rgb::BLUE, Intensity::FULL)]
#[case::white(Rgb::WHITE, Intensity::FULL)]
#[case::amber(Rgb::new(255, 128, 0), Intensity::FULL)]
#[case::dim_white(Rgb::WHITE, Intensity(64))]
#[case::dark_teal(Rgb::new(0, 90, 80), Intensity(200))]
fn duties_are_those_of_the_calculator(
    alm: AlmTester,
    #[case] rgb: Rgb,
    #[case] intensity: Intensity,
) -> hil::Result {
    light_up(&alm, rgb, intensity)?;
    alm.assert_pwm_wo_comp_matches_rgb(rgb, intensity)?;
    alm.assert_pwm_matches_rgb(rgb, intensity)
}

/// Title: Without compensation both PWM frames agree
/// Requirements: REQ-ALM-032
/// Test Steps:
///   1. Warm the module up with white for a minute: the frames differ in red.
///   2. Switch the compensation off.
///   3. Switch it on again.
/// Expected Result: The uncompensated duties in both frames at step 2, the compensated ones at step 3.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "120s")]
fn compensation_can_be_switched(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    light_up(&alm, Rgb::WHITE, Intensity::FULL)?;
    ctx.step("Warm up for a minute", || {
        ctx.sleep(Duration::from_secs(60));
        Ok(())
    })?;
    // A module that is not warm has nothing to compensate: both frames would agree either way.
    let (with, without) = (alm.read_pwm()?, alm.read_pwm_wo_comp()?);
    ctx.measure("red_compensation", f64::from(with.red) / f64::from(without.red)).at_least(1.05)?;
    alm.enable_compensation(false)?;
    let (with, without) = (alm.read_pwm()?, alm.read_pwm_wo_comp()?);
    for (channel, with, without) in [
        ("red", with.red, without.red),
        ("green", with.green, without.green),
        ("blue", with.blue, without.blue),
    ] {
        ctx.measure(&format!("pwm_switched_off_{channel}"), f64::from(with))
            .units(Unit::COUNT)
            .near(f64::from(without), SAME_DUTY)?;
    }
    alm.assert_pwm_wo_comp_matches_rgb(Rgb::WHITE, Intensity::FULL)?;
    alm.enable_compensation(true)?;
    alm.assert_pwm_matches_rgb(Rgb::WHITE, Intensity::FULL)
}

/// Title: Compensation follows the temperature while the module warms up
/// Requirements: REQ-ALM-031, REQ-ALM-033
/// Test Steps:
///   1. Let the module cool down below 35 °C.
///   2. Light white at full intensity.
///   3. Every 20 s compare the duties with the calculator's at the measured temperature.
/// Expected Result: The temperature rises by at least 15 K, red needs more duty, and the duties follow.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "300s")]
fn compensation_follows_the_temperature(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    ctx.step("Let the module cool down", || {
        let (poll, limit) = (Duration::from_secs(1), Duration::from_secs(120));
        ctx.wait_for("a temperature below 35 °C", poll, limit, || {
            Ok((alm.read_temperature()?.0 < 35.0).then_some(()))
        })
    })?;
    light_up(&alm, Rgb::WHITE, Intensity::FULL)?;
    let cold = alm.read_temperature()?.0;
    for _ in 0..3 {
        ctx.sleep(Duration::from_secs(20));
        alm.assert_pwm_matches_rgb(Rgb::WHITE, Intensity::FULL)?;
    }
    let warm = alm.read_temperature()?.0;
    ctx.measure("temperature_rise", warm - cold).units(Unit::symbol("K")).at_least(15.0)?;
    let (with, without) = (alm.read_pwm()?, alm.read_pwm_wo_comp()?);
    ctx.measure("red_compensation", f64::from(with.red) / f64::from(without.red)).at_least(1.05)
}
