//! Statistics by requirement and by marker.

use std::collections::BTreeMap;
use std::time::Duration;

use hil_model::Outcome;
use serde::Serialize;

use crate::coverage::{Coverage, RequirementStatus};
use crate::{RunRecord, TestRecord, time};

/// How many tests of a group ended how.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    errored: usize,
    skipped: usize,
    not_run: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct RequirementRow {
    id: String,
    title: String,
    status: &'static str,
    class: &'static str,
    tally: Tally,
}

#[derive(Debug, Serialize)]
pub(super) struct MarkerRow {
    name: String,
    tally: Tally,
    time: String,
}

/// A row for each requirement: those that are covered, then those that no test covers.
pub(super) fn by_requirement(coverage: &Coverage) -> Vec<RequirementRow> {
    let covered = coverage.requirements.iter().map(|(id, requirement)| {
        let mut tally = Tally::default();
        for test in &requirement.tests {
            *match test.outcome {
                RequirementStatus::Passed => &mut tally.passed,
                RequirementStatus::Failed => &mut tally.failed,
                RequirementStatus::Errored => &mut tally.errored,
                RequirementStatus::Skipped => &mut tally.skipped,
                RequirementStatus::NotRun => &mut tally.not_run,
            } += 1;
        }
        let unknown = coverage.unknown.contains(id);
        let title = if unknown { "not in the catalogue".to_owned() } else { requirement.title.clone() };
        let status = requirement.status;
        let class = match status {
            RequirementStatus::NotRun => "not-run",
            RequirementStatus::Skipped
            | RequirementStatus::Passed
            | RequirementStatus::Errored
            | RequirementStatus::Failed => status.word(),
        };
        RequirementRow { id: id.to_string(), title, status: status.word(), class, tally }
    });
    let uncovered = coverage.uncovered.iter().map(|requirement| RequirementRow {
        id: requirement.id.to_string(),
        title: requirement.title.clone(),
        status: "uncovered",
        class: "uncovered",
        tally: Tally::default(),
    });
    covered.chain(uncovered).collect()
}

/// A row for each marker that a test of this run carries.
pub(super) fn by_marker(record: &RunRecord) -> Vec<MarkerRow> {
    let mut groups: BTreeMap<&str, (Tally, Duration)> = BTreeMap::new();
    for test in &record.tests {
        for marker in &test.meta.markers {
            let (tally, took) = groups.entry(marker.as_str()).or_default();
            *tally.place(test) += 1;
            *took += test.duration();
        }
    }
    for meta in record.not_run() {
        for marker in &meta.markers {
            groups.entry(marker.as_str()).or_default().0.not_run += 1;
        }
    }
    groups
        .into_iter()
        .map(|(name, (tally, took))| MarkerRow { name: name.to_owned(), tally, time: time::duration(took) })
        .collect()
}

impl Tally {
    fn place(&mut self, test: &TestRecord) -> &mut usize {
        match test.outcome() {
            Outcome::Passed => &mut self.passed,
            Outcome::Failed(_) => &mut self.failed,
            Outcome::Errored(_) => &mut self.errored,
            Outcome::Skipped { .. } => &mut self.skipped,
        }
    }
}
