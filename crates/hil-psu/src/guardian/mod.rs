//! The guardian: a small process that switches the output off when the harness is gone (PSU-09).
//!
//! ```text
//! harness                              guardian (the same program, a session of its own)
//!    │── charge: bench, port ────────────►│ opens the port beside the harness, writes nothing
//!    │◄─────────────────────────── ready ─│
//!    │── armed: identity, line end ──────►│ waits on the lifeline
//!    │◄─────────────────────────── armed ─│
//!    │   output on … tests … output off   │
//!    │── disarm ─────────────────────────►│ ends
//!    ✝ anything else, or the end          │ `output 0`, read back, a note for the next run, ends
//! ```
//!
//! It does not hear INT, TERM, HUP and QUIT, and a signal to the harness's process group or session does not
//! reach it. It keeps no descriptor of the harness but its two pipes, and inherits no environment, so that
//! nobody waits for it, and a CI server that looks for left-over processes by a variable does not find it.
//!
//! What it does not survive: a systemd unit that is stopped with `KillMode=control-group`, which is the
//! default (set `KillMode=mixed` and a `TimeoutStopSec=` of some seconds), a container that is killed as a
//! whole, and the loss of the host. That takes the supply's own protection and a relay.
//!
//! A harness that dumps core closes its pipes only once the core is written.
//!
//! A process of its own has no bench, so nothing here waits on a bench's clock.

mod error;
mod grip;
mod handle;
mod launch;
mod lines;
mod note;
mod off;
mod turn;
mod watch;
mod word;

pub use error::GuardianError;
pub use handle::{Guardian, Released};
pub use launch::{Launch, this_program};
pub use note::{Note, folder, notes};
pub use turn::wait_for_turn;
pub use watch::{serve, watch};
pub use word::Charge;
