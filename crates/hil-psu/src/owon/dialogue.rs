//! Asking until the answer makes sense, setting until it reads back.

use std::sync::Arc;
use std::time::Duration;

use hil_model::Clock;

use super::answer::{self, REFUSAL};
use super::identity::Identity;
use crate::line::Line;
use crate::{Eol, PsuError, SerialParams, WireTap};

/// From opening the port to the first command; 150–500 ms were seen to be needed (hardware reference 5.1).
pub(crate) const AFTER_OPENING: Duration = Duration::from_millis(200);
/// From a command to a read-back that is sure not to be the old value (hardware reference 5.1).
const READ_BACK: Duration = Duration::from_millis(300);
/// A rare `ERR` to a valid query, a lost setter: again, up to three times (hardware reference 5.1).
const TRIES: u32 = 3;
/// How often a query without an answer is repeated: each time costs the line's time-out.
const SILENT_TRIES: u32 = 2;
/// How often a device is asked who it is: twice with either line end.
const IDENTIFY_TRIES: u32 = 4;
/// How many answers to earlier questions may come before the one that is waited for, and for how long.
const STALE: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(2);
/// A value that reads back this close is the one that was set: these devices resolve 1 mV and 1 mA.
const EXACT: f64 = 0.000_6;
/// A value that reads back this close after every try is what the device made of it: an SPM shows 10 mV.
const ROUNDED: f64 = 0.011;

/// Who is there? Also what tells late answers from the one to the next question.
const INTRODUCE: &str = "*IDN?";

/// An answer, and whether an `ERR` came before it.
struct Asked<T> {
    value: T,
    complained: bool,
}

/// The line to a device that has said who it is.
#[derive(Debug)]
pub(super) struct Dialogue {
    line: Line,
    identity: Identity,
    /// A question was not answered in time. If its answer still comes, it must not be taken for the next one's.
    astray: bool,
}

