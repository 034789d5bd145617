//! The key to a unit's seed. Nobody but the user knows how it is computed, so none is shipped.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::client::Client;
use crate::process::{Program, SLICE};
use crate::{FlashCause, ProcessError};

/// How many bytes a key has at most: what fits into a transport message, less the request around it.
const LONGEST_KEY: usize = 4093;

/// A level of security access: the odd sub-function that asks for the seed. The key goes to the next, even one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityLevel(u8);

impl SecurityLevel {
    /// The level of RequestSeed `sub_function`: an odd number in 0x01–0x41.
    pub const fn new(sub_function: u8) -> Option<Self> {
        if sub_function % 2 == 1 && sub_function <= 0x41 { Some(Self(sub_function)) } else { None }
    }

    /// The sub-function that asks for the seed.
    pub const fn request_seed(self) -> u8 {
        self.0
    }

    /// The sub-function that sends the key.
    pub const fn send_key(self) -> u8 {
        self.0 + 1
    }
}

/// Computes keys.
pub trait KeyFunction: fmt::Debug + Send + Sync {
    /// The key to `seed`. It may take its time: the session is kept meanwhile.
    ///
    /// # Errors
    ///
    /// When there is no key to be had.
    fn key(&self, level: SecurityLevel, seed: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// A seed without a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The unit is locked, and nobody said how keys are computed.
    #[error("the unit is locked, and no way to compute a key is configured")]
    NoFunction,
    /// The key command did not do it.
    #[error("the key command failed")]
    Command(#[source] ProcessError),
    /// The key command's output is no key. It is not shown.
    #[error("the key command wrote {length} bytes that are not pairs of hexadecimal digits")]
    NotHex {
        /// How much it wrote.
        length: usize,
    },
    /// A key has at least one byte, and fits into a message.
    #[error("a key of {length} bytes is not in 1–{LONGEST_KEY}")]
    Length {
        /// Its length.
        length: usize,
    },
    /// A key function of the user's failed.
    #[error("the key function failed")]
    Function(#[source] Box<dyn Error + Send + Sync>),
    /// A key function panicked, or no thread was to be had for it.
    #[error("the key function did not come back")]
    Lost,
}

/// A key function in a program of the user's.
///
/// Its last argument is the seed in hexadecimal; it writes the key in hexadecimal (blanks are passed over, `0x` is
/// allowed) and ends with status 0. The key appears in no log.
#[derive(Clone, Debug)]
pub struct KeyCommand {
    words: Vec<String>,
    timeout: Duration,
}

impl KeyCommand {
    /// The program and its first arguments, and how long it may take.
    pub const fn new(words: Vec<String>, timeout: Duration) -> Self {
        Self { words, timeout }
    }
}

impl KeyFunction for KeyCommand {
    fn key(&self, _level: SecurityLevel, seed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let seed: String = seed.iter().map(|byte| format!("{byte:02X}")).collect();
        let words = self.words.iter().map(OsString::from).chain([OsString::from(seed)]).collect();
        // The client that waits for the key accounts for the time.
        let output =
            Program::new(words, self.timeout).secret().run(&mut |_| {}).map_err(KeyError::Command)?;
        from_hex(&output).ok_or(KeyError::NotHex { length: output.len() })
    }
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let mut digits = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect::<Vec<u8>>();
    if let [b'0', b'x' | b'X', ..] = digits.as_slice() {
        digits.drain(..2);
    }
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        u8::try_from(high? << 4 | low?).ok()
    };
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Has `function` compute a key in a thread of its own, and keeps the session meanwhile.
pub(super) fn key_for(
    client: &mut Client<'_>,
    function: Option<&dyn KeyFunction>,
    level: SecurityLevel,
    seed: &[u8],
) -> Result<Vec<u8>, FlashCause> {
    let function = function.ok_or(FlashCause::Key(KeyError::NoFunction))?;
    let key = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let body = move || {
            let key = catch_unwind(AssertUnwindSafe(|| function.key(level, seed)));
            // Nobody waits for the key any more where this fails.
            let _ = sender.send(key.unwrap_or(Err(KeyError::Lost)));
        };
        if std::thread::Builder::new().name("key function".to_owned()).spawn_scoped(scope, body).is_err() {
            return Err(FlashCause::Key(KeyError::Lost));
        }
        loop {
            match receiver.recv_timeout(SLICE) {
                Ok(key) => return key.map_err(FlashCause::Key),
                Err(RecvTimeoutError::Timeout) => {
                    // On a simulated bench a key takes no time: how long it really takes differs from run to run.
                    client.clock().waited_on_io(Duration::ZERO);
                    client.keep_alive()?;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(FlashCause::Key(KeyError::Lost)),
            }
        }
    })?;
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(FlashCause::Key(KeyError::Length { length: key.len() }));
    }
    Ok(key)
}
