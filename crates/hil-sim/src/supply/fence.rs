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
        let mut bytes = self.bytes();
        // Somebody else may talk to the instrument, whose bytes nobody counted.
        bytes.handled = bytes.sent.min(bytes.handled + count as u64);
        drop(bytes);
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
        drop(self.quiet.wait_timeout_while(self.bytes(), PATIENCE, busy));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{self, RecvTimeoutError};

    use super::*;

    /// Waits in a thread of its own, and says when it is over.
    fn waiting(fence: &Arc<WireFence>) -> mpsc::Receiver<()> {
        let (over, told) = mpsc::channel();
        let fence = Arc::clone(fence);
        std::thread::spawn(move || {
            fence.wait_until_quiet();
            // The test may have lost its patience.
            let _ = over.send(());
        });
        told
    }

    #[test]
    fn time_waits_for_bytes_that_are_on_their_way_even_after_others_that_nobody_counted() {
        let fence = Arc::new(WireFence::default());
        fence.handled(6);
        fence.on_tx(b"VOLT?\n");
        let told = waiting(&fence);
        assert_eq!(told.recv_timeout(PATIENCE / 5), Err(RecvTimeoutError::Timeout));
        fence.handled(6);
        assert_eq!(told.recv(), Ok(()));
    }

    #[test]
    fn time_does_not_wait_for_an_instrument_that_is_gone() {
        let fence = Arc::new(WireFence::default());
        fence.on_tx(b"VOLT?\n");
        fence.close();
        assert_eq!(waiting(&fence).recv_timeout(PATIENCE / 2), Ok(()));
    }

    #[test]
    fn time_does_not_wait_for_ever() {
        let fence = Arc::new(WireFence::default());
        fence.on_tx(b"VOLT?\n");
        assert_eq!(waiting(&fence).recv(), Ok(()));
    }
}
