//! A measurement of a report.

use hil_model::Limits;
use hil_model::run::{MeasuredValue, Measurement, MeasurementOutcome, Operator, Validator};

use super::wire::{WireMeasurement, Word};
use super::{FORMAT, validator, value};
use crate::error::excerpt;
use crate::{ExchangeError, Result};

/// The measurement that is listed under `key` in phase number `phase`.
///
/// `optional`: the station allows measurements that were never set.
pub(super) fn read(phase: usize, key: String, wire: WireMeasurement, optional: bool) -> Result<Measurement> {
    let outcome = match wire.outcome.as_deref() {
        Some("PASS") => MeasurementOutcome::Pass,
        Some("FAIL") => MeasurementOutcome::Fail,
        Some("UNSET" | "PARTIALLY_SET" | "SKIPPED") | None => MeasurementOutcome::Unset,
        Some(word) => {
            return Err(ExchangeError::Invalid {
                format: FORMAT,
                path: format!("phases[{phase}].measurements.{}.outcome", excerpt(&key)),
                problem: format!("is {:?}, which is not the outcome of a measurement", excerpt(word)),
            });
        }
    };
    let applied = wire.validators.unwrap_or_default();
    let mut validators: Vec<_> = applied.iter().flat_map(|words| validator::parse(words)).collect();
    let is_text = validators.iter().any(|validator| validator.operator == Some(Operator::Matches));
    let unit = wire.units.as_ref().and_then(|unit| value::unit(unit, false));
    let value = match (wire.measured_value, &wire.dimensions) {
        (None, _) => MeasuredValue::Unset,
        (Some(value), None) => value::scalar(value, is_text),
        (Some(value), Some(dimensions)) => value::table(value, dimensions, unit.as_deref()),
    };
    let (limits, marginal_limits) = match value {
        MeasuredValue::Number(_) | MeasuredValue::Unset => validator::limits(&validators),
        MeasuredValue::Text(_)
        | MeasuredValue::Bool(_)
        | MeasuredValue::Json(_)
        | MeasuredValue::Series(_) => (Limits::default(), Limits::default()),
    };
    answer(&mut validators, applied.len(), outcome, &value);
    for conditional in wire.conditional_validators.unwrap_or_default() {
        // One whose condition was met is listed among the others as well.
        if !applied.contains(&conditional.validator) {
            let condition = conditional.result.map_or(String::new(), |Word(result)| format!("if {result}: "));
            validators.push(Validator::expression(format!("{condition}{}", conditional.validator)));
        }
    }
    let near = |number: f64| {
        marginal_limits.low.is_some_and(|low| number <= low)
            || marginal_limits.high.is_some_and(|high| number >= high)
    };
    let marginal =
        wire.marginal.unwrap_or(outcome == MeasurementOutcome::Pass && value.number().is_some_and(near));
    Ok(Measurement {
        name: wire.name.unwrap_or(key),
        outcome,
        marginal,
        optional,
        value,
        unit,
        limits,
        marginal_limits,
        validators,
        aggregations: Vec::new(),
        docstring: wire.docstring,
    })
}

/// What each validator said, as far as it follows from the outcome and from the value.
fn answer(validators: &mut [Validator], applied: usize, outcome: MeasurementOutcome, value: &MeasuredValue) {
    if value.is_unset() || outcome == MeasurementOutcome::Unset {
        return;
    }
    for validator in validators {
        if validator.decides() && outcome == MeasurementOutcome::Pass {
            validator.outcome = MeasurementOutcome::Pass;
        } else if validator.decides() && applied == 1 {
            validator.outcome = outcome;
        } else {
            validator.ask(value);
        }
    }
}
