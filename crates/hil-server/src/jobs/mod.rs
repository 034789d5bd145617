//! Jobs: runs that are started over HTTP.
//!
//! ```text
//! POST ─► order ─► store (queued) ─► the bench's thread ─┬─ simulated kind ─┐
//!                                                        └─ child process ──┴─► hub, published.jsonl ─► store (ended)
//! ```
//!
//! Each bench has a queue, which is in the store, and a thread, which takes one job after the other. What a job says
//! goes through [`Live`](live::Live): to the hub, which numbers and folds it, and to the job's folder, so that it is
//! known after the server was killed. A job's last message goes out when its end can be read.

mod answer;
mod child;
mod control;
mod folders;
mod handlers;
mod launcher;
mod line;
mod live;
mod plugins;
mod published;
mod queue;
mod request;
mod sim;
mod translate;
mod view;

pub use launcher::{BadConfig, JobLauncher, RealBench};
pub use line::ChildLine;
pub use request::RunOrder;

pub(crate) use handlers::router;
pub(crate) use plugins::declared;
pub(crate) use queue::{Jobs, JobsOptions};

/// The simulated kind: its suite, its bench, its first plugin.
const SIM: &str = "sim";
