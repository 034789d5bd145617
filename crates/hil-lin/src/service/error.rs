//! What can go wrong with a request.

use std::time::Duration;

use super::NegativeResponse;
use crate::{HexBytes, TransportError};

/// A request that came to no good end. That nobody answers is not among them: see each service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// A message was not sent or not received.
    #[error("a message of the transport layer failed")]
    Transport(#[from] TransportError),
    /// The node refuses.
    #[error("{0}")]
    Refused(NegativeResponse),
    /// What came is no answer to the request.
    #[error("{} is no answer to the service {service:#04x}", HexBytes(answer))]
    Foreign {
        /// The service that was asked for.
        service: u8,
        /// The message that came.
        answer: Vec<u8>,
    },
    /// The positive answer does not have the form that the service prescribes.
    #[error("{} does not have the form of an answer to the service {service:#04x}", HexBytes(answer))]
    Form {
        /// The service that was asked for.
        service: u8,
        /// The message that came.
        answer: Vec<u8>,
    },
    /// The node asked for patience until there was none left.
    #[error("the service {service:#04x} is still pending after {:.1} s", waited.as_secs_f64())]
    StillPending {
        /// The service.
        service: u8,
        /// How long was waited.
        waited: Duration,
    },
    /// The node asked for patience and then kept silent.
    #[error("the service {service:#04x} was pending, and nothing came within {:.1} s", timeout.as_secs_f64())]
    PendingThenSilent {
        /// The service.
        service: u8,
        /// P2*.
        timeout: Duration,
    },
}
