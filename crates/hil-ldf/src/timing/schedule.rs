//! The timing of a whole schedule table.

use std::num::NonZeroU32;
use std::time::Duration;

use thiserror::Error;

use super::frame::FrameRule;
use super::margin::Margin;
use super::slot::{Carried, SlotTiming};
use crate::model::{Database, LookupError};

/// Why a schedule has no timing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimingError {
    /// There is no schedule table by this name.
    #[error(transparent)]
    Unknown(#[from] LookupError),
    /// Without a master there are neither time base nor jitter.
    #[error("the file has no master, so its schedules have no time base")]
    NoMaster,
    /// Without a bit rate no frame has a length in time.
    #[error("the file has no LIN_speed, so its frames have no length in time")]
    NoBitRate,
}

/// How long the slots of a schedule table and their frames are.
///
/// ```
/// # let text = r#"
/// #     LIN_description_file;
/// #     LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
/// #     Nodes { Master: M, 5 ms, 0.1 ms; Slaves: ; }
/// #     Signals { Speed: 12, 0, M; }
/// #     Frames { F: 0x10, M, 2 { Speed, 4; } }
/// #     Schedule_tables { Normal { F delay 5 ms; MasterReq delay 5 ms; } }
/// # "#;
/// # let database = hil_ldf::parse(text)?.database;
/// let timing = hil_ldf::ScheduleTiming::of(&database, "Normal")?;
/// // 64 bits at 19200 bit/s, and 1.4 times that.
/// let slot = &timing.slots[0];
/// assert_eq!((slot.nominal.as_micros(), slot.maximum.as_micros()), (3333, 4666));
/// assert_eq!(slot.margin.to_string(), "0.233333 ms");
/// // 8 bytes take up to 9.04 ms.
/// assert!(timing.slots[1].is_too_short());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleTiming {
    /// Name of the table.
    pub schedule: String,
    /// The unit in which the master counts slots.
    pub time_base: Duration,
    /// How far a slot's start may be off.
    pub jitter: Duration,
    /// Time for one pass through the table.
    pub period: Duration,
    /// The slots, in order.
    pub slots: Vec<SlotTiming>,
}

/// How much of the time the bus is busy if every slot is used, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BusLoad {
    /// With every frame at its nominal length.
    pub nominal: f64,
    /// With every frame at its maximum.
    pub maximum: f64,
}

impl ScheduleTiming {
    /// The timing of the schedule table called `schedule`.
    ///
    /// # Errors
    ///
    /// There is no such table, or the file has no master or no bit rate.
    pub fn of(database: &Database, schedule: &str) -> Result<Self, TimingError> {
        let table = database.schedule_table(schedule)?;
        let bitrate = NonZeroU32::new(database.bitrate()).ok_or(TimingError::NoBitRate)?;
        let master = database.master().ok_or(TimingError::NoMaster)?;
        let (time_base, jitter) = (master.time_base(), master.jitter());
        let rule = FrameRule::of(database, bitrate);
        let mut start = Duration::ZERO;
        let mut slots = Vec::new();
        for entry in table.entries() {
            let carried = Carried::by(entry.command(), database, &rule)?;
            let length = entry.delay();
            slots.push(SlotTiming {
                number: slots.len() + 1,
                start,
                frame: carried.frame,
                kind: carried.kind,
                id: carried.id,
                bytes: carried.time.bytes,
                nominal: carried.time.nominal,
                maximum: carried.time.maximum,
                length,
                margin: Margin::between(length, jitter.saturating_add(carried.time.maximum)),
                on_time_base: is_multiple(length, time_base),
            });
            start = start.saturating_add(length);
        }
        Ok(Self { schedule: table.name().to_owned(), time_base, jitter, period: start, slots })
    }

    /// How busy the bus is; none for a table that takes no time.
    pub fn bus_load(&self) -> Option<BusLoad> {
        if self.period.is_zero() {
            return None;
        }
        let percent = |times: &dyn Fn(&SlotTiming) -> Duration| {
            let busy = self.slots.iter().map(times).fold(Duration::ZERO, Duration::saturating_add);
            100.0 * busy.as_secs_f64() / self.period.as_secs_f64()
        };
        Some(BusLoad { nominal: percent(&|slot| slot.nominal), maximum: percent(&|slot| slot.maximum) })
    }
}

fn is_multiple(length: Duration, unit: Duration) -> bool {
    length.as_nanos().checked_rem(unit.as_nanos()).map_or(length.is_zero(), |rest| rest == 0)
}
