//! What the harness asks of a supply.

use std::fmt;

use hil_model::{Amps, OutputVerified, Volts, Watts};

use crate::{Identity, PsuError};

/// Whether the terminals are driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// They are not.
    Off,
    /// They are.
    On,
}

/// What limits the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The output is off.
    Standby,
    /// Constant voltage.
    Voltage,
    /// Constant current.
    Current,
    /// A protection tripped.
    Fault,
}

/// What a supply measures at its terminals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The voltage.
    pub volts: Volts,
    /// The current.
    pub amps: Amps,
    /// The power, where the device says it.
    pub watts: Option<Watts>,
    /// What limits the output, where the device says it. Reads `Current` for about 0.2 s after switch-on
    /// without a load (hardware reference 5.2).
    pub mode: Option<Mode>,
    /// Whether a protection tripped, where the device says it.
    pub tripped: Option<bool>,
}

/// The points at which a supply cuts its output, armed before the output goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Over-voltage protection.
    pub voltage: Option<Volts>,
    /// Over-current protection.
    pub current: Option<Amps>,
}

/// How a supply is parked: what a test finds, and what it is restored to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// The nominal voltage.
    pub voltage: Volts,
    /// The current limit.
    pub current: Amps,
    /// The protections.
    pub limits: Limits,
}

/// A bench power supply with one output.
///
/// Setters return what the device confirmed and check it: a value that the device did not take is an error.
pub trait PowerSupply: Send + fmt::Debug {
    /// Who it is.
    fn identity(&self) -> &Identity;

    /// Sets the voltage. One beyond the armed limits is refused before it is sent.
    ///
    /// # Errors
    ///
    /// Every variant of [`PsuError`] but those of opening.
    fn set_voltage(&mut self, volts: Volts) -> Result<Volts, PsuError>;

    /// Sets the current limit. One beyond the armed limits is refused before it is sent.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn set_current(&mut self, amps: Amps) -> Result<Amps, PsuError>;

    /// The voltage that is set.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn voltage(&mut self) -> Result<Volts, PsuError>;

    /// The current limit that is set.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn current(&mut self) -> Result<Amps, PsuError>;

    /// Whether the output is on.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn output(&mut self) -> Result<Output, PsuError>;

    /// Switches the output.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`]; [`PsuError::Output`] when the device says otherwise afterwards.
    fn set_output(&mut self, output: Output) -> Result<(), PsuError>;

    /// Arms the protections and parks voltage and current, in the order that the device needs.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn park(&mut self, setup: &Setup) -> Result<(), PsuError>;

    /// Measures at the terminals.
    ///
    /// # Errors
    ///
    /// As [`Self::set_voltage`].
    fn measure(&mut self) -> Result<Reading, PsuError>;

    /// Switches the output off and proves it: the device says so, and the rail falls.
    ///
    /// Never fails; what could not be shown is not confirmed. Bounded by a few times the line's time-out.
    fn shut_down(&mut self) -> OutputVerified;
}
