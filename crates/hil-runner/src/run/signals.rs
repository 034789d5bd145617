//! Signals are inputs: they join the dispatcher's queue like everything else.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use super::dispatcher::Message;

/// Listens for INT, TERM and HUP until it is dropped.
#[derive(Debug)]
pub(super) struct Listening(Handle);

impl Listening {
    /// Sends every signal to `queue` from now on.
    pub(super) fn start(queue: Sender<Message>) -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let handle = signals.handle();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in &mut signals {
                let name = match signal {
                    SIGINT => "SIGINT",
                    SIGTERM => "SIGTERM",
                    _ => "SIGHUP",
                };
                if queue.send(Message::Signal(name)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.close();
    }
}
