//! Log lines of this process, as events of its run.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use hil_config::{Config, LogLevel};
use hil_model::{Event, Level, LogLine, SourceLocation};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::events::EventLog;
use crate::registry::Registry;

/// A layer for `tracing` that turns log lines into events, while a run captures them.
///
/// What matters less than `record.log_level` is left out. Lines of level DEBUG are those of `hil` and of the crates
/// that tests stand in; what other libraries have to debug says nothing about a run.
///
/// A handle; clones are the same layer.
#[derive(Clone, Debug, Default)]
pub struct LogCapture(Arc<Mutex<Option<Destination>>>);

/// Where lines go, and which.
#[derive(Clone, Debug)]
struct Destination {
    events: EventLog,
    least: Level,
    /// The crates of the tests.
    suites: Arc<BTreeSet<&'static str>>,
}

impl Destination {
    fn wants(&self, level: Level, target: &str) -> bool {
        let krate = target.split("::").next().unwrap_or(target);
        let own = || krate == "hil" || krate.starts_with("hil_") || self.suites.contains(krate);
        level >= self.least && (level > Level::Debug || own())
    }
}

/// The least important level that the record has.
pub(crate) const fn least(config: &Config) -> Level {
    match config.record.log_level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warning => Level::Warning,
        LogLevel::Error => Level::Error,
        LogLevel::Critical => Level::Critical,
    }
}

/// Captures until it is dropped.
#[derive(Debug)]
pub(crate) struct Capturing(LogCapture);

impl LogCapture {
    /// Sends log lines to `events` until the guard is dropped.
    pub(crate) fn capture_into(&self, events: EventLog, config: &Config, registry: &Registry) -> Capturing {
        let suites = Arc::new(registry.tests().iter().map(|test| test.def.krate()).collect());
        self.set(Some(Destination { events, least: least(config), suites }));
        Capturing(self.clone())
    }

    fn set(&self, destination: Option<Destination>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = destination;
    }
}

impl Drop for Capturing {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl<S: tracing::Subscriber> Layer<S> for LogCapture {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = match *metadata.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warning,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG => Level::Debug,
            tracing::Level::TRACE => return,
        };
        let destination = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Destination { events, .. }) =
            destination.filter(|destination| destination.wants(level, metadata.target()))
        else {
            return;
        };
        let mut message = Message::default();
        event.record(&mut message);
        let location = metadata
            .file()
            .zip(metadata.line())
            .map(|(file, line)| SourceLocation { file: file.to_owned(), line });
        events.emit(Event::Logged(LogLine {
            level,
            target: metadata.target().to_owned(),
            message: message.0,
            location,
        }));
    }
}

/// The message of a line, with its other fields behind it.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::SystemClock;
    use rstest::rstest;

    #[rstest]
    #[case(Level::Info, Level::Info, "hyper::client", true)]
    #[case(Level::Info, Level::Debug, "hil_psu::line", false)]
    #[case(Level::Debug, Level::Debug, "hil_psu::line", true)]
    #[case(Level::Debug, Level::Debug, "hil", true)]
    #[case(Level::Debug, Level::Debug, "suites::hardware", true)]
    #[case(Level::Debug, Level::Debug, "hilarious", false)]
    #[case(Level::Debug, Level::Debug, "hyper::client", false)]
    #[case(Level::Debug, Level::Warning, "hyper::client", true)]
    #[case(Level::Error, Level::Warning, "hil", false)]
    fn lines_are_recorded_by_level_and_origin(
        #[case] least: Level,
        #[case] level: Level,
        #[case] target: &str,
        #[case] recorded: bool,
    ) {
        let events = EventLog::new(SystemClock::new(), vec![]);
        let destination = Destination { events, least, suites: Arc::new(BTreeSet::from(["suites"])) };
        assert_eq!(destination.wants(level, target), recorded);
    }
}
