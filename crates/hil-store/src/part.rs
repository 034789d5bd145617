//! Parts: what units are instances of.

use hil_model::WallTime;
use hil_model::run::{PartName, PartNumber, RevisionNumber};

use crate::actor::{creator_columns, creator_joins};
use crate::engine::Link;
use crate::page::{Direction, Listed, Page};
use crate::revision::{self, RevisionBrief};
use crate::sql::{Row, Select, pattern};
use crate::store::now;
use crate::{Actor, Creator, Entity, PartId, ProcedureId, Result, RevisionId, Store, StoreError};

/// As much of a part as goes with its units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartBrief {
    /// The id.
    pub id: PartId,
    /// The number.
    pub number: PartNumber,
    /// The name; the number if nobody said one.
    pub name: PartName,
}

impl PartBrief {
    /// From the columns id, number, name.
    pub(crate) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self { id: row.take()?, number: row.take()?, name: row.take()? })
    }
}

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What names it.
    pub brief: PartBrief,
    /// When it was made.
    pub created_at: WallTime,
    /// When it was last changed.
    pub updated_at: WallTime,
    /// Who made it.
    pub created_by: Creator,
    /// Its revisions, oldest first.
    pub revisions: Vec<RevisionBrief>,
}

/// Which parts are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartFilter {
    /// A part of the number or of the name.
    pub search: Option<String>,
    /// With runs of one of these.
    pub procedures: Vec<ProcedureId>,
}

/// What parts are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PartOrder {
    /// When they were made.
    #[default]
    CreatedAt,
    /// Their numbers.
    Number,
    /// Their names.
    Name,
}

const COLUMNS: &str = concat!(
    "SELECT p.id, p.number, p.name, p.created_at, p.updated_at, ",
    creator_columns!(),
    " FROM parts p",
    creator_joins!("p")
);

const ONE: &str = concat!(
    "SELECT p.id, p.number, p.name, p.created_at, p.updated_at, ",
    creator_columns!(),
    " FROM parts p",
    creator_joins!("p"),
    " WHERE p.number_key = $1"
);

/// Makes parts of rows of [`COLUMNS`], with one question for all their revisions.
async fn complete(link: &mut Link, rows: Vec<Row>) -> Result<Vec<Part>> {
    let mut parts = Vec::with_capacity(rows.len());
    for mut row in rows {
        let brief = PartBrief::take(&mut row)?;
        let (created_at, updated_at) = (row.take()?, row.take()?);
        let created_by = Creator::take(&mut row)?;
        parts.push(Part { brief, created_at, updated_at, created_by, revisions: Vec::new() });
    }
    let ids: Vec<PartId> = parts.iter().map(|part| part.brief.id).collect();
    let mut revisions = revision::of_parts(link, &ids).await?;
    for part in &mut parts {
        part.revisions = revisions.remove(&part.brief.id).unwrap_or_default();
    }
    Ok(parts)
}

async fn get(link: &mut Link, number: &PartNumber) -> Result<Part> {
    let row = link.expect(ONE, &[number.key().into()], Entity::Part, number).await?;
    let part = complete(link, vec![row]).await?.pop();
    part.ok_or_else(|| StoreError::not_found(Entity::Part, number.as_str()))
}

/// The part with that number, if there is one.
pub(crate) async fn find(link: &mut Link, number: &PartNumber) -> Result<Option<PartBrief>> {
    let select = "SELECT id, number, name FROM parts WHERE number_key = $1";
    let row = link.row(select, &[number.key().into()]).await?;
    row.map(|mut row| PartBrief::take(&mut row)).transpose()
}

/// Makes a part, without revisions.
pub(crate) async fn create(
    link: &mut Link,
    number: &PartNumber,
    name: Option<&PartName>,
    by: Actor,
) -> Result<PartBrief> {
    let (id, [user, station]) = (PartId::fresh(), by.params());
    let name = match name {
        Some(name) => name.clone(),
        None => number.as_str().parse()?,
    };
    link.execute(
        "INSERT INTO parts
             (id, number, number_key, name, name_key, created_at, updated_at, created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            id.into(),
            number.as_str().into(),
            number.key().into(),
            name.as_str().into(),
            name.key().into(),
            now().into(),
            now().into(),
            user,
            station,
        ],
    )
    .await?;
    Ok(PartBrief { id, number: number.clone(), name })
}

