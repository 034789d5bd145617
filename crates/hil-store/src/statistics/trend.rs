//! A measurement over time and over units.

use hil_model::run::{MeasurementOutcome, SerialNumber};
use hil_model::{Limits, RunId, WallTime};

use crate::page::{Direction, Listed, Page};
use crate::sql::Select;
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

impl Store {
    /// The finite values of a measurement, in the order of their runs.
    pub async fn trend(
        &self,
        filter: RunFilter,
        measurement: String,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<TrendPoint>> {
        self.read((filter, measurement, page, direction), |link, (filter, measurement, page, direction)| {
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
                select.page("r.started_at", "r.seq", page, *direction);
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
