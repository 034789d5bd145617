//! What an archive answers to questions about many runs. Also the JSON of `hil`'s server and of `hil runs … --json`.
//!
//! Moments are milliseconds since 1970, durations microseconds. A mean over huge numbers may be beyond any number; it
//! is missing then.

use std::time::Duration;

use hil_model::{Limits, WallTime};
use serde::{Deserialize, Serialize};

/// Derives what every answer has.
macro_rules! answer {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }
    )+};
}

answer! {
    /// A procedure.
    pub struct Procedure {
        /// Its UUID.
        pub id: String,
        /// Its identifier, such as `FVT1`.
        pub identifier: String,
        /// Its name.
        pub name: String,
    }

    /// A run, as lists show it.
    pub struct RunLine {
        /// Its id.
        pub id: String,
        /// What was executed.
        pub procedure: Procedure,
        /// Which version of it.
        pub version: Option<String>,
        /// The unit's serial number.
        pub serial_number: String,
        /// The unit's part number.
        pub part_number: String,
        /// What the part is called.
        pub part_name: String,
        /// The part's revision.
        pub revision: String,
        /// The unit's batch.
        pub batch: Option<String>,
        /// Where it was executed.
        pub station: Option<String>,
        /// Who executed it.
        pub operator: Option<String>,
        /// How it ended: PASS, FAIL, ERROR, TIMEOUT or ABORTED.
        pub outcome: String,
        /// When it began.
        pub started_ms: i64,
        /// When it ended.
        pub ended_ms: i64,
        /// How long it took.
        pub duration_us: u64,
        /// When it was stored.
        pub created_ms: i64,
    }

    /// A page of runs.
    pub struct RunLines {
        /// The runs.
        pub runs: Vec<RunLine>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }

    /// A band; an end that is missing is open.
    pub struct Band {
        /// The least value that is good.
        pub low: Option<f64>,
        /// The greatest value that is good.
        pub high: Option<f64>,
    }

    /// The first-pass yield of a procedure.
    pub struct FirstPass {
        /// The procedure.
        pub procedure: Procedure,
        /// How many units were tested.
        pub units: u64,
        /// How many of them passed in their first run.
        pub passed: u64,
        /// The share of them, from 0 to 1.
        pub share: f64,
    }

    /// The first-pass yields of procedures.
    pub struct FirstPasses {
        /// One entry a procedure.
        pub procedures: Vec<FirstPass>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }

    /// The capability of a measurement.
    pub struct Capability {
        /// The procedure.
        pub procedure: Procedure,
        /// The phase.
        pub phase: String,
        /// The measurement.
        pub measurement: String,
        /// Its unit, if all values have one and the same.
        pub unit: Option<String>,
        /// How many finite values there are.
        pub count: u64,
        /// How many of them passed as marginal.
        pub marginal: u64,
        /// Their mean.
        pub mean: Option<f64>,
        /// Their standard deviation.
        pub deviation: Option<f64>,
        /// The least.
        pub least: f64,
        /// The greatest.
        pub greatest: f64,
        /// The narrowest limits.
        pub limits: Band,
        /// Cp, if there are both limits and some spread.
        pub cp: Option<f64>,
        /// Cpk, if there is a limit and some spread.
        pub cpk: Option<f64>,
    }

    /// One value of a measurement.
    pub struct TrendPoint {
        /// The run.
        pub run: String,
        /// When it began.
        pub started_ms: i64,
        /// The unit.
        pub serial_number: String,
        /// The phase.
        pub phase: String,
        /// The value.
        pub value: f64,
        /// Its unit.
        pub unit: Option<String>,
        /// What its limits said.
        pub outcome: String,
        /// Whether it passed as marginal.
        pub marginal: bool,
        /// The limits.
        pub limits: Band,
    }

    /// The capabilities of measurements.
    pub struct Capabilities {
        /// One entry a measurement.
        pub measurements: Vec<Capability>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }

    /// A measurement over time.
    pub struct Trend {
        /// The values.
        pub points: Vec<TrendPoint>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }

    /// What one unit showed of a measurement.
    pub struct UnitTrend {
        /// The unit.
        pub serial_number: String,
        /// When the first run that measured it began.
        pub first_ms: i64,
        /// When the last one did.
        pub last_ms: i64,
        /// The unit of the values, if all have one and the same.
        pub unit: Option<String>,
        /// How many finite values there are.
        pub count: u64,
        /// How many of them passed as marginal.
        pub marginal: u64,
        /// How many of them failed.
        pub failed: u64,
        /// Their mean.
        pub mean: Option<f64>,
        /// The least.
        pub least: f64,
        /// The greatest.
        pub greatest: f64,
        /// The narrowest limits.
        pub limits: Band,
    }

    /// A measurement over units.
    pub struct UnitTrends {
        /// The units.
        pub units: Vec<UnitTrend>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }

    /// A phase that both passed and failed for one unit, or that was tried again.
    pub struct FlakyPhase {
        /// The procedure.
        pub procedure: Procedure,
        /// The phase.
        pub phase: String,
        /// How many units showed it.
        pub units: u64,
        /// How often it passed for them.
        pub passed: u64,
        /// How often it failed for them.
        pub failed: u64,
        /// How often it was tried again.
        pub retried: u64,
    }

    /// How long a phase takes.
    pub struct SlowPhase {
        /// The procedure.
        pub procedure: Procedure,
        /// The phase.
        pub phase: String,
        /// How often it ran to its end.
        pub count: u64,
        /// How long it took on average.
        pub mean_us: u64,
        /// How long it took at most.
        pub longest_us: u64,
    }

    /// The values of one period.
    pub struct Period {
        /// When the first run of the period began.
        pub from_ms: i64,
        /// When the last one did.
        pub until_ms: i64,
        /// How many finite values there are.
        pub count: u64,
        /// The share of those that passed as marginal.
        pub marginal_share: f64,
        /// Their mean.
        pub mean: Option<f64>,
    }

    /// How a measurement changed over time.
    pub struct Drift {
        /// The procedure.
        pub procedure: Procedure,
        /// The phase.
        pub phase: String,
        /// The measurement.
        pub measurement: String,
        /// Its unit, if all values have one and the same.
        pub unit: Option<String>,
        /// The narrowest limits.
        pub limits: Band,
        /// The periods, oldest first.
        pub periods: Vec<Period>,
        /// How much the mean moved from the first period to the last.
        pub shift: Option<f64>,
        /// How much of the way from the first mean to its nearest limit is gone.
        pub approach: Option<f64>,
        /// How much the share of marginal values rose.
        pub marginal_rise: Option<f64>,
    }

    /// How measurements changed over time.
    pub struct Drifts {
        /// One entry a measurement.
        pub measurements: Vec<Drift>,
        /// The cursor of the next page, if there is more.
        pub next: Option<u64>,
    }
}

