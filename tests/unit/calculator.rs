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

/// Title: The duty of red rises with the temperature
/// Requirements: REQ-ALM-031
/// Test Steps:
///   1. Compute red from -40 °C to 85 °C.
/// Expected Result: A series that rises and stays within 16 bits.
#[hil::test]
fn red_rises_with_the_temperature(ctx: &Ctx) -> hil::Result {
    let calculator = Calculator::builtin();
    let mut duties = ctx.series("red_duty").axis("temperature", Unit::CELSIUS).axis("duty", Unit::COUNT);
    let mut last = 0;
    let mut rises = true;
    for celsius in (-40..=85).step_by(5).map(f64::from) {
        let duty = calculator.pwm(Rgb::RED, Intensity(128), Celsius(celsius)).pwm.red;
        rises &= duty >= last;
        last = duty;
        duties.push([celsius, f64::from(duty)])?;
    }
    duties
        .docstring("at half intensity")
        .limit("duty", Limits::within(1.0, f64::from(u16::MAX)))?
        .aggregate("duty", Aggregate::Max, Limits::default())?
        .record()?;
    ctx.measure("red_duty_rises", rises).equals(true).record()
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
