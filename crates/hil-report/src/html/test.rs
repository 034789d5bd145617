//! What the page shows of a test.

use hil_model::{FaultKind, Outcome};
use serde::Serialize;

use super::steps::{self, StepView};
use crate::flight::Flight;
use crate::present::{MeasurementView, measurement_rows};
use crate::text::{hex, visible};
use crate::timeline::{Place, Timeline, step_marks};
use crate::{At, AttemptRecord, Observation, RunRecord, TestRecord, time, words};

/// The most log lines of an attempt, from its beginning and up to its end.
const LOG_LINES: (usize, usize) = (40, 160);

/// The most frames that are listed as text, up to the attempt's end. The picture shows all.
const FRAMES: usize = 24;

/// An outcome as a coloured word.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Badge {
    /// The word, which tells the outcome without the colour.
    pub(super) word: &'static str,
    pub(super) class: &'static str,
    /// What the word leaves open: who is to blame, how many attempts it took.
    pub(super) note: String,
}

impl Badge {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let note = match outcome {
            Outcome::Errored(fault) => match fault.kind {
                FaultKind::Bench => "bench fault",
                FaultKind::Test => "test error",
                FaultKind::Timeout => "time limit",
                FaultKind::Interrupted => "interrupted",
            },
            Outcome::Passed | Outcome::Failed(_) | Outcome::Skipped { .. } => "",
        };
        Self { word: outcome.word(), class: outcome.word(), note: note.to_owned() }
    }

    pub(super) fn of_test(test: &TestRecord) -> Self {
        let mut badge = Self::of(test.outcome());
        if test.is_flaky() {
            badge.class = "flaky";
            badge.note = format!("flaky, attempt {}", test.attempts.len());
        }
        badge
    }
}

#[derive(Debug, Serialize)]
pub(super) struct TestView<'a> {
    id: String,
    badge: Badge,
    open: bool,
    title: String,
    name: String,
    place: String,
    requirements: Vec<&'a str>,
    markers: Vec<&'a str>,
    time: String,
    description: String,
    steps: Vec<String>,
    expected: String,
    attempts: Vec<AttemptView>,
}

#[derive(Debug, Serialize)]
struct AttemptView {
    /// Its heading, where there is more than one attempt.
    heading: String,
    badge: Badge,
    time: String,
    skipped: String,
    failure: Option<FailureView>,
    tree: Vec<StepView>,
    timeline: String,
    measurements: Vec<MeasurementView>,
    properties: Vec<(String, String)>,
    log: Vec<LogView>,
    frames: Vec<FrameView>,
    frames_total: usize,
    files: Vec<FileView>,
}

#[derive(Debug, Serialize)]
struct FailureView {
    message: String,
    expected: Option<String>,
    got: Option<String>,
    location: String,
    details: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LogView {
    time: String,
    level: &'static str,
    target: String,
    message: String,
}

#[derive(Debug, Serialize)]
struct FrameView {
    time: String,
    direction: &'static str,
    id: String,
    name: String,
    data: String,
    check: String,
    good: bool,
}

#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    /// Nothing if the path does not lead to a file below the reports' folder.
    href: Option<String>,
    image: bool,
}

impl<'a> TestView<'a> {
    pub(super) fn of(
        record: &RunRecord,
        index: usize,
        test: &'a TestRecord,
        flight: Option<&Flight>,
    ) -> Self {
        let meta = &test.meta;
        let several = test.attempts.len() > 1;
        let attempts = test.attempts.iter().map(|attempt| {
            let is_last = attempt.number == test.last().number;
            AttemptView::of(record, attempt, several, flight.filter(|_| is_last))
        });
        Self {
            id: anchor(index),
            badge: Badge::of_test(test),
            open: test.outcome().is_red(),
            title: visible(test.title()),
            name: visible(&format!("{}.{}", meta.class, test.case)),
            place: if meta.file.is_empty() {
                String::new()
            } else {
                visible(&format!("{}:{}", meta.file, meta.line))
            },
            requirements: meta.description.requirements.iter().map(AsRef::as_ref).collect(),
            markers: meta.markers.iter().map(AsRef::as_ref).collect(),
            time: time::duration(test.duration()),
            description: visible(&meta.description.description),
            steps: meta.description.steps.iter().map(|step| visible(step)).collect(),
            expected: visible(&meta.description.expected),
            attempts: attempts.rev().collect(),
        }
    }
}

/// The anchor of the test at this place in the record.
pub(super) fn anchor(index: usize) -> String {
    format!("t{}", index + 1)
}

