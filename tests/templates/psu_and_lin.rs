//! Template: a test that moves the supply and watches the unit. Say here what the tests have in common.

use alm::{AlmTester, VoltageStatus};
use hil::prelude::*;

/// Runs before each test of this file: the rail must be parked at nominal.
#[hil::baseline]
fn rail_is_parked(ctx: &Ctx, psu: Psu) -> hil::Result {
    ctx.expect_eq("set point", psu.set_point()?, psu.nominal().voltage)
}

/// Title: One line that names the behaviour
/// Requirements: REQ-XXX-003
/// Test Steps:
///   1. Apply a voltage, let it settle, hold it for the firmware to react.
///   2. Read what the unit makes of it.
/// Expected Result: What makes it pass.
#[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal], timeout = "30s")]
fn rename_me(ctx: &Ctx, psu: Psu, alm: AlmTester) -> hil::Result {
    // The rail goes back to nominal when `applied` is dropped, also if a line below fails or panics.
    let applied = apply_voltage_and_settle(&psu, Volts::new(8.0), Duration::from_secs(1))?;
    ctx.measure("settle_time", applied.settled.settle_time.as_secs_f64()).units(Unit::SECOND).at_most(5.0)?;
    alm.wait_for_voltage_status(VoltageStatus::Under, Duration::from_secs(1))?;
    // Dropping is enough; `restore` says in addition whether the rail came back.
    applied.restore()
}
