//! The file as a whole: suites, their identity and properties.

use std::collections::HashMap;
use std::time::Duration;

use hil_model::{Outcome, Property, SessionPhase};
use quick_junit::{Report, TestCase, TestSuite};

use super::case;
use crate::flight::Flights;
use crate::text::one_line;
use crate::{Moment, ReportError, RunRecord, time};

/// The file's name in the reports' folder.
pub(crate) const FILE_NAME: &str = "junit.xml";

/// Renders the file. `prefix` leads from Jenkins' workspace to the reports' folder.
pub(crate) fn render(record: &RunRecord, flights: &Flights, prefix: &str) -> Result<String, ReportError> {
    let mut report = Report::new("hil");
    report.set_timestamp(time::datetime(record.started.wall));
    report.set_time(record.bench_duration());
    report.add_test_suites(session_suite(record));
    report.add_test_suites(test_suites(record, flights, prefix));
    Ok(report.to_string()?)
}

/// Set-up and teardown, as cases: a suite-level error would become a case without a name.
fn session_suite(record: &RunRecord) -> Option<TestSuite> {
    let first = record.session.first()?;
    let mut suite = Suite::new("bench", record, first.started);
    for step in &record.session {
        suite.add(case::of_session_step(step), step.duration());
    }
    Some(suite.finish())
}

/// A suite for each package, that is, for each class up to its last dot.
fn test_suites(record: &RunRecord, flights: &Flights, prefix: &str) -> Vec<TestSuite> {
    let mut suites: Vec<Suite> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (index, test) in record.tests.iter().enumerate() {
        let class = test.meta.class.as_str();
        let package = class.rsplit_once('.').map_or(class, |(package, _)| package);
        let place = *places.entry(package).or_insert_with(|| {
            suites.push(Suite::new(package, record, test.started()));
            suites.len() - 1
        });
        suites[place].add(case::of_test(record, test, flights.of(index), prefix), test.duration());
    }
    suites.into_iter().map(Suite::finish).collect()
}

/// A suite under construction, with the sum of its durations.
struct Suite {
    suite: TestSuite,
    time: Duration,
}

impl Suite {
    fn new(name: &str, record: &RunRecord, started: Moment) -> Self {
        let mut suite = TestSuite::new(one_line(name));
        suite.set_timestamp(time::datetime(started.wall));
        if let Some(run) = &record.run {
            suite.extra.insert("id".into(), one_line(&run.bench).into());
            suite.extra.insert("hostname".into(), one_line(&run.host).into());
        }
        for property in properties(record) {
            suite.add_property((one_line(&property.key).as_str(), one_line(&property.value).as_str()));
        }
        Self { suite, time: Duration::ZERO }
    }

    fn add(&mut self, case: TestCase, took: Duration) {
        self.suite.add_test_case(case);
        self.time += took;
    }

    fn finish(mut self) -> TestSuite {
        self.suite.set_time(self.time);
        self.suite
    }
}

/// What is true of every suite: what was simulated (SIM-05), and what the set-up learnt.
fn properties(record: &RunRecord) -> Vec<Property> {
    let simulated = record.simulated();
    let mut properties = vec![Property::new("simulated", simulated.any())];
    for (name, value) in [("lin", simulated.lin), ("psu", simulated.psu), ("clock", simulated.clock)] {
        if value {
            properties.push(Property::new(format!("simulated_{name}"), true));
        }
    }
    if let Some(run) = &record.run {
        properties.push(Property::new("run_id", &run.run_id));
        properties.push(Property::new("hil_version", &run.version));
        properties.push(Property::new("seed", run.seed));
        if let Some(start_up) = &run.start_up {
            properties.push(Property::new("live_running", &start_up.live));
            properties.push(Property::new("mutation", &start_up.mutation));
        }
    }
    let learnt = record
        .session
        .iter()
        .filter(|step| step.phase == SessionPhase::Setup && matches!(step.outcome, Outcome::Passed));
    properties.extend(learnt.flat_map(|step| step.facts.iter().cloned()));
    case::last_wins(properties)
}
