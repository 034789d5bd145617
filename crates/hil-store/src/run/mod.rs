//! Runs: saved whole or not at all, found, loaded, removed.

mod delete;
mod disk;
mod filter;
mod insert;
mod list;
mod load;
mod place;
mod same;
mod save;

pub use filter::RunFilter;
pub use list::{RunCursor, RunMark, RunOrder, RunPart, RunSummary, RunUnit, StoredRuns};
pub use load::{FileImport, StoredRun, SubUnit};
pub use save::Import;
