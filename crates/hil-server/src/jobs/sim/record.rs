//! The record of a simulated job: a run like any other, which says that it was simulated.

use std::time::Duration;

use hil_model::run::{
    Log, LogLevel, PartNumber, Phase, Procedure, Run, RunOutcome, SerialNumber, UnitUnderTest,
};
use hil_model::{Property, RunId, WallTime};
use hil_store::JobId;
use uuid::Uuid;

use super::{End, Ended, Simulated};
use crate::jobs::SIM;

/// What the part of a unit is called of which nobody knows more.
const UNKNOWN_PART: &str = "unknown";

/// What the record is about.
#[derive(Debug)]
pub(in crate::jobs) struct Subject<'a> {
    pub(in crate::jobs) unit: &'a hil_model::Subject,
    pub(in crate::jobs) operator: Option<&'a str>,
    pub(in crate::jobs) config: &'a [(String, String)],
}

/// The run that a simulated job was. Nothing if it was ended before it began.
pub(in crate::jobs) fn record(
    simulated: &Simulated,
    subject: &Subject<'_>,
    job: JobId,
    took: Duration,
) -> Option<Run> {
    let (first, last) = (simulated.plugins.first()?, simulated.plugins.last()?);
    let phases: Vec<Phase> = simulated.plugins.iter().map(phase).collect();
    let outcome = match simulated.end {
        End::Asked(_) => RunOutcome::Aborted,
        End::Complete | End::Fatal => RunOutcome::from_phases(&phases),
    };
    let mut properties = vec![
        Property::new("simulated", "job"),
        Property::new("hil_version", env!("CARGO_PKG_VERSION")),
        Property::new("job", job.to_string()),
    ];
    properties
        .extend(subject.config.iter().map(|(key, value)| Property::new(format!("config.{key}"), value)));
    Some(Run {
        id: run_id(job)?,
        procedure: Procedure { id: SIM.to_owned(), name: SIM.parse().ok(), version: None },
        unit: unit(subject.unit)?,
        sub_units: subject.unit.sub_units.clone(),
        station: SIM.parse().ok(),
        operator: subject.operator.map(str::to_owned),
        started_at: first.started_at,
        ended_at: last.ended_at.max(first.started_at),
        duration: took,
        outcome,
        docstring: None,
        phases,
        logs: Vec::new(),
        attachments: Vec::new(),
        properties,
        requirements: Vec::new(),
    })
}

/// The id of a job's record, which is the same however often it is made: that of the job but for its last bit.
pub(in crate::jobs) fn run_id(job: JobId) -> Option<RunId> {
    Uuid::from_u128(Uuid::parse_str(&job.to_string()).ok()?.as_u128() ^ 1).to_string().parse().ok()
}

/// The unit that was named, else the bench.
fn unit(subject: &hil_model::Subject) -> Option<UnitUnderTest> {
    let (serial_number, unknown_part) = match &subject.serial_number {
        Some(serial) => (serial.clone(), None),
        None => {
            (format!("bench:{SIM}").parse::<SerialNumber>().ok()?, UNKNOWN_PART.parse::<PartNumber>().ok())
        }
    };
    Some(UnitUnderTest {
        serial_number,
        part_number: subject.part_number.clone().or(unknown_part),
        part_name: subject.part_name.clone(),
        revision: subject.revision.clone(),
        batch: subject.batch.clone(),
    })
}

/// The same run for a unit of which nobody knows what part it is.
pub(in crate::jobs) fn of_unknown_part(run: &Run) -> Run {
    let mut run = run.clone();
    run.unit.part_number = UNKNOWN_PART.parse().ok();
    run
}

fn phase(ended: &Ended) -> Phase {
    let line = |level, at: WallTime, message: &String| Log {
        level,
        at,
        message: message.clone(),
        source_file: String::new(),
        line_number: 0,
    };
    let warnings = ended.warnings.iter().map(|text| line(LogLevel::Warning, ended.ended_at, text));
    let failure = ended.failure.iter().map(|text| line(LogLevel::Error, ended.ended_at, text));
    Phase {
        outcome: ended.outcome,
        started_at: ended.started_at,
        ended_at: Some(ended.ended_at.max(ended.started_at)),
        logs: warnings.chain(failure).collect(),
        ..Phase::new(ended.name.clone())
    }
}
