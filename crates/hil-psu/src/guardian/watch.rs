//! The guardian's side of the lifeline.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;

use nix::poll::{PollFd, PollFlags};
use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};

use super::grip::Grip;
use super::lines::{Lines, wait};
use super::note::Note;
use super::off::switch_off;
use super::turn::Turn;
use super::word::{Answer, Armed, Charge, Word, say};

/// Stands guard in this process, with standard input as the lifeline, until there is nothing left to guard.
///
/// # Errors
///
/// The process cannot be taken out of the harness's session or made deaf to signals, so that it would be no
/// guardian.
pub fn serve() -> io::Result<()> {
    // Before it says that it is ready, so that the output never depends on one that a signal to the harness's
    // group or session would reach.
    nix::unistd::setsid()?;
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] {
        signal_hook::flag::register(signal, Arc::default())?;
    }
    // It must not keep anybody's file system busy.
    std::env::set_current_dir("/")?;
    let lifeline = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    watch(lifeline, io::stdout().lock());
    Ok(())
}

/// Stands guard: hears the harness on `lifeline`, answers it on `answers`, and acts when the lifeline ends,
/// or says anything else than that there is nothing to guard any more. Returns the note that it left, if it
/// had to act.
///
/// Until it is armed it writes nothing to the port.
pub fn watch(lifeline: impl Read + AsFd, mut answers: impl Write) -> Option<Note> {
    let mut lifeline = Lifeline(Lines::new(lifeline));
    let Heard::Word(Word::Charge(charge)) = lifeline.hear(None) else { return None };
    // Whoever cannot be answered is gone, which the lifeline tells.
    let mut answer = |answer: &Answer| drop(say(&mut answers, answer));
    let (_turn, mut grip) = match prepare(&charge) {
        Ok(ready) => ready,
        Err(why) => {
            answer(&Answer::Refused(why));
            return None;
        }
    };
    answer(&Answer::Ready);
    let Heard::Word(Word::Armed(armed)) = lifeline.hear(Some(&mut grip)) else { return None };
    answer(&Answer::Armed);
    let cause = match lifeline.hear(Some(&mut grip)) {
        Heard::Word(Word::Disarm) => return None,
        Heard::End => "the harness ended, or let go of the supply, without disarming it",
        Heard::Word(Word::Charge(_) | Word::Armed(_)) | Heard::Garbage => {
            "the harness said something that makes no sense"
        }
    };
    Some(act(&mut grip, &charge, &armed, cause))
}

fn prepare(charge: &Charge) -> Result<(Turn, Grip), String> {
    let turn = Turn::take(&charge.folder, &charge.bench).map_err(|error| error.to_string())?;
    let grip = Grip::open(&charge.port)
        .map_err(|error| format!("it cannot open {}: {error}", charge.port.display()))?;
    Ok((turn, grip))
}

fn act(grip: &mut Grip, charge: &Charge, armed: &Armed, cause: &str) -> Note {
    let deed = switch_off(grip, charge, armed);
    let mut note = Note::now(charge, cause.to_owned(), deed.verified, deed.how);
    // The output is what counts, and there is nobody left to tell.
    let _ = note.write(&charge.folder);
    note
}

/// What came over the lifeline.
enum Heard {
    Word(Word),
    Garbage,
    /// It ended, perhaps in the middle of a word.
    End,
}

/// The reading end of the pipe from the harness.
struct Lifeline<F>(Lines<F>);

impl<F: Read + AsFd> Lifeline<F> {
    /// The next word, for however long it takes. A port that hangs up meanwhile is let go.
    fn hear(&mut self, mut grip: Option<&mut Grip>) -> Heard {
        let Self(lines) = self;
        loop {
            if let Some(line) = lines.take() {
                return serde_json::from_slice(&line).map_or(Heard::Garbage, Heard::Word);
            }
            let mut polled = vec![PollFd::new(lines.as_fd(), PollFlags::POLLIN)];
            polled.extend(grip.as_deref().and_then(Grip::hang_up));
            if wait(&mut polled, None).is_err() {
                return Heard::End;
            }
            let happened = |fd: Option<&PollFd<'_>>| fd.is_some_and(|fd| fd.any() == Some(true));
            let (heard, hung_up) = (happened(polled.first()), happened(polled.get(1)));
            if hung_up && let Some(grip) = &mut grip {
                grip.let_go();
            }
            if heard {
                match lines.fill() {
                    Ok(true) => {}
                    Ok(false) | Err(_) => return Heard::End,
                }
            }
        }
    }
}
