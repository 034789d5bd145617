//! BabyLIN: the vendor's shared library, loaded at run time (LIN-07, hardware reference 4). Deprecated.
//!
//! The library sits on a thread of its own and is asked by messages, each with a deadline, because nothing
//! says which of its calls may come from which thread, or that all of them return.
//!
//! What the device does, and what it makes of the trait:
//!
//! | call | how |
//! | --- | --- |
//! | `connect` | ports, open the port, load the SDF into the device, the first LIN channel, `disframe 255 1;`, `start schedule N;` |
//! | `send` | `BLC_mon_set_xmit` once; done when the device reports the frame as sent |
//! | `send` of 0x3C | `BLC_sendRawMasterRequest`, exactly eight data bytes; with 16 as the number of responses that are expected where one may come, and 0 where none can (U) |
//! | `receive` | the next frame of that id which the **running schedule** fetches: no call is attested that sends a lone header (`BLC_mon_xmit` may, U) |
//! | `receive` of 0x3D | the oldest slave response since the last 0x3C that was not fetched yet |
//! | `wake_up` | unsupported |
//!
//! So a frame that is to be received must be in the schedule of the SDF, and 0x3D must be if there is to be a
//! transport layer: no call is attested that asks for one more slave response. Slave responses come as frames, and not through
//! `BLC_getRawSlaveResponse`, which says nothing of their checksum, and not how many bytes it has.
//!
//! What a short is: [`LinError::Disturbed`](crate::LinError::Disturbed) for a frame that is sent, no response
//! for one that is awaited. The device knows better, but its error reports come through calls that are not
//! attested (hardware reference 4, error type 18).
//!
//! **Never tried on a real device**: all of it. Layouts and codes are those of the vendor's headers; what a
//! device reports of a frame that nobody answered, and of a disturbed one, is uncertain (U).

mod code;
mod device;
mod expectation;
mod layout;
mod library;
mod master;
mod worker;

pub use master::{BabyLinMaster, BabyLinSettings};
