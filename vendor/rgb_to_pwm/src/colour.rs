//! What goes in and what comes out.

use std::fmt;

/// A colour as it is requested: three channels of eight bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Rgb {
    /// Dark.
    pub const OFF: Self = Self::new(0, 0, 0);
    /// Red alone.
    pub const RED: Self = Self::new(255, 0, 0);
    /// Green alone.
    pub const GREEN: Self = Self::new(0, 255, 0);
    /// Blue alone.
    pub const BLUE: Self = Self::new(0, 0, 255);
    /// All three: the white point.
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// The colour with these channels.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.r, self.g, self.b)
    }
}

/// An intensity: 0 is dark, 0xFF is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Intensity(pub u8);

impl Intensity {
    /// Full intensity.
    pub const FULL: Self = Self(0xFF);

    /// As a fraction of full, 0…1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 255.0
    }
}

/// A temperature in °C.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Celsius(pub f64);

/// The duties of the three channels, 16 bits each: 65535 is always on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pwm16 {
    /// Red.
    pub red: u16,
    /// Green.
    pub green: u16,
    /// Blue.
    pub blue: u16,
}

impl Pwm16 {
    /// The nearest values of duties between 0 and 1.
    pub(crate) fn of([red, green, blue]: [f64; 3]) -> Self {
        let word = |duty: f64| (duty.clamp(0.0, 1.0) * 65_535.0).round() as u16;
        Self { red: word(red), green: word(green), blue: word(blue) }
    }
}
