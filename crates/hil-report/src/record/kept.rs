//! A run of the harness as the record that is kept of it (REC-01 to REC-10).
//!
//! Every attempt at a test is a phase. The session's steps are not, as long as they go well: what they learnt are
//! properties of the run. One that is red is a phase, because without it the record could not say why the run ended
//! as it did.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;
use std::time::Duration;

use hil_model::run::{
    Attachment, Digest, Log, LogLevel, Measurement, PartNumber, Phase, PhaseOutcome, Procedure,
    ProcedureName, Run, RunOutcome, SerialNumber, StationName, UnitUnderTest,
};
use hil_model::{
    Description, ExitStatus, Fault, FaultKind, Outcome, Property, SessionPhase, SourceLocation, Subject,
    WallTime,
};

use super::run::{RunRecord, SessionRecord};
use super::test::{AttemptRecord, Moment, Observation, Observed, TestRecord};
use crate::exit_status;

/// The key of the property that says what of the bench was simulated. A real bench has none.
const SIMULATED: &str = "simulated";
/// What a procedure is called of which nothing is known.
const NAMELESS: &str = "hil";
/// What the part of a unit is called of which nothing is known.
const UNKNOWN_PART: &str = "unknown";

impl RunRecord {
    /// The record that is kept of the run; nothing before its first entry.
    ///
    /// A run of which nobody said what unit it was made on belongs to the unit `bench:` and the bench's name, so that
    /// it is found by that and never by another unit's serial number. `digest` says what the content of an attached
    /// file is. Where it cannot, the run is without that file, and a line of its log says why.
    pub fn to_run<E: Display>(
        &self,
        mut digest: impl FnMut(&hil_model::Attachment) -> Result<Digest, E>,
    ) -> Option<Run> {
        let started = self.run.as_ref()?;
        let attempts = || self.tests.iter().flat_map(TestRecord::attempts);
        let attached = attempts().flat_map(|attempt| &attempt.evidence.attachments);
        let (mut attachments, mut lacking) = (Vec::new(), Vec::new());
        for file in attached.chain(&self.outside.attachments) {
            match digest(file) {
                Ok(digest) => attachments.push(Attachment {
                    name: file.name.clone(),
                    content_type: (!file.media_type.is_empty()).then(|| file.media_type.clone()),
                    size: file.bytes,
                    digest,
                    is_report: false,
                }),
                Err(why) => lacking.push(format!("attachment {:?} is not kept: {why}", file.name)),
            }
        }
        let subject = &started.subject;
        let duration: Duration = self.wall_duration();
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let ended_at = WallTime::from_unix_millis(self.started.wall.unix_millis().saturating_add(millis));
        let lacking = lacking.into_iter().map(|why| log(LogLevel::Error, ended_at, why, None));
        Some(Run {
            id: started.run_id.clone(),
            procedure: self.procedure(subject),
            unit: unit(subject, &started.bench),
            sub_units: subject.sub_units.clone(),
            station: started.bench.parse::<StationName>().ok(),
            operator: subject.operator.as_ref().map(ToString::to_string),
            started_at: self.started.wall,
            ended_at,
            duration,
            outcome: self.kept_outcome(),
            docstring: None,
            phases: self.phases(),
            logs: self.logs_beside_tests().into_iter().chain(lacking).collect(),
            attachments,
            properties: self.properties(),
            requirements: self.requirements(),
        })
    }

    /// What was executed: what somebody said, else the suites of which a test was begun.
    fn procedure(&self, subject: &Subject) -> Procedure {
        let suites: BTreeSet<&str> = self.tests.iter().map(|test| test.meta.name.suite()).collect();
        let suites = suites.into_iter().collect::<Vec<_>>().join("+");
        let named = subject.procedure.clone().or_else(|| suites.parse().ok());
        let name = named.or_else(|| NAMELESS.parse::<ProcedureName>().ok());
        let id = name.as_ref().map_or_else(String::new, ToString::to_string);
        Procedure { id, name, version: subject.procedure_version.clone() }
    }

