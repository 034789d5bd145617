//! The tables: which columns they have, and which rows a run gives them.

use hil_model::run::Run;

use super::column::{
    ATTACHMENT, Column, Field, LOG, MEASUREMENT, PHASE, PHASE_DETAILS, PHASE_NUMBER, RUN, RUN_DETAILS,
    RUN_ID, push_attachment, push_log, push_measurement, push_phase, push_phase_details, push_run,
    push_run_details,
};
use crate::Result;

/// What is done with a row.
pub(super) type Sink<'s> = &'s mut dyn FnMut(&[Field<'_>]) -> Result<()>;

/// A table of runs, or of what they hold. Rows are found by run, phase and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Runs,
    Phases,
    Measurements,
    Logs,
    Attachments,
}

impl Table {
    pub(super) const ALL: [Self; 5] =
        [Self::Runs, Self::Phases, Self::Measurements, Self::Logs, Self::Attachments];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Phases => "phases",
            Self::Measurements => "measurements",
            Self::Logs => "logs",
            Self::Attachments => "attachments",
        }
    }

    pub(super) fn columns(self) -> Vec<Column> {
        match self {
            Self::Runs => [&RUN[..], &RUN_DETAILS[..]].concat(),
            Self::Phases => [&[RUN_ID], &PHASE[..], &PHASE_DETAILS[..]].concat(),
            Self::Measurements => [&[RUN_ID, PHASE_NUMBER], &MEASUREMENT[..]].concat(),
            Self::Logs => [&[RUN_ID, PHASE_NUMBER], &LOG[..]].concat(),
            Self::Attachments => [&[RUN_ID], &ATTACHMENT[..]].concat(),
        }
    }

    /// The columns that tell a row from all others.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Runs => "run_id",
            Self::Phases => "run_id, phase_number",
            Self::Measurements => "run_id, phase_number, measurement_number",
            Self::Logs => "run_id, log_number",
            Self::Attachments => "run_id, attachment_number",
        }
    }

    /// Hands the rows of a run to `sink`.
    pub(super) fn rows(self, run: &Run, sink: Sink<'_>) -> Result<()> {
        let id = || Field::Text(run.id.as_str().into());
        let number = |index: usize| Field::Integer(i64::try_from(index + 1).unwrap_or(i64::MAX));
        let mut row = Vec::new();
        match self {
            Self::Runs => {
                push_run(&mut row, run);
                push_run_details(&mut row, run);
                sink(&row)
            }
            Self::Phases => {
                row.push(id());
                run.phases.iter().enumerate().try_for_each(|(index, phase)| {
                    row.truncate(1);
                    push_phase(&mut row, index + 1, phase);
                    push_phase_details(&mut row, phase);
                    sink(&row)
                })
            }
            Self::Measurements => run.phases.iter().enumerate().try_for_each(|(index, phase)| {
                row.clear();
                row.extend([id(), number(index)]);
                phase.measurements.iter().enumerate().try_for_each(|(index, measurement)| {
                    row.truncate(2);
                    push_measurement(&mut row, index + 1, measurement);
                    sink(&row)
                })
            }),
            Self::Logs => {
                let own = run.logs.iter().map(|log| (Field::Empty, log));
                let of_phases = run
                    .phases
                    .iter()
                    .enumerate()
                    .flat_map(|(index, phase)| phase.logs.iter().map(move |log| (number(index), log)));
                own.chain(of_phases).enumerate().try_for_each(|(index, (phase, log))| {
                    row.clear();
                    row.extend([id(), phase]);
                    push_log(&mut row, index + 1, log);
                    sink(&row)
                })
            }
            Self::Attachments => {
                row.push(id());
                run.attachments.iter().enumerate().try_for_each(|(index, attachment)| {
                    row.truncate(1);
                    push_attachment(&mut row, index + 1, attachment);
                    sink(&row)
                })
            }
        }
    }
}

/// The columns of the one table in which each row says everything about its measurement.
pub(super) fn flat_columns() -> Vec<Column> {
    [&RUN[..], &PHASE[..], &MEASUREMENT[..]].concat()
}

/// Hands the rows of a run in that table to `sink`. A phase without measurements has a row, and so has a run without
/// phases.
pub(super) fn flat_rows(run: &Run, sink: Sink<'_>) -> Result<()> {
    const PHASE_END: usize = RUN.len() + PHASE.len();
    const END: usize = PHASE_END + MEASUREMENT.len();
    let mut row = Vec::with_capacity(END);
    push_run(&mut row, run);
    if run.phases.is_empty() {
        row.resize(END, Field::Empty);
        return sink(&row);
    }
    for (index, phase) in run.phases.iter().enumerate() {
        row.truncate(RUN.len());
        push_phase(&mut row, index + 1, phase);
        if phase.measurements.is_empty() {
            row.resize(END, Field::Empty);
            sink(&row)?;
        }
        for (index, measurement) in phase.measurements.iter().enumerate() {
            row.truncate(PHASE_END);
            push_measurement(&mut row, index + 1, measurement);
            sink(&row)?;
        }
    }
    Ok(())
}
