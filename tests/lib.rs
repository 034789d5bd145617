//! The suites that `hil` runs: `unit` needs no bench, `smoke`, `hardware` and `conformance` need one, real or
//! simulated. What stands in `templates` compiles and is not collected: copy from it.

#![forbid(unsafe_code)]

mod conformance;
mod hardware;
mod smoke;
mod templates;
mod unit;
