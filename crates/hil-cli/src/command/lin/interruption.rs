//! Signals that end a command early, but not before it has given the adapter back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::TERM_SIGNALS;
use signal_hook::flag;

/// Whether somebody wants the command to end.
#[derive(Clone, Debug)]
pub(super) struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Listens to signals from now on. The second one ends the process at once.
    pub(super) fn listen() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        for signal in TERM_SIGNALS {
            // In this order: the first signal must not find that it has come already.
            flag::register_conditional_default(*signal, Arc::clone(&came))?;
            flag::register(*signal, Arc::clone(&came))?;
        }
        Ok(Self(came))
    }

    pub(super) fn has_come(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
