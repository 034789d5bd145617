//! Log lines of this process, as events of its run.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use hil_model::{Event, Level, LogLine, SourceLocation};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::events::EventLog;

/// A layer for `tracing` that turns lines of level INFO and above into events, while a run captures them.
///
/// A handle; clones are the same layer.
#[derive(Clone, Debug, Default)]
pub struct LogCapture(Arc<Mutex<Option<EventLog>>>);

/// Captures until it is dropped.
#[derive(Debug)]
pub(crate) struct Capturing(LogCapture);

impl LogCapture {
    /// Sends log lines to `events` until the guard is dropped.
    pub(crate) fn capture_into(&self, events: EventLog) -> Capturing {
        self.set(Some(events));
        Capturing(self.clone())
    }

    fn set(&self, events: Option<EventLog>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = events;
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
            tracing::Level::DEBUG | tracing::Level::TRACE => return,
        };
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(events) = events else { return };
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