    /// How it ended. A run without a verdict on its unit is an error, also where nothing ran at all.
    fn kept_outcome(&self) -> RunOutcome {
        if self.finished.is_none() {
            return RunOutcome::Aborted;
        }
        let faults = || {
            self.tests.iter().filter_map(|test| match test.outcome() {
                Outcome::Errored(Fault { kind, .. }) => Some(*kind),
                Outcome::Passed | Outcome::Failed(_) | Outcome::Skipped { .. } => None,
            })
        };
        match exit_status(self) {
            ExitStatus::Interrupted => RunOutcome::Aborted,
            ExitStatus::Passed => RunOutcome::Pass,
            ExitStatus::Failed if faults().any(|kind| kind != FaultKind::Timeout) => RunOutcome::Error,
            ExitStatus::Failed if faults().next().is_some() => RunOutcome::Timeout,
            ExitStatus::Failed => RunOutcome::Fail,
            ExitStatus::OutputUnconfirmed
            | ExitStatus::BenchFault
            | ExitStatus::NothingRan
            | ExitStatus::Internal
            | ExitStatus::Usage => RunOutcome::Error,
        }
    }

    /// The attempts, in the order in which they were begun, between the red steps of the way up and down.
    fn phases(&self) -> Vec<Phase> {
        let red = |wanted| {
            let steps = self.session.iter().filter(move |step| step.phase == wanted);
            steps.filter(|step| step.outcome.is_red()).map(step_phase)
        };
        let attempts = self
            .tests
            .iter()
            .flat_map(|test| test.attempts().iter().map(|attempt| self.attempt_phase(test, attempt)));
        red(SessionPhase::Setup).chain(attempts).chain(red(SessionPhase::Teardown)).collect()
    }

    fn attempt_phase(&self, test: &TestRecord, attempt: &AttemptRecord) -> Phase {
        let measured = attempt.evidence.measurements.iter();
        let measurements: Vec<Measurement> = measured.map(|measured| measured.what.clone()).collect();
        let observed = self.observed(&attempt.evidence);
        Phase {
            name: test.meta.name.to_string(),
            outcome: phase_outcome(&attempt.outcome).with_measurements(&measurements),
            started_at: attempt.started.wall,
            ended_at: attempt.finished.then_some(attempt.ended.wall),
            retry_count: attempt.number.saturating_sub(1),
            docstring: docstring(&test.meta.description),
            requirements: test.meta.description.requirements.clone(),
            measurements,
            logs: logs(observed).chain(verdict(&attempt.outcome, attempt.ended)).collect(),
        }
    }

    /// What was logged before, between and after the tests.
    fn logs_beside_tests(&self) -> Vec<Log> {
        let attempts = self.tests.iter().flat_map(TestRecord::attempts);
        let mut taken: Vec<Range<usize>> = attempts
            .map(|attempt| attempt.evidence.observed.clone())
            .filter(|range| !range.is_empty())
            .collect();
        taken.sort_by_key(|range| range.start);
        let mut kept = Vec::new();
        let mut from = 0;
        for range in taken {
            kept.extend(logs(self.trace.get(from..range.start).unwrap_or_default()));
            from = range.end;
        }
        kept.extend(logs(self.trace.get(from..).unwrap_or_default()));
        kept
    }

    /// What is known of the run, then what its session learnt, then what its tests noted in their last attempts.
    fn properties(&self) -> Vec<Property> {
        let mut properties = Vec::new();
        if let Some(run) = &self.run {
            let simulated = run.simulated;
            let parts = [("lin", simulated.lin), ("psu", simulated.psu), ("clock", simulated.clock)];
            let parts: Vec<&str> = parts.into_iter().filter(|(_, yes)| *yes).map(|(name, _)| name).collect();
            if !parts.is_empty() {
                properties.push(Property::new(SIMULATED, parts.join(", ")));
            }
            properties.push(Property::new("hil_version", &run.version));
            properties.push(Property::new("host", &run.host));
            properties.push(Property::new("seed", run.seed));
        }
        if let Some(reason) = &self.stopped {
            properties.push(Property::new("stopped", reason));
        }
        properties.extend(self.session.iter().flat_map(|step| step.facts.iter().cloned()));
        properties.extend(self.outside.properties.iter().map(|noted| noted.what.clone()));
        for test in &self.tests {
            properties.extend(test.last().evidence.properties.iter().map(|noted| {
                Property::new(format!("{}/{}", test.meta.name, noted.what.key), &noted.what.value)
            }));
        }
        properties
    }

