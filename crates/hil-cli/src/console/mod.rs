//! What the user sees while tests run. Plain where it is not a terminal.

mod live;
mod stream;
mod text;

pub(crate) use live::Console;
pub(crate) use stream::{alert, print, show, warn_on_stderr};
pub(crate) use text::{chain, error, reports, summary};
