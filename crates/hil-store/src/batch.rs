//! Batches: units that were made together.

use hil_model::WallTime;
use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, SerialNumber};

use crate::actor::{creator_columns, creator_joins};
use crate::engine::Link;
use crate::page::{Direction, Listed, Page};
use crate::part::PartBrief;
use crate::sql::{Row, Select, pattern};
use crate::store::now;
use crate::unit::UnitRevision;
use crate::{Actor, BatchId, Creator, Entity, Result, Store, StoreError, UnitId};

/// As much of a batch as goes with its units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchBrief {
    /// The id.
    pub id: BatchId,
    /// The number.
    pub number: BatchNumber,
}

impl BatchBrief {
    /// From the columns id, number, both empty if there is none.
    pub(crate) fn take(row: &mut Row) -> Result<Option<Self>> {
        let (id, number) = (row.take()?, row.take()?);
        Ok(Option::zip(id, number).map(|(id, number)| Self { id, number }))
    }
}

/// As much of a unit as goes with its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchUnit {
    /// The id.
    pub id: UnitId,
    /// The serial number.
    pub serial_number: SerialNumber,
    /// When it became known.
    pub created_at: WallTime,
    /// What part it is one of.
    pub part: PartBrief,
    /// The part's revision.
    pub revision: UnitRevision,
}

impl BatchUnit {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            serial_number: row.take()?,
            created_at: row.take()?,
            part: PartBrief::take(row)?,
            revision: UnitRevision { id: row.take()?, number: row.take()? },
        })
    }
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What names it.
    pub brief: BatchBrief,
    /// When it was made.
    pub created_at: WallTime,
    /// Who made it.
    pub created_by: Creator,
    /// How many units are in it.
    pub unit_count: u64,
    /// The units, newest first; at most 1000, and none in a list of batches.
    pub units: Vec<BatchUnit>,
}

/// Which batches are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchFilter {
    /// A part of the number.
    pub search: Option<String>,
    /// One of these.
    pub ids: Vec<BatchId>,
    /// With one of these numbers.
    pub numbers: Vec<BatchNumber>,
    /// With units of one of these parts.
    pub part_numbers: Vec<PartNumber>,
    /// With units of one of these revisions.
    pub revision_numbers: Vec<RevisionNumber>,
    /// Made at that time or later.
    pub created_after: Option<WallTime>,
    /// Made at that time or earlier.
    pub created_before: Option<WallTime>,
}

/// What batches are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchOrder {
    /// When they were made.
    #[default]
    CreatedAt,
    /// Their numbers.
    Number,
}

const COLUMNS: &str = concat!(
    "SELECT b.id, b.number, b.created_at, (SELECT COUNT(*) FROM units u WHERE u.batch_id = b.id), ",
    creator_columns!(),
    " FROM batches b",
    creator_joins!("b")
);

const ONE: &str = concat!(
    "SELECT b.id, b.number, b.created_at, (SELECT COUNT(*) FROM units u WHERE u.batch_id = b.id), ",
    creator_columns!(),
    " FROM batches b",
    creator_joins!("b"),
    " WHERE b.number_key = $1"
);

impl Batch {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            brief: BatchBrief { id: row.take()?, number: row.take()? },
            created_at: row.take()?,
            unit_count: row.take()?,
            created_by: Creator::take(row)?,
            units: Vec::new(),
        })
    }
}

async fn get(link: &mut Link, number: &BatchNumber) -> Result<Batch> {
    let mut row = link.expect(ONE, &[number.key().into()], Entity::Batch, number).await?;
    let mut batch = Batch::take(&mut row)?;
    let select = "
        SELECT u.id, u.serial, u.created_at, p.id, p.number, p.name, r.id, r.number
        FROM units u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id
        WHERE u.batch_id = $1 ORDER BY u.created_at DESC, u.id LIMIT 1000";
    let units = link.rows(select, &[batch.brief.id.into()]).await?;
    batch.units = units.into_iter().map(|mut row| BatchUnit::take(&mut row)).collect::<Result<_>>()?;
    Ok(batch)
}

/// The batch with that number, if there is one.
pub(crate) async fn find(link: &mut Link, number: &BatchNumber) -> Result<Option<BatchBrief>> {
    let row =
        link.row("SELECT id, number FROM batches WHERE number_key = $1", &[number.key().into()]).await?;
    Ok(match row {
        Some(mut row) => BatchBrief::take(&mut row)?,
        None => None,
    })
}

