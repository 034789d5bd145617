//! The schedule tables of the LDF, run in the background while a test goes on (LIN-09).

mod running;

use std::sync::Arc;

use hil_ldf::Database;
use hil_lin::Bitrate;
use hil_model::Resource;
use hil_runner::ScheduleTables;

pub use self::running::{Latest, RunningSchedule};
use crate::{Ctx, FromBench, Lin, Result};

/// The schedule tables of the LDF.
///
/// ```
/// use hil::prelude::*;
///
/// /// Title: The light follows what the schedule sends
/// /// Requirements: REQ-ALM-010
/// /// Test Steps:
/// ///   1. Run the table Normal and set full intensity.
/// /// Expected Result: ALMLEDState is ON within a second.
/// #[hil::test(markers = [HARDWARE], timeout = "5s")]
/// fn the_light_follows(ctx: &Ctx, schedules: Schedules) -> hil::Result {
///     let normal = schedules.run("Normal")?;
///     normal.set("ALM_Req_A", [("AmbLightIntensity", Value::Raw(255))])?;
///     ctx.wait_for("ALMLEDState = ON", Duration::ZERO, Duration::from_secs(1), || {
///         let state = normal.next("ALM_Status", Duration::from_secs(1))?.raw("ALMLEDState")?;
///         Ok((state == 2).then_some(()))
///     })
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Schedules {
    ctx: Ctx,
    lin: Lin,
    ldf: Arc<Database>,
}

impl FromBench for Schedules {
    const NEEDS: &'static [Resource] = &[Resource::Lin, Resource::Ldf];

    fn from_bench(ctx: &Ctx) -> Result<Self> {
        Ok(Self { ctx: ctx.clone(), lin: Lin::from_bench(ctx)?, ldf: Arc::<Database>::from_bench(ctx)? })
    }
}

impl Schedules {
    /// The names of the tables, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ldf.schedule_tables().map(|table| table.name())
    }

    /// Runs the table `name` until the guard is dropped; no schedule outlives its test.
    ///
    /// Slots that are too short for their frames are warned of in the log.
    ///
    /// # Errors
    ///
    /// A test error that suggests the nearest name, if there is no such table; for a table that cannot be run,
    /// because it is empty or a frame has no identifier; and while another schedule runs.
    #[track_caller]
    pub fn run(&self, name: &str) -> Result<RunningSchedule> {
        let config = &self.ctx.config().interface;
        let tables = ScheduleTables::new(Arc::clone(&self.ldf), config.frame_lengths.clone());
        let set = tables.set(name)?;
        for warning in tables.short_slots(name) {
            tracing::warn!("{warning}");
        }
        let running = self.lin.schedule(set, Bitrate::new(config.bitrate)?)?;
        Ok(RunningSchedule::new(self.ctx.clone(), tables, running))
    }
}