impl Store {
    /// Makes a part with one revision: the given one, or the default one.
    pub async fn create_part(
        &self,
        number: PartNumber,
        name: Option<PartName>,
        revision: Option<RevisionNumber>,
        by: Actor,
    ) -> Result<Part> {
        self.write((number, name, revision, by), |link, (number, name, revision, by)| {
            Box::pin(async move {
                if find(link, number).await?.is_some() {
                    return Err(StoreError::exists(Entity::Part, number.as_str()));
                }
                let part = create(link, number, name.as_ref(), *by).await?;
                revision::ensure(link, part.id, revision.as_ref(), *by).await?;
                get(link, number).await
            })
        })
        .await
    }

    /// A part.
    pub async fn part(&self, number: PartNumber) -> Result<Part> {
        self.read(number, |link, number| Box::pin(get(link, number))).await
    }

    /// Finds parts.
    pub async fn parts(
        &self,
        filter: PartFilter,
        order: PartOrder,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<Part>> {
        self.read((filter, order, page, direction), |link, (filter, order, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                if let Some(search) = &filter.search {
                    let condition = "(p.number_key LIKE ? ESCAPE '\\' OR p.name_key LIKE ? ESCAPE '\\')";
                    select.filter(condition, [pattern(search), pattern(search)]);
                }
                select.any_of(
                    "p.id IN (SELECT part_id FROM runs WHERE procedure_id",
                    filter.procedures.iter().copied(),
                    ")",
                );
                let column = match order {
                    PartOrder::CreatedAt => "p.created_at",
                    PartOrder::Number => "p.number_key",
                    PartOrder::Name => "p.name_key",
                };
                select.page(&[column, "p.id"], page, *direction);
                let rows = link.select(&select).await?;
                let listed = page.of(rows, Ok)?;
                Ok(Listed { items: complete(link, listed.items).await?, next: listed.next })
            })
        })
        .await
    }

    /// Gives a part another number or name. Its runs show the new ones: it is the same part.
    pub async fn update_part(
        &self,
        number: PartNumber,
        new_number: Option<PartNumber>,
        name: Option<PartName>,
    ) -> Result<Part> {
        if new_number.is_none() && name.is_none() {
            return Err(StoreError::Invalid { field: "part", problem: "needs a new number or name".into() });
        }
        self.write((number, new_number, name), |link, (number, new_number, name)| {
            Box::pin(async move {
                let Some(part) = find(link, number).await? else {
                    return Err(StoreError::not_found(Entity::Part, number.as_str()));
                };
                let number = new_number.as_ref().unwrap_or(&part.number);
                let name = name.as_ref().unwrap_or(&part.name);
                if find(link, number).await?.is_some_and(|other| other.id != part.id) {
                    return Err(StoreError::exists(Entity::Part, number.as_str()));
                }
                link.execute(
                    "UPDATE parts SET number = $1, number_key = $2, name = $3, name_key = $4, updated_at = $5
                     WHERE id = $6",
                    &[
                        number.as_str().into(),
                        number.key().into(),
                        name.as_str().into(),
                        name.key().into(),
                        now().into(),
                        part.id.into(),
                    ],
                )
                .await?;
                link.execute(
                    "UPDATE runs SET part_number = $1, part_key = $2, part_name = $3
                     WHERE part_key = $4 AND part_id = $5",
                    &[
                        number.as_str().into(),
                        number.key().into(),
                        name.as_str().into(),
                        part.number.key().into(),
                        part.id.into(),
                    ],
                )
                .await?;
                get(link, number).await
            })
        })
        .await
    }

    /// Removes a part with its revisions, if it has no units. Answers its id and those of the revisions.
    pub async fn delete_part(&self, number: PartNumber) -> Result<(PartId, Vec<RevisionId>)> {
        self.write(number, |link, number| {
            Box::pin(async move {
                let part = get(link, number).await?;
                let used = "
                    SELECT u.id FROM units u JOIN revisions r ON r.id = u.revision_id WHERE r.part_id = $1 LIMIT 1";
                if link.row(used, &[part.brief.id.into()]).await?.is_some() {
                    let name = number.to_string();
                    return Err(StoreError::InUse { what: Entity::Part, name, by: Entity::Unit });
                }
                link.execute("DELETE FROM parts WHERE id = $1", &[part.brief.id.into()]).await?;
                Ok((part.brief.id, part.revisions.into_iter().map(|revision| revision.id).collect()))
            })
        })
        .await
    }
}
