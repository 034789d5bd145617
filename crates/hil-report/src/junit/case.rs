//! One case: its result, its properties, its output.

use std::collections::HashMap;

use hil_model::{FaultKind, Outcome, Property};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestRerun};

use super::output;
use crate::flight::Flight;
use crate::text::{clip, one_line, visible};
use crate::{AttemptRecord, RunRecord, SessionRecord, TestRecord, time};

/// The most characters of a `message` attribute; the element's text has the rest.
const MESSAGE_LENGTH: usize = 400;

/// The most characters of an element's text, head and tail.
const DETAILS_LENGTH: (usize, usize) = (8_000, 8_000);

/// The properties that are ours: a test that records one of the same name must not hide it.
const RESERVED: [&str; 4] = ["title", "requirements", "markers", "attempts"];

/// The case of a step of the session's way up or down.
pub(super) fn of_session_step(step: &SessionRecord) -> TestCase {
    let mut case = TestCase::new(step.case.as_str(), status(&step.outcome, &[]));
    case.set_classname(step.class());
    case.set_timestamp(time::datetime(step.started.wall));
    case.set_time(step.duration());
    for fact in last_wins(step.facts.clone()) {
        case.add_property((one_line(&fact.key).as_str(), one_line(&fact.value).as_str()));
    }
    case
}

/// The case of a test.
pub(super) fn of_test(
    record: &RunRecord,
    test: &TestRecord,
    flight: Option<&Flight>,
    prefix: &str,
) -> TestCase {
    let last = test.last();
    let mut status = status(&last.outcome, &trail(last));
    status.add_reruns(
        test.earlier()
            .iter()
            .filter(|attempt| attempt.outcome.is_red())
            .map(|attempt| rerun(record, attempt, test.attempts.len())),
    );

    let mut case = TestCase::new(one_line(&test.case), status);
    case.set_classname(one_line(&test.meta.class));
    case.set_timestamp(time::datetime(test.started().wall));
    case.set_time(test.duration());
    if !test.meta.file.is_empty() {
        case.extra.insert("file".into(), one_line(&test.meta.file).into());
        case.extra.insert("line".into(), test.meta.line.to_string().into());
    }
    for property in properties(test) {
        case.add_property((one_line(&property.key).as_str(), one_line(&property.value).as_str()));
    }
    // Jenkins looks for attachments after it has cut the output down to its ends, so they come last.
    let mut output = output::of_attempt(record, last);
    let flight = flight.into_iter().flat_map(Flight::paths);
    let files = last.evidence.attachments.iter().map(|file| file.path.as_str()).chain(flight);
    output.extend(files.map(|path| format!("[[ATTACHMENT|{prefix}/{}]]", one_line(path))));
    if !output.is_empty() {
        case.set_system_out(output.join("\n") + "\n");
    }
    case
}

fn properties(test: &TestRecord) -> Vec<Property> {
    fn joined(items: impl IntoIterator<Item = impl ToString>) -> String {
        items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
    }
    let description = &test.meta.description;
    let mut properties = Vec::new();
    if !description.title.is_empty() {
        properties.push(Property::new("title", &description.title));
    }
    if !description.requirements.is_empty() {
        properties.push(Property::new("requirements", joined(&description.requirements)));
    }
    if !test.meta.markers.is_empty() {
        properties.push(Property::new("markers", joined(&test.meta.markers)));
    }
    if test.attempts.len() > 1 {
        properties.push(Property::new("attempts", test.attempts.len()));
    }
    let evidence = &test.last().evidence;
    properties.extend(evidence.properties.iter().map(|noted| {
        let Property { key, value } = &noted.what;
        let key = if RESERVED.contains(&key.as_str()) { format!("noted.{key}") } else { key.clone() };
        Property::new(key, value)
    }));
    last_wins(properties)
}

