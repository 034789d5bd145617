//! The charter of live tests: what may run, what may change something, what is looked for, and what a skip says.
//!
//! One rule for everything that a live run needs: what is said explicitly is used as it is; else the bench is asked,
//! and the first that is eligible wins; else the test skips. Absence skips, an error while looking fails.

mod hold;
mod look_up;
mod missing;
mod node;
mod ports;
mod server;
mod start_up;
mod switches;

pub use hold::is_simulated;
pub(crate) use hold::{Reality, hold_back};
pub use look_up::look_up;
pub use missing::Missing;
pub(crate) use node::{FIRST_NAD, LAST_NAD, NodeSearch};
pub(crate) use ports::Except;
pub use server::{ServerAt, ServerKey};
pub(crate) use start_up::start_up;
pub use switches::{LiveOptions, SaidBy, Switch, UnclearSwitch};
