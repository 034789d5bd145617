//! Every way that a test can end, and the exit code that follows.

use rstest::rstest;

use crate::program::Program;

#[test]
fn each_test_ends_as_it_should() {
    let fixture = Program::fixture().args(&["--suite", "verdicts", "--suite", "hangs"]);
    fixture.run().code(1);
    let outcomes = fixture.outcomes();
    let outcomes: Vec<(&str, &str)> =
        outcomes.iter().map(|(test, outcome)| (test.as_str(), outcome.as_str())).collect();
    assert_eq!(
        outcomes,
        [
            ("hangs::blocks", "timeout"),
            ("hangs::runs_after_all", "passed"),
            ("hangs::waits", "timeout"),
            ("verdicts::fails", "failed"),
            ("verdicts::flakes", "failed"),
            ("verdicts::panics", "test"),
            ("verdicts::passes", "passed"),
            ("verdicts::skips", "skipped"),
            ("verdicts::swallows", "failed"),
        ]
    );
}

#[rstest]
#[case::passed(&["verdicts::passes"], 0)]
#[case::failed(&["verdicts::fails"], 1)]
#[case::panicked(&["verdicts::panics"], 1)]
#[case::only_skips(&["verdicts::skips"], 5)]
#[case::nothing_selected(&["no_such_test"], 5)]
#[case::nothing_selected_and_allowed(&["no_such_test", "--allow-empty"], 0)]
#[case::only_skips_and_allowed(&["verdicts::skips", "--allow-empty"], 0)]
#[case::flaky(&["verdicts::flakes", "--retries", "1"], 0)]
#[case::flaky_without_retry(&["verdicts::flakes"], 1)]
#[case::unknown_option(&["--no-such-option"], 4)]
#[case::unknown_suite(&["--suite", "verdict"], 4)]
#[case::undeclared_marker(&["-m", "hardwar"], 4)]
#[case::broken_expression(&["-m", "hardware and"], 4)]
#[case::exact_needs_the_whole_name(&["passes", "--exact"], 5)]
#[case::exact_takes_the_whole_name(&["verdicts::passes", "--exact"], 0)]
#[case::skip_leaves_out(&["verdicts", "--skip", "fails", "--skip", "swallows", "--skip", "panics", "--skip", "flakes"], 0)]
#[case::by_requirement(&["--requirement", "REQ-2"], 1)]
#[case::by_marker(&["verdicts", "-m", "hardware"], 5)]
fn selections_have_their_exit_codes(#[case] arguments: &[&str], #[case] code: i32) {
    Program::fixture().args(arguments).run().code(code);
}

#[rstest]
#[case(&["--suite", "verdict"], "there is no suite \"verdict\" (did you mean `verdicts`?); the suites are bench, crashes, hangs, records, requests, schedules, stages, verdicts")]
#[case(&["-m", "hardwar"], "-m: the marker `hardwar` is not declared (did you mean `hardware`?); declare it in `run.markers`")]
fn what_cannot_be_meant_is_named(#[case] arguments: &[&str], #[case] message: &str) {
    let ended = Program::fixture().args(arguments).run().code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
}

#[test]
fn a_flake_keeps_the_evidence_of_each_attempt() {
    let fixture = Program::fixture().args(&["verdicts::flakes", "--retries", "2"]);
    fixture.run().code(0);
    let attempts: Vec<_> =
        fixture.events("test_finished").iter().map(|test| test["retried"].as_bool()).collect();
    assert_eq!(attempts, [Some(true), Some(false)]);
    let junit = fixture.read("junit.xml");
    assert!(junit.contains("<flakyFailure") && junit.contains("the second call: does not hold"), "{junit}");
}

#[test]
fn fail_fast_ends_the_run_with_the_first_red_test() {
    let fixture = Program::fixture().args(&["--suite", "verdicts", "--fail-fast"]);
    fixture.run().code(1);
    assert_eq!(fixture.outcomes().len(), 2, "one passes, the next fails");
}

#[test]
fn repetitions_have_unique_names_and_a_seed_gives_the_same_order() {
    let order = |seed: &str| {
        let shuffle = format!("--shuffle={seed}");
        let fixture = Program::fixture().args(&["verdicts::p", "verdicts::sk", "--repeat", "4", &shuffle]);
        fixture.run();
        let started = fixture.events("test_started");
        started.iter().map(|test| test["test"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (one, again, other) = (order("1"), order("1"), order("2"));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let mut unique = one.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 12);
}

#[test]
fn a_list_opens_nothing_and_reads_like_libtests() {
    let fixture = Program::fixture().args(&["--list", "verdicts::pa"]);
    let ended = fixture.run().code(0);
    let listed = "verdicts::passes: test\nverdicts::panics: test\n\n2 tests, 0 benchmarks\n";
    assert_eq!(ended.stdout(), listed);
    assert_eq!(std::fs::read_dir(fixture.reports.path()).unwrap().count(), 0, "no report, no lock");
}

#[rstest]
#[case::pretty("pretty", "verdict  FAILED (exit code 1: a test failed)")]
#[case::terse("terse", "test result: FAILED. 1 passed; 4 failed; 1 ignored")]
#[case::json("json", r#"{ "type": "test", "name": "verdicts::passes", "event": "ok" }"#)]
fn every_format_shows_the_run_plainly(#[case] format: &str, #[case] shown: &str) {
    let ended = Program::fixture().args(&["--suite", "verdicts", "--format", format]).run().code(1);
    let text = ended.stdout();
    assert!(text.contains(shown), "{text}");
    assert!(!text.contains('\x1b'), "no colours where nobody sees them");
}

#[test]
fn a_failed_test_leaves_the_rail_at_nominal() {
    let fixture = Program::fixture().args(&["away_from_nominal", "rail_is_back"]);
    fixture.run().code(1);
    let outcomes = fixture.outcomes();
    let words: Vec<&str> = outcomes.values().map(String::as_str).collect();
    assert_eq!(words, ["failed", "test", "passed"]);
}
