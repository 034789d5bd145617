//! A program with one test that runs a schedule for ten seconds, for the benchmark of schedules.

// The configuration of this repository names the simulated unit.
use alm as _;

fn main() -> std::process::ExitCode {
    hil_cli::main()
}

/// Suite `bench`: the simulated bus.
mod bench {
    use hil::prelude::*;

    /// Title: A schedule of 10 ms slots for ten seconds
    /// Requirements: REQ-BUS-040
    #[hil::test(markers = [HARDWARE], timeout = "30s")]
    fn ten_seconds(ctx: &Ctx, schedules: Schedules) -> hil::Result {
        let schedule = schedules.run("Collective")?;
        for second in 0..10_u8 {
            schedule.set("ALM_Req_A", [("AmbLightColourRed", Value::from(second))])?;
            ctx.sleep(Duration::from_secs(1));
        }
        Ok(())
    }
}
