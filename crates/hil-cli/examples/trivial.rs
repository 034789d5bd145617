//! A program with as many trivial tests as `HIL_TRIVIAL_TESTS` says, for the benchmark of the overhead.

use hil_runner::{Ctx, Registry, TestDef, TestResult};

// The configuration of this repository names the simulated unit.
use alm as _;

fn main() -> std::process::ExitCode {
    let count = std::env::var("HIL_TRIVIAL_TESTS").ok().and_then(|count| count.parse().ok()).unwrap_or(1);
    // A registry holds tests that live as long as the program.
    let defs = (0..count).map(|number: u32| &*Box::leak(Box::new(def(number))));
    hil_cli::main_with(Registry::of(defs, &[]))
}

fn def(number: u32) -> TestDef {
    TestDef {
        module: "trivial::suite",
        function: Box::leak(format!("test_{number:04}").into_boxed_str()),
        case: None,
        doc: "Title: It passes\nRequirements: REQ-ALM-001\nTest Steps:\n  1. Measure a number.\nExpected Result: It is within its limits.",
        markers: &[],
        needs: &[],
        mutates: &[],
        covers: &[],
        timeout_ms: None,
        retries: None,
        repeats: None,
        stop_on_fail: false,
        teardown: false,
        file: file!(),
        line: 1,
        run,
    }
}

fn run(ctx: &Ctx) -> TestResult {
    ctx.expect_eq("sum", 1 + 1, 2)?;
    ctx.measure("ratio", 0.5).within(0.0, 1.0)
}