/// Each name once, where it first stood, with the value that it had last: Jenkins keeps a map.
pub(super) fn last_wins(properties: Vec<Property>) -> Vec<Property> {
    let mut places = HashMap::new();
    let mut result: Vec<Property> = Vec::with_capacity(properties.len());
    for property in properties {
        let place = *places.entry(property.key.clone()).or_insert(result.len());
        match result.get_mut(place) {
            Some(earlier) => *earlier = property,
            None => result.push(property),
        }
    }
    result
}

fn status(outcome: &Outcome, trail: &[String]) -> TestCaseStatus {
    match outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Skipped { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(reason));
            status
        }
        Outcome::Failed(_) => red(NonSuccessKind::Failure, outcome, trail),
        Outcome::Errored(_) => red(NonSuccessKind::Error, outcome, trail),
    }
}

fn red(kind: NonSuccessKind, outcome: &Outcome, trail: &[String]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message(outcome));
    status.set_type(type_of(outcome));
    let details = details(outcome, trail);
    if !details.is_empty() {
        status.set_description(details);
    }
    status
}

/// An earlier attempt. Jenkins' own plugin takes the stack from the child `<stackTrace>` and reads the
/// `…Failure` elements only; flaky-test-handler takes it from the text. Hence both, and always a failure.
fn rerun(record: &RunRecord, attempt: &AttemptRecord, attempts: usize) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    let details = details(&attempt.outcome, &trail(attempt));
    let description = format!("attempt {}\n{details}", attempt.number);
    rerun.set_timestamp(time::datetime(attempt.started.wall));
    rerun.set_time(attempt.duration());
    rerun.set_message(format!("{} (attempt {} of {attempts})", message(&attempt.outcome), attempt.number));
    rerun.set_type(type_of(&attempt.outcome));
    rerun.set_description(description.trim_end());
    rerun.set_stack_trace(description.trim_end());
    let output = output::of_attempt(record, attempt);
    if !output.is_empty() {
        rerun.set_system_out(output.join("\n") + "\n");
    }
    rerun
}

/// The element's `type`; the table of jenkins.md, section 3.
fn type_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Skipped { .. } => "skipped",
        Outcome::Failed(_) => "requirement",
        Outcome::Errored(fault) => match fault.kind {
            FaultKind::Bench | FaultKind::Test | FaultKind::Timeout | FaultKind::Interrupted => {
                fault.kind.word()
            }
        },
    }
}

fn message(outcome: &Outcome) -> String {
    let text = match outcome {
        Outcome::Passed => "",
        Outcome::Skipped { reason } => reason,
        Outcome::Failed(failure) => &failure.message,
        Outcome::Errored(fault) => &fault.message,
    };
    let line = one_line(text);
    match line.char_indices().nth(MESSAGE_LENGTH) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}

/// The element's text: where, in which step, what was expected, what came, and the evidence.
fn details(outcome: &Outcome, trail: &[String]) -> String {
    let (message, location, expected, got, details) = match outcome {
        Outcome::Passed | Outcome::Skipped { .. } => return String::new(),
        Outcome::Failed(f) => (&f.message, &f.location, f.expected.as_ref(), f.got.as_ref(), &f.details),
        Outcome::Errored(f) => (&f.message, &f.location, None, None, &f.details),
    };
    let mut lines = Vec::new();
    if message.contains('\n') || message.chars().count() > MESSAGE_LENGTH {
        lines.push(message.clone());
    }
    lines.extend(location.iter().map(|location| format!("at {location}")));
    lines.extend(trail.iter().map(|step| format!("in {step}")));
    lines.extend(expected.map(|text| format!("want  {text}")));
    lines.extend(got.map(|text| format!("got   {text}")));
    lines.extend(details.iter().cloned());
    clip(&visible(&lines.join("\n")), DETAILS_LENGTH.0, DETAILS_LENGTH.1)
}

/// The titles of the steps that broke, outermost first.
fn trail(attempt: &AttemptRecord) -> Vec<String> {
    let broken = attempt.evidence.steps.iter().filter(|step| step.is_broken() || step.ended.is_none());
    if attempt.outcome.is_red() { broken.map(|step| one_line(&step.title)).collect() } else { Vec::new() }
}
