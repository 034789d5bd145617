//! A unit with everything around it.

use std::collections::HashMap;

use hil_model::run::SerialNumber;

use super::{Relative, Unit, UnitRevision, UnitRun};
use crate::actor::{creator_columns, creator_joins};
use crate::batch::BatchBrief;
use crate::engine::Link;
use crate::part::PartBrief;
use crate::procedure::ProcedureBrief;
use crate::sql::{Row, Select};
use crate::{Creator, Entity, Result, Store, StoreError, UnitId, upload};

/// How many children of a unit are told.
const MAX_CHILDREN: i64 = 1000;

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

/// A run's columns, as they go with a unit, after others.
macro_rules! unit_run {
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            "x.id, x.created_at, x.started_at, x.ended_at, x.duration_us, x.outcome, q.id, q.identifier, q.name
             FROM runs x JOIN procedures q ON q.id = x.procedure_id"
        )
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

/// Makes units of rows of [`COLUMNS`], with one question for each kind of thing around them.
pub(super) async fn complete(link: &mut Link, rows: Vec<Row>) -> Result<Vec<Unit>> {
    let (mut units, mut during, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        units.push(Unit {
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
        });
        during.push(row.take::<Option<String>>()?);
        parents.push(row.take::<Option<UnitId>>()?);
    }
    if units.is_empty() {
        return Ok(units);
    }
    let ids: Vec<UnitId> = units.iter().map(|unit| unit.id).collect();
    let firsts = firsts(link, &during).await?;
    let mut last_runs = last_runs(link, &ids).await?;
    let known_parents = parents_of(link, &parents).await?;
    let mut children = children(link, &ids).await?;
    let mut attachments = upload::of_units(link, &ids).await?;
    for ((unit, during), parent) in units.iter_mut().zip(&during).zip(&parents) {
        unit.created_during = during.as_ref().and_then(|run| firsts.get(run).cloned());
        unit.parent = parent.and_then(|parent| known_parents.get(&parent).cloned());
        unit.last_run = last_runs.remove(&unit.id);
        unit.children = children.remove(&unit.id).unwrap_or_default();
        unit.attachments = attachments.remove(&unit.id).unwrap_or_default();
    }
    Ok(units)
}

/// The runs that made units known, by their ids.
async fn firsts(link: &mut Link, ids: &[Option<String>]) -> Result<HashMap<String, UnitRun>> {
    if ids.iter().all(Option::is_none) {
        return Ok(HashMap::new());
    }
    let mut select = Select::new(unit_run!(""));
    select.any_of("x.id", ids.iter().flatten(), "");
    let rows = link.select(&select).await?.into_iter();
    rows.map(|mut row| {
        let run = UnitRun::take(&mut row)?;
        Ok((run.id.to_string(), run))
    })
    .collect()
}

/// The latest run of each unit.
async fn last_runs(link: &mut Link, ids: &[UnitId]) -> Result<HashMap<UnitId, UnitRun>> {
    let mut select = Select::new(concat!(
        unit_run!("x.unit_id, "),
        " JOIN units u ON x.seq = (SELECT y.seq FROM runs y WHERE y.unit_id = u.id
                                   ORDER BY y.started_at DESC, y.seq DESC LIMIT 1)"
    ));
    select.any_of("u.id", ids.iter().copied(), "");
    let rows = link.select(&select).await?.into_iter();
    rows.map(|mut row| Ok((row.take()?, UnitRun::take(&mut row)?))).collect()
}

async fn parents_of(link: &mut Link, ids: &[Option<UnitId>]) -> Result<HashMap<UnitId, Relative>> {
    if ids.iter().all(Option::is_none) {
        return Ok(HashMap::new());
    }
    let mut select = Select::new(
        "SELECT u.id, u.serial, p.id, p.number, p.name, r.id, r.number
         FROM units u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id",
    );
    select.any_of("u.id", ids.iter().flatten().copied(), "");
    let rows = link.select(&select).await?.into_iter();
    rows.map(|mut row| {
        let parent = Relative::take(&mut row)?;
        Ok((parent.id, parent))
    })
    .collect()
}

/// The first children of each unit, in the order in which they became known.
async fn children(link: &mut Link, ids: &[UnitId]) -> Result<HashMap<UnitId, Vec<Relative>>> {
    let mut select = Select::new(
        "SELECT u.parent_id, u.id, u.serial, p.id, p.number, p.name, r.id, r.number
         FROM (SELECT c.id, c.serial, c.revision_id, c.parent_id,
                      ROW_NUMBER() OVER (PARTITION BY c.parent_id ORDER BY c.created_at, c.id) AS n
               FROM units c",
    );
    select.any_of("c.parent_id", ids.iter().copied(), "");
    select.fragment(
        ") u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id
         WHERE u.n <= ? ORDER BY u.parent_id, u.n",
        [MAX_CHILDREN.into()],
    );
    let mut children = HashMap::<UnitId, Vec<Relative>>::new();
    for mut row in link.select(&select).await? {
        children.entry(row.take()?).or_default().push(Relative::take(&mut row)?);
    }
    Ok(children)
}

pub(super) async fn get(link: &mut Link, serial: &SerialNumber) -> Result<Unit> {
    let row = link.expect(ONE, &[serial.key().into()], Entity::Unit, serial).await?;
    let unit = complete(link, vec![row]).await?.pop();
    unit.ok_or_else(|| StoreError::not_found(Entity::Unit, serial.as_str()))
}

impl Store {
    /// A unit.
    pub async fn unit(&self, serial: SerialNumber) -> Result<Unit> {
        self.read(serial, |link, serial| Box::pin(get(link, serial))).await
    }
}
