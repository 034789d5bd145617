//! How this bench's rail settles: figures for `power_supply.settle`, and a check that it does at all.

use hil::prelude::*;

#[hil::baseline]
fn rail_is_parked(ctx: &Ctx, psu: Psu) -> hil::Result {
    super::rail::parked(ctx, &psu)
}

/// Title: A step of the rail settles
/// Requirements: REQ-PSU-002
/// Test Steps:
///   1. Settle at the first voltage.
///   2. Step to the second and measure the time until it is settled.
/// Expected Result: Within 5 s, and the last reading within the tolerance.
#[hil::test(markers = [HARDWARE, PSU_SETTLING], mutates = [VoltageOutsideNominal], covers = [PsuWrite], timeout = "60s")]
#[case::down_small(12.0, 11.0)]
#[case::up_small(11.0, 12.0)]
#[case::down_large(16.0, 9.0)]
#[case::up_large(9.0, 16.0)]
fn a_step_settles(ctx: &Ctx, psu: Psu, #[case] from: f64, #[case] to: f64) -> hil::Result {
    let _there = apply_voltage_and_settle(&psu, Volts::new(from), Duration::ZERO)?;
    let stepped = apply_voltage_and_settle(&psu, Volts::new(to), Duration::ZERO)?;
    ctx.measure("settle_time", stepped.settled.settle_time.as_secs_f64()).units(Unit::SECOND).at_most(5.0)?;
    let tolerance = psu.settle().tolerance;
    ctx.measure("final_voltage", stepped.settled.final_voltage.get())
        .units(Unit::VOLT)
        .near(to, tolerance)?;
    let trace: Vec<String> = stepped
        .settled
        .trace
        .iter()
        .map(|reading| format!("{:.6},{:.3}", reading.at.as_secs_f64(), reading.volts.get()))
        .collect();
    ctx.attach("settle.csv", "text/csv", format!("seconds,volts\n{}\n", trace.join("\n")).as_bytes())
}

/// Title: Steps up and down take different times
/// Description: A supply drives its output up and lets it fall, so the two differ (hardware reference 5.4).
///   Where they do not, the readings are the set point's and not the terminals'.
/// Requirements: REQ-PSU-002
/// Test Steps:
///   1. Step 12 V → 9 V → 12 V → 16 V → 12 V, settling each time.
///   2. Step 16 V → 9 V → 16 V and compare.
/// Expected Result: Each within 5 s; the large step differs by 0.1 s or more between up and down.
#[hil::test(markers = [HARDWARE, PSU_SETTLING, SLOW], mutates = [VoltageOutsideNominal], timeout = "120s")]
fn up_and_down_take_different_times(ctx: &Ctx, psu: Psu) -> hil::Result {
    // Held to the end, so that the rail does not go back to nominal between two steps.
    let mut held = vec![apply_voltage_and_settle(&psu, Volts::new(12.0), Duration::ZERO)?];
    let mut series = Vec::new();
    let mut step = |to: f64| -> hil::Result<f64> {
        let stepped = apply_voltage_and_settle(&psu, Volts::new(to), Duration::ZERO)?;
        let took = stepped.settled.settle_time.as_secs_f64();
        held.push(stepped);
        series.push(format!("{to} V {took:.3} s"));
        ctx.measure("settle_time", took).units(Unit::SECOND).at_most(5.0)?;
        Ok(took)
    };
    for to in [9.0, 12.0, 16.0, 12.0, 16.0] {
        step(to)?;
    }
    let (down, up) = (step(9.0)?, step(16.0)?);
    ctx.rp("settle_series", series.join(", "));
    ctx.measure("up_and_down_differ_by", (up - down).abs()).units(Unit::SECOND).at_least(0.1)
}

/// Title: The rail is steady at nominal
/// Requirements: REQ-PSU-001
/// Test Steps:
///   1. Measure every 400 ms, ten times.
/// Expected Result: All readings within 50 mV of each other.
#[hil::test(markers = [HARDWARE, PSU_SETTLING], covers = [PsuRead], timeout = "20s")]
fn the_rail_is_steady(ctx: &Ctx, psu: Psu) -> hil::Result {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for _ in 0..10 {
        let volts = psu.measure()?.volts.get();
        (low, high) = (low.min(volts), high.max(volts));
        ctx.sleep(Duration::from_millis(400));
    }
    ctx.measure("peak_to_peak", high - low).units(Unit::VOLT).at_most(0.050)
}

/// Title: The module draws what it should
/// Requirements: REQ-PSU-005
/// Test Steps:
///   1. Measure the current with the light off, and with white at full intensity.
/// Expected Result: More than nothing and less than 100 mA dark; at least 50 mA more when lit.
#[hil::test(markers = [HARDWARE, PSU_SETTLING], covers = [PsuRead, LinWrite], timeout = "20s")]
fn the_module_draws_what_it_should(ctx: &Ctx, psu: Psu, alm: alm::AlmTester) -> hil::Result {
    if !psu.feeds_the_unit() {
        return Err(TestError::Skipped("the supply does not feed the unit, which is simulated".to_owned()));
    }
    // A current reading needs more than a second after a load step (hardware reference 5.1).
    let settled_current = || {
        ctx.sleep(Duration::from_millis(1_500));
        Ok::<_, TestError>(psu.measure()?.amps.get())
    };
    alm.force_off()?;
    let dark = settled_current()?;
    alm.request(alm.immediate(rgb_to_pwm::Rgb::WHITE, rgb_to_pwm::Intensity::FULL))?;
    let lit = settled_current()?;
    ctx.measure("current_dark", dark).units(Unit::AMPERE).within(0.001, 0.1)?;
    ctx.measure("current_of_light", lit - dark).units(Unit::AMPERE).at_least(0.05)
}
