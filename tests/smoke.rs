//! The fastest sign that a bench is ready.

use alm::{AlmTester, LedState};
use hil::Missing;
use hil::prelude::*;
use rgb_to_pwm::{Intensity, Rgb};

/// Title: The module answers on LIN
/// Requirements: REQ-ALM-001
/// Test Steps:
///   1. Ask for ALM_Status.
/// Expected Result: A response with the module's own address.
#[hil::test(markers = [HARDWARE, SMOKE], covers = [LinRead], timeout = "5s")]
fn the_module_answers(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    let nad = alm.fio().receive("ALM_Status")?.raw("ALMNadNo")?;
    ctx.expect_eq("ALMNadNo", nad, u64::from(alm.nad()))
}

/// Title: The supply delivers its nominal voltage
/// Requirements: REQ-PSU-001
/// Test Steps:
///   1. Measure at the terminals.
/// Expected Result: Nominal within the configured tolerance.
#[hil::test(markers = [HARDWARE, SMOKE], covers = [PsuRead], timeout = "5s")]
fn the_supply_delivers_nominal(ctx: &Ctx, psu: Psu) -> hil::Result {
    ctx.rp("psu_idn", psu.identity());
    let tolerance = ctx.config().power_supply.nominal_tolerance;
    let reading = psu.measure()?;
    ctx.rp("measured_current", format!("{:.3}", reading.amps.get()));
    let nominal = psu.nominal().voltage.get();
    ctx.measure("rail", reading.volts.get())
        .units(Unit::VOLT)
        .marginal(nominal - tolerance / 2.0, nominal + tolerance / 2.0)
        .near(nominal, tolerance)
}

/// Title: The light goes on and off
/// Requirements: REQ-ALM-010
/// Test Steps:
///   1. Request white, immediate mode.
///   2. Wait for ON.
///   3. Switch it off.
/// Expected Result: ON, then OFF.
#[hil::test(markers = [HARDWARE, SMOKE], covers = [LinWrite], timeout = "10s")]
fn the_light_goes_on_and_off(alm: AlmTester) -> hil::Result {
    if alm.fio().frame("ALM_Req_A").is_err() {
        return Err(Missing::Writable { what: "the LDF has no frame ALM_Req_A".to_owned() }.into());
    }
    alm.request(alm.immediate(Rgb::WHITE, Intensity::FULL))?;
    alm.wait_for_state(LedState::On)?;
    alm.force_off()
}
