//! The output goes off however the harness dies, and nothing of the guardian is left (PSU-09).

use std::time::{Duration, Instant, SystemTime};

use hil_model::Clock;
use hil_psu::guardian::{Note, notes, wait_for_turn};
use hil_runner::SystemClock;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;

use crate::imitation::Imitation;
use crate::program::{Program, Running, wait_until};

/// How the harness dies.
#[derive(Clone, Copy, Debug)]
enum Death {
    Process(Signal),
    Group(Signal),
    /// The third signal aborts at once.
    ThreeSignals,
}

impl Death {
    fn strike(self, running: &Running) {
        match self {
            Self::Process(signal) => running.signal(signal),
            Self::Group(signal) => running.signal_group(signal),
            Self::ThreeSignals => {
                for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
                    running.signal(signal);
                }
            }
        }
    }
}

fn is_off(command: &str) -> bool {
    ["output 0", "OUTP OFF"].contains(&command)
}

/// The facts of the supply's set-up, by their names.
fn facts(program: &Program, name: &str) -> Vec<String> {
    let finished = program.events("session_step_finished");
    let facts =
        finished.iter().filter(|step| step["step"] == "psu").flat_map(|step| step["facts"].as_array());
    facts
        .flatten()
        .filter(|fact| fact["key"] == name)
        .filter_map(|fact| fact["value"].as_str().map(ToOwned::to_owned))
        .collect()
}

fn logged(program: &Program, text: &str) -> bool {
    program
        .events("logged")
        .iter()
        .any(|line| line["message"].as_str().is_some_and(|line| line.contains(text)))
}

/// The guardian of a run, which says so once its supply was opened.
fn guardian(program: &Program) -> i32 {
    facts(program, "guardian")[0].strip_prefix("process ").unwrap().parse().unwrap()
}

/// A run that is in the middle of a long test, with its output on.
fn in_mid_test(imitation: &Imitation) -> (Program, Running) {
    let fixture = imitation.program(&["waits_long"]);
    let running = fixture.start();
    wait_until("the test to begin", || fixture.read("events.jsonl").contains("\"test_started\""));
    assert!(imitation.is_on());
    (fixture, running)
}

/// The notes on this machine, once no guardian is at work on the bench any more.
fn left(imitation: &Imitation) -> Vec<Note> {
    wait_for_turn(imitation.machine(), &imitation.bench(), &*SystemClock::new()).unwrap();
    notes(imitation.machine())
}

/// At any moment from the one at which the output goes on.
#[rstest]
#[case::at_once(Death::Process(Signal::SIGKILL), 0)]
#[case::soon(Death::Process(Signal::SIGKILL), 300)]
#[case::while_it_settles(Death::Process(Signal::SIGKILL), 1_500)]
#[case::in_a_test(Death::Process(Signal::SIGKILL), 5_000)]
#[case::whenever(Death::Process(Signal::SIGKILL), 7_000)]
#[case::the_whole_group(Death::Group(Signal::SIGKILL), 5_000)]
#[case::abort(Death::Process(Signal::SIGABRT), 2_000)]
#[case::abort_of_the_group(Death::Group(Signal::SIGABRT), 2_000)]
#[case::quit_of_the_group(Death::Group(Signal::SIGQUIT), 2_000)]
#[case::hurry(Death::ThreeSignals, 5_000)]
fn however_the_harness_dies_the_output_goes_off(#[case] death: Death, #[case] within_ms: u64) {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["waits_long"]);
    let mut running = fixture.start();
    wait_until("the output to go on", || imitation.is_on());
    let chance = u64::from(SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
    let moment = chance % within_ms.max(1);
    SystemClock::new().sleep(Duration::from_millis(moment));
    death.strike(&running);
    assert_eq!(running.wait(), None, "killed after {moment} ms");
    let dead = Instant::now();
    wait_until("the output to go off", || !imitation.is_on());
    // A second is what is asked for; `just bench-guardian` measures. Test machines are busy.
    assert!(dead.elapsed() < Duration::from_secs(5), "{:?} after {moment} ms", dead.elapsed());
    let [note] = left(&imitation).try_into().unwrap();
    assert!(note.verified && note.bench == imitation.bench(), "{note}");
    assert!(!imitation.is_on());
}

#[test]
fn a_run_that_ends_in_order_sends_no_surplus_off_and_leaves_nobody() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["bench::is_at_nominal"]);
    fixture.run().code(0);
    let gone = kill(Pid::from_raw(guardian(&fixture)), None);
    assert_eq!(gone, Err(nix::errno::Errno::ESRCH));
    let commands = imitation.commands();
    let offs: Vec<&String> = commands.iter().filter(|command| is_off(command)).collect();
    assert_eq!(offs, ["output 0", "output 0"], "once to make safe, once at the end: {commands:?}");
    assert_eq!(left(&imitation), []);
}

