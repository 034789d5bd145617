//! Reports of runs that never took place, read the way their readers read them.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking, in its helpers as well")]

mod html;
mod jenkins;
mod journal;
mod junit;
mod junit_file;
mod kept;
mod present;
mod record;
mod snapshots;
mod synthetic;
mod unicode;
mod xml;
