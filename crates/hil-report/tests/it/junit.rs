//! What Jenkins shows of a run in which a test ends in every way there is.

use std::collections::BTreeSet;
use std::fs;

use hil_model::{Entry, Event};
use hil_report::{Reports, RunRecord};
use rstest::rstest;

use crate::jenkins::{self, Case, Status};
use crate::synthetic::{Synthetic, every_outcome, meta, selected};

pub(crate) fn junit(entries: &[Entry]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let reports = Reports::new(folder.path()).unwrap().with_attachment_prefix("reports");
    let written = reports.write_all(&RunRecord::fold(entries)).unwrap();
    fs::read_to_string(written.junit).unwrap()
}

fn cases(entries: &[Entry]) -> Vec<Case> {
    jenkins::read(&junit(entries)).unwrap()
}

fn case(class: &str, name: &str) -> Case {
    let all = cases(&every_outcome());
    all.iter()
        .find(|case| case.class == class && case.name == name)
        .unwrap_or_else(|| panic!("{all:#?}"))
        .clone()
}

#[rstest]
#[case("bench.setup", "psu", Status::Passed, "", "")]
#[case("bench.setup", "flash", Status::Skipped, "", "flash.hex_path is not set")]
#[case("bench.teardown", "psu", Status::Passed, "", "")]
#[case("hardware.mum.animation", "red", Status::Passed, "", "")]
#[case("hardware.mum.animation", "flaky", Status::Passed, "", "")]
#[case(
    "hardware.mum.voltage",
    "over",
    Status::Failed,
    "requirement",
    "ALMVoltageStatus: want OVER within 1.00 s, got NORMAL (12 fresh frames)"
)]
#[case(
    "hardware.mum.voltage",
    "retried",
    Status::Failed,
    "requirement",
    "ALMVoltageStatus: want OVER within 1.00 s, got NORMAL (12 fresh frames)"
)]
#[case(
    "hardware.mum.voltage",
    "under",
    Status::Failed,
    "bench-fault",
    "rail did not settle at 8.00 V within 10.0 s"
)]
#[case(
    "hardware.mum.voltage",
    "panics",
    Status::Failed,
    "test-error",
    "panicked: index out of bounds ⏎ in line 2"
)]
#[case("hardware.mum.voltage", "hangs", Status::Failed, "timeout", "not within 30 s")]
#[case("hardware.mum.flash", "update", Status::Skipped, "", "flash.hex_path is not set")]
#[case("smoke", "answers", Status::Passed, "", "")]
#[case("smoke", "answers [2]", Status::Passed, "", "")]
#[case("smoke", "late", Status::Failed, "interrupted", "SIGTERM")]
fn every_outcome_has_its_place(
    #[case] class: &str,
    #[case] name: &str,
    #[case] status: Status,
    #[case] kind: &str,
    #[case] message: &str,
) {
    let case = case(class, name);
    assert_eq!((case.status, case.kind.as_str(), case.message.as_str()), (status, kind, message));
    assert!(case.has_timestamp);
}

#[test]
fn the_tree_has_packages_and_no_root() {
    let packages: BTreeSet<_> = cases(&every_outcome()).into_iter().map(|case| case.package).collect();
    assert_eq!(packages.into_iter().collect::<Vec<_>>(), ["(root)", "bench", "hardware.mum"]);
}

#[test]
fn properties_are_a_map_in_which_ours_cannot_be_hidden() {
    let properties = case("hardware.mum.animation", "red").properties;
    assert_eq!(properties["title"], "Red at full intensity reaches its PWM target");
    assert_eq!(properties["noted.title"], "shadowed");
    assert_eq!(properties["requirements"], "REQ-ALM-012, REQ-ALM-013");
    assert_eq!(properties["markers"], "hardware, mum");
    assert_eq!(properties["rx_id"], "0x12", "the last value wins");
    assert_eq!(case("bench.setup", "psu").properties["psu_resolved_port"], "/dev/ttyUSB0");
    assert_eq!(case("hardware.mum.animation", "flaky").properties["attempts"], "2");
}

#[test]
fn the_output_echoes_properties_in_their_place_and_ends_with_the_attachments() {
    let case = case("hardware.mum.animation", "red");
    let echo = case.stdout.find("rx_id = 0x11\nrx_id = 0x12\ntitle = shadowed\n").unwrap();
    assert!(echo < case.stdout.find("␛[32mON␛[0m    after 0.4 s").unwrap(), "{}", case.stdout);
    assert_eq!(case.attachments, ["reports/attachments/red/curve.png"]);
    assert!(case.stdout.trim_end().ends_with("curve.png]]"));
}

#[test]
fn a_failure_says_where_what_was_expected_and_what_came() {
    let case = case("hardware.mum.voltage", "over");
    assert_eq!(
        case.stack,
        "at tests/hardware/voltage.rs:77\nin wait for OVER\nin read ALMVoltageStatus\nwant  OVER\ngot   NORMAL\n\
         last raw 01 00 | 01 00 | 01 00\nrail 18.02 V, settled after 0.22 s"
    );
    assert_eq!(
        case.attachments,
        ["csv", "svg"].map(|end| format!("reports/attachments/hardware.mum.voltage/over/flight.{end}"))
    );
}