#[test]
fn what_the_guardian_did_is_told_by_the_doctor_and_by_the_next_run() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let (_fixture, mut running) = in_mid_test(&imitation);
    running.signal(Signal::SIGKILL);
    running.wait();
    // The next run begins at once: it waits for the guardian, which would switch off under it.
    let next = imitation.program(&["bench::is_at_nominal"]);
    next.run().code(0);
    let [told] = facts(&next, "guardian_note").try_into().unwrap();
    assert!(told.contains("switched the output off"), "{told}");
    assert!(logged(&next, "switched the output off"));
    assert_eq!(left(&imitation), []);

    let (_fixture, mut running) = in_mid_test(&imitation);
    running.signal(Signal::SIGKILL);
    running.wait();
    assert_eq!(left(&imitation).len(), 1);
    for _ in 0..2 {
        let doctor = imitation.supply(Program::hil().args(&["doctor"])).output();
        assert!(doctor.stdout().contains("switched the output off"), "{}", doctor.stdout());
    }
}

#[test]
fn a_guardian_that_is_killed_first_is_missed() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let (fixture, mut running) = in_mid_test(&imitation);
    kill(Pid::from_raw(guardian(&fixture)), Signal::SIGKILL).unwrap();
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(fixture.events("output_verified")[0]["confirmed"], true);
    assert!(logged(&fixture, "without a guardian"));
    assert!(!imitation.is_on());
}

/// From then on nobody would switch the output off: the supply is given up, and the run is no good one.
#[test]
fn a_guardian_that_is_killed_in_mid_run_ends_the_use_of_the_supply() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let (fixture, mut running) = in_mid_test(&imitation);
    kill(Pid::from_raw(guardian(&fixture)), Signal::SIGKILL).unwrap();
    let killed = Instant::now();
    wait_until("a few samples of the supply", || killed.elapsed() > Duration::from_secs(3));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(fixture.events("output_verified")[0]["confirmed"], true);
    assert!(!imitation.is_on());
    let steps = fixture.events("session_step_finished");
    let down = steps.iter().find(|step| step["phase"] == "teardown" && step["step"] == "psu").unwrap();
    let why = down["outcome"]["errored"]["message"].as_str().unwrap();
    assert!(why.contains("its guardian is gone"), "{why}");
}

/// It hears no signal but KILL, is in a session of its own, and keeps nothing of the harness open.
#[test]
fn a_guardian_keeps_nothing_of_the_harness() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let (fixture, mut running) = in_mid_test(&imitation);
    let pid = guardian(&fixture);
    let guardian = Pid::from_raw(pid);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGPIPE] {
        kill(guardian, signal).unwrap();
    }
    assert_eq!(nix::unistd::getpgid(Some(guardian)), Ok(guardian));
    assert_eq!(nix::unistd::getsid(Some(guardian)), Ok(guardian));
    let open: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .map(|fd| std::fs::read_link(fd.unwrap().path()).unwrap().display().to_string())
        .collect();
    let own = |name: &String| {
        name.starts_with("pipe:")
            || name == "/dev/null"
            || name == imitation.port()
            || name.contains("hil-guardian-")
            || name.contains("socket:")
    };
    assert!(open.iter().all(own), "{open:?}");
    assert_eq!(std::fs::read(format!("/proc/{pid}/environ")).unwrap(), b"");
    assert_eq!(std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap(), std::path::Path::new("/"));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert!(!logged(&fixture, "without a guardian"));
}

#[test]
fn without_a_guardian_the_output_stays_off() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let lock = imitation.machine().join(format!("hil-guardian-{}.lock", imitation.bench()));
    std::os::unix::fs::symlink("/does/not/exist", lock).unwrap();
    let fixture = imitation.program(&["bench::is_at_nominal"]);
    let ended = fixture.run().code(6);
    assert!(ended.stdout().contains("nobody would switch it off"), "{}", ended.stdout());
    assert_eq!(imitation.commands(), [""; 0]);
}

#[test]
fn a_stranger_hears_nothing_but_the_question_who_it_is() {
    let Some(imitation) = Imitation::start(&["--identity", "RIGOL TECHNOLOGIES,DP832,DP8A,00.01.16"]) else {
        return;
    };
    let fixture = imitation.program(&["bench::is_at_nominal"]);
    fixture.run().code(5);
    let commands = imitation.commands();
    assert!(!commands.is_empty() && commands.iter().all(|command| command == "*IDN?"), "{commands:?}");
    assert_eq!(left(&imitation), []);
}

#[test]
fn what_cannot_be_confirmed_is_tried_by_the_guardian_too() {
    let Some(imitation) = Imitation::start(&["--silent-from", "VOLT 15.000"]) else { return };
    let fixture = imitation.program(&["fails_away"]);
    fixture.run().code(7);
    let [note] = left(&imitation).try_into().unwrap();
    assert!(!note.verified && note.how.contains("nothing sensible is read back"), "{note}");
}
