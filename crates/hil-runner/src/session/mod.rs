//! The session: what is set up once, in order, and taken down in reverse, whatever happens.
//!
//! ```text
//! config ─► lock ─► LIN adapter ─► LDF ─► PSU ─► node ─► flash ─► tests
//!              ◄─ adapter ◄─────────── PSU ◄────────────────────────┘
//! ```
//!
//! Each step is an event with its outcome. A resource that no selected test needs is never opened.

mod adapter;
mod desk;
mod faults;
mod firmware;
mod live;
mod lock;
mod owned;
mod supply;
mod watched;
mod world;

pub use desk::Desk;
pub use firmware::check_firmware;
pub use live::{LiveUnit, live_unit};
pub use lock::{DeviceLock, FolderLock, Owner, bench_owner, lock_device, lock_reports};
pub(crate) use lock::{Locks, Patience, host_name};
pub(crate) use owned::{Session, SetUp};
pub use supply::params as serial_params;
pub use world::{SIMULATED as SIMULATED_PORT, check_bench};
pub(crate) use world::{World, load_ldf};
