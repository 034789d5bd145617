//! Signal values to payload bytes and back, by the rules of LDF reference section 5.

mod convert;
mod error;
mod frame;
mod layout;
mod payload;
mod value;

pub use error::CodecError;
pub(crate) use layout::Layout;
pub use payload::{Fill, Payload};
pub use value::{Decoded, Raw, Value};
