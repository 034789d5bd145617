//! A program with one test for every way that a test can end, for the end-to-end tests of the command.

// The simulated unit registers itself when its crate is linked.
use alm as _;

fn main() -> std::process::ExitCode {
    hil_cli::main()
}

/// Suite `verdicts`: no bench.
mod verdicts {
    use std::sync::atomic::{AtomicU32, Ordering};

    use hil::prelude::*;

    /// Title: It passes
    /// Requirements: REQ-1
    #[hil::test]
    fn passes(ctx: &Ctx) -> hil::Result {
        ctx.rp("answer", 42);
        ctx.measure("ratio", 0.5).within(0.0, 1.0)
    }

    /// Title: It fails
    /// Requirements: REQ-1, REQ-2
    #[hil::test]
    fn fails(ctx: &Ctx) -> hil::Result {
        ctx.step("Compare", || ctx.expect_eq("colour", "red", "blue"))
    }

    /// Title: It swallows a measurement outside its limits
    #[hil::test]
    fn swallows(ctx: &Ctx) {
        let _ = ctx.measure("too much", 3.0).at_most(2.0);
    }

    /// Title: It skips
    #[hil::test]
    fn skips() -> hil::Result {
        Err(TestError::Skipped("the moon is not full".to_owned()))
    }

    /// Title: It panics
    #[hil::test]
    fn panics() {
        panic!("there is nothing");
    }

    /// Title: It fails the first time
    #[hil::test]
    fn flakes(ctx: &Ctx) -> hil::Result {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        ctx.expect("the second call", CALLS.fetch_add(1, Ordering::Relaxed) > 0)
    }
}

/// Suite `crashes`: no bench, and no way to go on.
mod crashes {
    use hil::prelude::*;

    /// Title: It takes its process along
    #[hil::test]
    fn aborts(ctx: &Ctx) {
        ctx.log("the last words");
        std::process::abort();
    }
}

/// Suite `hangs`: no bench, and no end.
mod hangs {
    use hil::prelude::*;

    /// Title: It waits on the clock for longer than it may
    #[hil::test(timeout = "2s")]
    fn waits(ctx: &Ctx) {
        ctx.sleep(Duration::from_secs(3_600));
    }

    /// Title: It blocks and never looks at the clock
    #[hil::test(timeout = "200ms")]
    fn blocks() {
        let (_sender, receiver) = std::sync::mpsc::channel::<()>();
        let _ = receiver.recv();
    }

    /// Title: The one after it still runs
    #[hil::test]
    fn runs_after_all() {}
}

/// Suite `schedules`: the simulated bench, and tests that do not stop their schedule.
mod schedules {
    use hil::prelude::*;

    /// Title: It blocks while its schedule runs
    #[hil::test(markers = [HARDWARE], timeout = "500ms")]
    fn blocks(schedules: Schedules) -> hil::Result {
        let _schedule = schedules.run("Normal")?;
        let (_sender, receiver) = std::sync::mpsc::channel::<()>();
        let _ = receiver.recv();
        Ok(())
    }

    /// Title: It waits for longer than it may while its schedule runs
    #[hil::test(markers = [HARDWARE], timeout = "1s")]
    fn overstays(ctx: &Ctx, schedules: Schedules) -> hil::Result {
        let _schedule = schedules.run("Normal")?;
        ctx.sleep(Duration::from_secs(3_600));
        Ok(())
    }

    /// Title: The one after them has the bus for a schedule of its own
    #[hil::test(markers = [HARDWARE])]
    fn runs_after_all(ctx: &Ctx, schedules: Schedules) -> hil::Result {
        let schedule = schedules.run("Collective")?;
        schedule.next("ALM_Status", Duration::from_secs(5))?;
        ctx.sleep(Duration::from_secs(3));
        Ok(())
    }
}

/// Suite `bench`: the simulated bench.
mod bench {
    use hil::prelude::*;

    /// Title: The module answers
    #[hil::test(markers = [HARDWARE])]
    fn answers(fio: FrameIo) -> hil::Result {
        fio.receive("ALM_Status").map(drop)
    }

