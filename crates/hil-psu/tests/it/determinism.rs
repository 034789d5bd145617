//! The same conversation is the same to the microsecond, however busy the machine is.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hil_model::{Clock, Volts};
use hil_psu::{Output, PowerSupply, SettleDetector};
use hil_sim::{FaultWindow, SupplyFault, SupplyFaultKind, SupplyProfile};
use rstest::rstest;

use crate::bench::{Bench, setup};

/// What can strike without costing a time-out, which would be a matter of real time.
fn faults() -> Vec<SupplyFault> {
    let window = FaultWindow { probability: 0.1, ..FaultWindow::ALWAYS };
    let kinds = [SupplyFaultKind::Garbled, SupplyFaultKind::ErrorReply, SupplyFaultKind::SlowRail];
    kinds.map(|kind| SupplyFault { kind, window: window.clone() }).to_vec()
}

/// Parks, switches on, goes to six voltages and shuts down. Returns every byte, reading and result.
fn conversation(faults: Vec<SupplyFault>) -> String {
    // No answer of the simulated supply is ever late, however long it takes.
    let bench = Bench::faulty(SupplyProfile::SPE6103, faults, 7).impatient(60_000);
    let mut log = String::new();
    let mut psu = bench.open().unwrap();
    writeln!(log, "{:?}", psu.park(&setup(12.0, 2.0, Some(20.0), Some(3.0)))).unwrap();
    writeln!(log, "{:?}", psu.set_output(Output::On)).unwrap();
    for target in [13.5, 9.0, 18.0, 17.9, 6.0, 12.0].map(Volts::new) {
        writeln!(log, "{:?}", psu.set_voltage(target)).unwrap();
        let mut detector = SettleDetector::new(target, Volts::new(0.1));
        for _ in 0..60 {
            let reading = psu.measure();
            writeln!(log, "{} {reading:?}", bench.clock.now()).unwrap();
            if reading.is_ok_and(|reading| detector.observe(bench.clock.now(), reading.volts)) {
                break;
            }
            bench.clock.sleep(Duration::from_millis(200));
        }
    }
    writeln!(log, "{:?}", psu.shut_down()).unwrap();
    drop(psu);
    // The port has another name each time.
    (log + &bench.tape.transcript()).replace(bench.supply.port(), "PORT")
}

/// Ends the burners, also when a conversation panics: the scope waits for them.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[rstest]
#[case::at_rest(0, Vec::new())]
#[case::on_a_busy_machine(4, Vec::new())]
#[case::with_faults(0, faults())]
#[case::with_faults_on_a_busy_machine(4, faults())]
fn a_conversation_is_the_same_every_time(#[case] burners: usize, #[case] faults: Vec<SupplyFault>) {
    let done = AtomicBool::new(false);
    // Every hand-over waits for its turn on a busy machine, so there it is fewer runs.
    let repetitions = if burners == 0 { 20 } else { 5 };
    let runs: Vec<String> = std::thread::scope(|scope| {
        let _stop = Stop(&done);
        for _ in 0..burners {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        (0..repetitions).map(|_| conversation(faults.clone())).collect()
    });
    assert!(runs[0].contains("VOLT 18.000") && runs[0].contains("output 0"), "{}", runs[0]);
    for (run, log) in runs.iter().enumerate() {
        let differs = runs[0].lines().zip(log.lines()).find(|(first, again)| first != again);
        assert_eq!((differs, log.len()), (None, runs[0].len()), "run {run}");
    }
}

#[test]
fn a_thousand_measurements_take_the_time_of_their_gaps_and_answers() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(12.0);
    let since = bench.clock.now();
    for _ in 0..1_000 {
        psu.measure().unwrap();
    }
    // 50 ms between an answer and the next command, and 15 ms to the answer; the first finds no gap to wait for.
    assert_eq!(bench.clock.now().since(since), Duration::from_millis(999 * 65 + 15));
}
