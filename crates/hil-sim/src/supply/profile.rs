//! Which instrument is simulated.

use hil_model::{Amps, Volts};

/// The make of a simulated supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupplyProfile {
    /// What it answers to `*IDN?`.
    pub identity: &'static str,
    /// The highest voltage that can be set.
    pub max_voltage: Volts,
    /// The highest current that can be set.
    pub max_current: Amps,
    /// It keeps the over-voltage limit at least 1 V above the voltage (Kiprim V4, hardware reference 5.2).
    pub keeps_limit_above: bool,
    /// It answers to commands that end in CR LF only.
    pub wants_crlf: bool,
    /// It says `1` and `0` for an output that is on or off, and not `ON` and `OFF`.
    pub says_digits: bool,
    /// It knows `MEAS:ALL:INFO?`.
    pub knows_all_info: bool,
}

impl SupplyProfile {
    /// An Owon SPE6103: 60 V, 10 A.
    pub const SPE6103: Self = Self {
        identity: "OWON,SPE6103,24371986,FV:V5.2.0",
        max_voltage: Volts::new(61.0),
        max_current: Amps::new(10.1),
        keeps_limit_above: false,
        wants_crlf: false,
        says_digits: false,
        knows_all_info: true,
    };

    /// A Kiprim DC310S with firmware V4, the one with most peculiarities: 30 V, 10 A.
    pub const DC310S: Self = Self {
        identity: "KIPRIM,DC310S,22471006,FV:V4.0.0",
        max_voltage: Volts::new(31.0),
        max_current: Amps::new(10.1),
        keeps_limit_above: true,
        wants_crlf: true,
        says_digits: false,
        knows_all_info: true,
    };

    /// An Owon P4603, which says digits: 60 V, 3 A. That it refuses `MEAS:ALL:INFO?` is uncertain, and so are
    /// its ratings.
    pub const P4603: Self = Self {
        identity: "OWON,P4603,2037363,FV:V1.6.0",
        max_voltage: Volts::new(61.0),
        max_current: Amps::new(3.1),
        keeps_limit_above: false,
        wants_crlf: false,
        says_digits: true,
        knows_all_info: false,
    };
}
