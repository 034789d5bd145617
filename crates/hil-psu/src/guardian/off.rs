//! What a guardian does to the supply.

use std::io;
use std::time::{Duration, Instant};

use super::grip::Grip;
use super::lines::pause;
use super::word::{Armed, Charge};
use crate::Output;
use crate::line::GAP;
use crate::owon::{AFTER_OPENING, AFTER_SWITCHING, OFF_COMMANDS, output};

/// How long an answer may take: the late ones were seen after 0.4 s (hardware reference 5.3).
const ANSWER: Duration = Duration::from_millis(500);
/// How long a port that is gone is tried again.
const REOPEN: Duration = Duration::from_secs(3);
/// How often.
const RETRY: Duration = Duration::from_millis(200);
/// How often a device that was found again is asked who it is.
const INTRODUCTIONS: u32 = 3;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Deed {
    /// The supply says that its output is off.
    pub(super) verified: bool,
    pub(super) how: String,
}

/// Why the output could not be shown off.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the port is lost: {0}")]
    Lost(#[from] io::Error),
    #[error("{identity:?} answers at the port, which is not {expected:?}; it was sent nothing but `*IDN?`")]
    Stranger { identity: String, expected: String },
    #[error("nobody answers at the port that was opened again; only `*IDN?` was sent")]
    Nobody,
    #[error("it was switched off three times, but still says that it is on")]
    StillOn,
    #[error("it was switched off three times, but nothing sensible is read back")]
    Unread,
}

/// Switches the output off: at once on the port that is held, and if that is dead on the port of the same
/// name, once the same device has said there who it is. Ends within ten seconds.
pub(super) fn switch_off(grip: &mut Grip, charge: &Charge, armed: &Armed) -> Deed {
    let done = match attempt(grip, armed) {
        Err(Failed::Lost(_)) => find_again(grip, charge, armed)
            .and_then(|()| attempt(grip, armed))
            .map(|()| "off is read back, at a port that had to be opened again"),
        done => done.map(|()| "off is read back"),
    };
    match done {
        Ok(how) => Deed { verified: true, how: how.to_owned() },
        Err(failed) => Deed { verified: false, how: failed.to_string() },
    }
}

/// The first two commands go out one after the other: the first may have been lost behind what the harness
/// sent last, and within a second it must be off.
fn attempt(grip: &mut Grip, armed: &Armed) -> Result<(), Failed> {
    let eol = armed.eol.bytes();
    let [first, second, third] = OFF_COMMANDS.map(|command| format!("{command}{eol}"));
    grip.send(&first)?;
    grip.discard(GAP)?;
    grip.send(&second)?;
    if read_back(grip, eol)? == Some(Output::Off) {
        return Ok(());
    }
    grip.discard(GAP)?;
    grip.send(&third)?;
    match read_back(grip, eol)? {
        Some(Output::Off) => Ok(()),
        Some(Output::On) => Err(Failed::StillOn),
        None => Err(Failed::Unread),
    }
}

/// Asks for the output, twice if need be. What comes before the question is an answer to somebody else's.
fn read_back(grip: &mut Grip, eol: &str) -> io::Result<Option<Output>> {
    let mut seen = None;
    grip.discard(AFTER_SWITCHING)?;
    for _ in 0..2 {
        grip.send(&format!("OUTP?{eol}"))?;
        let until = Instant::now() + ANSWER;
        while let Some(line) = grip.line(until)? {
            match output(&line) {
                Some(Output::Off) => return Ok(Some(Output::Off)),
                Some(Output::On) => {
                    seen = Some(Output::On);
                    break;
                }
                None => {}
            }
        }
        grip.discard(GAP)?;
    }
    Ok(seen)
}

fn find_again(grip: &mut Grip, charge: &Charge, armed: &Armed) -> Result<(), Failed> {
    let until = Instant::now() + REOPEN;
    while let Err(error) = grip.open_again(&charge.params) {
        if Instant::now() >= until {
            return Err(error.into());
        }
        pause(RETRY);
    }
    grip.discard(AFTER_OPENING)?;
    let expected = armed.identity.as_str();
    let mut stranger = None;
    for _ in 0..INTRODUCTIONS {
        grip.send(&format!("*IDN?{}", armed.eol.bytes()))?;
        let until = Instant::now() + ANSWER;
        while let Some(line) = grip.line(until)? {
            if line == expected {
                return Ok(grip.discard(GAP)?);
            }
            stranger = Some(line);
        }
    }
    Err(stranger.map_or(Failed::Nobody, |identity| Failed::Stranger {
        identity: identity.chars().filter(|c| !c.is_control()).collect(),
        expected: expected.to_owned(),
    }))
}
