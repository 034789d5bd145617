//! What the user sees while tests run. Plain where it is not a terminal.

mod live;
mod stream;
mod table;
mod text;
mod visible;

pub(crate) use hil_model::chain;
pub(crate) use live::Console;
pub(crate) use stream::{alert, log_on_stderr, print, show, warn_on_stderr};
pub(crate) use table::{Align, Table};
pub(crate) use text::{context, error, line, reports, summary};
pub(crate) use visible::{visible, visible_excerpt, visible_json};
