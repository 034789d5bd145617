//! Signal values to payload bytes and back, by the rules of LDF reference section 5.

mod bytes;
mod convert;
mod error;
mod frame;
mod group;
mod layout;
mod value;

pub use bytes::{Bytes, Fill};
pub use error::CodecError;
pub use frame::DecodedFrame;
pub(crate) use layout::{Layout, mask};
pub use value::{Decoded, Raw, Reading, Value};
