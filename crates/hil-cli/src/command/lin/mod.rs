//! `hil lin`: the bus by hand.

mod diagnostics;
mod frames;

use hil_model::ExitStatus;
use hil_runner::Desk;

use super::{Wrong, configuration};
use crate::args::{BenchArgs, LinArgs, LinCommand};
use crate::console::chain;

/// Talks to the bus.
pub(crate) fn run(args: &LinArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    let mut desk = Desk::open(&resolved)?;
    if desk.is_simulated() {
        anstream::eprintln!("this is the simulated bus; its unit has just been powered");
    }
    let interface = &resolved.config.interface;
    let status = match &args.what {
        LinCommand::Send { frame, content } => frames::send(&mut desk, frame, content)?,
        LinCommand::Receive { frame, length } => frames::receive(&mut desk, frame, *length)?,
        LinCommand::Monitor { duration, every } => frames::monitor(&mut desk, *duration, *every)?,
        LinCommand::Scan { from, to } => diagnostics::scan(&mut desk, interface, *from, *to)?,
        LinCommand::Diag { nad, request } => diagnostics::request(&mut desk, interface, *nad, request)?,
    };
    desk.close();
    Ok(status)
}

fn bus_error(error: &hil_lin::LinError) -> anyhow::Error {
    Wrong::bench(chain(error))
}
