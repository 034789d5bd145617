//! LIN: frames, checksums, timing, and the trait that every adapter implements.
//!
//! This crate knows the bus (LIN 2.x, ISO 17987), not the LDF that describes what the frames mean, and
//! no test.

// Denied, not forbidden: loading the BabyLIN library cannot be done without.
#![deny(unsafe_code)]

mod babylin;
mod configuration;
mod error;
mod frame;
mod hex;
mod id;
mod master;
mod mcm;
mod mum;
mod observe;
mod schedule;
mod service;
mod shared;
mod timing;
mod transport;
mod uart;

pub use babylin::{BabyLinMaster, BabyLinSettings};
pub use configuration::{
    AddressingError, AddressingPace, AddressingStep, FoundNode, FrameAssignment, Function, Identity,
    NadCondition, NodeConfiguration, NodeScan, ProductId, Reading, SerialNumber, Supplier, auto_address,
};
pub use error::{FrameError, LinError};
pub use frame::{ChecksumModel, Data, Frame, GO_TO_SLEEP, checksum};
pub use hex::HexBytes;
pub use id::{FrameId, Nad, Pid};
pub use master::{BootLoad, BootMemory, Capabilities, Header, LinMaster, LoaderBitrate, Response, WakePulse};
pub use mcm::{Fingerprint, McmAddress, McmMaster, McmSettingError, McmSettings};
pub use mum::{MumMaster, MumSettings};
pub use observe::{BusEvent, BusObserver, BusResult, Observed};
pub use schedule::{
    Jitter, Published, Received, Reception, Running, ScheduleError, ScheduledFrame, ScheduledSlots, Slot,
    SlotKind, Table, TableSet, TableStatistics,
};
pub use service::{NegativeResponse, Patience, Reply, ServiceError, exchange};
pub use shared::SharedMaster;
pub use timing::Bitrate;
pub use transport::{
    Address, Answer, DiagnosticChannel, DiagnosticSlots, DirectSlots, TransportError, TransportLayer,
    TransportTiming,
};
pub use uart::{BreakMethod, UartMaster, UartSettings};
