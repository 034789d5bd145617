//! A measurement over time and over units.

use hil_model::run::{MeasurementOutcome, SerialNumber};
use hil_model::{Limits, RunId, WallTime};

use crate::page::{Direction, Listed, Page};
use crate::sql::Select;
use crate::statistics::mean;
use crate::{Result, RunFilter, Store};

/// One value of a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started_at: WallTime,
    /// The unit.
    pub serial_number: SerialNumber,
    /// The phase.
    pub phase: String,
    /// The value; always finite.
    pub value: f64,
    /// Its unit.
    pub unit: Option<String>,
    /// What its limits said.
    pub outcome: MeasurementOutcome,
    /// Whether it passed as marginal.
    pub marginal: bool,
    /// The limits that it was held against.
    pub limits: Limits,
}

/// What one unit showed.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitTrend {
    /// The unit.
    pub serial_number: SerialNumber,
    /// When the first of its runs that measured it began.
    pub first_at: WallTime,
    /// When the last one did.
    pub last_at: WallTime,
    /// The unit of the values, if all have one and the same.
    pub unit: Option<String>,
    /// How many finite values there are.
    pub count: u64,
    /// How many of them passed as marginal.
    pub marginal: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Their mean; nothing if one of them is beyond 1e140.
    pub mean: Option<f64>,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// The narrowest limits that any of them was held against.
    pub limits: Limits,
}

impl Store {
    /// What each unit showed of a measurement, in the order in which the units were first tested.
    pub async fn unit_trend(
        &self,
        filter: RunFilter,
        measurement: String,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<UnitTrend>> {
        self.read_at_length((filter, measurement, page, direction), |link, (filter, measurement, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(concat!(
                    "SELECT g.serial, g.first_at, g.last_at, CASE WHEN g.unit = g.last_unit THEN g.unit END, g.n,
                            g.marginal, g.failed, g.mean, g.least, g.greatest, g.low, g.high
                     FROM (
                         SELECT MAX(r.serial) AS serial, MIN(r.started_at) AS first_at,
                                MAX(r.started_at) AS last_at, MIN(r.seq) AS first_seq, COUNT(*) AS n,
                                COUNT(*) FILTER (WHERE m.marginal = 1) AS marginal,
                                COUNT(*) FILTER (WHERE m.outcome = 'FAIL') AS failed,
                                ",
                    mean!("m.number"),
                    " AS mean, MIN(m.number) AS least, MAX(m.number) AS greatest,
                                MAX(m.low) AS low, MIN(m.high) AS high, MIN(m.unit) AS unit, MAX(m.unit) AS last_unit
                         FROM measurements m JOIN runs r ON r.seq = m.run",
                ));
                filter.apply(&mut select);
                select.filter("m.name = ?", [measurement.into()]);
                select.filter("m.number IS NOT NULL", []);
                select.fragment(" GROUP BY r.unit_id) g", []);
                select.page(&["g.first_at", "g.first_seq"], page, *direction);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| {
                    Ok(UnitTrend {
                        serial_number: row.take()?,
                        first_at: row.take()?,
                        last_at: row.take()?,
                        unit: row.take()?,
                        count: row.take()?,
                        marginal: row.take()?,
                        failed: row.take()?,
                        mean: row.take()?,
                        least: row.take()?,
                        greatest: row.take()?,
                        limits: Limits { low: row.take()?, high: row.take()? },
                    })
                })
            })
        })
        .await
    }

    /// The finite values of a measurement, in the order of their runs.
    pub async fn trend(
        &self,
        filter: RunFilter,
        measurement: String,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<TrendPoint>> {
        self.read_at_length((filter, measurement, page, direction), |link, (filter, measurement, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(
                    "SELECT r.id, r.started_at, r.serial, h.name, m.number, m.unit, m.outcome, m.marginal, m.low,
                            m.high
                     FROM measurements m JOIN runs r ON r.seq = m.run
                     JOIN phases h ON h.run = m.run AND h.position = m.phase",
                );
                filter.apply(&mut select);
                select.filter("m.name = ?", [measurement.into()]);
                select.filter("m.number IS NOT NULL", []);
                select.page(&["r.started_at", "r.seq", "m.phase", "m.position"], page, *direction);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| {
                    Ok(TrendPoint {
                        run: row.take()?,
                        started_at: row.take()?,
                        serial_number: row.take()?,
                        phase: row.take()?,
                        value: row.take()?,
                        unit: row.take()?,
                        outcome: row.take()?,
                        marginal: row.take()?,
                        limits: Limits { low: row.take()?, high: row.take()? },
                    })
                })
            })
        })
        .await
    }
}
