//! The ambient-light module's colour calculator: RGB and intensity to PWM duties.
//!
//! Defined in hardware reference 10.2; see the README. Every parameter stands in a calibration file, none
//! is wired in. What cannot be shown is reported, not hidden: a colour that the LEDs cannot mix is
//! `out_of_gamut`, one that they cannot make bright enough is `saturated`.

#![forbid(unsafe_code)]

mod calculator;
mod calibration;
mod colour;
mod matrix;

pub use calculator::{Calculator, Duties, Target};
pub use calibration::{Calibration, CalibrationError};
pub use colour::{Celsius, Intensity, Pwm16, Rgb};
