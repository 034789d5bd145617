//! The API asked over HTTP, in front of a store of its own.

mod bench;
mod description;
mod entities;
mod measurements;
mod refusals;
mod runs;