    /// Title: The rail is at nominal
    #[hil::test(markers = [HARDWARE])]
    fn is_at_nominal(ctx: &Ctx, psu: Psu) -> hil::Result {
        let nominal = psu.nominal().voltage.get();
        ctx.measure("rail", psu.measure()?.volts.get()).units(Unit::VOLT).near(nominal, 0.1)
    }

    /// Title: It fails away from nominal
    #[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal])]
    fn fails_away_from_nominal(ctx: &Ctx, psu: Psu) -> hil::Result {
        let _applied = apply_voltage_and_settle(&psu, Volts::new(15.0), Duration::from_secs(1))?;
        ctx.expect("the rail is at nominal", false)
    }

    /// Title: It moves the rail and does not say so
    #[hil::test(markers = [HARDWARE])]
    fn moves_the_rail_undeclared(psu: Psu) -> hil::Result {
        psu.excursion(Volts::new(15.0)).map(drop)
    }

    /// Title: It panics away from nominal
    #[hil::test(markers = [HARDWARE], mutates = [VoltageOutsideNominal])]
    fn panics_away_from_nominal(psu: Psu) -> hil::Result {
        let _applied = apply_voltage_and_settle(&psu, Volts::new(14.0), Duration::from_secs(1))?;
        panic!("on purpose");
    }

    /// Title: The rail is back at nominal after all that
    #[hil::test(markers = [HARDWARE])]
    fn rail_is_back(ctx: &Ctx, psu: Psu) -> hil::Result {
        ctx.measure("set_point", psu.set_point()?.get()).near(psu.nominal().voltage.get(), 0.02)?;
        ctx.measure("rail", psu.measure()?.volts.get()).near(psu.nominal().voltage.get(), 0.1)
    }

    /// Title: It waits for very long
    #[hil::test(markers = [HARDWARE, SLOW], timeout = "600s")]
    fn waits_long(ctx: &Ctx, fio: FrameIo) -> hil::Result {
        for _ in 0..3_000 {
            fio.receive("ALM_Status")?;
            ctx.sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

/// Suite `requests`: diagnostic requests to the simulated unit.
mod requests {
    use hil::lin::{Address, Nad};
    use hil::prelude::*;

    /// Title: It ends as the unit answers
    #[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration])]
    #[case::answered(|unit| unit.request(&[0x22, 0xF1, 0x95]).map(drop))]
    #[case::refused(|unit| unit.request(&[0x22, 0xFF, 0xFF]).map(drop))]
    #[case::silent(|unit| unit.at(Nad::new(0x33)?).request(&[0x22, 0xF1, 0x95]).map(drop))]
    #[case::silent_on_a_service(|unit| unit.at(Nad::new(0x33)?).product_id().map(drop))]
    #[case::refused_as_it_should(|unit| unit.expect_refusal(&[0x99], 0x11))]
    #[case::refused_otherwise(|unit| unit.expect_refusal(&[0x99], 0x31))]
    #[case::not_refused(|unit| unit.expect_refusal(&[0x22, 0xF1, 0x95], 0x31))]
    #[case::answered_after_all(|unit| unit.expect_no_answer(&[0x22, 0xF1, 0x95]))]
    #[case::empty(|unit| unit.request(&[]).map(drop))]
    #[case::functional_and_long(|unit| unit.at(Address::Functional).expect_no_answer(&[0x3E; 7]))]
    #[case::moved_and_back(|unit| {
        let moved = unit.assign_nad(Nad::new(0x22)?)?;
        moved.assign_nad(Nad::new(0x01)?)?.product_id().map(drop)
    })]
    #[case::nobody_to_address(|unit| unit.auto_address(&[]))]
    fn ends(unit: Diagnostics, #[case] act: fn(&Diagnostics) -> hil::Result) -> hil::Result {
        act(&unit)
    }

