//! First-pass yield: how many units passed at the first attempt.

use crate::procedure::ProcedureBrief;
use crate::sql::Select;
use crate::{Direction, Listed, Page, Result, RunFilter, Store};

/// The first-pass yield of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstPass {
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// How many units were tested.
    pub units: u64,
    /// How many of them passed in their first run.
    pub passed: u64,
}

impl FirstPass {
    /// The share of units that passed at once, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "nobody tests that many units")]
    pub fn share(&self) -> f64 {
        if self.units == 0 { 0.0 } else { self.passed as f64 / self.units as f64 }
    }
}

impl Store {
    /// The first-pass yield of each procedure, by the time when it was made.
    ///
    /// The first run of a unit is its first one of that procedure ever. It counts if the filter lets it through: a unit
    /// that failed last month and passed this month does not count among this month's.
    pub async fn first_pass_yield(&self, filter: RunFilter, page: Page) -> Result<Listed<FirstPass>> {
        self.read_at_length((filter, page), |link, (filter, page)| {
            Box::pin(async move {
                let mut select = Select::new(
                    "SELECT p.id, p.identifier, p.name, f.units, f.passed FROM (
                         SELECT r.procedure_id, COUNT(*) AS units,
                                COUNT(*) FILTER (WHERE r.outcome = 'PASS') AS passed
                         FROM runs r",
                );
                filter.apply(&mut select);
                select.filter(
                    "NOT EXISTS (SELECT 1 FROM runs e WHERE e.procedure_id = r.procedure_id
                                 AND e.unit_id = r.unit_id
                                 AND (e.started_at, e.seq) < (r.started_at, r.seq))",
                    [],
                );
                select.fragment(" GROUP BY r.procedure_id) f JOIN procedures p ON p.id = f.procedure_id", []);
                select.page(&["p.created_at", "p.id"], page, Direction::Ascending);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| {
                    let procedure = ProcedureBrief::take(&mut row)?;
                    Ok(FirstPass { procedure, units: row.take()?, passed: row.take()? })
                })
            })
        })
        .await
    }
}