/// The batch with that number, which is made if there is none.
pub(crate) async fn ensure(link: &mut Link, number: &BatchNumber, by: Actor) -> Result<BatchBrief> {
    match find(link, number).await? {
        Some(known) => Ok(known),
        None => create(link, number, by).await,
    }
}

async fn create(link: &mut Link, number: &BatchNumber, by: Actor) -> Result<BatchBrief> {
    let (id, [user, station]) = (BatchId::fresh(), by.params());
    link.execute(
        "INSERT INTO batches (id, number, number_key, created_at, created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[id.into(), number.as_str().into(), number.key().into(), now().into(), user, station],
    )
    .await?;
    Ok(BatchBrief { id, number: number.clone() })
}

impl Store {
    /// Makes an empty batch.
    pub async fn create_batch(&self, number: BatchNumber, by: Actor) -> Result<Batch> {
        self.write((number, by), |link, (number, by)| {
            Box::pin(async move {
                if find(link, number).await?.is_some() {
                    return Err(StoreError::exists(Entity::Batch, number.as_str()));
                }
                create(link, number, *by).await?;
                get(link, number).await
            })
        })
        .await
    }

    /// A batch.
    pub async fn batch(&self, number: BatchNumber) -> Result<Batch> {
        self.read(number, |link, number| Box::pin(get(link, number))).await
    }

    /// Finds batches.
    pub async fn batches(
        &self,
        filter: BatchFilter,
        order: BatchOrder,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<Batch>> {
        self.read((filter, order, page, direction), |link, (filter, order, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                select.maybe("b.number_key LIKE ? ESCAPE '\\'", filter.search.as_deref().map(pattern));
                select.any_of("b.id", filter.ids.iter().copied(), "");
                select.any_of("b.number_key", filter.numbers.iter().map(BatchNumber::key), "");
                select.any_of(
                    "b.id IN (SELECT u.batch_id FROM units u JOIN revisions r ON r.id = u.revision_id
                              JOIN parts p ON p.id = r.part_id WHERE p.number_key",
                    filter.part_numbers.iter().map(PartNumber::key),
                    ")",
                );
                select.any_of(
                    "b.id IN (SELECT u.batch_id FROM units u JOIN revisions r ON r.id = u.revision_id
                              WHERE r.number_key",
                    filter.revision_numbers.iter().map(RevisionNumber::key),
                    ")",
                );
                select.maybe("b.created_at >= ?", filter.created_after);
                select.maybe("b.created_at <= ?", filter.created_before);
                let column = match order {
                    BatchOrder::CreatedAt => "b.created_at",
                    BatchOrder::Number => "b.number_key",
                };
                select.page(&[column, "b.id"], page, *direction);
                let rows = link.select(&select).await?;
                page.of(rows, |mut row| Batch::take(&mut row))
            })
        })
        .await
    }

    /// Gives a batch another number. Its runs show the new one: it is the same batch.
    pub async fn rename_batch(&self, number: BatchNumber, new: BatchNumber) -> Result<Batch> {
        self.write((number, new), |link, (number, new)| {
            Box::pin(async move {
                let Some(batch) = find(link, number).await? else {
                    return Err(StoreError::not_found(Entity::Batch, number.as_str()));
                };
                if find(link, new).await?.is_some_and(|other| other.id != batch.id) {
                    return Err(StoreError::exists(Entity::Batch, new.as_str()));
                }
                let params = [new.as_str().into(), new.key().into(), batch.id.into()];
                link.execute("UPDATE batches SET number = $1, number_key = $2 WHERE id = $3", &params)
                    .await?;
                link.execute(
                    "UPDATE runs SET batch = $1, batch_key = $2 WHERE batch_key = $3 AND batch_id = $4",
                    &[new.as_str().into(), new.key().into(), batch.number.key().into(), batch.id.into()],
                )
                .await?;
                get(link, new).await
            })
        })
        .await
    }

    /// Removes a batch. Its units stay, without one; its runs keep the number.
    pub async fn delete_batch(&self, number: BatchNumber) -> Result<BatchId> {
        self.write(number, |link, number| {
            Box::pin(async move {
                let Some(batch) = find(link, number).await? else {
                    return Err(StoreError::not_found(Entity::Batch, number.as_str()));
                };
                link.execute("DELETE FROM batches WHERE id = $1", &[batch.id.into()]).await?;
                Ok(batch.id)
            })
        })
        .await
    }
}