    /// Title: It changes the node and does not say so
    #[hil::test(markers = [HARDWARE])]
    #[case::write_data(|unit| unit.request(&[0x2E, 0xF1, 0x95, 1]).map(drop))]
    #[case::download(|unit| unit.try_request(&[0x34, 0, 0x11, 0, 1]).map(drop))]
    #[case::write_memory(|unit| unit.expect_refusal(&[0x3D, 0x11, 0, 1, 0], 0x11))]
    #[case::assign_nad(|unit| unit.request(&[0xB0, 0xFF, 0x7F, 0xFF, 0xFF, 0x01]).map(drop))]
    #[case::assign_frame_id(|unit| unit.request(&[0xB1, 0xFF, 0x7F, 0, 0, 0]).map(drop))]
    #[case::conditional_change(|unit| unit.expect_no_answer(&[0xB3, 0, 1, 0xFF, 0xFF, 0x01]))]
    #[case::save(|unit| unit.request(&[0xB6]).map(drop))]
    #[case::assign_range(|unit| unit.request(&[0xB7, 0, 0xFF, 0xFF, 0xFF, 0xFF]).map(drop))]
    #[case::configuration(|unit| unit.configuration().map(drop))]
    fn mutates_undeclared(unit: Diagnostics, #[case] act: fn(&Diagnostics) -> hil::Result) -> hil::Result {
        act(&unit)
    }
}

/// Suite `records`: what a test can put into the record of its run. No bench.
mod records {
    use hil::json;
    use hil::model::Level;
    use hil::prelude::*;

    /// Title: It measures everything that can be measured
    /// Description: Each kind of value, each kind of condition.
    /// Requirements: REQ-3
    #[hil::test]
    fn measures(ctx: &Ctx) -> hil::Result {
        ctx.measure("rail", 12.2)
            .units(Unit::VOLT)
            .marginal(11.9, 12.1)
            .docstring("at rest")
            .within(11.5, 12.5)?;
        ctx.measure("version", "1.4.2").matches(r"^1\.\d+").check("is no prerelease", true).record()?;
        ctx.measure("colour", "red").one_of(["red", "green"]).record()?;
        ctx.measure("locked", true).equals(true).record()?;
        ctx.measure("count", 3).equals(3).record()?;
        ctx.measure("identity", json!({"supplier": 1, "names": ["a", "b"]})).record()?;
        ctx.measure("nowhere", f64::NAN).record()?;
        ctx.measure("everywhere", f64::INFINITY).at_least(0.0)
    }

    /// Title: It sweeps a voltage
    #[hil::test]
    fn sweeps(ctx: &Ctx) -> hil::Result {
        let mut curve = ctx.series("curve").axis("voltage", Unit::VOLT).axis("current", Unit::AMPERE);
        for step in 0..5 {
            curve.push([f64::from(step), f64::from(step) * 0.5])?;
        }
        curve
            .limit("current", Limits::at_most(3.0))?
            .aggregate("current", Aggregate::Max, Limits::at_most(2.0))?
            .docstring("as it is fed")
            .record()
    }

    /// Title: It keeps its promises
    #[hil::test]
    fn keeps_promises(ctx: &Ctx) -> hil::Result {
        ctx.declare("rail").units(Unit::VOLT).within(11.5, 12.5).docstring("promised");
        ctx.declare("luxury").optional();
        ctx.measure("rail", 12.0).record()
    }

