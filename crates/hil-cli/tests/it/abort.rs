//! What Jenkins does when a build is aborted: SIGTERM to the whole process group, and nobody reads what follows.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::imitation::Imitation;
use crate::program::{Program, wait_until};

/// The reports say that the run was interrupted, and with which proof.
#[track_caller]
fn ended_in_order(program: &Program) {
    assert_eq!(program.events("interrupted")[0]["signal"], "SIGTERM");
    assert_eq!(program.events("output_verified")[0]["confirmed"], true);
    assert_eq!(program.events("run_finished")[0]["exit"], 2);
    assert_eq!(program.outcomes()["bench::waits_long"], "interrupted");
    let junit = program.read("junit.xml");
    assert!(junit.contains("type=\"interrupted\"") && junit.trim_end().ends_with("</testsuites>"), "{junit}");
    for report in ["report.html", "summary.md"] {
        assert!(program.read(report).contains("interrupted by SIGTERM"), "{report}");
    }
}

#[test]
fn an_aborted_build_leaves_its_reports_and_the_output_off() {
    let fixture = Program::fixture().args(&["bench::answers", "waits_long"]).set("simulation.realtime=true");
    let mut running = fixture.start();
    wait_until("the long test to begin", || {
        fixture.read("events.jsonl").contains("waits_long\",\"attempt\":1")
    });
    let aborted = Instant::now();
    running.signal_group(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    // Jenkins gives it longer; a machine that is busy with other things gets some of that.
    assert!(aborted.elapsed() < Duration::from_secs(20), "{:?}", aborted.elapsed());
    ended_in_order(&fixture);
}

#[test]
fn an_aborted_build_on_a_real_supply_leaves_it_off() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["bench::answers", "waits_long"]);
    let mut running = fixture.start();
    wait_until("the long test to begin", || {
        fixture.read("events.jsonl").contains("waits_long\",\"attempt\":1")
    });
    running.signal_group(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    ended_in_order(&fixture);
    assert!(!imitation.is_on());
}
