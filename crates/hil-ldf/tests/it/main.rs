//! Integration tests of `hil-ldf`, one binary.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

mod accept;
mod allocations;
mod alm;
mod codec;
mod corpus;
mod described;
mod diagnostics;
mod diff;
mod fields;
mod layout;
mod oracle;
mod robustness;
mod shared;
mod timing;
