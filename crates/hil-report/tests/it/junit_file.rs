//! `junit.xml` while the run goes on.

use std::fs;
use std::time::{Duration, Instant};

use hil_model::{Entry, Event, Outcome};
use hil_report::{JunitFile, Reports, RunRecord};

use crate::jenkins::{self, Status};
use crate::synthetic::{Synthetic, every_outcome};

/// Long enough that no rest from the write before is left, whatever that took.
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn on_a_bench_the_file_is_complete_after_each_test() {
    let folder = tempfile::tempdir().unwrap();
    let reports = Reports::new(folder.path()).unwrap();
    let mut file = JunitFile::new(&reports);
    let mut record = RunRecord::default();
    let mut now = Instant::now();
    for entry in &every_outcome() {
        record.apply(entry);
        let marks = matches!(entry.event, Event::TestStarted { .. } | Event::TestFinished { .. });
        if marks {
            now += LONG;
            file.on_test_finished(&record, now).unwrap();
            let text = fs::read_to_string(folder.path().join("junit.xml")).unwrap();
            let cases = jenkins::read(&text).unwrap();
            let tests = cases.iter().filter(|case| !case.class.starts_with("bench.")).count();
            assert_eq!(tests, record.tests.len());
            for path in cases.iter().flat_map(|case| &case.attachments).filter(|path| path.contains("flight"))
            {
                assert!(fs::metadata(path).is_ok(), "{path} is not there yet");
            }
        }
    }
    // The last write while running and the reports of the end agree on the tests.
    let before = fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    reports.write_all(&record).unwrap();
    let after = fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    let bodies = [before, after].map(|text| text[text.find("name=\"hardware.mum\"").unwrap()..].to_owned());
    for (before, after) in bodies[0].lines().zip(bodies[1].lines()) {
        assert_eq!(before, after);
    }
    assert_eq!(bodies[0].lines().count(), bodies[1].lines().count());
}

#[test]
fn a_burst_of_tests_is_written_once_and_the_rest_with_the_next_tick() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = JunitFile::new(&Reports::new(folder.path()).unwrap());
    let count = || {
        let text = fs::read_to_string(folder.path().join("junit.xml")).unwrap();
        jenkins::read(&text).unwrap().iter().filter(|case| case.status == Status::Passed).count()
    };
    let mut run = Synthetic::start(Default::default(), vec![]);
    for test in ["a::one", "a::two", "a::three"] {
        run.begin(test, 1).end(test, 1, Outcome::Passed, false);
    }
    let until = |test: &str| {
        let wanted =
            |entry: &Entry| matches!(&entry.event, Event::TestFinished { test: t, .. } if t.as_str() == test);
        RunRecord::fold(&run.entries[..=run.entries.iter().position(wanted).unwrap()])
    };
    let now = Instant::now();
    file.on_test_finished(&until("a::one"), now).unwrap();
    assert_eq!((count(), file.due()), (1, None));
    file.on_test_finished(&until("a::two"), now).unwrap();
    let due = file.due().unwrap();
    assert!(due >= now + Duration::from_millis(20));
    file.on_test_finished(&until("a::three"), due - Duration::from_millis(1)).unwrap();
    assert_eq!(count(), 1, "the rest waits");
    file.tick(&until("a::three"), due).unwrap();
    assert_eq!((count(), file.due()), (3, None));
}
