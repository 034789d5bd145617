//! Writes the reports of a made-up run, to look at, and says how long that takes.
//!
//! ```text
//! cargo run --release -p hil-report --example synthetic -- target/reports 50
//! ```

#[path = "../tests/it/synthetic.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests, which use more of it")]
mod synthetic;

use std::io::Write as _;
use std::time::Instant;

use hil_model::{CheckSeen, Direction, Entry, ExitStatus, FaultKind, Level, Outcome, Simulated, Unit};
use hil_report::{JunitFile, Reports, RunRecord, Writer};

use synthetic::{Synthetic, failure, fault, meta, not_selected, selected};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "target/reports".to_owned());
    let count: usize = arguments.next().unwrap_or_else(|| "50".to_owned()).parse()?;
    let entries = if count == 50 { realistic() } else { synthetic::trivial(count) };

    let reports = Reports::new(&folder)?.with_attachment_prefix("reports");
    let begun = Instant::now();
    let mut journal = Writer::create(reports.folder().join("events.jsonl"))?;
    let mut junit = JunitFile::new(&reports);
    let mut record = RunRecord::default();
    for entry in &entries {
        journal.append(entry)?;
        record.apply(entry);
        if matches!(entry.event, hil_model::Event::TestStarted { .. } | hil_model::Event::TestFinished { .. })
        {
            journal.flush()?;
            junit.on_test_finished(&record, Instant::now())?;
        }
    }
    let running = begun.elapsed();
    reports.write_all(&record)?;
    let written = begun.elapsed() - running;
    writeln!(
        std::io::stdout(),
        "{count} tests: {running:.1?} journal, record and junit.xml while running, {written:.1?} all reports at the end"
    )?;
    Ok(())
}

/// Fifty tests on a bench, with what goes wrong in the course of a week.
fn realistic() -> Vec<Entry> {
    let features = [
        ("animation", "fades to its target within the duration", "REQ-ALM-012"),
        ("voltage", "is reported after the debounce time", "REQ-ALM-020"),
        ("diagnostics", "answers the request with its identity", "REQ-ALM-001"),
        ("sleep", "goes to sleep on the master's command", "REQ-ALM-030"),
        ("colour", "matches the calculator's PWM at this temperature", "REQ-ALM-013"),
    ];
    let mut tests = Vec::new();
    for n in 0..50 {
        let (module, what, requirement) = features[n / 10];
        let markers: &[&str] = if n % 7 == 0 { &["hardware", "mum", "slow"] } else { &["hardware", "mum"] };
        let path = format!("hardware::mum::{module}::case_{:02}", n % 10);
        let mut test = meta(&path, &format!("Mode {} {what}", n % 10), &[requirement], markers);
        test.description.description = "Immediate mode, so that no fade is involved.".to_owned();
        tests.push(test);
    }
    let mut plan: Vec<_> = tests.iter().cloned().map(selected).collect();
    for n in 0..12 {
        plan.push(not_selected(
            meta(&format!("unit::pack::case_{n}"), "Packs", &[], &[]),
            "suite `unit` is not `hardware`",
        ));
    }
    let mut run = Synthetic::start(Simulated { lin: true, psu: true, clock: true }, plan);
    run.setup();
    for (n, test) in tests.iter().enumerate() {
        let path = test.name.as_str();
        run.begin(path, 1).step(1, None, "request the mode").wait(12);
        run.frame(0x0A, "ALM_Req_A", Direction::Tx, &[0xFF, 0, 0, 0xFF, 0, 0, 1, 1], CheckSeen::Good)
            .step_end(1, None);
        run.log(Level::Info, "requested mode 1 at full intensity");
        run.step(2, None, "wait until the module reports ON").step(3, Some(2), "read ALM_Status");
        let over = n / 10 == 1;
        for second in 0..3_u64 {
            let answers = n != 23;
            run.traffic(
                |round| {
                    if over {
                        12.5 + 0.9 * (second * 7 + round).min(6) as f64
                    } else {
                        12.5 + 0.01 * (round % 3) as f64
                    }
                },
                answers,
            );
        }
        run.note("rx_id", "0x11").note("psu_settled_s", "0.22");
        let pwm = 1012.0 + (n * 7 % 30) as f64;
        run.measure("pwm_red", pwm, Unit::COUNT, Some(1000.0), Some(1050.0));
        run.measure("t_fade", 0.480 + 0.001 * n as f64, Unit::SECOND, None, Some(0.6));
        run.measure("rail", if over { 17.9 } else { 12.51 }, Unit::VOLT, Some(11.9), Some(18.5));
        let outcome = match n {
            14 => {
                run.measure("t_detect", 1.204, Unit::SECOND, Some(0.0), Some(1.0))
                    .log(Level::Warning, "12 fresh frames, all NORMAL");
                run.step_end(3, Some("ALMVoltageStatus is still NORMAL"))
                    .step_end(2, Some("not within 1.000 s (12 polls)"));
                run.wait(40);
                Outcome::Failed(failure())
            }
            23 => {
                run.log(Level::Error, "no response to 0x11 (4 times in a row)");
                run.step_end(3, Some("no response")).step_end(2, Some("no fresh frame since 31.204 s"));
                fault(FaultKind::Bench, "adapter lost: no such device /dev/ttyACM0")
            }
            _ => {
                run.step_end(3, None).step_end(2, None);
                Outcome::Passed
            }
        };
        if n == 31 {
            run.end(path, 1, fault(FaultKind::Timeout, "no response to 0x11 within 200 ms"), true)
                .begin(path, 2)
                .wait(300);
        }
        let skipped = n == 38 || n == 39;
        let outcome = if skipped {
            Outcome::Skipped { reason: "interface.wake_pin is not set".into() }
        } else {
            outcome
        };
        run.end(path, if n == 31 { 2 } else { 1 }, outcome, false).wait(30);
    }
    run.teardown(ExitStatus::BenchFault);
    run.entries
}
