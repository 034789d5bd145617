//! Writing to a terminal that may be gone.
//!
//! A closed window, a full disk behind `>`, a reader that has had enough: none of them may end a run on a
//! powered bench, so what cannot be shown is not shown.

use std::io::{self, Write};

use hil_config::LogFormat;
use tracing_subscriber::filter::{LevelFilter, Targets};
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

/// Writes the log of the server to standard error, and warnings of everything else.
pub(crate) fn log_on_stderr(format: LogFormat) {
    let what = Targets::new().with_default(LevelFilter::WARN).with_target("hil_server", LevelFilter::INFO);
    let lines =
        tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false).log_internal_errors(false);
    let log = tracing_subscriber::registry().with(what);
    let _ = match format {
        LogFormat::Text => log.with(lines).try_init(),
        LogFormat::Json => log.with(lines.json().flatten_event(true)).try_init(),
    };
}

/// Shows warnings of the libraries on standard error, for commands that keep no record.
pub(crate) fn warn_on_stderr() {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().with_target(false);
    // A second subscriber in one process would be a mistake of ours, not of the user's.
    let _ = tracing_subscriber::registry().with(LevelFilter::WARN).with(lines).try_init();
}
