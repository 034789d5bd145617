//! Keeps simulated time from running ahead of bytes that are on their way to the instrument.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_psu::WireTap;

use crate::Fence;

/// The longest that time waits for an instrument that does not take its bytes: it has vanished.
const PATIENCE: Duration = Duration::from_millis(500);

/// Counts the bytes that were sent to the instrument and those that it has dealt with.
#[derive(Debug, Default)]
pub(super) struct WireFence {
    bytes: Mutex<Bytes>,
    quiet: Condvar,
}

#[derive(Debug, Default)]
struct Bytes {
    sent: u64,
    handled: u64,
    closed: bool,
}

impl WireFence {
    /// The instrument has dealt with `count` bytes: it took their commands, and wrote its answers.
    pub(super) fn handled(&self, count: usize) {
        self.bytes().handled += count as u64;
        self.quiet.notify_all();
    }

    /// The instrument takes no more bytes.
    pub(super) fn close(&self) {
        self.bytes().closed = true;
        self.quiet.notify_all();
    }

    fn bytes(&self) -> MutexGuard<'_, Bytes> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WireTap for WireFence {
    fn on_tx(&self, bytes: &[u8]) {
        self.bytes().sent += bytes.len() as u64;
    }

    fn on_rx(&self, _bytes: &[u8]) {}
}

impl Fence for WireFence {
    fn wait_until_quiet(&self) {
        let busy = |bytes: &mut Bytes| !bytes.closed && bytes.handled < bytes.sent;
        // Somebody else may talk to the instrument, too; then more is handled than was counted.
        drop(self.quiet.wait_timeout_while(self.bytes(), PATIENCE, busy));
    }
}
