//! A store, a server on a socket, and the spool before them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod crash;
mod native;
mod spool;
