//! How warm the module gets.

use std::time::Duration;

/// The bench's temperature in °C.
const AMBIENT: f64 = 25.0;
/// How far full white at full intensity warms the module in the end, in kelvin.
const FULL_RISE: f64 = 50.0;
/// How fast it gets there: a first-order lag, in seconds.
const TIME_CONSTANT: f64 = 20.0;
/// How much warmer than the NTC the LED's junction is then, in kelvin.
const JUNCTION_RISE: f64 = 12.0;
/// From this temperature on the module reports that it derates, in °C.
const DERATING: f64 = 110.0;

/// The temperature that the module's NTC measures: a first-order model, chosen by us.
#[derive(Debug)]
pub(super) struct Thermal {
    rise: f64,
}

impl Thermal {
    pub(super) const fn new() -> Self {
        Self { rise: 0.0 }
    }

    /// `elapsed` passed with this share of the full power, 0…1.
    pub(super) fn pass(&mut self, elapsed: Duration, load: f64) {
        let share = 1.0 - (-elapsed.as_secs_f64() / TIME_CONSTANT).exp();
        self.rise += (FULL_RISE * load - self.rise) * share;
    }

    /// In °C.
    pub(super) fn celsius(&self) -> f64 {
        AMBIENT + self.rise
    }

    pub(super) fn is_derating(&self) -> bool {
        self.celsius() >= DERATING
    }

    /// The NTC and the LED's junction in kelvin, as `Tj_Frame` carries them.
    pub(super) fn kelvin(&self) -> [u16; 2] {
        let ntc = self.celsius() + 273.15;
        [ntc, ntc + JUNCTION_RISE * self.rise / FULL_RISE].map(|kelvin| kelvin.round() as u16)
    }
}
