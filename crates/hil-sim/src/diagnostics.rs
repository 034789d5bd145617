//! What a simulated unit's diagnostic services look like from the transport layer.

use std::fmt;
use std::time::Duration;

use hil_model::BenchTime;

/// What a service has to say to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It did it. What follows the response's service id.
    Positive(Vec<u8>),
    /// It refuses, with this negative response code.
    Negative(u8),
    /// It needs longer: a response-pending (7F .. 78) at once, `then` after `after`.
    Pending {
        /// How long it takes.
        after: Duration,
        /// What it has to say in the end.
        then: Box<Self>,
    },
    /// It does not answer.
    Silence,
    /// It says this, and then the unit starts again.
    Restart(Box<Self>),
}

/// The diagnostic services of a simulated unit.
pub trait Services: Send + fmt::Debug {
    /// Takes a whole request, service id first.
    fn serve(&mut self, request: &[u8], now: BenchTime) -> Reply;

    /// The unit starts: power came, or it was reset.
    fn start(&mut self, _now: BenchTime) {}

    /// Whether the application runs. While it does not, the unit has no frames but the diagnostic ones.
    fn application_runs(&self, _now: BenchTime) -> bool {
        true
    }
}
