//! Measurements that a test promises before it takes them (REC-06).

use std::sync::{Mutex, MutexGuard, PoisonError};

use hil_model::run::Measurement;
use hil_model::{Limits, Unit};

/// What was promised and not yet taken, in order.
#[derive(Debug, Default)]
pub(super) struct Declared(Mutex<Vec<Measurement>>);

impl Declared {
    /// Promises `name`. A second promise of the same name is the same promise.
    pub(super) fn promise(&self, name: &str) -> Declaration<'_> {
        let mut open = self.open();
        if !open.iter().any(|measurement| measurement.name == name) {
            open.push(Measurement::new(name));
        }
        Declaration { declared: self, name: name.to_owned() }
    }

    /// What is known of `name`: what its promise says, else nothing.
    pub(super) fn of(&self, name: &str) -> Measurement {
        let promised = self.open().iter().find(|measurement| measurement.name == name).cloned();
        promised.unwrap_or_else(|| Measurement::new(name))
    }

    /// The promise of `name` is kept.
    pub(super) fn keep(&self, name: &str) {
        self.open().retain(|measurement| measurement.name != name);
    }

    /// The promises that nobody kept; there are none afterwards.
    pub(super) fn take_broken(&self) -> Vec<Measurement> {
        std::mem::take(&mut *self.open())
    }

    fn open(&self) -> MutexGuard<'_, Vec<Measurement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A measurement that was declared; `ctx.measure` or `ctx.series` of the same name sets it.
///
/// What is said here counts as if it were said there; what is said there as well, counts there. One that is never set
/// is recorded as UNSET and fails the test, unless it is optional.
#[derive(Clone, Debug)]
pub struct Declaration<'a> {
    declared: &'a Declared,
    name: String,
}

impl Declaration<'_> {
    /// Says what unit the value will have.
    pub fn units(self, unit: Unit) -> Self {
        self.with(|measurement| measurement.unit = Some(unit.as_str().to_owned()))
    }

    /// Says what the value means, for the reader of the record.
    pub fn docstring(self, text: impl Into<String>) -> Self {
        self.with(|measurement| measurement.docstring = Some(text.into()))
    }

    /// The value must be at least `low` and at most `high`.
    pub fn within(self, low: f64, high: f64) -> Self {
        self.limits(Limits::within(low, high))
    }

    /// The value must be at least `low`.
    pub fn at_least(self, low: f64) -> Self {
        self.limits(Limits::at_least(low))
    }

    /// The value must be at most `high`.
    pub fn at_most(self, high: f64) -> Self {
        self.limits(Limits::at_most(high))
    }

    /// Inside the limits and outside this band, the value passes as marginal.
    pub fn marginal(self, low: f64, high: f64) -> Self {
        self.with(|measurement| measurement.marginal_limits = Limits::within(low, high))
    }

    /// It may stay unset.
    pub fn optional(self) -> Self {
        self.with(|measurement| measurement.optional = true)
    }

    fn limits(self, limits: Limits) -> Self {
        self.with(|measurement| measurement.limits = limits)
    }

    fn with(self, change: impl FnOnce(&mut Measurement)) -> Self {
        if let Some(measurement) = self.declared.open().iter_mut().find(|known| known.name == self.name) {
            change(measurement);
        }
        self
    }
}
