//! A stored run as people read it: on a terminal, as a page, beside other runs.
//!
//! ```text
//! Measurement ──► Row ──► text (a grid on the terminal) · html (a table with limit bars)
//! Series ──► plot (SVG) · summary and sparkline (text)
//! Run ──► text() · html()        several Runs ──► Comparison ──► text() · html()
//! ```
//!
//! Everything here is pure: the same run gives the same text. What a run carries was written by others, so every
//! text goes through `foreign` before it is shown: it has a bounded length, and what a terminal or a browser would
//! obey instead of show (control characters, marks that turn the direction of writing) is visible.

mod comparison;
mod condition;
mod foreign;
mod grid;
mod limit_bar;
mod margin;
mod number;
mod page;
mod phases;
mod plot;
mod row;
mod summary;
mod terminal;
mod text;

pub use comparison::Comparison;
pub use page::{Link, html};
pub(crate) use page::{MeasurementView, measurement_rows};
pub use plot::series_svg;
pub(crate) use row::Row;
pub use terminal::{Emphasis, Terminal};
pub use text::{Logs, text};