    /// Title: It ends otherwise than it should
    #[hil::test]
    #[case::unset(|ctx| {
        ctx.declare("rail").units(Unit::VOLT);
        Ok(())
    })]
    #[case::text_in_a_band(|ctx| ctx.measure("rail", "12").within(11.0, 13.0))]
    #[case::promised_limits(|ctx| {
        ctx.declare("rail").units(Unit::VOLT).at_most(12.0);
        ctx.measure("rail", 13.0).record()
    })]
    #[case::unlike(|ctx| ctx.measure("version", "2.0").matches("^1").check("is even", true).record())]
    #[case::no_number_to_match(|ctx| ctx.measure("version", 1.5).matches("^1").record())]
    #[case::no_pattern(|ctx| ctx.measure("version", "2.0").matches("(").record())]
    #[case::none_of(|ctx| ctx.measure("colour", "blue").one_of(["red", "green"]).record())]
    #[case::unjudged(|ctx| ctx.measure("x", 3.0).check("x is even", false).check("x is prime", true).record())]
    #[case::swallowed(|ctx| {
        let _ = ctx.measure("x", 3.0).equals(4.0).record();
        Ok(())
    })]
    #[case::swallowed_then_skipped(|ctx| {
        let _ = ctx.measure("v", 9).within(0.0, 1.0);
        Err(TestError::Skipped("the moon is not full".to_owned()))
    })]
    #[case::swallowed_then_repeated(|ctx| {
        let _ = ctx.measure("v", 9).within(0.0, 1.0);
        Err(TestError::repeat("not yet warm"))
    })]
    #[case::swallowed_then_broken(|ctx| {
        let _ = ctx.measure("v", 9).within(0.0, 1.0);
        Err(TestError::misuse("the test is wrong"))
    })]
    #[case::curve(|ctx| {
        let mut curve = ctx.series("curve").axis("t", Unit::SECOND).axis("current", Unit::AMPERE);
        for (t, amps) in [(0.0, 1.0), (1.0, 5.0), (2.0, f64::NAN)] {
            curve.push([t, amps])?;
        }
        curve.limit("current", Limits::at_most(2.0))?.record()
    })]
    #[case::no_column(|ctx| ctx.series("curve").axis("t", Unit::SECOND).limit("u", Limits::at_most(1.0)).map(drop))]
    #[case::short_row(|ctx| ctx.series("curve").axis("t", Unit::SECOND).push([1.0, 2.0]))]
    #[case::no_file(|ctx| ctx.attach_file("no/such/file.csv", "text/csv"))]
    #[case::large_file(|ctx| ctx.attach("large", "text/plain", &[b'x'; 101]))]
    #[case::many_files(|ctx| (0..4).try_for_each(|_| ctx.attach("small", "text/plain", b"x")))]
    fn ends(ctx: &Ctx, #[case] act: fn(&Ctx) -> hil::Result) -> hil::Result {
        act(ctx)
    }

    /// Title: It writes lines of every level
    #[hil::test]
    fn logs(ctx: &Ctx) {
        ctx.log("by itself");
        for level in [Level::Debug, Level::Info, Level::Warning, Level::Error, Level::Critical] {
            ctx.log_at(level, "at a level");
        }
        tracing::warn!(volts = 12, "from a library");
        tracing::debug!("to debug a suite");
        tracing::debug!(target: "foreign", "to debug something else");
    }

    /// Title: It attaches a file in each of two attempts
    #[hil::test(retries = 1)]
    fn attaches(ctx: &Ctx) -> hil::Result {
        ctx.attach("../trace.csv", "text/csv", b"1,2")?;
        ctx.attach_file("crates/hil-cli/Cargo.toml", "text/plain")?;
        ctx.expect("the second attempt", false)
    }
}

/// Suite `stages`: tests that decide what follows. No bench.
mod stages {
    use std::sync::atomic::{AtomicU32, Ordering};

    use hil::prelude::*;

    /// Title: It is repeated until it is content
    #[hil::test]
    fn becomes_content(ctx: &Ctx) -> hil::Result {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        ctx.measure("calls", calls).record()?;
        if calls < 3 { Err(TestError::repeat("not yet warm")) } else { Ok(()) }
    }

    /// Title: It is never content
    #[hil::test(repeats = 2)]
    fn is_never_content() -> hil::Result {
        Err(TestError::repeat("not good enough"))
    }

    /// Title: It ends the run
    #[hil::test(retries = 2)]
    fn ends_the_run() -> hil::Result {
        Err(TestError::stop("the unit cannot be locked"))
    }

    /// Title: The run makes no sense without it
    #[hil::test(stop_on_fail, retries = 1)]
    fn is_needed(ctx: &Ctx) -> hil::Result {
        ctx.expect("the unit is there", false)
    }

    /// Title: It waits for very long
    #[hil::test(timeout = "600s")]
    fn waits_long(ctx: &Ctx) {
        ctx.sleep(Duration::from_secs(500));
    }

    /// Title: It takes down what the others set up
    #[hil::test(teardown)]
    fn clears_up(ctx: &Ctx) {
        ctx.log("cleared up");
    }
}
