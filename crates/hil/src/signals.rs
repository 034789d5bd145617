//! The signals of a frame that came.

use std::fmt;
use std::sync::Arc;

use hil_ldf::{Database, Decoded, DecodedFrame, Raw};
use hil_lin::Data;

use crate::{Result, TestError};

/// The signals of a frame, with the bytes they came from.
#[derive(Clone, Debug)]
pub struct Signals {
    ldf: Arc<Database>,
    frame: String,
    payload: Data,
}

impl Signals {
    /// # Errors
    ///
    /// A test error if the bytes are not those of the frame.
    pub(crate) fn new(ldf: Arc<Database>, frame: &str, payload: Data) -> Result<Self> {
        // Each look at the signals decodes anew, so what cannot be decoded must not get there.
        ldf.frame(frame)?.decode(&payload)?;
        Ok(Self { ldf, frame: frame.to_owned(), payload })
    }

    /// The data bytes.
    pub const fn payload(&self) -> &Data {
        &self.payload
    }

    /// The signals, in the order of the frame.
    pub fn iter(&self) -> impl Iterator<Item = Decoded<'_>> {
        self.decoded().into_iter().flat_map(|decoded| decoded.iter())
    }

    /// The signal `name`.
    ///
    /// # Errors
    ///
    /// A test error that suggests the nearest name, if the frame does not have it.
    #[track_caller]
    pub fn get(&self, name: &str) -> Result<Decoded<'_>> {
        Ok(self.ldf.frame(&self.frame)?.decode_signal(&self.payload, name)?)
    }

    /// The raw value of the scalar signal `name`.
    ///
    /// # Errors
    ///
    /// A test error, if the frame does not have it or if it is an array.
    #[track_caller]
    pub fn raw(&self, name: &str) -> Result<u64> {
        self.get(name)?
            .raw()
            .as_scalar()
            .ok_or_else(|| TestError::misuse(format!("{name} is an array, not a number")))
    }

    fn decoded(&self) -> Option<DecodedFrame<'_>> {
        self.ldf.frame(&self.frame).ok()?.decode(&self.payload).ok()
    }
}

/// The value of one signal, kept beyond its frame. `Display` as [`Decoded`].
#[derive(Clone, Debug, PartialEq)]
pub struct SignalValue {
    /// The value as carried.
    pub raw: Raw,
    /// The value in `unit`, for physical and BCD encodings.
    pub physical: Option<f64>,
    /// The unit of `physical`, if it has one.
    pub unit: Option<String>,
    /// The text of a logical value, the digits of a BCD one, the characters of an ASCII one.
    pub text: Option<String>,
    shown: String,
}

impl From<Decoded<'_>> for SignalValue {
    fn from(decoded: Decoded<'_>) -> Self {
        Self {
            raw: decoded.raw(),
            physical: decoded.physical(),
            unit: decoded.unit().map(str::to_owned),
            text: decoded.text().map(Into::into),
            shown: decoded.to_string(),
        }
    }
}

impl fmt::Display for SignalValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
