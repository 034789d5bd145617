//! Runs on their way out, one after the other.
//!
//! ```
//! # fn main() -> hil_exchange::Result<()> {
//! # let runs: Vec<hil_model::run::Run> = Vec::new();
//! # let file = std::io::sink();
//! let mut export = hil_exchange::export::Format::Csv.exporter(file)?;
//! for run in &runs {
//!     export.push(run)?;
//! }
//! export.finish()
//! # }
//! ```
//!
//! | format | what is written |
//! | --- | --- |
//! | JSON | a list of our documents: all of each run |
//! | OpenHTF | a report a line |
//! | CSV, Parquet | one table: a row a measurement, and one for a phase or a run that has none |
//! | XLSX, SQL | the tables `runs`, `phases`, `measurements`, `logs`, `attachments` |
//!
//! The columns are the same everywhere; `column.rs` lists them.

mod column;
mod csv;
mod format;
mod json;
mod openhtf;
#[cfg(feature = "parquet")]
mod parquet;
mod sql;
mod table;
#[cfg(feature = "xlsx")]
mod xlsx;

use hil_model::run::Run;

pub use format::Format;

use crate::Result;

/// An export that is being written. What it holds in memory does not grow with the number of runs.
pub trait Export: Send {
    /// Adds a run.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Write`](crate::ExchangeError::Write). What was written by then is not a whole export.
    fn push(&mut self, run: &Run) -> Result<()>;

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    ///
    /// As for [`Self::push`].
    fn finish(self: Box<Self>) -> Result<()>;
}
