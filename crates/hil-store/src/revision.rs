//! Revisions of parts. The first one of a part is its default.

use std::collections::HashMap;

use hil_model::WallTime;
use hil_model::run::{PartNumber, RevisionNumber};

use crate::actor::{creator_columns, creator_joins};
use crate::engine::Link;
use crate::part::{self, PartBrief};
use crate::sql::{Row, Select};
use crate::store::now;
use crate::unit::UnitBrief;
use crate::{Actor, Creator, Entity, PartId, Result, RevisionId, Store, StoreError};

/// What a part's revision is called if nobody says.
const DEFAULT: &str = "A";

/// As much of a revision as goes with its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionBrief {
    /// The id.
    pub id: RevisionId,
    /// The number.
    pub number: RevisionNumber,
    /// When it was made.
    pub created_at: WallTime,
}

impl RevisionBrief {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self { id: row.take()?, number: row.take()?, created_at: row.take()? })
    }
}

/// A revision of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What names it.
    pub brief: RevisionBrief,
    /// A picture.
    pub image_id: Option<String>,
    /// The part.
    pub part: PartBrief,
    /// The units that have this revision now; at most 1000, newest first.
    pub units: Vec<UnitBrief>,
    /// Who made it.
    pub created_by: Creator,
}

/// What changes on a revision. The outer `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevisionChange {
    /// A new number.
    pub number: Option<RevisionNumber>,
    /// A picture, or none.
    pub image_id: Option<Option<String>>,
}

const ONE: &str = concat!(
    "SELECT r.id, r.number, r.created_at, r.image_id, p.id, p.number, p.name, ",
    creator_columns!(),
    " FROM revisions r JOIN parts p ON p.id = r.part_id",
    creator_joins!("r"),
    " WHERE r.part_id = $1 AND r.number_key = $2"
);

/// The revisions of each part, oldest first.
pub(crate) async fn of_parts(
    link: &mut Link,
    parts: &[PartId],
) -> Result<HashMap<PartId, Vec<RevisionBrief>>> {
    let mut revisions = HashMap::<PartId, Vec<RevisionBrief>>::new();
    if parts.is_empty() {
        return Ok(revisions);
    }
    let mut select = Select::new("SELECT part_id, id, number, created_at FROM revisions");
    select.any_of("part_id", parts.iter().copied(), "");
    select.fragment(" ORDER BY created_at, id", []);
    for mut row in link.select(&select).await? {
        revisions.entry(row.take()?).or_default().push(RevisionBrief::take(&mut row)?);
    }
    Ok(revisions)
}

/// The revision of a part with that number, if there is one.
pub(crate) async fn find(
    link: &mut Link,
    part: PartId,
    number: &RevisionNumber,
) -> Result<Option<RevisionBrief>> {
    let select = "SELECT id, number, created_at FROM revisions WHERE part_id = $1 AND number_key = $2";
    let row = link.row(select, &[part.into(), number.key().into()]).await?;
    row.map(|mut row| RevisionBrief::take(&mut row)).transpose()
}

/// The revision with that number, or the part's default one; it is made if there is none.
pub(crate) async fn ensure(
    link: &mut Link,
    part: PartId,
    number: Option<&RevisionNumber>,
    by: Actor,
) -> Result<RevisionBrief> {
    let known = match number {
        Some(number) => find(link, part, number).await?,
        None => {
            let select = "
                SELECT id, number, created_at FROM revisions WHERE part_id = $1
                ORDER BY is_default DESC, created_at, id LIMIT 1";
            let row = link.row(select, &[part.into()]).await?;
            row.map(|mut row| RevisionBrief::take(&mut row)).transpose()?
        }
    };
    match (known, number) {
        (Some(known), _) => Ok(known),
        (None, Some(number)) => create(link, part, number, by).await,
        (None, None) => create(link, part, &DEFAULT.parse()?, by).await,
    }
}

async fn create(link: &mut Link, part: PartId, number: &RevisionNumber, by: Actor) -> Result<RevisionBrief> {
    let first =
        link.row("SELECT id FROM revisions WHERE part_id = $1 LIMIT 1", &[part.into()]).await?.is_none();
    let brief = RevisionBrief { id: RevisionId::fresh(), number: number.clone(), created_at: now() };
    let [user, station] = by.params();
    link.execute(
        "INSERT INTO revisions
             (id, part_id, number, number_key, is_default, created_at, created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            brief.id.into(),
            part.into(),
            number.as_str().into(),
            number.key().into(),
            first.into(),
            brief.created_at.into(),
            user,
            station,
        ],
    )
    .await?;
    Ok(brief)
}

