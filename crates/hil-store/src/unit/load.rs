//! A unit with everything around it.

use hil_model::run::SerialNumber;

use super::{Relative, Unit, UnitRevision, UnitRun};
use crate::actor::{creator_columns, creator_joins};
use crate::batch::BatchBrief;
use crate::engine::Link;
use crate::part::PartBrief;
use crate::procedure::ProcedureBrief;
use crate::sql::Row;
use crate::{Creator, Entity, Result, Store, UnitId, upload};

/// A unit's columns, without a condition.
macro_rules! unit_columns {
    () => {
        concat!(
            "SELECT u.id, u.serial, u.created_at, p.id, p.number, p.name, r.id, r.number, b.id, b.number, ",
            creator_columns!(),
            ", u.created_during, u.parent_id
             FROM units u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id
             LEFT JOIN batches b ON b.id = u.batch_id",
            creator_joins!("u")
        )
    };
}

pub(super) const COLUMNS: &str = unit_columns!();
const ONE: &str = concat!(unit_columns!(), " WHERE u.serial_key = $1");

/// A run's columns, as they go with a unit.
macro_rules! unit_run {
    () => {
        "SELECT x.id, x.created_at, x.started_at, x.ended_at, x.duration_us, x.outcome, q.id, q.identifier, q.name
         FROM runs x JOIN procedures q ON q.id = x.procedure_id"
    };
}

/// A relative's columns.
macro_rules! relative {
    () => {
        "SELECT u.id, u.serial, p.id, p.number, p.name, r.id, r.number
         FROM units u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id"
    };
}

impl UnitRun {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            created_at: row.take()?,
            started_at: row.take()?,
            ended_at: row.take()?,
            duration: row.take()?,
            outcome: row.take()?,
            procedure: ProcedureBrief::take(row)?,
        })
    }
}

impl Relative {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            serial_number: row.take()?,
            part: PartBrief::take(row)?,
            revision: UnitRevision { id: row.take()?, number: row.take()? },
        })
    }
}

/// Makes a unit of a row of [`COLUMNS`].
pub(super) async fn complete(link: &mut Link, mut row: Row) -> Result<Unit> {
    let mut unit = Unit {
        id: row.take()?,
        serial_number: row.take()?,
        created_at: row.take()?,
        part: PartBrief::take(&mut row)?,
        revision: UnitRevision { id: row.take()?, number: row.take()? },
        batch: BatchBrief::take(&mut row)?,
        created_by: Creator::take(&mut row)?,
        parent: None,
        children: Vec::new(),
        created_during: None,
        last_run: None,
        attachments: Vec::new(),
    };
    let (during, parent): (Option<String>, Option<UnitId>) = (row.take()?, row.take()?);
    if let Some(during) = during {
        let select = concat!(unit_run!(), " WHERE x.id = $1");
        let row = link.row(select, &[during.into()]).await?;
        unit.created_during = row.map(|mut row| UnitRun::take(&mut row)).transpose()?;
    }
    let select = concat!(unit_run!(), " WHERE x.unit_id = $1 ORDER BY x.started_at DESC, x.seq DESC LIMIT 1");
    let row = link.row(select, &[unit.id.into()]).await?;
    unit.last_run = row.map(|mut row| UnitRun::take(&mut row)).transpose()?;
    if let Some(parent) = parent {
        let row = link.row(concat!(relative!(), " WHERE u.id = $1"), &[parent.into()]).await?;
        unit.parent = row.map(|mut row| Relative::take(&mut row)).transpose()?;
    }
    let select = concat!(relative!(), " WHERE u.parent_id = $1 ORDER BY u.created_at, u.id LIMIT 1000");
    for mut row in link.rows(select, &[unit.id.into()]).await? {
        unit.children.push(Relative::take(&mut row)?);
    }
    unit.attachments = upload::of_unit(link, unit.id).await?;
    Ok(unit)
}

pub(super) async fn get(link: &mut Link, serial: &SerialNumber) -> Result<Unit> {
    let row = link.expect(ONE, &[serial.key().into()], Entity::Unit, serial).await?;
    complete(link, row).await
}

impl Store {
    /// A unit.
    pub async fn unit(&self, serial: SerialNumber) -> Result<Unit> {
        self.read(serial, |link, serial| Box::pin(get(link, serial))).await
    }
}
