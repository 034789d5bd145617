//! Process capability: how well measured values lie within their limits.

use hil_model::Limits;

use crate::procedure::ProcedureBrief;
use crate::sql::Select;
use crate::statistics::{deviation, mean};
use crate::{Direction, Listed, Page, Result, RunFilter, Store};

/// The capability of one measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// The phase that measures it.
    pub phase: String,
    /// The measurement.
    pub measurement: String,
    /// Its unit, if all values have one and the same.
    pub unit: Option<String>,
    /// How many finite values there are.
    pub count: u64,
    /// How many of them passed as marginal.
    pub marginal: u64,
    /// Their mean; nothing if one of them is beyond 1e140.
    pub mean: Option<f64>,
    /// Their standard deviation, estimated from the sample; nothing for a single value, or without a mean.
    pub deviation: Option<f64>,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// The narrowest limits that any of them was held against.
    pub limits: Limits,
}

impl Capability {
    /// Cp: the width of the limits in units of six deviations. Needs both limits and some spread.
    pub fn cp(&self) -> Option<f64> {
        let (low, high) = Option::zip(self.limits.low, self.limits.high)?;
        Some((high - low) / (6.0 * self.spread()?))
    }

    /// Cpk: the distance from the mean to the nearer limit in units of three deviations. Needs one limit.
    pub fn cpk(&self) -> Option<f64> {
        let (mean, spread) = (self.mean?, 3.0 * self.spread()?);
        let below = self.limits.low.map(|low| (mean - low) / spread);
        let above = self.limits.high.map(|high| (high - mean) / spread);
        match (below, above) {
            (Some(below), Some(above)) => Some(below.min(above)),
            (one, other) => one.or(other),
        }
    }

    fn spread(&self) -> Option<f64> {
        self.deviation.filter(|deviation| *deviation > 0.0)
    }
}

impl Store {
    /// The capability of each numeric measurement that has limits, or of the one with that name, by procedure, phase and
    /// name.
    pub async fn capability(
        &self,
        filter: RunFilter,
        measurement: Option<String>,
        page: Page,
    ) -> Result<Listed<Capability>> {
        self.read_at_length((filter, measurement, page), |link, (filter, measurement, page)| {
            Box::pin(async move {
                let mut select = Select::new(concat!(
                    "SELECT p.id, p.identifier, p.name, g.phase, g.name,
                            CASE WHEN g.unit = g.last_unit THEN g.unit END,
                            g.n, g.marginal, g.mean, g.deviation, g.least, g.greatest, g.low, g.high
                     FROM (
                         SELECT r.procedure_id AS proc, h.name AS phase, m.name AS name, COUNT(*) AS n,
                                ",
                    mean!("m.number"),
                    " AS mean, ",
                    deviation!("m.number"),
                    " AS deviation,
                                MIN(m.number) AS least, MAX(m.number) AS greatest,
                                MAX(m.low) AS low, MIN(m.high) AS high,
                                MIN(m.unit) AS unit, MAX(m.unit) AS last_unit,
                                COUNT(*) FILTER (WHERE m.marginal = 1) AS marginal
                         FROM runs r JOIN measurements m ON m.run = r.seq
                         JOIN phases h ON h.run = m.run AND h.position = m.phase",
                ));
                filter.apply(&mut select);
                select.filter("m.number IS NOT NULL AND (m.low IS NOT NULL OR m.high IS NOT NULL)", []);
                select.maybe("m.name = ?", measurement.as_ref());
                select.fragment(
                    "    GROUP BY r.procedure_id, h.name, m.name
                     ) g JOIN procedures p ON p.id = g.proc ",
                    [],
                );
                let columns = ["p.created_at", "p.id", "g.phase", "g.name"];
                select.page(&columns, page, Direction::Ascending);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| {
                    Ok(Capability {
                        procedure: ProcedureBrief::take(&mut row)?,
                        phase: row.take()?,
                        measurement: row.take()?,
                        unit: row.take()?,
                        count: row.take()?,
                        marginal: row.take()?,
                        mean: row.take()?,
                        deviation: row.take()?,
                        least: row.take()?,
                        greatest: row.take()?,
                        limits: Limits { low: row.take()?, high: row.take()? },
                    })
                })
            })
        })
        .await
    }
}
