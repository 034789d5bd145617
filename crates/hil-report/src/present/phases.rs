//! The phases of a run: how they ended, how long they took, which ones are attempts at the same thing.

use hil_model::run::{Measurement, MeasurementOutcome, Phase, PhaseOutcome, Run, RunOutcome};

use super::{Emphasis, foreign};
use crate::time;

/// The property that says what of the bench was simulated.
const SIMULATED: &str = "simulated";

/// What of the bench was simulated; nothing for a run on hardware.
pub(super) fn simulated(run: &Run) -> Option<String> {
    let property = run.properties.iter().find(|property| property.key.eq_ignore_ascii_case(SIMULATED))?;
    let is_denied = ["", "false", "no", "0"].iter().any(|no| property.value.trim().eq_ignore_ascii_case(no));
    (!is_denied).then(|| foreign::line(&property.value, foreign::IN_A_LINE))
}

pub(super) const fn run_emphasis(outcome: RunOutcome) -> Emphasis {
    match outcome {
        RunOutcome::Pass => Emphasis::Good,
        RunOutcome::Fail => Emphasis::Bad,
        RunOutcome::Error | RunOutcome::Timeout | RunOutcome::Aborted => Emphasis::Broken,
    }
}

pub(super) const fn emphasis(outcome: PhaseOutcome) -> Emphasis {
    match outcome {
        PhaseOutcome::Pass => Emphasis::Good,
        PhaseOutcome::Fail => Emphasis::Bad,
        PhaseOutcome::Error => Emphasis::Broken,
        PhaseOutcome::Skip => Emphasis::Muted,
    }
}

/// Whether a phase failed or could not reach a verdict.
pub(super) const fn is_red(phase: &Phase) -> bool {
    matches!(phase.outcome, PhaseOutcome::Fail | PhaseOutcome::Error)
}

/// Whether a measurement is why its phase is red.
pub(super) const fn is_to_blame(measurement: &Measurement) -> bool {
    match measurement.outcome {
        MeasurementOutcome::Fail | MeasurementOutcome::Error => true,
        MeasurementOutcome::Unset => measurement.value.is_unset() && !measurement.optional,
        MeasurementOutcome::Pass | MeasurementOutcome::Skip => false,
    }
}

/// How long a phase took, if it ended.
pub(super) fn took(phase: &Phase) -> String {
    phase.ended_at.map(|end| time::duration(time::elapsed(phase.started_at, end))).unwrap_or_default()
}

/// `attempt 2`, for a phase that had been tried before.
pub(super) fn attempt(phase: &Phase) -> String {
    match phase.retry_count {
        0 => String::new(),
        before => format!("attempt {}", u64::from(before) + 1),
    }
}

/// The last attempt at each phase, and how many attempts there were: phases that follow each other under one name and
/// with a rising retry count are attempts at the same thing.
pub(super) fn last_attempts(run: &Run) -> Vec<(&Phase, usize)> {
    let mut last: Vec<(&Phase, usize)> = Vec::new();
    for phase in &run.phases {
        match last.last_mut() {
            Some((before, attempts))
                if before.name == phase.name && phase.retry_count > before.retry_count =>
            {
                (*before, *attempts) = (phase, *attempts + 1);
            }
            Some(_) | None => last.push((phase, 1)),
        }
    }
    last
}

/// What a run says of itself, as label and text.
pub(super) fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let line = |text: &str| foreign::line(text, foreign::IN_A_LINE);
    let unit = &run.unit;
    let part = unit.part_number.as_ref().map(|part| match &unit.part_name {
        // A part that nobody named is called after its number.
        Some(name) if name.as_str() != part.as_str() => {
            format!("{}, {}", line(part.as_str()), line(name.as_str()))
        }
        Some(_) | None => line(part.as_str()),
    });
    let procedure = match &run.procedure.name {
        Some(name) => format!("{} ({})", line(name.as_str()), line(&run.procedure.id)),
        None => line(&run.procedure.id),
    };
    let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(", "));
    let facts = [
        ("run", Some(run.id.to_string())),
        ("unit", Some(line(unit.serial_number.as_str()))),
        ("part", part.or_else(|| unit.part_name.as_ref().map(|name| line(name.as_str())))),
        ("revision", unit.revision.as_ref().map(|revision| line(revision.as_str()))),
        ("batch", unit.batch.as_ref().map(|batch| line(batch.as_str()))),
        ("sub-units", joined(run.sub_units.iter().map(|unit| line(unit.as_str())).collect())),
        ("procedure", Some(procedure)),
        ("version", run.procedure.version.as_ref().map(|version| line(version.as_str()))),
        ("station", run.station.as_ref().map(|station| line(station.as_str()))),
        ("operator", run.operator.as_deref().map(line)),
        ("started", Some(time::readable(run.started_at))),
        ("duration", Some(time::duration(run.duration))),
        ("covers", joined(run.requirements.iter().map(|id| line(id.as_str())).collect())),
    ];
    facts.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}

/// `3 passed, 1 failed`, in the order in which outcomes are declared.
pub(super) fn counts(run: &Run) -> String {
    let counted = PhaseOutcome::ALL.iter().map(|&outcome| {
        let word = match outcome {
            PhaseOutcome::Pass => "passed",
            PhaseOutcome::Fail => "failed",
            PhaseOutcome::Error => "errors",
            PhaseOutcome::Skip => "skipped",
        };
        (run.phases.iter().filter(|phase| phase.outcome == outcome).count(), word)
    });
    let counted: Vec<_> =
        counted.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if counted.is_empty() { "none".to_owned() } else { counted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::run::{Procedure, UnitUnderTest};
    use hil_model::{Property, WallTime};
    use rstest::rstest;

    fn run() -> Run {
        Run {
            id: "1".parse().unwrap(),
            procedure: Procedure { id: "p".into(), name: None, version: None },
            unit: UnitUnderTest::new("SN-1".parse().unwrap()),
            sub_units: vec![],
            station: None,
            operator: None,
            started_at: WallTime::default(),
            ended_at: WallTime::default(),
            duration: std::time::Duration::ZERO,
            outcome: RunOutcome::Pass,
            docstring: None,
            phases: vec![],
            logs: vec![],
            attachments: vec![],
            properties: vec![],
            requirements: vec![],
        }
    }

    #[rstest]
    #[case("simulated", "lin, supply", Some("lin, supply"))]
    #[case("Simulated", "true", Some("true"))]
    #[case("simulated", "False", None)]
    #[case("simulation", "true", None)]
    fn a_simulated_run_says_so(#[case] key: &str, #[case] value: &str, #[case] expected: Option<&str>) {
        let mut run = run();
        run.properties = vec![Property::new(key, value)];
        assert_eq!(simulated(&run).as_deref(), expected);
    }

    #[test]
    fn attempts_count_as_one_phase() {
        let mut run = run();
        let phase = |name: &str, retry_count| Phase { retry_count, ..Phase::new(name) };
        run.phases = vec![phase("a", 0), phase("a", 1), phase("b", 0), phase("b", 0)];
        let seen: Vec<_> =
            last_attempts(&run).iter().map(|(phase, attempts)| (phase.name.as_str(), *attempts)).collect();
        assert_eq!(seen, [("a", 2), ("b", 1), ("b", 1)]);
    }
}
