//! Under- and over-voltage detection: settle, then validate.

use alm::{AlmTester, VoltageStatus};
use hil::prelude::*;

/// How long the settled voltage is held before the status is read: the module reports within a second.
const VALIDATION: Duration = Duration::from_secs(1);
/// How long the status may take after that.
const REPORT: Duration = Duration::from_millis(200);

#[hil::baseline]
fn rail_is_parked(ctx: &Ctx, psu: Psu) -> hil::Result {
    super::rail::parked(ctx, &psu)
}

/// Title: The module reports what the rail is
/// Description: Thresholds of 9 V and 16 V with 0.5 V of hysteresis.
/// Requirements: REQ-ALM-050, REQ-ALM-051, REQ-ALM-052
/// Test Steps:
///   1. Apply the voltage and let it settle.
///   2. Hold it for a second.
///   3. Read the status.
/// Expected Result: The status for that voltage.
#[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal], covers = [PsuWrite], timeout = "40s")]
#[case::far_under(7.0, VoltageStatus::Under)]
#[case::under(8.5, VoltageStatus::Under)]
#[case::low_but_normal(9.7, VoltageStatus::Normal)]
#[case::nominal(12.0, VoltageStatus::Normal)]
#[case::high_but_normal(15.3, VoltageStatus::Normal)]
#[case::over(16.5, VoltageStatus::Over)]
#[case::far_over(18.0, VoltageStatus::Over)]
fn status_follows_the_rail(
    psu: Psu,
    alm: AlmTester,
    #[case] volts: f64,
    #[case] expected: VoltageStatus,
) -> hil::Result {
    let applied = apply_voltage_and_settle(&psu, Volts::new(volts), VALIDATION)?;
    alm.wait_for_voltage_status(expected, REPORT)?;
    applied.restore()?;
    alm.wait_for_voltage_status(VoltageStatus::Normal, VALIDATION)
}

/// Title: A report ends only past the hysteresis
/// Requirements: REQ-ALM-053
/// Test Steps:
///   1. Go beyond the threshold until it is reported.
///   2. Come back to just inside the threshold: the report stays.
///   3. Come back past the hysteresis: the report ends.
/// Expected Result: The report stays at step 2 and ends at step 3.
#[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal], timeout = "60s")]
#[case::under_voltage(8.0, 9.25, 10.0, VoltageStatus::Under)]
#[case::over_voltage(17.0, 15.75, 15.0, VoltageStatus::Over)]
fn recovery_has_hysteresis(
    psu: Psu,
    alm: AlmTester,
    #[case] beyond: f64,
    #[case] inside: f64,
    #[case] past: f64,
    #[case] reported: VoltageStatus,
) -> hil::Result {
    let outside = apply_voltage_and_settle(&psu, Volts::new(beyond), VALIDATION)?;
    alm.wait_for_voltage_status(reported, REPORT)?;
    let just_inside = apply_voltage_and_settle(&psu, Volts::new(inside), VALIDATION)?;
    alm.wait_for_voltage_status(reported, REPORT)?;
    let well_inside = apply_voltage_and_settle(&psu, Volts::new(past), VALIDATION)?;
    alm.wait_for_voltage_status(VoltageStatus::Normal, REPORT)?;
    drop((outside, just_inside));
    well_inside.restore()
}

/// Title: The rail goes back to nominal when an excursion ends
/// Requirements: REQ-PSU-003
/// Test Steps:
///   1. Move the rail to 14 V and let go of it.
///   2. Measure.
/// Expected Result: Set point and rail are nominal.
#[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal], timeout = "40s")]
fn an_excursion_ends_at_nominal(ctx: &Ctx, psu: Psu) -> hil::Result {
    let nominal = psu.nominal().voltage;
    drop(apply_voltage_and_settle(&psu, Volts::new(14.0), Duration::ZERO)?);
    ctx.expect_eq("set point", psu.set_point()?, nominal)?;
    let tolerance = ctx.config().power_supply.nominal_tolerance;
    ctx.measure("rail", psu.measure()?.volts.get()).units(Unit::VOLT).near(nominal.get(), tolerance)
}

/// Title: A set-point beyond the armed limit is refused before it is sent
/// Requirements: REQ-PSU-004
/// Test Steps:
///   1. Ask for more than the over-voltage limit.
/// Expected Result: A refusal that names the limit; the set-point is unchanged.
#[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal], timeout = "20s")]
fn a_set_point_beyond_the_limit_is_refused(ctx: &Ctx, psu: Psu) -> hil::Result {
    let Some(limit) = psu.nominal().limits.voltage else {
        return Err(TestError::Skipped("power_supply.over_voltage_limit is not set".to_owned()));
    };
    match psu.excursion(limit + Volts::new(1.0)) {
        Ok(excursion) => {
            drop(excursion);
            return Err(TestError::failed("the set-point was taken"));
        }
        Err(error) => {
            ctx.expect("the refusal names the limit", error.to_string().contains(&limit.to_string()))?
        }
    }
    ctx.expect_eq("set point", psu.set_point()?, psu.nominal().voltage)
}
