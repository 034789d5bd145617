//! Schedules end with the test that runs them, and say in the record how they were kept. By hand they end with the
//! command.

use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;

use crate::program::{Program, root};

#[rstest]
#[case::simulated_time("false")]
#[case::real_time("true")]
fn no_schedule_outlives_its_test(#[case] real_time: &str) {
    let fixture =
        Program::fixture().args(&["--suite", "schedules"]).set(&format!("simulation.realtime={real_time}"));
    fixture.run().code(1);
    let outcomes: Vec<String> =
        fixture.outcomes().into_iter().map(|(test, how)| format!("{test} {how}")).collect();
    assert_eq!(
        outcomes,
        ["schedules::blocks timeout", "schedules::overstays timeout", "schedules::runs_after_all passed"]
    );
}

#[test]
fn how_a_schedule_was_kept_is_in_the_record() {
    let fixture = Program::fixture().args(&["schedules::runs_after_all"]);
    fixture.run().code(0);
    let measured = fixture.events("measured");
    let value = |name: &str| {
        let of = measured.iter().find(|measured| measured["name"] == format!("schedule_Collective_{name}"));
        of.map(|of| of["value"]["number"].clone())
    };
    // Simulated time is kept to the microsecond, the samples of the supply included.
    assert_eq!(
        [value("slots_missed"), value("jitter_max")],
        [Some(Value::from(0.0)), Some(Value::from(0.0))]
    );
    assert!(value("slots_run").is_some_and(|run| run.as_f64() >= Some(300.0)), "{measured:?}");
}

/// Before anything is opened: nobody says that the bus is simulated.
#[rstest]
#[case::a_typing_error("Colective", "unknown schedule table \"Colective\", did you mean \"Collective\"?")]
#[case::nothing_like_it("x", "unknown schedule table \"x\"")]
fn an_unknown_table_is_refused_with_the_nearest_one(#[case] table: &str, #[case] message: &str) {
    let refused = Program::hil().args(&["lin", "schedule", table]).output().code(4);
    assert_eq!(refused.stdout(), "");
    assert_eq!(refused.stderr(), format!("error: {message}\n"));
}

#[test]
fn slots_that_are_too_short_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.ldf");
    let text = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    std::fs::write(&path, text.replacen("ALM_Req_A delay 10 ms", "ALM_Req_A delay 5 ms", 1)).unwrap();
    let ldf = format!("interface.ldf_path={}", path.display());
    let ended = Program::hil().args(&["lin", "schedule", "Normal", "--for", "1s"]).set(&ldf).output().code(0);
    assert!(ended.stderr().contains("slot 1 (ALM_Req_A) takes 5.000 ms"), "{}", ended.stderr());
    assert!(ended.stdout().contains("67 longer than their slot"), "{}", ended.stdout());
}

/// Whoever presses Ctrl-C wants to know how it was up to then.
#[test]
fn a_signal_ends_a_schedule_by_hand_with_its_statistics() {
    let schedule = ["lin", "schedule", "Normal", "--for", "1h"];
    let hil = Program::hil().args(&schedule).set("simulation.realtime=true");
    let mut shown = hil.start_reading();
    shown.wait_for_line("rx 0x11");
    shown.signal(Signal::SIGINT);
    let (code, rest) = shown.end();
    assert_eq!(code, Some(2), "{rest}");
    assert!(rest.contains("Normal: ") && rest.contains("jitter: median"), "{rest}");
}