#[rstest]
#[case("hardware.mum.animation", "flaky", "flakyFailure")]
#[case("hardware.mum.voltage", "retried", "rerunFailure")]
fn both_plugins_see_the_earlier_attempt(#[case] class: &str, #[case] name: &str, #[case] element: &str) {
    let case = case(class, name);
    let [(found, core, handler)] = case.reruns.as_slice() else { panic!("{case:#?}") };
    assert_eq!(found, element);
    assert!(core.starts_with("attempt 1\nat tests/hardware/voltage.rs:"), "{core}");
    assert_eq!(core, handler);
}

#[test]
fn class_and_name_are_unique_even_where_a_test_looks_like_the_bench() {
    let tests = ["bench::setup::psu", "a::b", "a::b::1", "a::b::2"].map(|path| meta(path, "", &[], &[]));
    let mut run = Synthetic::start(Default::default(), tests[..2].iter().cloned().map(selected).collect());
    run.setup();
    for path in ["bench::setup::psu", "a::b", "a::b", "a::b::1", "a::b::2", "stray"] {
        run.begin(path, 1).end(path, 1, hil_model::Outcome::Passed, false);
    }
    let cases = cases(&run.entries);
    let names: BTreeSet<_> = cases.iter().map(|case| (case.class.clone(), case.name.clone())).collect();
    assert_eq!(names.len(), cases.len(), "{names:?}");
    assert!(names.contains(&("a".to_owned(), "b::2".to_owned())), "{names:?}");
    assert!(names.contains(&("bench.setup".to_owned(), "psu [2]".to_owned())), "{names:?}");
}

/// REP-05: wherever the journal ends, the finished tests stand as they were and the one in flight is red.
#[test]
fn a_run_may_be_killed_anywhere() {
    let entries = every_outcome();
    let whole = cases(&entries);
    for end in 1..entries.len() {
        let cut = &entries[..end];
        let in_flight = RunRecord::fold(cut).in_flight().map(|test| test.case.clone());
        for case in cases(cut) {
            let is_step = case.class.starts_with("bench.") && case.kind == "interrupted";
            if Some(&case.name) == in_flight.as_ref() {
                assert_eq!(
                    (case.status, case.kind.as_str()),
                    (Status::Failed, "interrupted"),
                    "cut at {end}"
                );
            } else if !is_step {
                let same = whole.iter().find(|w| (&w.class, &w.name) == (&case.class, &case.name)).unwrap();
                // Between two attempts, what is known is the first.
                let retry = case.message.contains("no response") || case.name == "retried";
                assert!(same.status == case.status || retry, "cut at {end}: {case:?}");
            }
        }
    }
}

#[rstest]
#[case(true, "true")]
#[case(false, "false")]
fn every_suite_says_whether_it_was_simulated(#[case] lin: bool, #[case] expected: &str) {
    let simulated = hil_model::Simulated { lin, psu: false, clock: false };
    let mut run = Synthetic::start(simulated, vec![]);
    run.setup().begin("a::b", 1).end("a::b", 1, hil_model::Outcome::Passed, false);
    let root = crate::xml::parse(&junit(&run.entries)).unwrap();
    assert_eq!(root.all("testsuite").count(), 2);
    for suite in root.all("testsuite") {
        assert_eq!(suite.attribute("id"), Some("bench-3"));
        let properties = suite.one("properties").unwrap();
        let found = properties.all("property").find(|p| p.attribute("name") == Some("simulated")).unwrap();
        assert_eq!(found.attribute("value"), Some(expected));
    }
}

#[test]
fn the_counters_are_those_of_the_cases() {
    let text = junit(&every_outcome());
    let root = crate::xml::parse(&text).unwrap();
    let cases = jenkins::read(&text).unwrap();
    let count = |status| cases.iter().filter(|case| case.status == status).count();
    let number = |name: &str| root.attribute(name).unwrap().parse::<usize>().unwrap();
    assert_eq!(number("tests"), cases.len());
    assert_eq!(number("skipped"), count(Status::Skipped));
    assert_eq!(number("failures") + number("errors"), count(Status::Failed));
}

#[test]
fn long_output_is_cut_and_keeps_its_attachments() {
    let mut run = Synthetic::start(Default::default(), vec![]);
    run.begin("a::b", 1);
    for line in 0..5000 {
        run.log(hil_model::Level::Debug, &format!("line {line} of many that nobody will read"));
    }
    run.push(Event::Attached(hil_model::Attachment {
        name: "x".into(),
        path: "attachments/x.png".into(),
        media_type: "image/png".into(),
        bytes: 1,
    }));
    run.end("a::b", 1, hil_model::Outcome::Passed, false);
    let text = junit(&run.entries);
    assert!(text.len() < 60_000, "{}", text.len());
    assert!(text.contains("characters cut …]") && text.contains("line 4999 of"));
    assert_eq!(jenkins::read(&text).unwrap()[0].attachments, ["reports/attachments/x.png"]);
}
