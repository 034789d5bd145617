//! Runs over HTTP: what foreign clients and `hil` itself speak, in front of the store.
//!
//! [`Server::bind`] opens the door, [`Server::run`] answers until it is told to stop. The wire format that TofuPilot's
//! Python client speaks is `v1` and `v2`. Handlers translate: they parse what arrives into the store's types, ask the
//! store, and write its answer; what a run is and what may be stored is decided below.

#![forbid(unsafe_code)]

mod about;
mod app;
mod auth;
mod error;
mod extract;
mod files;
mod inflow;
mod iso;
mod link;
mod memory;
mod metrics;
mod native;
mod observe;
mod server;
mod state;
mod v1;
mod v2;

pub use inflow::Patience;
pub use link::{Origin, OriginError};
pub use server::{Server, ServerError, ServerOptions};
