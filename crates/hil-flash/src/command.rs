//! Flashing with a program of the user's.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hil_model::Clock;

use crate::process::Program;
use crate::{FlashCause, FlashError, Flashed, Flasher, Image, Phase, Progress, UnitState};

/// What stands for the image's path.
const PLACEHOLDER: &str = "{image}";

/// A command in which `{image}` stands for the path of the image. No shell reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTemplate {
    words: Vec<String>,
}

/// A list of words that is no command to flash with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no program.
    #[error("the flash command is empty")]
    Empty,
    /// The image does not occur: the command would flash something else.
    #[error("the flash command does not contain {PLACEHOLDER}")]
    NoImage,
}

impl CommandTemplate {
    /// The program and its arguments.
    ///
    /// # Errors
    ///
    /// For a command that is empty, or that does not name the image.
    pub fn new(words: Vec<String>) -> Result<Self, TemplateError> {
        if words.first().is_none_or(String::is_empty) {
            return Err(TemplateError::Empty);
        }
        if !words.iter().any(|word| word.contains(PLACEHOLDER)) {
            return Err(TemplateError::NoImage);
        }
        Ok(Self { words })
    }

    fn with(&self, image: &Path) -> Vec<std::ffi::OsString> {
        let fill = |word: &String| {
            let mut filled = std::ffi::OsString::new();
            for (index, part) in word.split(PLACEHOLDER).enumerate() {
                if index > 0 {
                    filled.push(image);
                }
                filled.push(part);
            }
            filled
        };
        self.words.iter().map(fill).collect()
    }
}

/// Flashes with a program of the user's; exit status 0 says that it worked.
///
/// What it writes goes to the log, the first lines of it. It runs in a process group of its own, and all of that
/// is killed when its time is over or when the run ends.
pub struct CommandFlasher<'a> {
    template: CommandTemplate,
    image: PathBuf,
    timeout: Duration,
    clock: &'a dyn Clock,
}

impl<'a> CommandFlasher<'a> {
    /// A flasher that passes the file `image` to the command and gives it `timeout`.
    ///
    /// The file must be the one that the [`Image`] was read from.
    pub fn new(template: CommandTemplate, image: PathBuf, timeout: Duration, clock: &'a dyn Clock) -> Self {
        Self { template, image, timeout, clock }
    }
}

impl fmt::Debug for CommandFlasher<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandFlasher")
            .field("template", &self.template)
            .field("image", &self.image)
            .finish_non_exhaustive()
    }
}

impl Flasher for CommandFlasher<'_> {
    fn name(&self) -> &'static str {
        "command"
    }

    fn flash(&mut self, image: &Image, progress: &mut dyn FnMut(Progress)) -> Result<Flashed, FlashError> {
        progress(Progress::of(Phase::Command));
        let started = self.clock.now();
        let program = Program::new(self.template.with(&self.image), self.timeout);
        program
            .run(&mut |waited| self.clock.waited_on_io(waited))
            .map_err(|error| FlashError::new(Phase::Command, left_by(&error), FlashCause::Command(error)))?;
        let duration = self.clock.now().since(started);
        Ok(Flashed { bytes: image.size(), duration, version: None, failed_attempts: Vec::new() })
    }
}

/// A command that never ran has done nothing; else nobody knows.
const fn left_by(error: &crate::ProcessError) -> UnitState {
    use crate::ProcessError as Error;
    match error {
        Error::Start { .. } => UnitState::Untouched,
        Error::Pipe { .. } | Error::Wait { .. } | Error::TimedOut { .. } | Error::Failed { .. } => {
            UnitState::Unknown
        }
    }
}
