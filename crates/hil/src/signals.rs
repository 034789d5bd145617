//! The signals of a frame that came.

use hil_ldf::Decoded;
use hil_lin::Data;

use crate::{Result, TestError};

/// The decoded signals of a frame, with the bytes they came from.
#[derive(Clone, Debug)]
pub struct Signals {
    frame: String,
    payload: Data,
    signals: Vec<Decoded>,
}

impl Signals {
    pub(crate) fn new(frame: &str, payload: Data, signals: Vec<Decoded>) -> Self {
        Self { frame: frame.to_owned(), payload, signals }
    }

    /// The data bytes.
    pub const fn payload(&self) -> &Data {
        &self.payload
    }

    /// The signals, in the order of the frame.
    pub fn iter(&self) -> impl Iterator<Item = &Decoded> {
        self.signals.iter()
    }

    /// The signal `name`.
    ///
    /// # Errors
    ///
    /// A test error, if the frame does not have it.
    #[track_caller]
    pub fn get(&self, name: &str) -> Result<&Decoded> {
        self.signals
            .iter()
            .find(|signal| &*signal.name == name)
            .ok_or_else(|| TestError::misuse(format!("frame {} has no signal {name:?}", self.frame)))
    }

    /// The raw value of the scalar signal `name`.
    ///
    /// # Errors
    ///
    /// A test error, if the frame does not have it or if it is an array.
    #[track_caller]
    pub fn raw(&self, name: &str) -> Result<u64> {
        self.get(name)?
            .raw
            .as_scalar()
            .ok_or_else(|| TestError::misuse(format!("{name} is an array, not a number")))
    }
}
