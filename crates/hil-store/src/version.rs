//! Versions of procedures.

use hil_model::WallTime;
use hil_model::run::VersionTag;

use crate::actor::{creator_columns, creator_joins};
use crate::engine::Link;
use crate::procedure::ProcedureBrief;
use crate::sql::Row;
use crate::store::now;
use crate::{Actor, Creator, Entity, ProcedureId, Result, Store, StoreError, VersionId};

/// A version of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The id.
    pub id: VersionId,
    /// Its tag.
    pub tag: VersionTag,
    /// When it was made.
    pub created_at: WallTime,
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// How many runs of it there are.
    pub runs_count: u64,
    /// Who made it.
    pub created_by: Creator,
}

/// As much of a version as goes with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionBrief {
    /// The id.
    pub id: VersionId,
    /// Its tag.
    pub tag: VersionTag,
}

impl VersionBrief {
    /// From the columns id, tag, both empty if there is none.
    pub(crate) fn take(row: &mut Row) -> Result<Option<Self>> {
        let (id, tag) = (row.take()?, row.take()?);
        Ok(Option::zip(id, tag).map(|(id, tag)| Self { id, tag }))
    }
}

const ONE: &str = concat!(
    "SELECT v.id, v.tag, v.created_at, p.id, p.identifier, p.name,
            (SELECT COUNT(*) FROM runs r WHERE r.version_id = v.id), ",
    creator_columns!(),
    " FROM versions v JOIN procedures p ON p.id = v.procedure_id",
    creator_joins!("v"),
    " WHERE v.procedure_id = $1 AND v.tag_key = $2"
);

async fn known(link: &mut Link, procedure: ProcedureId) -> Result<()> {
    let select = "SELECT id FROM procedures WHERE id = $1";
    link.expect(select, &[procedure.into()], Entity::Procedure, procedure).await.map(|_| ())
}

async fn get(link: &mut Link, procedure: ProcedureId, tag: &VersionTag) -> Result<Version> {
    let mut row = link.expect(ONE, &[procedure.into(), tag.key().into()], Entity::Version, tag).await?;
    Ok(Version {
        id: row.take()?,
        tag: row.take()?,
        created_at: row.take()?,
        procedure: ProcedureBrief::take(&mut row)?,
        runs_count: row.take()?,
        created_by: Creator::take(&mut row)?,
    })
}

async fn find(link: &mut Link, procedure: ProcedureId, tag: &VersionTag) -> Result<Option<VersionId>> {
    let select = "SELECT id FROM versions WHERE procedure_id = $1 AND tag_key = $2";
    let row = link.row(select, &[procedure.into(), tag.key().into()]).await?;
    row.map(|mut row| row.take()).transpose()
}

/// The version with that tag, which is made if there is none.
pub(crate) async fn ensure(
    link: &mut Link,
    procedure: ProcedureId,
    tag: &VersionTag,
    by: Actor,
) -> Result<VersionId> {
    match find(link, procedure, tag).await? {
        Some(id) => Ok(id),
        None => create(link, procedure, tag, by).await,
    }
}

async fn create(link: &mut Link, procedure: ProcedureId, tag: &VersionTag, by: Actor) -> Result<VersionId> {
    let (id, [user, station]) = (VersionId::fresh(), by.params());
    link.execute(
        "INSERT INTO versions (id, procedure_id, tag, tag_key, created_at, created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[id.into(), procedure.into(), tag.as_str().into(), tag.key().into(), now().into(), user, station],
    )
    .await?;
    Ok(id)
}

impl Store {
    /// Makes a version of a procedure.
    pub async fn create_version(
        &self,
        procedure: ProcedureId,
        tag: VersionTag,
        by: Actor,
    ) -> Result<Version> {
        self.write((procedure, tag, by), |link, (procedure, tag, by)| {
            Box::pin(async move {
                known(link, *procedure).await?;
                if find(link, *procedure, tag).await?.is_some() {
                    return Err(StoreError::exists(Entity::Version, tag.as_str()));
                }
                create(link, *procedure, tag, *by).await?;
                get(link, *procedure, tag).await
            })
        })
        .await
    }

    /// A version of a procedure.
    pub async fn version_of(&self, procedure: ProcedureId, tag: VersionTag) -> Result<Version> {
        self.read((procedure, tag), |link, (procedure, tag)| {
            Box::pin(async move {
                known(link, *procedure).await?;
                get(link, *procedure, tag).await
            })
        })
        .await
    }

    /// Removes a version of which there is no run.
    pub async fn delete_version(&self, procedure: ProcedureId, tag: VersionTag) -> Result<VersionId> {
        self.write((procedure, tag), |link, (procedure, tag)| {
            Box::pin(async move {
                known(link, *procedure).await?;
                let version = get(link, *procedure, tag).await?;
                if version.runs_count > 0 {
                    let name = tag.to_string();
                    return Err(StoreError::InUse { what: Entity::Version, name, by: Entity::Run });
                }
                link.execute("DELETE FROM versions WHERE id = $1", &[version.id.into()]).await?;
                Ok(version.id)
            })
        })
        .await
    }
}
