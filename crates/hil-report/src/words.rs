//! The words that reports use for what a frame or a log line is.

use hil_model::{CheckSeen, Direction, Level};

pub(crate) const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Tx => "tx",
        Direction::Rx => "rx",
    }
}

pub(crate) const fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
        Level::Critical => "critical",
    }
}

pub(crate) fn check(check: &CheckSeen) -> &str {
    match check {
        CheckSeen::Good => "good",
        CheckSeen::NoResponse => "no response",
        CheckSeen::Bad(why) => why,
    }
}
