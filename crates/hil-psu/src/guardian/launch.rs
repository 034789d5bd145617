//! How a guardian's process is started.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where to start the program of this process from, even if its file was replaced meanwhile.
///
/// # Errors
///
/// The system cannot say which that is.
pub fn this_program() -> io::Result<PathBuf> {
    const LINUX: &str = "/proc/self/exe";
    if Path::new(LINUX).exists() { Ok(PathBuf::from(LINUX)) } else { std::env::current_exe() }
}

/// A program that calls [`super::serve`] when it is started with these arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Launch {
    /// Another program.
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        Self { program: program.into(), arguments: arguments.into_iter().map(Into::into).collect() }
    }

    /// The program of this process, even if its file was replaced meanwhile.
    ///
    /// # Errors
    ///
    /// The system cannot say which that is.
    pub fn this_program(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> io::Result<Self> {
        Ok(Self::new(this_program()?, arguments))
    }

    /// Starts it with two pipes to this process, and nothing else of it: who waits for the end of this
    /// process's output must not wait for the guardian, and who looks for left-over processes of a build by a
    /// variable in their environment, as Jenkins does (U), must not find it.
    pub(super) fn spawn(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg0("hil")
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}
