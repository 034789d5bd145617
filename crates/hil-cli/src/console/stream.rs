//! Writing to a terminal that may be gone.
//!
//! A closed window, a full disk behind `>`, a reader that has had enough: none of them may end a run on a
//! powered bench, so what cannot be shown is not shown.

use std::io::{self, Write};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Shows `text` on standard output, if anybody sees it.
pub(crate) fn show(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Prints what a command is for on standard output.
///
/// # Errors
///
/// It cannot be written, as on a full disk. A reader that has gone has seen what it wanted.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Shows `text` on standard error, if anybody sees it.
pub(crate) fn alert(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Shows warnings of the libraries on standard error, for commands that keep no record.
pub(crate) fn warn_on_stderr() {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().with_target(false);
    // A second subscriber in one process would be a mistake of ours, not of the user's.
    let _ = tracing_subscriber::registry().with(LevelFilter::WARN).with(lines).try_init();
}
