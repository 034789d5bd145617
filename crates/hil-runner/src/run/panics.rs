//! Where a test panicked.
//!
//! The panic hook is process-wide; ours keeps the place and the words of a panic on a bench thread for
//! the report, and leaves every other thread to the hook that was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::sync::Once;

use hil_model::{Fault, FaultKind, SourceLocation};

thread_local! {
    static IS_BENCH: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<SourceLocation>> = const { RefCell::new(None) };
}

/// Says that panics of this thread are caught and reported.
pub(super) fn watch_this_thread() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !IS_BENCH.get() {
                return before(info);
            }
            let location = info
                .location()
                .map(|location| SourceLocation { file: location.file().to_owned(), line: location.line() });
            LAST.with_borrow_mut(|last| *last = location);
        }));
    });
    IS_BENCH.set(true);
}

/// The fault that a caught panic of this thread stands for.
pub(crate) fn fault(payload: &(dyn Any + Send)) -> Fault {
    let words = payload
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic with a payload that is no text".to_owned());
    // A report's message is one line; the rest is evidence.
    let (first, rest) = words.split_once('\n').unwrap_or((&words, ""));
    Fault {
        location: LAST.take(),
        details: rest.lines().map(str::to_owned).collect(),
        ..Fault::new(FaultKind::Test, format!("panic: {first}"))
    }
}
