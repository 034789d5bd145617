//! One request and its answer.

use std::time::Duration;

use hil_model::Clock;

use super::{NegativeResponse, Reply, ServiceError};
use crate::{DiagnosticChannel, TransportTiming};

/// How long a node may take (hardware reference 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until its first word.
    pub first: Duration,
    /// P2*: until the next word after a response-pending.
    pub pending: Duration,
    /// Until its last word, however often it asks for patience.
    pub total: Duration,
}

impl Patience {
    /// Patience with a node that has the timers `timing`: P2* is 5 s, and after 30 s it is enough.
    pub fn of(timing: &TransportTiming) -> Self {
        Self {
            first: timing.answer_timeout(),
            pending: Duration::from_secs(5),
            total: Duration::from_secs(30),
        }
    }
}

impl Default for Patience {
    /// Patience with a node that has the standard's timers.
    fn default() -> Self {
        Self::of(&TransportTiming::default())
    }
}

/// Sends `request` and waits for the node's last word; `None` if it keeps silent.
///
/// A response-pending (7F .. 78) is waited out.
///
/// # Errors
///
/// Every variant of [`ServiceError`] but [`ServiceError::Refused`] and [`ServiceError::Form`].
pub fn exchange(
    channel: &mut dyn DiagnosticChannel,
    clock: &dyn Clock,
    request: &[u8],
    patience: Patience,
) -> Result<Option<Reply>, ServiceError> {
    // The channel refuses an empty request.
    let service = request.first().copied().unwrap_or_default();
    channel.send(request)?;
    let asked = clock.now();
    let mut pending = false;
    loop {
        let within = if pending { patience.pending } else { patience.first };
        let Some(message) = channel.receive(within)? else {
            return if pending {
                Err(ServiceError::PendingThenSilent { service, timeout: within })
            } else {
                Ok(None)
            };
        };
        match Reply::parse(service, message)? {
            Reply::Negative(NegativeResponse { code: NegativeResponse::RESPONSE_PENDING, .. }) => {
                let waited = clock.now().since(asked);
                if waited >= patience.total {
                    return Err(ServiceError::StillPending { service, waited });
                }
                pending = true;
            }
            reply @ (Reply::Positive(_) | Reply::Negative(_)) => return Ok(Some(reply)),
        }
    }
}
