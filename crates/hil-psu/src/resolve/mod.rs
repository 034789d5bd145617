//! Which port does the supply hang on? (PSU-02)

mod enumerate;
mod search;
mod translate;

pub use enumerate::{Access, PortEnumerator, SystemPorts, access};
pub use search::{Refusal, Resolution, Resolved, Step, Tried, resolve_port};
pub use translate::translated;
