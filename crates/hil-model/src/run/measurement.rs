//! One measurement of a phase.

use crate::Limits;

use super::{Aggregation, MeasuredValue, MeasurementOutcome, Validator};

/// A value, what it was held against, and what came of that (REC-04).
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// What was measured.
    pub name: String,
    /// What its limits and validators say.
    pub outcome: MeasurementOutcome,
    /// Inside the limits and outside the marginal ones: good, and worth a look.
    pub marginal: bool,
    /// Whether it may stay unset.
    pub optional: bool,
    /// The value.
    pub value: MeasuredValue,
    /// Its unit, as its symbol. The columns of a series have units of their own.
    pub unit: Option<String>,
    /// The band in which a number must lie.
    pub limits: Limits,
    /// The band in which a number should lie.
    pub marginal_limits: Limits,
    /// Further conditions.
    pub validators: Vec<Validator>,
    /// What was computed over the value.
    pub aggregations: Vec<Aggregation>,
    /// What the test's author says about it.
    pub docstring: Option<String>,
}

impl Measurement {
    /// A measurement that has been declared and not yet set.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome: MeasurementOutcome::Unset,
            marginal: false,
            optional: false,
            value: MeasuredValue::Unset,
            unit: None,
            limits: Limits::default(),
            marginal_limits: Limits::default(),
            validators: Vec::new(),
            aggregations: Vec::new(),
            docstring: None,
        }
    }
}
