//! Tests that decide what follows: repeated, the end of the run, taking down (REC-10).

use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;

use crate::program::{Program, wait_until};

/// Each attempt that came to its end: test, how it ended, whether another one followed.
fn attempts(program: &Program) -> Vec<(String, String, bool)> {
    let word = |outcome: &Value| match outcome {
        Value::String(word) => word.clone(),
        other => other.as_object().and_then(|outcome| outcome.keys().next().cloned()).unwrap(),
    };
    let ended = |test: &Value| {
        let name = test["test"].as_str().unwrap().trim_start_matches("stages::").to_owned();
        (name, word(&test["outcome"]), test["retried"].as_bool().unwrap())
    };
    program.events("test_finished").iter().map(ended).collect()
}

fn ended(attempts: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
    attempts.iter().map(|&(test, word, again)| (test.to_owned(), word.to_owned(), again)).collect()
}

#[rstest]
#[case::content(
    "becomes_content", 0,
    &[("becomes_content", "skipped", true), ("becomes_content", "skipped", true), ("becomes_content", "passed", false)]
)]
#[case::never_content(
    "is_never_content", 1,
    &[("is_never_content", "skipped", true), ("is_never_content", "skipped", true), ("is_never_content", "failed", false)]
)]
#[case::stop("ends_the_run", 1, &[("ends_the_run", "failed", false)])]
#[case::needed("is_needed", 1, &[("is_needed", "failed", true), ("is_needed", "failed", false)])]
fn a_test_decides_what_follows(
    #[case] test: &str,
    #[case] code: i32,
    #[case] expected: &[(&str, &str, bool)],
) {
    let fixture = Program::fixture().args(&[&format!("stages::{test}"), "verdicts::passes"]);
    fixture.run().code(code);
    let stops = expected[0].1 == "failed";
    let mut expected = ended(expected);
    if !stops {
        expected.extend(ended(&[("verdicts::passes", "passed", false)]));
    }
    expected.extend(ended(&[("clears_up", "passed", false)]));
    assert_eq!(attempts(&fixture), expected);
    assert_eq!(fixture.events("stopped").len(), usize::from(stops));
    assert_eq!(fixture.events("logged").last().unwrap()["message"], "cleared up");
}

#[test]
fn a_stopped_run_says_why_everywhere() {
    let fixture = Program::fixture().args(&["stages::ends_the_run", "verdicts::passes"]);
    let shown = fixture.run().code(1).stdout();
    let why = "stages::ends_the_run stopped the run";
    assert_eq!(fixture.events("stopped")[0]["reason"], why);
    assert!(shown.contains(why), "{shown}");
    let summary = fixture.read("summary.md");
    assert!(summary.contains(&format!("The run ended before these tests began: {why}.")), "{summary}");
    assert!(fixture.read("report.html").contains(why));
    let journal = fixture.reports.path().join("events.jsonl");
    let told =
        Program::hil().args(&["why", "verdicts::passes", "--journal", journal.to_str().unwrap()]).output();
    assert!(told.stdout().contains(&format!("the run ended before it: {why}")), "{}", told.stdout());
}

#[test]
fn one_that_asks_once_too_often_has_failed() {
    let fixture = Program::fixture().args(&["stages::is_never_content"]).set("run.repeats=9");
    fixture.run().code(1);
    assert_eq!(fixture.message("stages::is_never_content"), "asked to be repeated more often than 2 times");
    let fixture = Program::fixture().args(&["stages::becomes_content"]).set("run.repeats=1");
    fixture.run().code(1);
    assert_eq!(fixture.message("stages::becomes_content"), "asked to be repeated more often than 1 times");
}

#[test]
fn what_takes_down_runs_after_fail_fast_and_only_for_its_suite() {
    let fixture = Program::fixture().args(&[
        "stages::becomes",
        "verdicts::fails",
        "verdicts::passes",
        "--fail-fast",
        "--repeat",
        "2",
    ]);
    fixture.run().code(1);
    let tests: Vec<String> = attempts(&fixture).into_iter().map(|(test, ..)| test).collect();
    assert_eq!(tests.last().map(String::as_str), Some("clears_up"));
    let fixture = Program::fixture().args(&["hangs::blocks", "stages::becomes", "--fail-fast"]);
    fixture.run().code(1);
    let tests: Vec<String> = attempts(&fixture).into_iter().map(|(test, ..)| test).collect();
    assert_eq!(tests, ["hangs::blocks"], "nothing of the suite was begun");
}

#[test]
fn what_takes_down_runs_after_a_signal() {
    let fixture =
        Program::fixture().args(&["stages::waits_long", "verdicts::passes"]).set("simulation.realtime=true");
    let mut running = fixture.start();
    wait_until("the long test to begin", || {
        fixture.read("events.jsonl").contains("waits_long\",\"attempt\":1")
    });
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    let expected = ended(&[("waits_long", "errored", false), ("clears_up", "passed", false)]);
    assert_eq!(attempts(&fixture), expected);
    assert!(fixture.events("stopped").is_empty(), "the signal says it");
}
