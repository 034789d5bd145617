//! Values and payloads that do not go together with a frame.

use thiserror::Error;

use crate::nearest::did_you_mean;

/// Why a frame could not be encoded or decoded.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The frame has no signal by this name.
    #[error("frame \"{frame}\" has no signal \"{signal}\"{}", did_you_mean(nearest.as_deref()))]
    UnknownSignal {
        /// The frame.
        frame: String,
        /// The name that was asked for.
        signal: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// The payload is shorter or longer than the frame.
    #[error("frame \"{frame}\" has {expected} bytes, the payload has {actual}")]
    PayloadLength {
        /// The frame.
        frame: String,
        /// Bytes of the frame.
        expected: usize,
        /// Bytes of the payload.
        actual: usize,
    },
    /// The raw value has more bits than the signal.
    #[error("value {value} does not fit into the {width} bits of signal \"{signal}\"")]
    TooWide {
        /// The signal.
        signal: String,
        /// Its width in bits.
        width: usize,
        /// The raw value.
        value: u64,
    },
    /// The bytes are fewer or more than those of the array.
    #[error("signal \"{signal}\" has {width} bits and takes {} bytes, not the {actual} of {value}", width / 8)]
    ArrayLength {
        /// The signal.
        signal: String,
        /// Its width in bits.
        width: usize,
        /// Bytes of the value.
        actual: usize,
        /// The value.
        value: String,
    },
    /// A number for an array, or bytes for a scalar.
    #[error("signal \"{signal}\" of {width} bits takes {takes}, not {value}")]
    WrongKind {
        /// The signal.
        signal: String,
        /// Its width in bits.
        width: usize,
        /// What it takes.
        takes: &'static str,
        /// The value.
        value: String,
    },
    /// No entry of the encoding has this value.
    #[error(
        "signal \"{signal}\" of {width} bits cannot be {value}: {}",
        explain(encoding.as_deref(), nearest.as_deref())
    )]
    NotEncodable {
        /// The signal.
        signal: String,
        /// Its width in bits.
        width: usize,
        /// The value.
        value: String,
        /// The signal's encoding type.
        encoding: Option<String>,
        /// The text that was probably meant.
        nearest: Option<String>,
    },
    /// The number is infinite or not a number.
    #[error("signal \"{signal}\" cannot be {value}, which is not a finite number")]
    NotFinite {
        /// The signal.
        signal: String,
        /// The number.
        value: f64,
    },
    /// A byte of a BCD array is above 9.
    #[error("signal \"{signal}\" is BCD, but its byte {position} is 0x{byte:02X}")]
    NotADigit {
        /// The signal.
        signal: String,
        /// Index of the byte, from 0.
        position: usize,
        /// The byte.
        byte: u8,
    },
    /// The file is big endian, and what that means for scalars beyond one byte is uncertain.
    #[error("signal \"{signal}\" has {width} bits in a big endian file, for which no codec exists")]
    ByteOrder {
        /// The signal.
        signal: String,
        /// Its width in bits.
        width: usize,
    },
}

fn explain(encoding: Option<&str>, nearest: Option<&str>) -> String {
    match encoding {
        Some(encoding) => {
            format!("encoding \"{encoding}\" has no such value{}", did_you_mean(nearest))
        }
        None => "it has no encoding and takes whole raw numbers".to_owned(),
    }
}
