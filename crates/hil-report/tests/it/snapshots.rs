//! The reports of a run in which a test ends in every way there is, as golden files; and that rebuilding
//! them from the journal gives the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hil_model::run::Measurement;
use hil_model::{Event, ExitStatus, Limits, Outcome, Simulated};
use hil_report::{Reports, RunRecord, Writer, read};
use rstest::rstest;

use crate::synthetic::{Synthetic, every_outcome, failure, trivial};

/// Every file below a folder, by its path from there.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

pub(crate) fn written(record: &RunRecord) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    Reports::new(folder.path()).unwrap().with_attachment_prefix("reports").write_all(record).unwrap();
    files(folder.path())
}

#[rstest]
#[case("junit.xml")]
#[case("summary.md")]
#[case("report.html")]
#[case("requirements_coverage.json")]
#[case("attachments/hardware.mum.voltage/over/flight.csv")]
#[case("attachments/hardware.mum.voltage/over/flight.svg")]
fn golden(#[case] file: &str) {
    let files = written(&RunRecord::fold(&every_outcome()));
    let text = String::from_utf8(files[file].clone()).unwrap();
    insta::assert_snapshot!(file.replace('/', "."), text);
}

/// The same run, killed in its ninth test: no teardown, no end.
#[test]
fn golden_cut_short() {
    let entries = every_outcome();
    let files = written(&RunRecord::fold(&entries[..entries.len() - 20]));
    insta::assert_snapshot!("cut_short.summary.md", String::from_utf8(files["summary.md"].clone()).unwrap());
}

#[test]
fn the_files_are_these() {
    let files = written(&RunRecord::fold(&every_outcome()));
    insta::assert_snapshot!(files.keys().cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn rebuilding_from_the_journal_gives_the_same_bytes() {
    let entries = every_outcome();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let mut writer = Writer::create(&path).unwrap();
    let mut record = RunRecord::default();
    for entry in &entries {
        writer.append(entry).unwrap();
        record.apply(entry);
    }
    writer.flush().unwrap();
    assert_eq!(written(&record), written(&RunRecord::fold(&read(&path).unwrap().entries)));
}

#[test]
fn a_thousand_tests_stay_under_400_kilobytes_and_lose_no_page() {
    let files = written(&RunRecord::fold(&trivial(1000)));
    assert!(files["report.html"].len() < 400_000, "{}", files["report.html"].len());
    let front = String::from_utf8(files["report.html"].clone()).unwrap();
    for test in [1, 500, 1000] {
        let anchor = format!("#t{test}\"");
        let at = front.find(&anchor).unwrap();
        let page = front[..at].rsplit('"').next().unwrap();
        let page = String::from_utf8(files[page].clone()).unwrap();
        assert!(page.contains(&format!("id=\"t{test}\"")));
    }
}

#[test]
fn a_thousand_failures_stay_under_400_kilobytes_too() {
    let mut entries = trivial(1000);
    for entry in &mut entries {
        if let Event::TestFinished { outcome, .. } = &mut entry.event {
            *outcome = Outcome::Failed(failure());
        }
    }
    let files = written(&RunRecord::fold(&entries));
    assert!(files["report.html"].len() < 400_000, "{}", files["report.html"].len());
    assert!(String::from_utf8_lossy(&files["report.html"]).contains("<details class=\"test failed\" open>"));
}

#[test]
fn pages_of_an_earlier_run_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let reports = Reports::new(folder.path()).unwrap();
    reports.write_all(&RunRecord::fold(&trivial(1000))).unwrap();
    assert!(folder.path().join("report-3.html").exists());
    reports.write_all(&RunRecord::fold(&trivial(3))).unwrap();
    let names: Vec<_> = files(folder.path()).into_keys().collect();
    assert_eq!(names, ["junit.xml", "report.css", "report.html", "requirements_coverage.json", "summary.md"]);
}

#[test]
fn measurements_that_are_worth_a_look_are_listed() {
    let mut run = Synthetic::start(Simulated::default(), vec![]);
    let measured = |name: &str, value: f64| {
        let mut measurement = Measurement {
            value: value.into(),
            unit: Some("V".into()),
            limits: Limits::within(11.5, 12.5),
            marginal_limits: Limits::within(11.9, 12.1),
            ..Measurement::new(name)
        };
        measurement.judge();
        Event::Measured(Box::new(measurement))
    };
    run.begin("a::flakes", 1).push(measured("rail | <b>", 13.0));
    run.end("a::flakes", 1, Outcome::Failed(failure()), true);
    run.begin("a::flakes", 2).push(measured("rail | <b>", 12.2)).push(measured("other", 12.0));
    run.push(Event::Measured(Box::new(Measurement::new("never set"))));
    run.end("a::flakes", 2, Outcome::Passed, false);
    run.push(Event::RunFinished(ExitStatus::Passed.into()));
    let files = written(&RunRecord::fold(&run.entries));
    let summary = String::from_utf8(files["summary.md"].clone()).unwrap();
    let (_, section) = summary.split_once("## Measurements").unwrap();
    insta::assert_snapshot!(section);
}