impl AttemptView {
    fn of(record: &RunRecord, attempt: &AttemptRecord, several: bool, flight: Option<&Flight>) -> Self {
        let evidence = &attempt.evidence;
        let observed = record.observed(evidence);
        let timeline = Timeline {
            observed,
            from: attempt.started.at,
            to: attempt.ended.at,
            steps: step_marks(attempt),
            failed_at: attempt.failed_at(),
            simulated: record.simulated().any(),
        };
        let all = frames(observed);
        let frames_total = all.len();
        let mut files: Vec<_> = evidence
            .attachments
            .iter()
            .map(|file| FileView::of(&file.name, &file.path, file.media_type.starts_with("image/")))
            .collect();
        files.extend(flight.into_iter().flat_map(Flight::paths).map(|path| {
            let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
            FileView::of(name, path, false)
        }));
        Self {
            heading: if several { format!("Attempt {}", attempt.number) } else { String::new() },
            badge: Badge::of(&attempt.outcome),
            time: time::duration(attempt.duration()),
            skipped: match &attempt.outcome {
                Outcome::Skipped { reason } => visible(reason),
                Outcome::Passed | Outcome::Failed(_) | Outcome::Errored(_) => String::new(),
            },
            failure: FailureView::of(&attempt.outcome),
            tree: steps::tree(attempt),
            timeline: timeline.draw(Place::Page, "bus and supply over time").unwrap_or_default(),
            measurements: measurement_rows(evidence.measurements.iter().map(|measured| &measured.what)),
            properties: evidence
                .properties
                .iter()
                .map(|noted| (visible(&noted.what.key), visible(&noted.what.value)))
                .collect(),
            log: log(observed),
            // A list of frames is evidence of a failure; elsewhere the picture is enough.
            frames: if attempt.outcome.is_red() {
                all.into_iter().skip(frames_total.saturating_sub(FRAMES)).collect()
            } else {
                Vec::new()
            },
            frames_total,
            files,
        }
    }
}

impl FailureView {
    fn of(outcome: &Outcome) -> Option<Self> {
        let lines = |details: &[String]| details.iter().map(|line| visible(line)).collect();
        match outcome {
            Outcome::Passed | Outcome::Skipped { .. } => None,
            Outcome::Failed(failure) => Some(Self {
                message: visible(&failure.message),
                expected: failure.expected.as_deref().map(visible),
                got: failure.got.as_deref().map(visible),
                location: failure.location.as_ref().map(ToString::to_string).unwrap_or_default(),
                details: lines(&failure.details),
            }),
            Outcome::Errored(fault) => Some(Self {
                message: visible(&fault.message),
                expected: None,
                got: None,
                location: fault.location.as_ref().map(ToString::to_string).unwrap_or_default(),
                details: lines(&fault.details),
            }),
        }
    }
}

fn log(observed: &[At<Observation>]) -> Vec<LogView> {
    let mut lines: Vec<_> = observed
        .iter()
        .filter_map(|seen| match &seen.what {
            Observation::Log(line) => Some(LogView {
                time: seen.at.to_string(),
                level: words::level(line.level),
                target: visible(&line.target),
                message: visible(&line.message),
            }),
            Observation::Frame(_) | Observation::Supply(_) => None,
        })
        .collect();
    let (head, tail) = LOG_LINES;
    if lines.len() > head + tail {
        let cut = lines.len() - head - tail;
        let message = format!("… {cut} lines are left out here; the journal has them …");
        let gap = LogView { time: String::new(), level: "cut", target: String::new(), message };
        lines.splice(head..head + cut, [gap]);
    }
    lines
}

fn frames(observed: &[At<Observation>]) -> Vec<FrameView> {
    let view = |seen: &At<Observation>| match &seen.what {
        Observation::Frame(frame) => Some(FrameView {
            time: seen.at.to_string(),
            direction: words::direction(frame.direction),
            id: format!("0x{:02X}", frame.id),
            name: frame.name.as_deref().map(visible).unwrap_or_default(),
            data: hex(&frame.data),
            check: visible(words::check(&frame.check)),
            good: frame.check == hil_model::CheckSeen::Good,
        }),
        Observation::Supply(_) | Observation::Log(_) => None,
    };
    observed.iter().filter_map(view).collect()
}

impl FileView {
    fn of(name: &str, path: &str, image: bool) -> Self {
        let href = href(path);
        Self { name: visible(name), image: image && href.is_some(), href }
    }
}

/// A path below the reports' folder as a link; nothing for one that leads elsewhere.
fn href(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    let inside = !path.contains('\\') && parts.all(|part| !part.is_empty() && part != "." && part != "..");
    let escaped = path.bytes().map(|byte| match char::from(byte) {
        safe if safe.is_ascii_alphanumeric() || "-_./~".contains(safe) => safe.to_string(),
        _ => format!("%{byte:02X}"),
    });
    inside.then(|| format!("./{}", escaped.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("attachments/a b/x.png", Some("./attachments/a%20b/x.png"))]
    #[case("javascript:alert(1)", Some("./javascript%3Aalert%281%29"))]
    #[case("/etc/passwd", None)]
    #[case("../x", None)]
    #[case("a/./../x", None)]
    #[case(r"..\x", None)]
    fn links_stay_below_the_folder(#[case] path: &str, #[case] expected: Option<&str>) {
        assert_eq!(href(path).as_deref(), expected);
    }
}
