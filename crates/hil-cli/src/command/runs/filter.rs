//! Which runs are meant.

use clap::Args;
use hil_model::ReqId;
use hil_model::run::{BatchNumber, PartNumber, RunOutcome, SerialNumber, StationName};
use hil_store::RunFilter;

use super::Since;

/// Which runs are meant. Of several values one must fit; case does not matter.
#[derive(Args, Debug)]
#[command(next_help_heading = "Selection")]
pub(super) struct FilterArgs {
    /// On the unit with this serial number. Repeatable.
    #[arg(long, value_name = "NUMBER")]
    serial: Vec<SerialNumber>,
    /// On units of this part. Repeatable.
    #[arg(long, value_name = "NUMBER")]
    part: Vec<PartNumber>,
    /// Of this procedure: its name, its identifier or its UUID. Repeatable.
    #[arg(long, value_name = "PROCEDURE")]
    procedure: Vec<String>,
    /// On units of this batch. Repeatable.
    #[arg(long, value_name = "NUMBER")]
    batch: Vec<BatchNumber>,
    /// That ended so: PASS, FAIL, ERROR, TIMEOUT, ABORTED. Repeatable.
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    outcome: Vec<RunOutcome>,
    /// On this bench or station. Repeatable.
    #[arg(long, value_name = "NAME")]
    bench: Vec<StationName>,
    /// That touched this requirement. Repeatable.
    #[arg(long, value_name = "ID")]
    requirement: Vec<ReqId>,
    /// That began then or later: a date, a moment (UTC), or how long ago, such as `7d`.
    #[arg(long, value_name = "WHEN")]
    since: Option<Since>,
    /// That began then or earlier.
    #[arg(long, value_name = "WHEN")]
    until: Option<Since>,
}

fn outcome(text: &str) -> Result<RunOutcome, String> {
    let expected = || RunOutcome::ALL.iter().map(|outcome| outcome.word()).collect::<Vec<_>>().join(", ");
    text.to_uppercase().parse().map_err(|_| format!("expected one of {}", expected()))
}

impl FilterArgs {
    pub(super) fn filter(&self) -> RunFilter {
        RunFilter {
            serial_numbers: self.serial.clone(),
            part_numbers: self.part.clone(),
            procedure_names: self.procedure.clone(),
            batch_numbers: self.batch.clone(),
            outcomes: self.outcome.clone(),
            stations: self.bench.clone(),
            requirements: self.requirement.clone(),
            started_after: self.since.as_ref().map(Since::time),
            started_before: self.until.as_ref().map(Since::time),
            ..RunFilter::default()
        }
    }
}
