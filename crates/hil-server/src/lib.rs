//! Runs, jobs and what happens live, over HTTP: what foreign clients, the dashboard and `hil` itself speak.
//!
//! [`Server::bind`] opens the door, [`Server::run`] answers until it is told to stop. The wire format that TofuPilot's
//! Python client speaks is `v1` and `v2`. Handlers translate: they parse what arrives into the store's types, ask the
//! store, and write its answer; what a run is and what may be stored is decided below.

#![forbid(unsafe_code)]

mod about;
mod app;
mod auth;
mod dashboard;
mod error;
mod extract;
mod files;
mod inflow;
mod iso;
mod jobs;
mod link;
mod memory;
mod metrics;
mod native;
mod observe;
mod origin;
mod realtime;
mod receive;
mod server;
mod session;
mod state;
mod v1;
mod v2;

pub use hil_realtime::HubOptions;
pub use inflow::Patience;
pub use jobs::{BadConfig, ChildLine, JobLauncher, RealBench, RunOrder};
pub use link::{Origin, OriginError};
pub use realtime::{RealtimeOptions, RealtimeOptionsError};
pub use server::{Server, ServerError, ServerOptions};
