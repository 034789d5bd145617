//! The colour calculator that the PWM suite compares with.

use hil::prelude::*;
use rgb_to_pwm::{Calculator, Celsius, Intensity, Rgb};

/// Title: Nothing is compensated at the reference temperature
/// Requirements: REQ-ALM-031
/// Test Steps:
///   1. Compute a colour with compensation at 25 °C and without.
/// Expected Result: The same duties.
#[hil::test]
#[case::red(Rgb::RED)]
#[case::green(Rgb::GREEN)]
#[case::blue(Rgb::BLUE)]
#[case::white(Rgb::WHITE)]
fn nothing_is_compensated_at_the_reference(ctx: &Ctx, #[case] rgb: Rgb) -> hil::Result {
    let calculator = Calculator::builtin();
    let plain = calculator.pwm_without_compensation(rgb, Intensity::FULL);
    ctx.expect_eq("target", calculator.pwm(rgb, Intensity::FULL, Celsius(25.0)), plain)
}

/// Title: A warm red LED gets more duty, a cold one less
/// Requirements: REQ-ALM-031
/// Test Steps:
///   1. Compute red at 25 °C, 70 °C and -20 °C.
/// Expected Result: More duty when warm, less when cold.
#[hil::test]
fn red_is_compensated_in_the_right_direction(ctx: &Ctx) -> hil::Result {
    let calculator = Calculator::builtin();
    let red = |celsius| f64::from(calculator.pwm(Rgb::RED, Intensity::FULL, Celsius(celsius)).pwm.red);
    ctx.measure("warm_over_reference", red(70.0) / red(25.0)).at_least(1.2)?;
    ctx.measure("cold_over_reference", red(-20.0) / red(25.0)).at_most(0.85)
}

/// Title: Every pure colour can be shown
/// Requirements: REQ-ALM-030
/// Test Steps:
///   1. Compute red, green, blue and white.
/// Expected Result: In gamut and not saturated at the reference temperature.
#[hil::test]
fn pure_colours_are_in_gamut(ctx: &Ctx) -> hil::Result {
    for rgb in [Rgb::RED, Rgb::GREEN, Rgb::BLUE, Rgb::WHITE] {
        let target = Calculator::builtin().pwm_without_compensation(rgb, Intensity::FULL);
        ctx.expect_eq(
            &format!("{rgb} out of gamut, saturated"),
            (target.out_of_gamut, target.saturated),
            (false, false),
        )?;
    }
    Ok(())
}