impl Dialogue {
    /// Opens the port and asks who is there. Nothing but `*IDN?` is sent before the identity contains
    /// `idn_substr`.
    pub(super) fn open(
        port: &str,
        params: &SerialParams,
        idn_substr: &str,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<Self, PsuError> {
        let mut line = Line::open(port, params, clock, tap)?;
        line.rest_for(AFTER_OPENING);
        let identity = identify(&mut line, idn_substr)?;
        Ok(Self { line, identity, astray: false })
    }

    /// Opens the port again, and asks whether the very same device is there. Nothing but `*IDN?` is sent to
    /// any other.
    pub(super) fn open_again(&mut self) -> Result<(), PsuError> {
        self.line.open_again()?;
        self.astray = false;
        self.line.rest_for(AFTER_OPENING);
        identify(&mut self.line, self.identity.as_str()).map(drop).inspect_err(|_| self.line.close())
    }

    pub(super) fn port(&self) -> &str {
        self.line.name()
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) const fn eol(&self) -> Eol {
        self.line.eol
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        self.line.clock()
    }

    /// Sends a command that has no answer, and leaves the device alone for `rest` after it.
    pub(super) fn tell(&mut self, command: &str, rest: Duration) -> Result<(), PsuError> {
        self.line.send(command)?;
        self.line.rest_for(rest);
        Ok(())
    }

    /// Asks `command` until the answer makes sense to `read`.
    pub(super) fn query<T>(
        &mut self,
        command: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, PsuError> {
        self.ask(command, read).map(|asked| asked.value)
    }

    /// Sends `setter` until `query` reads back `value`, as far as the device resolves it.
    pub(super) fn set(&mut self, setter: &str, query: &str, value: f64) -> Result<f64, PsuError> {
        let (mut got, mut complained) = (f64::NAN, false);
        for _ in 0..TRIES {
            self.tell(setter, Duration::ZERO)?;
            // The first read-back may come too early and show the old value: ask once more, later.
            for _ in 0..2 {
                let asked = self.ask(query, answer::number)?;
                got = asked.value;
                complained |= asked.complained;
                if (got - value).abs() <= EXACT {
                    return Ok(got);
                }
                self.line.rest_for(READ_BACK);
            }
        }
        if (got - value).abs() <= ROUNDED {
            return Ok(got);
        }
        let (port, command) = (self.port().to_owned(), setter.to_owned());
        Err(if complained {
            PsuError::Refused { port, command }
        } else {
            PsuError::NotAccepted { port, command, got: format!("{got:.3}") }
        })
    }

    fn ask<T>(&mut self, command: &str, read: impl Fn(&str) -> Option<T>) -> Result<Asked<T>, PsuError> {
        let (mut silent, mut tries, mut complained) = (0, 0, false);
        loop {
            let error = match self.exchange(command, &mut complained) {
                Ok(answer) => match read(&answer) {
                    Some(value) => return Ok(Asked { value, complained }),
                    // It may also be the late answer to the setter before.
                    None if is_refusal(&answer) => {
                        complained = true;
                        PsuError::Refused { port: self.port().to_owned(), command: command.to_owned() }
                    }
                    None => PsuError::Garbled {
                        port: self.port().to_owned(),
                        command: command.to_owned(),
                        answer,
                    },
                },
                Err(error @ PsuError::Timeout { .. }) => {
                    silent += 1;
                    error
                }
                Err(error @ PsuError::Garbled { .. }) => error,
                Err(error) => return Err(error),
            };
            tries += 1;
            if silent >= SILENT_TRIES || tries >= TRIES {
                return Err(error);
            }
        }
    }

    /// Sends `command` and receives a line that may be its answer.
    fn exchange(&mut self, command: &str, complained: &mut bool) -> Result<String, PsuError> {
        if self.astray {
            self.agree(command)?;
        }
        *complained |= self.line.send(command)?.iter().any(|line| is_refusal(line));
        // Who it is was asked to agree on where we are, and may have been asked more than once.
        let heard = self.hear(command, |answer, identity| answer != identity);
        self.astray |= matches!(heard, Err(PsuError::Timeout { .. }));
        heard
    }

    /// Asks who it is, and throws away what comes before the answer: it belongs to earlier questions, however
    /// late it is. These devices answer in order.
    fn agree(&mut self, command: &str) -> Result<(), PsuError> {
        self.line.send(INTRODUCE)?;
        self.hear(command, |answer, identity| answer == identity)?;
        self.astray = false;
        Ok(())
    }

    /// The first line that is `wanted`. Whoever talks and talks is not listened to for ever.
    fn hear(&mut self, command: &str, wanted: impl Fn(&str, &str) -> bool) -> Result<String, PsuError> {
        let until = self.clock().now() + PATIENCE;
        let mut stale = 0;
        loop {
            let answer = self.line.receive(command)?;
            if wanted(&answer, self.identity.as_str()) {
                return Ok(answer);
            }
            stale += 1;
            if stale == STALE || self.clock().now() >= until {
                let (port, command) = (self.port().to_owned(), command.to_owned());
                return Err(PsuError::Garbled { port, command, answer });
            }
        }
    }
}

/// Asks who is there, and remembers which line end was heard.
///
/// The first command after opening may be lost, some devices hear one line end only, and what comes first may
/// have been meant for somebody else: only who says twice to be a stranger is one.
fn identify(line: &mut Line, idn_substr: &str) -> Result<Identity, PsuError> {
    let (mut attempts, mut strange) = (0, false);
    loop {
        let error = match introduction(line, idn_substr) {
            Ok(identity) => return Ok(identity),
            Err(error) => error,
        };
        attempts += 1;
        let stranger = matches!(error, PsuError::Stranger { .. });
        if error.is_lost() || attempts == IDENTIFY_TRIES || (stranger && strange) {
            return Err(error);
        }
        strange = stranger;
        if !stranger {
            line.eol = line.eol.other();
        }
    }
}

/// Asks once who is there.
fn introduction(line: &mut Line, idn_substr: &str) -> Result<Identity, PsuError> {
    line.send(INTRODUCE)?;
    let answer = line.receive(INTRODUCE)?;
    let port = line.name().to_owned();
    if is_refusal(&answer) {
        return Err(PsuError::Refused { port, command: INTRODUCE.to_owned() });
    }
    let identity = Identity::new(answer);
    // A line that echoes is nobody, whatever the identity should contain.
    if identity.contains(idn_substr) && identity.as_str() != INTRODUCE {
        Ok(identity)
    } else {
        let (identity, expected) = (identity.as_str().to_owned(), idn_substr.to_owned());
        Err(PsuError::Stranger { port, identity, expected })
    }
}

fn is_refusal(answer: &str) -> bool {
    answer.eq_ignore_ascii_case(REFUSAL)
}
