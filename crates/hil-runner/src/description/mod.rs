//! What the LDF says of the bus, in the terms of the bus: checksums, schedule tables, requests of configuration
//! slots. `hil-ldf` knows no bus and `hil-lin` no LDF; here they meet.

mod checksum;
mod error;
mod request;
mod tables;

pub use checksum::{frame_checksum, is_slave};
pub use error::TableError;
pub use tables::ScheduleTables;
