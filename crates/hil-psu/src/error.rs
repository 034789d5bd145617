//! What can go wrong with a supply.

use std::io;
use std::time::Duration;

use crate::Output;

/// An operation on a supply that did not do what it should.
///
/// Callers can tell a silent device from an unplugged cable, and both from one that refuses.
#[derive(Debug, thiserror::Error)]
pub enum PsuError {
    /// The port cannot be opened.
    #[error("cannot open {port}")]
    Open {
        /// The port.
        port: String,
        /// Why.
        source: serialport::Error,
    },
    /// The port is gone, or the other side closed it.
    #[error("{port} was unplugged")]
    Unplugged {
        /// The port.
        port: String,
        /// What was noticed.
        source: io::Error,
    },
    /// The device did not answer. Where it never did, its mains may be off: USB powers the port alone.
    #[error("{port}: no answer to `{command}` within {:.2} s", timeout.as_secs_f64())]
    Timeout {
        /// The port.
        port: String,
        /// The command.
        command: String,
        /// How long was waited.
        timeout: Duration,
    },
    /// What answers is not the device that was expected. Nothing but `*IDN?` was sent to it.
    #[error("{port}: {identity:?} answers, which does not contain {expected:?}")]
    Stranger {
        /// The port.
        port: String,
        /// Who answers.
        identity: String,
        /// What its identity should contain.
        expected: String,
    },
    /// The answer makes no sense.
    #[error("{port}: {answer:?} is no answer to `{command}`")]
    Garbled {
        /// The port.
        port: String,
        /// The command.
        command: String,
        /// What came.
        answer: String,
    },
    /// The device answered `ERR`.
    #[error("{port}: the device refuses `{command}` with ERR")]
    Refused {
        /// The port.
        port: String,
        /// The command.
        command: String,
    },
    /// The device did not take a value: it reads back another one.
    #[error("{port}: `{command}` was not accepted: the device reads back {got}")]
    NotAccepted {
        /// The port.
        port: String,
        /// The command.
        command: String,
        /// What it reads back.
        got: String,
    },
    /// A set-point lies beyond what is allowed. It was not sent.
    #[error("{asked} is beyond the limit of {limit}; it was not sent")]
    OutOfRange {
        /// What was asked for, with its unit.
        asked: String,
        /// What is allowed, with its unit.
        limit: String,
    },
    /// The output does not do what it was told.
    #[error("{port}: the output is {got:?} instead of {asked:?}")]
    Output {
        /// The port.
        port: String,
        /// What was asked for.
        asked: Output,
        /// What the device says.
        got: Output,
    },
}

impl PsuError {
    /// Whether the caller asked for something that was not allowed; nothing was sent.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::OutOfRange { .. })
    }

    /// Whether the device is gone, so that asking again is of no use.
    pub const fn is_lost(&self) -> bool {
        matches!(self, Self::Unplugged { .. } | Self::Open { .. })
    }
}
