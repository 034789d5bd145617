//! What a run leaves on disk.

use serde_json::Value;

use crate::program::{Program, root};

/// The steps of the session as they began, and the proof in between.
fn steps(program: &Program) -> Vec<String> {
    let step = |entry: &Value| {
        let event = &entry["event"];
        if let Some(step) = event.get("session_step_started") {
            return Some(format!("{} {}", step["phase"].as_str()?, step["step"].as_str()?));
        }
        event.get("output_verified").map(|proof| format!("output off: {}", proof["confirmed"]))
    };
    program.journal().iter().filter_map(step).collect()
}

#[test]
fn resources_come_in_order_and_go_in_reverse() {
    let fixture = Program::fixture().args(&["bench::answers", "bench::is_at_nominal"]);
    fixture.run().code(0);
    let expected = [
        "setup config",
        "setup lock",
        "setup lin",
        "setup ldf",
        "setup psu",
        "teardown psu",
        "output off: true",
        "teardown lin",
    ];
    assert_eq!(steps(&fixture), expected);
}

#[test]
fn what_nothing_selected_needs_is_never_opened() {
    let fixture = Program::fixture().args(&["verdicts::passes"]);
    fixture.run().code(0);
    assert_eq!(steps(&fixture), ["setup config", "setup lock"]);
}

/// The journal without times of day and ids.
fn comparable(program: &Program) -> Vec<Value> {
    let folder = program.reports.path().to_str().unwrap();
    let mut entries = program.journal();
    for entry in &mut entries {
        entry["wall_ms"] = Value::Null;
        if let Some(run) = entry["event"].get_mut("run_started") {
            run["run_id"] = Value::Null;
        }
    }
    let text = serde_json::to_string(&entries).unwrap().replace(folder, "");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn two_runs_of_the_hardware_suite_leave_the_same_journal() {
    let [one, other] = [(); 2].map(|()| Program::hil().args(&["--suite", "hardware"]));
    one.run().code(0);
    other.run().code(0);
    assert!(one.outcomes().len() >= 40);
    // Nothing is flashed and no server is named, so that these skip.
    let skips =
        |test: &str| test.starts_with("hardware::flashed::") || test.starts_with("hardware::server::");
    for (test, outcome) in one.outcomes() {
        assert_eq!(outcome, if skips(&test) { "skipped" } else { "passed" }, "{test}");
    }
    assert_eq!(comparable(&one), comparable(&other));
}

#[test]
fn reports_made_again_are_the_same() {
    let fixture = Program::fixture().args(&["--suite", "verdicts", "--suite", "bench"]);
    fixture.run().code(1);
    let names = ["junit.xml", "summary.md", "report.html", "requirements_coverage.json"];
    let first = names.map(|name| fixture.read(name));
    assert!(first.iter().all(|report| !report.is_empty()));
    for name in names {
        std::fs::remove_file(fixture.reports.path().join(name)).unwrap();
    }
    let journal = fixture.reports.path().join("events.jsonl");
    Program::hil().args(&["report", journal.to_str().unwrap()]).output().code(0);
    assert_eq!(names.map(|name| fixture.read(name)), first);
}

#[test]
fn a_journal_that_breaks_off_is_reported_as_cut_short() {
    let fixture = Program::fixture().args(&["bench::answers", "bench::is_at_nominal"]);
    fixture.run().code(0);
    let journal = fixture.reports.path().join("events.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let begun = text.find("\"test_started\"").unwrap();
    std::fs::write(&journal, &text[..begun + 40]).unwrap();
    Program::hil().args(&["report", journal.to_str().unwrap()]).output().code(0);
    assert!(fixture.read("summary.md").contains("The run was cut short"), "{}", fixture.read("summary.md"));
}

#[test]
fn why_knows_what_became_of_every_test() {
    let fixture = Program::fixture().args(&["verdicts", "--skip", "flakes"]);
    fixture.run().code(1);
    let journal = fixture.reports.path().join("events.jsonl");
    let why =
        |name: &str| Program::hil().args(&["why", name, "--journal", journal.to_str().unwrap()]).output();
    let cases = [
        ("passes", "verdicts::passes ran and passed\n"),
        ("verdicts::fails", "verdicts::fails ran and failed: colour: want \"blue\", got \"red\"\n"),
        ("skips", "verdicts::skips was selected, but skipped: the moon is not full\n"),
        ("panics", "verdicts::panics ran into a test-error: panic: there is nothing\n"),
        ("flakes", "verdicts::flakes was not selected: --skip flakes\n"),
        ("hangs::waits", "hangs::waits was not selected: its name contains none of verdicts\n"),
    ];
    for (name, answer) in cases {
        let told = why(name).code(0).stdout();
        assert!(told.lines().any(|line| line == answer.trim_end()), "{name}: {told}");
    }
    why("no_such_test").code(4);
}

#[test]
fn simulated_runs_say_so_everywhere() {
    let fixture = Program::fixture().args(&["verdicts::passes"]);
    let ended = fixture.run().code(0);
    assert!(ended.stdout().contains("simulated bench: this run says nothing about hardware"));
    for report in ["junit.xml", "summary.md", "report.html", "requirements_coverage.json"] {
        assert!(fixture.read(report).to_lowercase().contains("simulated"), "{report}");
    }
    assert!(root().join("reports").is_dir());
}
