//! `requirements_coverage.json` (REP-04): requirement → tests → outcomes, and what no test covers.
//!
//! The types are the file's format, version [`VERSION`]. A field may be added without raising it; whoever
//! reads the file must not mind fields it does not know.

use std::collections::BTreeMap;

use hil_model::{Outcome, ReqId, RunId, TestName};
use serde::Serialize;

use crate::{ReportError, RunRecord};

/// The file's name in the reports' folder.
pub(crate) const FILE_NAME: &str = "requirements_coverage.json";

/// The version of the file's format.
const VERSION: u32 = 1;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// `hil-requirements-coverage`.
    pub format: &'static str,
    /// The version of the format, 1.
    pub version: u32,
    /// Which run this is about.
    pub run: CoverageRun,
    /// Whether the configuration names a catalogue of requirements. Without one, nothing is uncovered or
    /// unknown.
    pub catalogue: bool,
    /// The requirements that a test in the binary covers, by id.
    pub requirements: BTreeMap<ReqId, RequirementCoverage>,
    /// The requirements of the catalogue that no test in the binary covers, selected or not.
    pub uncovered: Vec<Titled>,
    /// The requirements that a test covers and the catalogue does not know.
    pub unknown: Vec<ReqId>,
}

/// Which run the coverage is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageRun {
    /// The run's id.
    pub id: Option<RunId>,
    /// The bench's name.
    pub bench: String,
    /// Whether anything was simulated (SIM-05).
    pub simulated: bool,
    /// Whether the journal ends before the run does.
    pub cut_short: bool,
}

/// What is known of a requirement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequirementCoverage {
    /// Its title in the catalogue; empty if that does not know it.
    pub title: String,
    /// What its tests amount to.
    pub status: RequirementStatus,
    /// Its tests, by name.
    pub tests: Vec<CoverageTest>,
}

/// A test that covers a requirement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoverageTest {
    /// Its full name.
    pub name: TestName,
    /// Its name in JUnit, which tells iterations apart.
    pub case: String,
    /// How it ended.
    pub outcome: RequirementStatus,
    /// Whether that was on a bench of which something was simulated.
    pub simulated: bool,
}

/// How a test ended, and what a requirement's tests amount to: the worst of them, but skipped and unrun
/// tests do not take a pass away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// No test of it ran.
    NotRun,
    /// Tests were skipped, and none reached a verdict.
    Skipped,
    /// At least one test passed and none is red.
    Passed,
    /// A test could not reach a verdict, and none failed.
    Errored,
    /// A test failed.
    Failed,
}

impl RequirementStatus {
    /// The status in words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::Skipped => "skipped",
            Self::Passed => "passed",
            Self::Errored => "errored",
            Self::Failed => "failed",
        }
    }
}

impl From<&Outcome> for RequirementStatus {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed(_) => Self::Failed,
            Outcome::Skipped { .. } => Self::Skipped,
            Outcome::Errored(_) => Self::Errored,
        }
    }
}

/// A requirement with its title.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Titled {
    /// Its id.
    pub id: ReqId,
    /// Its title.
    pub title: String,
}

impl Coverage {
    /// The coverage that a run gives.
    pub fn of(record: &RunRecord) -> Self {
        let simulated = record.simulated().any();
        let catalogue = record.run.as_ref().map(|run| &run.requirements).filter(|known| !known.is_empty());
        let begun = record.tests.iter().map(|test| (&test.meta, &test.case, test.outcome().into()));
        let others = record.not_run().chain(record.not_selected().map(|(meta, _)| meta));
        let others = others.map(|meta| (meta, &meta.short, RequirementStatus::NotRun));
        let mut tests: BTreeMap<&ReqId, Vec<CoverageTest>> = BTreeMap::new();
        for (meta, case, outcome) in begun.chain(others) {
            for id in &meta.description.requirements {
                let (name, case) = (meta.name.clone(), case.clone());
                tests.entry(id).or_default().push(CoverageTest { name, case, outcome, simulated });
            }
        }

        let title = |id: &ReqId| catalogue.and_then(|known| known.get(id)).cloned().unwrap_or_default();
        let requirements: BTreeMap<ReqId, RequirementCoverage> = tests
            .into_iter()
            .map(|(id, mut tests)| {
                tests.sort_by(|a, b| (&a.name, &a.case).cmp(&(&b.name, &b.case)));
                let status = tests.iter().map(|test| test.outcome).max().unwrap_or(RequirementStatus::NotRun);
                (id.clone(), RequirementCoverage { title: title(id), status, tests })
            })
            .collect();
        let uncovered = catalogue.into_iter().flatten().filter(|(id, _)| !requirements.contains_key(*id));
        let unknown =
            requirements.keys().filter(|id| catalogue.is_some_and(|known| !known.contains_key(*id)));
        Self {
            format: "hil-requirements-coverage",
            version: VERSION,
            run: CoverageRun {
                id: record.run.as_ref().map(|run| run.run_id.clone()),
                bench: record.bench().to_owned(),
                simulated,
                cut_short: record.finished.is_none(),
            },
            catalogue: catalogue.is_some(),
            uncovered: uncovered.map(|(id, title)| Titled { id: id.clone(), title: title.clone() }).collect(),
            unknown: unknown.cloned().collect(),
            requirements,
        }
    }

    /// How many of the requirements have this status.
    pub fn count(&self, status: RequirementStatus) -> usize {
        self.requirements.values().filter(|requirement| requirement.status == status).count()
    }

    pub(crate) fn render(&self) -> Result<String, ReportError> {
        let mut json = serde_json::to_string_pretty(self).map_err(ReportError::Coverage)?;
        json.push('\n');
        Ok(json)
    }
}
