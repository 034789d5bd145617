//! Schedules end with the test that runs them, and say in the record how they were kept.

use rstest::rstest;
use serde_json::Value;

use crate::program::Program;

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
