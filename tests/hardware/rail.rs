//! The rail as tests of the supply expect to find it.

use hil::prelude::*;

/// Set point and terminals must be at nominal. If they are not, the bench is at fault, not the module.
pub(super) fn parked(ctx: &Ctx, psu: &Psu) -> hil::Result {
    let nominal = psu.nominal().voltage;
    let tolerance = Volts::new(ctx.config().power_supply.nominal_tolerance);
    let (set, measured) = (psu.set_point()?, psu.measure()?.volts);
    if set == nominal && measured.is_within(tolerance, nominal) {
        return Ok(());
    }
    Err(TestError::bench(format!("the rail is not parked at {nominal}: set to {set}, measured {measured}")))
}