async fn part_of(link: &mut Link, number: &PartNumber) -> Result<PartBrief> {
    part::find(link, number).await?.ok_or_else(|| StoreError::not_found(Entity::Part, number.as_str()))
}

async fn get(link: &mut Link, part: PartId, number: &RevisionNumber) -> Result<Revision> {
    let params = [part.into(), number.key().into()];
    let mut row = link.expect(ONE, &params, Entity::Revision, number).await?;
    let brief = RevisionBrief::take(&mut row)?;
    let select =
        "SELECT id, serial FROM units WHERE revision_id = $1 ORDER BY created_at DESC, id LIMIT 1000";
    let units = link.rows(select, &[brief.id.into()]).await?;
    Ok(Revision {
        brief,
        image_id: row.take()?,
        part: PartBrief::take(&mut row)?,
        units: units.into_iter().map(|mut row| UnitBrief::take(&mut row)).collect::<Result<_>>()?,
        created_by: Creator::take(&mut row)?,
    })
}

impl Store {
    /// Makes a revision of a part.
    pub async fn create_revision(
        &self,
        part: PartNumber,
        number: RevisionNumber,
        by: Actor,
    ) -> Result<Revision> {
        self.write((part, number, by), |link, (part, number, by)| {
            Box::pin(async move {
                let part = part_of(link, part).await?;
                if find(link, part.id, number).await?.is_some() {
                    return Err(StoreError::exists(Entity::Revision, number.as_str()));
                }
                create(link, part.id, number, *by).await?;
                get(link, part.id, number).await
            })
        })
        .await
    }

    /// A revision of a part.
    pub async fn revision(&self, part: PartNumber, number: RevisionNumber) -> Result<Revision> {
        self.read((part, number), |link, (part, number)| {
            Box::pin(async move {
                let part = part_of(link, part).await?;
                get(link, part.id, number).await
            })
        })
        .await
    }

    /// Changes a revision. Its runs show the new number: it is the same revision.
    pub async fn update_revision(
        &self,
        part: PartNumber,
        number: RevisionNumber,
        change: RevisionChange,
    ) -> Result<Revision> {
        self.write((part, number, change), |link, (part, number, change)| {
            Box::pin(async move {
                let part = part_of(link, part).await?;
                let id = get(link, part.id, number).await?.brief.id;
                if let Some(image) = &change.image_id {
                    let params = [image.as_ref().into(), id.into()];
                    link.execute("UPDATE revisions SET image_id = $1 WHERE id = $2", &params).await?;
                }
                let Some(new) = &change.number else { return get(link, part.id, number).await };
                if find(link, part.id, new).await?.is_some_and(|other| other.id != id) {
                    return Err(StoreError::exists(Entity::Revision, new.as_str()));
                }
                let params = [new.as_str().into(), new.key().into(), id.into()];
                link.execute("UPDATE revisions SET number = $1, number_key = $2 WHERE id = $3", &params)
                    .await?;
                link.execute(
                    "UPDATE runs SET revision = $1, revision_key = $2 WHERE revision_id = $3",
                    &params,
                )
                .await?;
                get(link, part.id, new).await
            })
        })
        .await
    }

    /// Removes a revision that no unit has. A part goes with its last revision.
    pub async fn delete_revision(&self, part: PartNumber, number: RevisionNumber) -> Result<RevisionId> {
        self.write((part, number), |link, (part, number)| {
            Box::pin(async move {
                let part = part_of(link, part).await?;
                let revision = get(link, part.id, number).await?;
                if !revision.units.is_empty() {
                    let name = number.to_string();
                    return Err(StoreError::InUse { what: Entity::Revision, name, by: Entity::Unit });
                }
                link.execute("DELETE FROM revisions WHERE id = $1", &[revision.brief.id.into()]).await?;
                if of_parts(link, &[part.id]).await?.is_empty() {
                    link.execute("DELETE FROM parts WHERE id = $1", &[part.id.into()]).await?;
                }
                Ok(revision.brief.id)
            })
        })
        .await
    }
}
