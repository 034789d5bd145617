//! Values as tests give them and as frames carry them.

use std::borrow::Cow;
use std::fmt;

use super::bytes::Bytes;
use super::convert::{digits_to_number, read};
use crate::model::{SignalDef, SignalSlot};

/// A value to encode. It borrows what it is made of, so that encoding allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// The raw number of a scalar.
    Raw(u64),
    /// A number in the unit of the signal's encoding; the raw number if there is no encoding.
    Physical(f64),
    /// The text of a logical value, a number with its unit (`25.2 °C`), the characters of an ASCII array or
    /// the digits of a BCD one.
    Text(&'v str),
    /// The bytes of an array.
    Bytes(&'v [u8]),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(raw) => write!(f, "{raw}"),
            Self::Physical(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Bytes(bytes) => write!(f, "{bytes:02X?}"),
        }
    }
}

macro_rules! from_number {
    ($($number:ty)*) => {$(
        impl From<$number> for Value<'_> {
            fn from(raw: $number) -> Self {
                Self::Raw(raw.into())
            }
        }
    )*};
}

from_number!(u8 u16 u32 u64 bool);

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Physical(number)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'v, const N: usize> From<&'v [u8; N]> for Value<'v> {
    fn from(bytes: &'v [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

/// A value as the frame carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw {
    /// A number.
    Scalar(u64),
    /// Bytes, the first on the wire first.
    Array(Bytes),
}

impl Raw {
    /// The number of a scalar.
    pub fn as_scalar(&self) -> Option<u64> {
        match self {
            Self::Scalar(value) => Some(*value),
            Self::Array(_) => None,
        }
    }

    /// The bytes of an array.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Scalar(_) => None,
            Self::Array(bytes) => Some(bytes),
        }
    }

    /// The field in which a frame carries the value.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Self::Scalar(value) => value,
            Self::Array(bytes) => bytes.bits(),
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(value) => write!(f, "{value}"),
            Self::Array(bytes) => write!(f, "{:02X?}", &bytes[..]),
        }
    }
}

/// What an encoding makes of a raw value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading<'d> {
    /// The encoding has no entry for the value, or there is no encoding.
    Plain,
    /// A logical value with its text; without one the raw value stands for itself.
    Logical(Option<&'d str>),
    /// A number in the unit of the encoding.
    Physical {
        /// The number.
        value: f64,
        /// Its unit, if it has one.
        unit: Option<&'d str>,
    },
    /// BCD: one decimal digit per byte, the most significant first.
    Digits(Bytes),
    /// ASCII: one character per byte. Nothing says that the bytes are text.
    Characters(Bytes),
}

/// A decoded signal: the raw value, and what the signal's encoding makes of it when it is asked.
///
/// A raw value for which the encoding has no entry has neither number nor text. `Display` gives the text, else the
/// number with three decimals and its unit, else the raw value.
#[derive(Clone, Copy)]
pub struct Decoded<'d> {
    slot: SignalSlot<'d>,
    bits: u64,
}

impl<'d> Decoded<'d> {
    /// The signal of `slot` has the field `bits`.
    #[inline]
    pub(super) fn new(slot: SignalSlot<'d>, bits: u64) -> Self {
        Self { slot, bits }
    }

    /// Name of the signal.
    #[inline]
    pub fn name(&self) -> &'d str {
        self.slot.name()
    }

    /// The signal.
    pub fn signal(&self) -> SignalDef<'d> {
        self.slot.signal()
    }

    /// The value as carried.
    #[inline]
    pub fn raw(&self) -> Raw {
        if self.slot.record.is_array { Raw::Array(self.bytes()) } else { Raw::Scalar(self.bits) }
    }

    /// What the signal's encoding makes of the value.
    #[inline]
    pub fn reading(&self) -> Reading<'d> {
        read(self.slot, self.bits)
    }

    /// The value in [`unit`](Self::unit), for physical and BCD encodings.
    pub fn physical(&self) -> Option<f64> {
        match self.reading() {
            Reading::Physical { value, .. } => Some(value),
            Reading::Digits(digits) => Some(digits_to_number(&digits)),
            Reading::Plain | Reading::Logical(_) | Reading::Characters(_) => None,
        }
    }

    /// The unit of [`physical`](Self::physical), if it has one.
    pub fn unit(&self) -> Option<&'d str> {
        match self.reading() {
            Reading::Physical { unit, .. } => unit,
            Reading::Plain | Reading::Logical(_) | Reading::Digits(_) | Reading::Characters(_) => None,
        }
    }

    /// The text of a logical value; the digits of a BCD one, or the characters of an ASCII one, in which bytes
    /// that are not text are escaped: those two are put together here and allocate.
    pub fn text(&self) -> Option<Cow<'d, str>> {
        match self.reading() {
            Reading::Logical(text) => text.map(Cow::Borrowed),
            Reading::Digits(digits) => Some(Digits(&digits).to_string().into()),
            Reading::Characters(bytes) => Some(bytes.escape_ascii().to_string().into()),
            Reading::Plain | Reading::Physical { .. } => None,
        }
    }

    #[inline]
    fn bytes(&self) -> Bytes {
        Bytes::from_bits(self.bits, self.slot.record.width.div_ceil(8))
    }
}

impl fmt::Display for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reading() {
            Reading::Logical(Some(text)) => f.write_str(text),
            Reading::Physical { value, unit: Some(unit) } => write!(f, "{value:.3} {unit}"),
            Reading::Physical { value, unit: None } => write!(f, "{value:.3}"),
            Reading::Digits(digits) => write!(f, "{}", Digits(&digits)),
            Reading::Characters(bytes) => write!(f, "{}", bytes.escape_ascii()),
            Reading::Plain | Reading::Logical(None) => write!(f, "{}", self.raw()),
        }
    }
}

impl fmt::Debug for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({self})", self.name(), self.raw())
    }
}

/// One decimal digit per byte.
struct Digits<'a>(&'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}
