//! Images of a memory: Intel HEX and S-record texts become sorted segments, or an error that names the line.

mod assembler;
mod error;
mod intel_hex;
mod memory_map;
mod record;
mod s_record;
mod segments;

pub use error::ImageError;
pub use memory_map::{MemoryMap, MemoryRange, OutsideMemory};
pub use segments::{Image, Segment};