    fn requirements(&self) -> Vec<hil_model::ReqId> {
        let touched = self.tests.iter().flat_map(|test| test.meta.description.requirements.iter().cloned());
        touched.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The unit that somebody named, else the bench.
fn unit(subject: &Subject, bench: &str) -> UnitUnderTest {
    let (serial_number, unknown_part) = match &subject.serial_number {
        Some(serial) => (serial.clone(), None),
        None => (bench_unit(bench), UNKNOWN_PART.parse::<PartNumber>().ok()),
    };
    UnitUnderTest {
        serial_number,
        part_number: subject.part_number.clone().or(unknown_part),
        part_name: subject.part_name.clone(),
        revision: subject.revision.clone(),
        batch: subject.batch.clone(),
    }
}

/// The serial number that stands for "whatever was on that bench".
fn bench_unit(bench: &str) -> SerialNumber {
    let text = "bench:".chars().chain(bench.chars().filter(|c| !c.is_control()));
    let text: String = text.take(SerialNumber::MAX).collect();
    text.parse().unwrap_or_else(|_| unreachable!("it begins with `bench:`, is printable and short"))
}

fn phase_outcome(outcome: &Outcome) -> PhaseOutcome {
    match outcome {
        Outcome::Passed => PhaseOutcome::Pass,
        Outcome::Failed(_) => PhaseOutcome::Fail,
        Outcome::Skipped { .. } => PhaseOutcome::Skip,
        Outcome::Errored(_) => PhaseOutcome::Error,
    }
}

fn step_phase(step: &SessionRecord) -> Phase {
    Phase {
        outcome: phase_outcome(&step.outcome),
        started_at: step.started.wall,
        ended_at: step.finished.then_some(step.ended.wall),
        logs: verdict(&step.outcome, step.ended).into_iter().collect(),
        ..Phase::new(format!("{}.{}", step.class(), step.case))
    }
}

fn logs(observed: &[Observed]) -> impl Iterator<Item = Log> {
    observed.iter().filter_map(|seen| match &seen.what {
        Observation::Log(line) => {
            Some(log(line.level.into(), seen.wall, line.message.clone(), line.location.as_ref()))
        }
        Observation::Frame(_) | Observation::Supply(_) => None,
    })
}

fn log(level: LogLevel, at: WallTime, message: String, location: Option<&SourceLocation>) -> Log {
    Log {
        level,
        at,
        message,
        source_file: location.map(|location| location.file.clone()).unwrap_or_default(),
        line_number: location.map_or(0, |location| location.line),
    }
}

/// Why it ended as it did, with the evidence, as the last line of its log: a phase has no other place for words.
fn verdict(outcome: &Outcome, ended: Moment) -> Option<Log> {
    let with = |message: String, details: &[String]| {
        [message].into_iter().chain(details.iter().cloned()).collect::<Vec<_>>().join("\n")
    };
    let (level, message, location) = match outcome {
        Outcome::Passed => return None,
        Outcome::Skipped { reason } => (LogLevel::Info, format!("skipped: {reason}"), None),
        Outcome::Failed(failure) => {
            let message = with(failure.message.clone(), &failure.details);
            (LogLevel::Error, message, failure.location.as_ref())
        }
        Outcome::Errored(fault) => {
            let message = with(format!("{}: {}", fault.kind.word(), fault.message), &fault.details);
            (LogLevel::Error, message, fault.location.as_ref())
        }
    };
    Some(log(level, ended.wall, message, location))
}

/// What the doc comment says, without the requirements, which the run has.
fn docstring(description: &Description) -> Option<String> {
    let Description { title, description, steps, expected, requirements: _ } = description;
    let mut parts = vec![title.clone(), description.clone()];
    let steps = steps.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1));
    parts.push(steps.collect::<Vec<_>>().join("\n"));
    parts.push(expected.clone());
    parts.retain(|part| !part.is_empty());
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}
