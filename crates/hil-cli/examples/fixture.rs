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
    #[hil::test(markers = [HARDWARE])]
    fn fails_away_from_nominal(ctx: &Ctx, psu: Psu) -> hil::Result {
        let _applied = apply_voltage_and_settle(&psu, Volts::new(15.0), Duration::from_secs(1))?;
        ctx.expect("the rail is at nominal", false)
    }

    /// Title: It panics away from nominal
    #[hil::test(markers = [HARDWARE])]
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
    #[hil::test(markers = [HARDWARE])]
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
}
