//! What can go wrong while a unit is flashed, and what that means for the unit.

use std::fmt;
use std::time::Duration;

use hil_lin::{LinError, NegativeResponse, TransportError};

use crate::uds::KeyError;
use crate::{Phase, ProcessError};

/// How a failed attempt leaves the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitState {
    /// Nothing was erased or written: the program of before is still there.
    Untouched,
    /// Erasing or writing had begun: what is there is no program.
    HalfWritten,
    /// The image is in the unit and was verified; what came after that failed.
    Written,
    /// Whoever does the writing does not tell.
    Unknown,
}

impl fmt::Display for UnitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "untouched",
            Self::HalfWritten => "half-written",
            Self::Written => "written, but not confirmed to run",
            Self::Unknown => "in an unknown state",
        })
    }
}

/// A unit that was not flashed.
#[derive(Debug, thiserror::Error)]
#[error("{phase} failed{}; the unit is {left}", earlier(.earlier_attempts))]
pub struct FlashError {
    /// What was being done.
    pub phase: Phase,
    /// How that leaves the unit.
    pub left: UnitState,
    /// What went wrong.
    #[source]
    pub cause: Box<FlashCause>,
    /// The attempts before this one, the first one first.
    pub earlier_attempts: Vec<Self>,
}

fn earlier(attempts: &[FlashError]) -> String {
    attempts.first().map_or_else(String::new, |first| {
        format!(" in attempt {} (in the first one {}: {})", attempts.len() + 1, first.phase, first.cause)
    })
}

impl FlashError {
    pub(crate) fn new(phase: Phase, left: UnitState, cause: FlashCause) -> Self {
        Self { phase, left, cause: Box::new(cause), earlier_attempts: Vec::new() }
    }
}

/// What went wrong while a unit was flashed.
#[derive(Debug, thiserror::Error)]
pub enum FlashCause {
    /// A message could not be sent or received.
    #[error("{request} did not get through")]
    Transport {
        /// The service.
        request: &'static str,
        /// What happened.
        source: TransportError,
    },
    /// The unit did not answer.
    #[error("the unit did not answer {request} within {:.3} s", within.as_secs_f64())]
    NoAnswer {
        /// The service.
        request: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// The unit refuses.
    #[error("the unit refuses {request}: {}", refusal.reason())]
    Refused {
        /// The service.
        request: &'static str,
        /// What it says.
        refusal: NegativeResponse,
    },
    /// The unit asked for patience again and again.
    #[error("the unit said {times} times that {request} is pending")]
    PendingForEver {
        /// The service.
        request: &'static str,
        /// How often it said so.
        times: u32,
    },
    /// The unit is busy with something else and stays so.
    #[error("the unit was busy {times} times when asked for {request}")]
    Busy {
        /// The service.
        request: &'static str,
        /// How often it was asked.
        times: u32,
    },
    /// An answer that does not fit its request.
    #[error("{answer} is no answer to {request}: {why}")]
    Answer {
        /// The service.
        request: &'static str,
        /// What came, in hexadecimal, shortened.
        answer: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A block did not arrive, however often it was sent.
    #[error("block {counter:#04x} at {address:#010x} was sent {times} times in vain")]
    Block {
        /// Its number, 0x00–0xFF.
        counter: u8,
        /// The address of its first byte.
        address: u32,
        /// How often it was sent.
        times: u32,
        /// What happened the last time.
        source: Box<Self>,
    },
    /// The time that flashing may take has passed.
    #[error("it takes longer than {:.0} s, which is its limit", limit.as_secs_f64())]
    TimeLimit {
        /// The limit.
        limit: Duration,
    },
    /// The unit wants a key and there is none.
    #[error("no key for the unit's seed")]
    Key(#[source] KeyError),
    /// The unit found that its memory differs from the image.
    #[error("check routine {routine:#06x} says {status:#04x}: the memory differs from the image")]
    Differs {
        /// The routine.
        routine: u16,
        /// What it says; 0 is good.
        status: u8,
    },
    /// The adapter's boot loader did not do it.
    #[error("the adapter's boot loader did not do it")]
    BootLoader(#[source] LinError),
    /// The user's program did not do it.
    #[error("the command did not do it")]
    Command(#[source] ProcessError),
}

impl FlashCause {
    /// Whether another attempt from the start may end otherwise. What the unit, the adapter or the user refuses
    /// will be refused again, and with keys, trying again locks the unit.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer { .. }
            | Self::PendingForEver { .. }
            | Self::Busy { .. }
            | Self::Answer { .. }
            | Self::Differs { .. } => true,
            Self::Transport { source, .. } => is_bus_fault(source),
            Self::Refused { refusal, .. } => is_about_the_course(refusal.code),
            Self::Block { source, .. } => source.may_pass(),
            Self::BootLoader(error) => match error {
                LinError::Timeout { .. } | LinError::Refused { .. } | LinError::Garbled { .. } => true,
                LinError::NotConnected { .. }
                | LinError::Unsupported { .. }
                | LinError::Unavailable { .. }
                | LinError::Unusable { .. }
                | LinError::AdapterLost { .. } => false,
                LinError::Checksum { .. }
                | LinError::Incomplete { .. }
                | LinError::BitError { .. }
                | LinError::ShortedToGround
                | LinError::Disturbed { .. } => true,
            },
            Self::TimeLimit { .. } | Self::Key(_) => false,
            Self::Command(error) => matches!(error, ProcessError::Failed { .. }),
        }
    }
}

/// Whether a response code is about the course of things, not about what is asked for, so that the same may be granted
/// after a fresh start. A session that is gone is such a thing: the unit has started again.
const fn is_about_the_course(code: u8) -> bool {
    matches!(code, 0x10 | 0x21 | 0x24 | 0x26 | 0x71..=0x73 | 0x7E | 0x7F | 0x92 | 0x93)
}

/// Whether it is a disturbance that hit one message, and not the adapter that failed.
pub(crate) const fn is_bus_fault(error: &TransportError) -> bool {
    match error {
        TransportError::Bus(error) => !error.is_adapter(),
        TransportError::NotSent { .. }
        | TransportError::BrokeOff { .. }
        | TransportError::Sequence { .. }
        | TransportError::Malformed { .. } => true,
        TransportError::Length { .. } => false,
    }
}
