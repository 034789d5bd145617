//! The whole hardware suite over every adapter and its imitation: the same verdicts as on the simulated bus.
//!
//! These runs take real time, about five minutes, because adapters and their imitations are processes of their
//! own. CI runs them; elsewhere they are run by `cargo test -p hil-cli -- --ignored`.

use std::path::PathBuf;

use rstest::rstest;
use tempfile::TempDir;

use crate::program::{Program, Running, root, wait_until};
use crate::python::is_missing;

/// A simulated bench in a process of its own.
pub(crate) struct Imitation {
    _process: Running,
    folder: TempDir,
}

impl Imitation {
    pub(crate) fn start(what: &str) -> Self {
        Self::start_with(what, &[])
    }

    pub(crate) fn start_with(what: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bench.yaml");
        let sim = Program::hil().args(&["sim", what, "--config-out", config.to_str().unwrap()]).args(options);
        let process = sim.start_command();
        wait_until("the imitation to be reachable", || config.is_file());
        Self { _process: process, folder }
    }

    /// `hil` with the configuration that reaches it.
    pub(crate) fn hil(&self) -> Program {
        let config = self.folder.path().join("bench.yaml");
        Program::hil().args(&["--config", config.to_str().unwrap()]).env("PYTHONPATH", &stand_ins())
    }
}

/// The stand-ins for the vendor's Python packages.
fn stand_ins() -> String {
    let folder: PathBuf = root().join("crates/hil-sim/tests/fixtures/mum");
    folder.to_str().unwrap().to_owned()
}

#[rstest]
#[case::mcm("mcm")]
#[case::mum("lines")]
#[case::uart("uart")]
#[ignore = "takes five minutes of real time; CI runs it"]
fn the_hardware_suite_has_the_same_verdicts(#[case] imitation: &str) {
    if imitation == "lines" && is_missing() {
        return;
    }
    let simulated = Program::hil().args(&["--suite", "hardware"]);
    simulated.run().code(0);

    let imitation = Imitation::start(imitation);
    // A machine that stalls for 50 ms spoils a measured time, and is not what is tested: each attempt is recorded.
    let real = imitation.hil().args(&["--suite", "hardware", "--retries", "2"]);
    let ended = real.run();
    assert_eq!(real.outcomes(), simulated.outcomes(), "{}", ended.stdout());
    ended.code(0);
}

#[rstest]
#[case::mcm("mcm")]
#[case::mum("lines")]
#[case::uart("uart")]
fn the_smoke_suite_is_green(#[case] imitation: &str) {
    if imitation == "lines" && is_missing() {
        return;
    }
    let imitation = Imitation::start(imitation);
    let smoke = imitation.hil().args(&["--suite", "smoke"]);
    smoke.run().code(0);
    assert!(smoke.outcomes().values().all(|outcome| outcome == "passed"), "{:?}", smoke.outcomes());
    let started = smoke.events("run_started")[0].clone();
    assert_eq!(started["simulated"], serde_json::json!({"lin": true, "psu": true, "clock": false}));
}

/// A slave that is well is not taken for a silent one by an adapter that needs its time.
#[rstest]
#[case::mcm("mcm")]
#[case::mum("lines")]
#[case::uart("uart")]
fn a_bus_by_hand_answers(#[case] imitation: &str) {
    let imitation = Imitation::start_with(imitation, &["--no-supply"]);
    let shown = |arguments: &[&str]| imitation.hil().args(arguments).output().code(0).stdout();
    let scan = shown(&["lin", "scan", "--to", "2"]);
    assert!(scan.contains("0x01  supplier 0x7FFE") && scan.contains("1 of 2 addresses answered"), "{scan}");
    let diag = shown(&["lin", "diag", "22", "F1", "95"]);
    assert!(diag.contains("rx 0x01 62 F1 95"), "{diag}");
    // A machine that stalls for longer than a response may take leaves a header unanswered: one of three is good.
    let run = || shown(&["lin", "schedule", "Collective", "--for", "2s"]);
    let is_good = |schedule: &str| schedule.contains(" 0 unanswered, 0 failed,");
    let mut schedule = run();
    for _ in 0..2 {
        if !is_good(&schedule) {
            schedule = run();
        }
    }
    assert!(is_good(&schedule), "{schedule}");
    for frame in ["0x11", "0x12", "0x13", "0x14"] {
        assert!(schedule.contains(&format!("rx {frame} ")), "{schedule}");
    }
}

/// Nobody waits for the end of a schedule whose adapter is gone.
#[rstest]
#[case::mcm("mcm")]
#[case::mum("lines")]
#[case::uart("uart")]
fn a_schedule_by_hand_ends_with_its_adapter(#[case] imitation: &str) {
    let imitation = Imitation::start_with(imitation, &["--no-supply"]);
    let mut schedule = imitation.hil().args(&["lin", "schedule", "Normal", "--for", "1h"]).start_reading();
    schedule.wait_for_line("rx 0x11");
    drop(imitation);
    let (code, rest) = schedule.end();
    assert_eq!(code, Some(6), "{rest}");
    assert!(rest.contains("Normal: "), "{rest}");
}

/// What the vendor's packages print is in the run's log, and a flood of it is cut off.
#[test]
fn what_the_vendors_packages_print_is_logged() {
    if is_missing() {
        return;
    }
    let imitation = Imitation::start("lines");
    let run = imitation.hil().args(&["--suite", "smoke"]).env("STANDIN_CHATTER", "2000");
    run.run().code(0);
    let logged = run.events("logged").into_iter().filter(|line| line["target"] == "mum");
    let said: Vec<String> = logged.map(|line| line["message"].as_str().unwrap().to_owned()).collect();
    assert!(said.first().is_some_and(|line| line.starts_with("MUM stand-in: opened 127.0.0.1:")), "{said:?}");
    assert_eq!(said.get(1).map(String::as_str), Some("chatter 0"));
    assert_eq!(said.len(), 501, "{:?}", said.last());
    assert!(said.last().unwrap().contains("no longer logged"), "{:?}", said.last());
}
