//! LIN description files (LDF): text → diagnostics, database and signal codec.
//!
//! A file goes through one pipeline: bytes are decoded to text, the text is cut into tokens that keep their
//! place, the parser turns them into a syntax tree and goes on after each fault, the semantic check collects
//! every contradiction, and only a file without errors becomes a [`Database`]. What other tools write but the
//! language does not allow is a warning in [`Parsed::warnings`]; LDF reference section 4 lists which is which.
//!
//! ```
//! use hil_ldf::{Fill, Value};
//!
//! let text = r#"
//!     LIN_description_file;
//!     LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
//!     Nodes { Master: M, 5 ms, 0.1 ms; Slaves: ; }
//!     Signals { Speed: 12, 0, M; }
//!     Frames { F: 0x10, M, 2 { Speed, 4; } }
//! "#;
//! let database = hil_ldf::parse(text)?.database;
//! let frame = database.frame("F")?;
//! let payload = frame.encode([("Speed", Value::Raw(0xABC))], Fill::Zeros)?;
//! assert_eq!(&payload[..], &[0xC0, 0xAB]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! For tools that rewrite files there is a second way in: [`SyntaxTree`] knows only braces and semicolons, keeps every
//! byte, and can lay a file out anew. The README says what is uncertain, where the crate had a choice, and what the
//! [`Code`]s of findings mean.
//!
//! This crate knows no bus: frames have identifiers and payloads, nothing is sent.

#![forbid(unsafe_code)]

// The examples of the README are tested with those of the crate.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod check;
mod code;
mod codec;
mod diagnostic;
mod diff;
mod load;
mod model;
mod nearest;
mod notation;
mod pool;
mod rewrite;
mod syntax;
mod timing;

pub use code::Code;
pub use codec::{Bytes, CodecError, Decoded, DecodedFrame, Fill, Raw, Reading, Value};
pub use diagnostic::{Diagnostic, Diagnostics, Excerpt, Note, Severity};
pub use diff::{Change, Section, What, diff};
pub use load::{LoadError, Parsed, load, parse, parse_bytes};
pub use model::{
    ByteOrder, Composite, ConfigurableFrame, Configuration, Database, EncodingDef, EncodingEntry,
    EventTriggeredFrame, FrameDef, FrameId, FrameKind, J2602Timing, LookupError, Master, Nad, NodeAttributes,
    ProductId, ScheduleCommand, ScheduleEntry, ScheduleTable, SignalDef, SignalGroup, SignalSlot, Slave,
    SporadicFrame,
};
pub use rewrite::{FormatError, format_bytes};
pub use syntax::{Element, SyntaxTree, TextEncoding, TokenKind};
pub use timing::{BusLoad, Margin, ScheduleTiming, SlotKind, SlotTiming, TimingError};
