//! The conformance suite: the cases of ISO 17987-6 for a LIN 2.x slave that an ordinary master can run.
//!
//! It is written against any node that the LDF describes: the one whose configured address is `interface.nad`.
//! Frames, product id, `response_error`, configurable frames and timers come from the LDF; what that does not
//! offer makes a case skip and say so. Requests are raw frames, not those of the transport layer under `hil lin`.
//!
//! The standard's text was not at hand: the cases' numbers and titles are public (hardware reference 1.10), the
//! steps are our reading of them, uncertain throughout (U). Cases that only a fault-injecting master can run, such
//! as wrong break lengths and bit errors, are not here.

mod addressing;
mod diagnostics;
mod frames;
mod identification;
mod iut;
mod node_configuration;
mod sleep;
mod status;
mod transport;
mod wildcards;

use iut::Iut;

#[hil::baseline]
fn the_node_is_awake_and_silent(iut: Iut) -> hil::Result {
    iut.settle()
}
