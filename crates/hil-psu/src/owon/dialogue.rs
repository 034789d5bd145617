//! Asking until the answer makes sense, setting until it reads back.

use std::sync::Arc;
use std::time::Duration;

use hil_model::Clock;

use super::answer::{self, REFUSAL};
use super::identity::Identity;
use crate::line::Line;
use crate::{PsuError, SerialParams, WireTap};

/// From opening the port to the first command; 150–500 ms were seen to be needed (hardware reference 5.1).
const AFTER_OPENING: Duration = Duration::from_millis(200);
/// From a command to a read-back that is sure not to be the old value (hardware reference 5.1).
const READ_BACK: Duration = Duration::from_millis(300);
/// A rare `ERR` to a valid query, a lost setter: again, up to three times (hardware reference 5.1).
const TRIES: u32 = 3;
/// How often a query without an answer is repeated: each time costs the line's time-out.
const SILENT_TRIES: u32 = 2;
/// How often a device is asked who it is: twice with either line end.
const IDENTIFY_TRIES: u32 = 4;
/// A value that reads back this close is the one that was set: these devices resolve 1 mV and 1 mA.
const EXACT: f64 = 0.000_6;
/// A value that reads back this close after every try is what the device made of it: an SPM shows 10 mV.
const ROUNDED: f64 = 0.011;

/// An answer, and whether an `ERR` came before it.
struct Asked<T> {
    value: T,
    complained: bool,
}

/// The line to a device that has said who it is.
#[derive(Debug)]
pub(super) struct Dialogue(Line);

impl Dialogue {
    /// Opens the port and asks who is there. Nothing but `*IDN?` is sent before the identity contains
    /// `idn_substr`.
    pub(super) fn open(
        port: &str,
        params: &SerialParams,
        idn_substr: &str,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<(Self, Identity), PsuError> {
        let mut line = Line::open(port, params, clock, tap)?;
        line.rest_for(AFTER_OPENING);
        let identity = identify(&mut line, idn_substr)?;
        Ok((Self(line), identity))
    }

    pub(super) fn port(&self) -> &str {
        self.0.name()
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        self.0.clock()
    }

    /// Sends a command that has no answer, and leaves the device alone for `rest` after it.
    pub(super) fn tell(&mut self, command: &str, rest: Duration) -> Result<(), PsuError> {
        self.0.send(command)?;
        self.0.rest_for(rest);
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
                self.0.rest_for(READ_BACK);
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
            complained |= self.0.send(command)?.iter().any(|line| is_refusal(line));
            let error = match self.0.receive(command) {
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
    const COMMAND: &str = "*IDN?";
    line.send(COMMAND)?;
    let answer = line.receive(COMMAND)?;
    let port = line.name().to_owned();
    if is_refusal(&answer) {
        return Err(PsuError::Refused { port, command: COMMAND.to_owned() });
    }
    let identity = Identity::new(answer);
    if identity.contains(idn_substr) {
        Ok(identity)
    } else {
        let (identity, expected) = (identity.as_str().to_owned(), idn_substr.to_owned());
        Err(PsuError::Stranger { port, identity, expected })
    }
}

fn is_refusal(answer: &str) -> bool {
    answer.eq_ignore_ascii_case(REFUSAL)
}
