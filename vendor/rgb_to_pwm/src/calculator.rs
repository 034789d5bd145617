//! The calculation, in the order of hardware reference 10.2.

use crate::matrix::Vector;
use crate::{Calibration, Celsius, Intensity, Pwm16, Rgb};

/// How far below zero a duty may be before the colour counts as out of gamut: rounding noise is not.
const NOISE: f64 = 1e-9;

/// Duties between 0 and 1, and what had to be given up for that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duties {
    /// Red, green, blue: 0…1.
    pub channels: [f64; 3],
    /// The LEDs cannot mix the colour: a channel would have to be negative, and is 0 instead.
    pub out_of_gamut: bool,
    /// The LEDs cannot make it bright enough: all channels are divided by the largest, which keeps the hue.
    pub saturated: bool,
}

impl Duties {
    /// Duties of whatever was computed.
    fn limited(channels: Vector) -> Self {
        let out_of_gamut = channels.iter().any(|duty| *duty < -NOISE);
        let channels = channels.map(|duty| duty.max(0.0));
        let largest = channels.iter().copied().fold(0.0, f64::max);
        let saturated = largest > 1.0 + NOISE;
        let channels =
            if saturated { channels.map(|duty| duty / largest) } else { channels.map(|duty| duty.min(1.0)) };
        Self { channels, out_of_gamut, saturated }
    }

    fn target(self) -> Target {
        let Self { channels, out_of_gamut, saturated } = self;
        Target { pwm: Pwm16::of(channels), out_of_gamut, saturated }
    }
}

/// What the module should drive its LED with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The duties.
    pub pwm: Pwm16,
    /// The LEDs cannot mix the colour; the nearest that clamping gives is shown.
    pub out_of_gamut: bool,
    /// The LEDs cannot make it bright enough; the hue is kept.
    pub saturated: bool,
}

/// Computes duties from colours.
#[derive(Clone, Debug)]
pub struct Calculator {
    calibration: Calibration,
}

impl Calculator {
    /// A calculator with this calibration.
    pub const fn new(calibration: Calibration) -> Self {
        Self { calibration }
    }

    /// A calculator with the calibration that comes with the crate.
    pub fn builtin() -> Self {
        Self::new(Calibration::builtin())
    }

    /// The duties without temperature compensation.
    pub fn duties(&self, rgb: Rgb, intensity: Intensity) -> Duties {
        let linear =
            [rgb.r, rgb.g, rgb.b].map(|channel| (f64::from(channel) / 255.0).powf(self.calibration.gamma));
        let xyz = self.calibration.gamut.times(linear);
        let full = Duties::limited(self.calibration.leds_inverse.times(xyz));
        Duties { channels: full.channels.map(|duty| duty * intensity.fraction()), ..full }
    }

    /// The target without temperature compensation.
    pub fn pwm_without_compensation(&self, rgb: Rgb, intensity: Intensity) -> Target {
        self.duties(rgb, intensity).target()
    }

    /// The target at `temperature`: what the LEDs lose in flux is made up for by duty.
    pub fn pwm(&self, rgb: Rgb, intensity: Intensity, temperature: Celsius) -> Target {
        let plain = self.duties(rgb, intensity);
        let flux = self.calibration.flux(temperature);
        let compensated = Duties::limited([0, 1, 2].map(|channel| plain.channels[channel] / flux[channel]));
        let saturated = plain.saturated || compensated.saturated;
        Duties { out_of_gamut: plain.out_of_gamut, saturated, ..compensated }.target()
    }

    /// The colour that `duties` give at the reference temperature, as XYZ with the white point at Y = 1.
    pub fn xyz(&self, duties: &Duties) -> [f64; 3] {
        self.calibration.leds.times(duties.channels)
    }

    /// The colour that is asked for, as XYZ with the white point at Y = 1.
    pub fn requested_xyz(&self, rgb: Rgb, intensity: Intensity) -> [f64; 3] {
        let linear =
            [rgb.r, rgb.g, rgb.b].map(|channel| (f64::from(channel) / 255.0).powf(self.calibration.gamma));
        self.calibration.gamut.times(linear).map(|value| value * intensity.fraction())
    }
}
