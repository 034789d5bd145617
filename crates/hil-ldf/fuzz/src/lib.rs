//! What the fuzz targets of hil-ldf share: what must hold for every input, and edits of a valid file.

#![forbid(unsafe_code)]

mod check;
mod codec;
mod edit;
mod last;
mod round_trip;
mod tokens;
mod words;

pub use check::check;
pub use edit::Script;
