//! The harness's side of the lifeline.

use std::io;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use super::lines::{Lines, Piece, pause, wait};
use super::note::{Note, notes};
use super::word::{Answer, Armed, Charge, Word, say};
use super::{GuardianError, Launch};
use crate::{OwonPsu, PowerSupply};

/// How long a guardian may take to answer: it may wait twelve seconds for the one before it.
const ANSWER: Duration = Duration::from_secs(15);
/// How long one may take to end when it has nothing to do.
const IDLE: Duration = Duration::from_secs(2);
/// How long one may take to act and end.
const ACTING: Duration = Duration::from_secs(10);
/// How often a process that is about to end is looked for.
const LOOK: Duration = Duration::from_millis(5);

/// A guardian that stands by. Dropped without being disarmed, it acts.
#[derive(Debug)]
pub struct Guardian {
    child: Child,
    /// Closing it is what makes an armed guardian act.
    lifeline: Option<ChildStdin>,
    answers: Option<Lines<ChildStdout>>,
    charge: Charge,
    armed: bool,
}

/// What came of letting a guardian act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Released {
    /// It acted, and left this note.
    Acted(Note),
    /// It ended without a note: it could not write one, or was killed.
    Silent,
    /// It is still at work.
    Working,
}

impl Guardian {
    /// Starts a guardian over the port in `charge`, and waits until it has opened the port. To be called
    /// before the driver opens the port for itself. It writes nothing to the port until it is armed.
    ///
    /// # Errors
    ///
    /// Every variant of [`GuardianError`] but `Stuck`; the output must not be switched on then. Bounded by
    /// 15 seconds.
    pub fn start(launch: &Launch, charge: Charge) -> Result<Self, GuardianError> {
        let mut child = launch.spawn().map_err(GuardianError::Start)?;
        let (lifeline, answers) = (child.stdin.take(), child.stdout.take().map(Lines::new));
        let mut guardian = Self { child, lifeline, answers, charge: charge.clone(), armed: false };
        guardian.ask(&Word::Charge(charge), &Answer::Ready, "ready")?;
        Ok(guardian)
    }

    /// Tells it who is to be guarded: from now on it switches the output off if this process ends without
    /// disarming it. To be called once `supply` was identified, before its output is switched on.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    pub fn arm(&mut self, supply: &OwonPsu) -> Result<(), GuardianError> {
        let armed = Armed { identity: supply.identity().clone(), eol: supply.eol() };
        // It may have heard it even if it does not answer.
        self.armed = true;
        self.ask(&Word::Armed(armed), &Answer::Armed, "armed")
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still stands by.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it home: the output was shown to be off. Its process is over when this returns.
    ///
    /// # Errors
    ///
    /// [`GuardianError::Gone`] when it had ended before, [`GuardianError::Stuck`].
    pub fn disarm(mut self) -> Result<(), GuardianError> {
        self.armed = false;
        let said = match &mut self.lifeline {
            Some(lifeline) => say(lifeline, &Word::Disarm),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        self.lifeline = None;
        if said.is_ok() && self.ends_within(IDLE) {
            return Ok(());
        }
        // It must not switch off what the next run switches on.
        let _ = self.child.kill();
        let _ = self.child.wait();
        said.map_err(GuardianError::Gone)?;
        Err(GuardianError::Stuck)
    }

    /// Lets it act, and waits until it has, for ten seconds at most.
    pub fn release(mut self) -> Released {
        let ended = self.let_go();
        let own = |note: &Note| note.harness == self.charge.harness && note.bench == self.charge.bench;
        match notes(&self.charge.folder).into_iter().rfind(own) {
            Some(note) if ended => Released::Acted(note),
            None if ended => Released::Silent,
            Some(_) | None => Released::Working,
        }
    }

    /// Says `word` and waits until the guardian says `expected`.
    fn ask(&mut self, word: &Word, expected: &Answer, awaited: &'static str) -> Result<(), GuardianError> {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let lifeline = self.lifeline.as_mut().ok_or_else(gone).map_err(GuardianError::Gone)?;
        say(lifeline, word).map_err(GuardianError::Gone)?;
        let answers = self.answers.as_mut().ok_or_else(gone).map_err(GuardianError::Gone)?;
        let line = match answers.next(Instant::now() + ANSWER).map_err(GuardianError::Gone)? {
            Piece::Line(line) => line,
            Piece::End => return Err(GuardianError::Gone(gone())),
            Piece::Nothing => return Err(GuardianError::Silent { awaited }),
        };
        match serde_json::from_slice::<Answer>(&line) {
            Ok(Answer::Refused(why)) => Err(GuardianError::Refused { why }),
            Ok(answer) if answer == *expected => Ok(()),
            Ok(Answer::Ready | Answer::Armed) | Err(_) => {
                Err(GuardianError::Garbled { awaited, answer: String::from_utf8_lossy(&line).into_owned() })
            }
        }
    }

    /// Closes the lifeline and waits for the end of the process. False if it does not come.
    fn let_go(&mut self) -> bool {
        self.lifeline = None;
        self.ends_within(if self.armed { ACTING } else { IDLE })
    }

    /// Waits until the process has ended, and takes leave of it.
    fn ends_within(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        // Its end of this pipe closes with it.
        if let Some(answers) = &self.answers {
            let mut polled = [PollFd::new(answers.as_fd(), PollFlags::empty())];
            let _ = wait(&mut polled, Some(until));
        }
        loop {
            match self.child.try_wait() {
                Ok(Some(_)) => return true,
                Ok(None) if Instant::now() < until => pause(LOOK),
                Ok(None) | Err(_) => return false,
            }
        }
    }
}

impl Drop for Guardian {
    /// One that is at work is left at it.
    fn drop(&mut self) {
        if self.lifeline.is_some() && !self.let_go() && !self.armed {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
