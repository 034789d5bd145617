//! The two seams of the transport layer: below it frames, above it messages.

use std::time::Duration;

use super::TransportError;
use crate::LinError;

/// Who carries diagnostic frames: the master itself, or the diagnostic slots of a running schedule.
///
/// Either call returns when its frame is over. Where a schedule runs it waits for the next diagnostic slot, and
/// for no longer than the table needs to come round.
pub trait DiagnosticSlots {
    /// Sends a master request: 0x3C, classic checksum.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError>;

    /// Asks once for a slave response, 0x3D. `None` if nobody answers, which is normal until P2 has passed.
    ///
    /// # Errors
    ///
    /// What the adapter found out.
    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError>;
}

/// Messages to and from one node. A message is a service id and what belongs to it.
pub trait DiagnosticChannel {
    /// Sends a whole message, 1–4095 bytes.
    ///
    /// # Errors
    ///
    /// [`TransportError::Length`] for a message that is too long, [`TransportError::NotSent`] for one that took
    /// too long, [`TransportError::Bus`] for the bus's troubles.
    fn send(&mut self, message: &[u8]) -> Result<(), TransportError>;

    /// Polls for the next whole message whose first frame comes within `within`; `None` if none comes.
    ///
    /// # Errors
    ///
    /// Every variant of [`TransportError`] but [`TransportError::Length`] and [`TransportError::NotSent`].
    fn receive(&mut self, within: Duration) -> Result<Option<Vec<u8>>, TransportError>;
}
