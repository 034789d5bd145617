//! Frames of all kinds.

use std::fmt;
use std::sync::Arc;

use super::signal::SignalDef;
use crate::codec::Layout;

/// A frame identifier, 0 to 63, without parity bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(u8);

impl FrameId {
    /// None above 63.
    pub fn new(id: u8) -> Option<Self> {
        (id <= 63).then_some(Self(id))
    }

    /// The number, 0 to 63.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// Signals of one publisher.
    Unconditional,
    /// Diagnostic requests or responses.
    Diagnostic,
}

/// An unconditional or diagnostic frame, with the layout that its codec works on.
#[derive(Clone, Debug)]
pub struct FrameDef {
    pub(crate) name: Arc<str>,
    pub(crate) id: FrameId,
    pub(crate) kind: FrameKind,
    pub(crate) length: u8,
    pub(crate) publisher: Arc<str>,
    pub(crate) signals: Vec<SignalSlot>,
    pub(crate) layout: Layout,
}

/// A signal's place in a frame.
#[derive(Clone, Debug)]
pub struct SignalSlot {
    pub(crate) signal: Arc<SignalDef>,
    pub(crate) offset: u8,
}

impl FrameDef {
    /// Name of the frame.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Identifier of the frame.
    pub fn id(&self) -> FrameId {
        self.id
    }

    /// Unconditional or diagnostic.
    pub fn kind(&self) -> FrameKind {
        self.kind
    }

    /// Payload length in bytes, 1 to 8.
    pub fn length(&self) -> usize {
        usize::from(self.length)
    }

    /// The node that sends the payload. For the diagnostic request it is the master; for the diagnostic
    /// response it is empty, because whichever slave was addressed answers.
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// The signals, in the order of the file.
    pub fn signals(&self) -> &[SignalSlot] {
        &self.signals
    }

    /// The place of the signal called `name`.
    pub fn slot(&self, name: &str) -> Option<&SignalSlot> {
        self.layout.find(&self.signals, name)
    }
}

impl SignalSlot {
    /// Name of the signal.
    pub fn name(&self) -> &str {
        self.signal.name()
    }

    /// The signal.
    pub fn signal(&self) -> &SignalDef {
        &self.signal
    }

    /// Place of the least significant bit (of the first byte, for arrays), in bits from the payload's start.
    pub fn offset(&self) -> usize {
        usize::from(self.offset)
    }
}

/// A slot that carries one of several frames of the master, whichever has news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SporadicFrame {
    pub(crate) name: Arc<str>,
    pub(crate) frames: Vec<Arc<str>>,
}

impl SporadicFrame {
    /// Name of the frame.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The frames that may be sent, the most important first.
    pub fn frames(&self) -> impl Iterator<Item = &str> {
        self.frames.iter().map(AsRef::as_ref)
    }
}

/// An identifier that several slaves may answer, each with the protected id of its own frame in byte 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTriggeredFrame {
    pub(crate) name: Arc<str>,
    pub(crate) id: FrameId,
    pub(crate) collision_table: Option<Arc<str>>,
    pub(crate) frames: Vec<Arc<str>>,
}

impl EventTriggeredFrame {
    /// Name of the frame.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Identifier of the frame.
    pub fn id(&self) -> FrameId {
        self.id
    }

    /// The schedule table that resolves a collision, since LIN 2.1.
    pub fn collision_table(&self) -> Option<&str> {
        self.collision_table.as_deref()
    }

    /// The frames that may answer.
    pub fn frames(&self) -> impl Iterator<Item = &str> {
        self.frames.iter().map(AsRef::as_ref)
    }
}