fn millis(time: WallTime) -> i64 {
    time.unix_millis()
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// JSON has no number for what is not finite.
fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

impl From<hil_store::ProcedureBrief> for Procedure {
    fn from(brief: hil_store::ProcedureBrief) -> Self {
        Self { id: brief.id.to_string(), identifier: brief.identifier, name: brief.name }
    }
}

impl From<Limits> for Band {
    fn from(limits: Limits) -> Self {
        Self { low: limits.low.and_then(finite), high: limits.high.and_then(finite) }
    }
}

impl From<hil_store::RunSummary> for RunLine {
    fn from(run: hil_store::RunSummary) -> Self {
        Self {
            id: run.id.into(),
            procedure: run.procedure.into(),
            version: run.version.map(|version| version.tag.to_string()),
            serial_number: run.unit.serial_number.to_string(),
            part_number: run.unit.part.number.to_string(),
            part_name: run.unit.part.name.to_string(),
            revision: run.unit.revision.number.to_string(),
            batch: run.unit.batch.map(|batch| batch.number.to_string()),
            station: run.station.map(|station| station.to_string()),
            operator: run.operator,
            outcome: run.outcome.to_string(),
            started_ms: millis(run.started_at),
            ended_ms: millis(run.ended_at),
            duration_us: micros(run.duration),
            created_ms: millis(run.created_at),
        }
    }
}

impl From<hil_store::Listed<hil_store::RunSummary>> for RunLines {
    fn from(listed: hil_store::Listed<hil_store::RunSummary>) -> Self {
        Self { runs: listed.items.into_iter().map(RunLine::from).collect(), next: listed.next }
    }
}

impl From<hil_store::FirstPass> for FirstPass {
    fn from(of: hil_store::FirstPass) -> Self {
        Self { share: of.share(), procedure: of.procedure.into(), units: of.units, passed: of.passed }
    }
}

impl From<hil_store::Listed<hil_store::FirstPass>> for FirstPasses {
    fn from(listed: hil_store::Listed<hil_store::FirstPass>) -> Self {
        Self { procedures: listed.items.into_iter().map(FirstPass::from).collect(), next: listed.next }
    }
}

impl From<hil_store::Listed<hil_store::Capability>> for Capabilities {
    fn from(listed: hil_store::Listed<hil_store::Capability>) -> Self {
        Self { measurements: listed.items.into_iter().map(Capability::from).collect(), next: listed.next }
    }
}

impl From<hil_store::Listed<hil_store::Drift>> for Drifts {
    fn from(listed: hil_store::Listed<hil_store::Drift>) -> Self {
        Self { measurements: listed.items.into_iter().map(Drift::from).collect(), next: listed.next }
    }
}

impl From<hil_store::Capability> for Capability {
    fn from(of: hil_store::Capability) -> Self {
        Self {
            cp: of.cp().and_then(finite),
            cpk: of.cpk().and_then(finite),
            procedure: of.procedure.into(),
            phase: of.phase,
            measurement: of.measurement,
            unit: of.unit,
            count: of.count,
            marginal: of.marginal,
            mean: of.mean.and_then(finite),
            deviation: of.deviation.and_then(finite),
            least: of.least,
            greatest: of.greatest,
            limits: of.limits.into(),
        }
    }
}

impl From<hil_store::TrendPoint> for TrendPoint {
    fn from(point: hil_store::TrendPoint) -> Self {
        Self {
            run: point.run.into(),
            started_ms: millis(point.started_at),
            serial_number: point.serial_number.to_string(),
            phase: point.phase,
            value: point.value,
            unit: point.unit,
            outcome: point.outcome.to_string(),
            marginal: point.marginal,
            limits: point.limits.into(),
        }
    }
}

impl From<hil_store::Listed<hil_store::TrendPoint>> for Trend {
    fn from(listed: hil_store::Listed<hil_store::TrendPoint>) -> Self {
        Self { points: listed.items.into_iter().map(TrendPoint::from).collect(), next: listed.next }
    }
}

impl From<hil_store::UnitTrend> for UnitTrend {
    fn from(of: hil_store::UnitTrend) -> Self {
        Self {
            serial_number: of.serial_number.to_string(),
            first_ms: millis(of.first_at),
            last_ms: millis(of.last_at),
            unit: of.unit,
            count: of.count,
            marginal: of.marginal,
            failed: of.failed,
            mean: of.mean.and_then(finite),
            least: of.least,
            greatest: of.greatest,
            limits: of.limits.into(),
        }
    }
}

impl From<hil_store::Listed<hil_store::UnitTrend>> for UnitTrends {
    fn from(listed: hil_store::Listed<hil_store::UnitTrend>) -> Self {
        Self { units: listed.items.into_iter().map(UnitTrend::from).collect(), next: listed.next }
    }
}

impl From<hil_store::FlakyPhase> for FlakyPhase {
    fn from(of: hil_store::FlakyPhase) -> Self {
        Self {
            procedure: of.procedure.into(),
            phase: of.phase,
            units: of.units,
            passed: of.passed,
            failed: of.failed,
            retried: of.retried,
        }
    }
}

impl From<hil_store::SlowPhase> for SlowPhase {
    fn from(of: hil_store::SlowPhase) -> Self {
        Self {
            procedure: of.procedure.into(),
            phase: of.phase,
            count: of.count,
            mean_us: micros(of.mean),
            longest_us: micros(of.longest),
        }
    }
}

impl From<hil_store::Period> for Period {
    fn from(of: hil_store::Period) -> Self {
        Self {
            from_ms: millis(of.from),
            until_ms: millis(of.until),
            count: of.count,
            marginal_share: of.marginal_share(),
            mean: of.mean.and_then(finite),
        }
    }
}

impl From<hil_store::Drift> for Drift {
    fn from(of: hil_store::Drift) -> Self {
        Self {
            shift: of.shift().and_then(finite),
            approach: of.approach().and_then(finite),
            marginal_rise: of.marginal_rise(),
            procedure: of.procedure.into(),
            phase: of.phase,
            measurement: of.measurement,
            unit: of.unit,
            limits: of.limits.into(),
            periods: of.periods.into_iter().map(Period::from).collect(),
        }
    }
}
