//! The calibration file.

use serde::Deserialize;

use crate::Celsius;
use crate::matrix::{Matrix, Vector};

/// A calibration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// It is no YAML, or its keys or values are others than expected.
    #[error("the calibration cannot be read")]
    Read(#[from] serde_yaml::Error),
    /// A chromaticity lies outside the diagram.
    #[error("{what}: x = {x}, y = {y} is no colour (x ≥ 0, y > 0, x + y ≤ 1)")]
    Chromaticity {
        /// Which one.
        what: &'static str,
        /// Its x.
        x: f64,
        /// Its y.
        y: f64,
    },
    /// Three primaries lie on a line, so that they span no area of colours.
    #[error("the primaries of `{0}` lie on a line")]
    Degenerate(&'static str),
    /// The white point is not inside its primaries.
    #[error("the white point is not a mixture of the primaries of `gamut`")]
    White,
    /// A number must be greater than 0.
    #[error("{what} is {value}, not greater than 0")]
    NotPositive {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A temperature is infinite or no number.
    #[error("{what} is {value}, not a temperature")]
    NotFinite {
        /// Which one.
        what: &'static str,
        /// Its value in °C.
        value: f64,
    },
    /// The temperatures do not rise.
    #[error("temperature.points: {next} °C does not come after {previous} °C")]
    Unsorted {
        /// A temperature.
        previous: f64,
        /// The one that stands behind it.
        next: f64,
    },
    /// There is no temperature at all.
    #[error("temperature.points is empty")]
    NoPoints,
    /// The flux at the reference temperature is not the unit.
    #[error("temperature: the flux of {channel} is {flux} at the reference of {reference} °C, not 1")]
    Reference {
        /// The channel.
        channel: &'static str,
        /// Its flux there.
        flux: f64,
        /// The reference temperature.
        reference: f64,
    },
}

/// The calibration that comes with the crate.
const BUILTIN: &str = include_str!("../calibration.yaml");

const CHANNELS: [&str; 3] = ["red", "green", "blue"];

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chromaticity {
    x: f64,
    y: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Led {
    x: f64,
    y: f64,
    luminance: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gamut {
    red: Chromaticity,
    green: Chromaticity,
    blue: Chromaticity,
    white: Chromaticity,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Leds {
    red: Led,
    green: Led,
    blue: Led,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    celsius: f64,
    red: f64,
    green: f64,
    blue: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Temperature {
    reference: f64,
    points: Vec<Point>,
}

/// The file as it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    gamut: Gamut,
    #[serde(default = "no_gamma")]
    gamma: f64,
    leds: Leds,
    temperature: Temperature,
}

const fn no_gamma() -> f64 {
    1.0
}

/// A calibration that can be computed with.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Linear RGB to XYZ; white has Y = 1.
    pub(crate) gamut: Matrix,
    /// Duties to XYZ.
    pub(crate) leds: Matrix,
    /// XYZ to duties.
    pub(crate) leds_inverse: Matrix,
    pub(crate) gamma: f64,
    points: Vec<(f64, Vector)>,
}

impl Calibration {
    /// The calibration that comes with the crate; partly synthetic, as the README says.
    pub fn builtin() -> Self {
        Self::from_yaml(BUILTIN)
            .unwrap_or_else(|error| unreachable!("a test reads the built-in calibration: {error}"))
    }

    /// Reads a calibration file.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be computed with.
    pub fn from_yaml(text: &str) -> Result<Self, CalibrationError> {
        let Raw { gamut, gamma, leds, temperature } = serde_yaml::from_str(text)?;
        let primaries = Matrix([
            direction("gamut.red", gamut.red)?,
            direction("gamut.green", gamut.green)?,
            direction("gamut.blue", gamut.blue)?,
        ]);
        let white = direction("gamut.white", gamut.white)?;
        // The primaries are scaled so that all three together give the white point.
        let luminances = primaries.inverse().ok_or(CalibrationError::Degenerate("gamut"))?.times(white);
        if luminances.iter().any(|luminance| *luminance <= 0.0) {
            return Err(CalibrationError::White);
        }
        let led = |what, led: Led| {
            positive("leds: a luminance", led.luminance)?;
            let direction = direction(what, Chromaticity { x: led.x, y: led.y })?;
            Ok::<_, CalibrationError>(direction.map(|value| value * led.luminance))
        };
        let leds = Matrix([
            led("leds.red", leds.red)?,
            led("leds.green", leds.green)?,
            led("leds.blue", leds.blue)?,
        ]);
        let leds_inverse = leds.inverse().ok_or(CalibrationError::Degenerate("leds"))?;
        positive("gamma", gamma)?;
        finite("temperature.reference", temperature.reference)?;
        let points = points(&temperature)?;
        let calibration = Self { gamut: primaries.scaled(luminances), leds, leds_inverse, gamma, points };
        let reference = temperature.reference;
        for (channel, flux) in CHANNELS.into_iter().zip(calibration.flux(Celsius(reference))) {
            if (flux - 1.0).abs() > 1e-9 {
                return Err(CalibrationError::Reference { channel, flux, reference });
            }
        }
        Ok(calibration)
    }

    /// The relative flux of the LEDs at `temperature`: linear between the points, constant beyond them.
    pub(crate) fn flux(&self, Celsius(temperature): Celsius) -> Vector {
        let above = self.points.iter().position(|(at, _)| *at >= temperature);
        match above {
            Some(0) => self.points[0].1,
            None => self.points[self.points.len() - 1].1,
            Some(above) => {
                let ((low, from), (high, to)) = (self.points[above - 1], self.points[above]);
                let share = (temperature - low) / (high - low);
                [0, 1, 2].map(|channel| from[channel] + (to[channel] - from[channel]) * share)
            }
        }
    }
}

/// The XYZ of a chromaticity at the luminance 1.
fn direction(what: &'static str, Chromaticity { x, y }: Chromaticity) -> Result<Vector, CalibrationError> {
    if x >= 0.0 && y > 0.0 && x + y <= 1.0 {
        Ok([x / y, 1.0, (1.0 - x - y) / y])
    } else {
        Err(CalibrationError::Chromaticity { what, x, y })
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), CalibrationError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { Err(CalibrationError::NotPositive { what, value }) }
}

fn finite(what: &'static str, value: f64) -> Result<(), CalibrationError> {
    if value.is_finite() { Ok(()) } else { Err(CalibrationError::NotFinite { what, value }) }
}

fn points(temperature: &Temperature) -> Result<Vec<(f64, Vector)>, CalibrationError> {
    let points = &temperature.points;
    if points.is_empty() {
        return Err(CalibrationError::NoPoints);
    }
    for point in points {
        finite("temperature.points: a temperature", point.celsius)?;
    }
    if let Some(pair) = points.windows(2).find(|pair| pair[0].celsius >= pair[1].celsius) {
        return Err(CalibrationError::Unsorted { previous: pair[0].celsius, next: pair[1].celsius });
    }
    for point in points {
        for flux in [point.red, point.green, point.blue] {
            positive("temperature.points: a flux", flux)?;
        }
    }
    Ok(points.iter().map(|point| (point.celsius, [point.red, point.green, point.blue])).collect())
}
