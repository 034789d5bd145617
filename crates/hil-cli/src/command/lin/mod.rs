//! `hil lin`: the bus by hand.

mod changes;
mod diagnostics;
mod frames;
mod interruption;
mod schedule;

use hil_model::ExitStatus;
use hil_runner::{Desk, RunError};

use super::{Wrong, configuration};
use crate::args::{BenchArgs, LinArgs, LinCommand};
use crate::console::chain;

/// Talks to the bus.
pub(crate) fn run(args: &LinArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    let interface = &resolved.config.interface;
    let at = |act: &dyn Fn(&Desk) -> anyhow::Result<ExitStatus>| {
        let desk = open(|| Desk::open(&resolved))?;
        let status = act(&desk)?;
        desk.close();
        Ok(status)
    };
    match &args.what {
        LinCommand::Send { frame, content } => at(&|desk| frames::send(desk, frame, content)),
        LinCommand::Receive { frame, length } => at(&|desk| frames::receive(desk, frame, *length)),
        LinCommand::Monitor { duration, every } => at(&|desk| frames::monitor(desk, *duration, *every)),
        LinCommand::Scan { from, to } => at(&|desk| diagnostics::scan(desk, interface, *from, *to)),
        LinCommand::Diag { nad, request } => at(&|desk| diagnostics::request(desk, interface, *nad, request)),
        LinCommand::Schedule { table: None, .. } => schedule::list(&resolved),
        LinCommand::Schedule { table: Some(table), duration } => schedule::run(&resolved, table, *duration),
    }
}

/// Opens the desk, and says so where its bus is simulated.
fn open(desk: impl FnOnce() -> Result<Desk, RunError>) -> anyhow::Result<Desk> {
    let desk = desk()?;
    if desk.is_simulated() {
        anstream::eprintln!("this is the simulated bus; its unit has just been powered");
    }
    Ok(desk)
}

fn bus_error(error: &hil_lin::LinError) -> anyhow::Error {
    Wrong::bench(chain(error))
}
