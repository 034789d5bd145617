//! Uploaded files: announced, stored, finalised, and linked to a run or a unit, in this order or without the third.

use hil_model::run::Digest;
use hil_model::{RunId, WallTime};

use crate::content::{self, ContentWriter};
use crate::engine::Link;
use crate::sql::Row;
use crate::store::now;
use crate::{Actor, Entity, Result, Store, StoreError, UnitId, UploadId};

/// How long the name of a file may be, in bytes.
const MAX_NAME: usize = 1024;

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The id.
    pub id: UploadId,
    /// What the client calls the file; never a path.
    pub name: String,
    /// Its media type, if anybody said it.
    pub content_type: Option<String>,
    /// Its size, once it is stored.
    pub size: Option<u64>,
    /// What its content is found by, once it is stored.
    pub digest: Option<Digest>,
    /// Whether the client said that it is complete.
    pub finalized: bool,
    /// Whether a run was made from it.
    pub is_report: bool,
    /// When it was announced.
    pub created_at: WallTime,
}

macro_rules! columns {
    () => {
        "SELECT id, name, content_type, size, digest, finalized, is_report, created_at FROM uploads"
    };
}

impl Upload {
    fn take(row: &mut Row) -> Result<Self> {
        Ok(Self {
            id: row.take()?,
            name: row.take()?,
            content_type: row.take()?,
            size: row.take()?,
            digest: row.take()?,
            finalized: row.take()?,
            is_report: row.take()?,
            created_at: row.take()?,
        })
    }
}

async fn get(link: &mut Link, id: UploadId) -> Result<Upload> {
    let select = concat!(columns!(), " WHERE id = $1");
    Upload::take(&mut link.expect(select, &[id.into()], Entity::Upload, id).await?)
}

fn all(rows: Vec<Row>) -> Result<Vec<Upload>> {
    rows.into_iter().map(|mut row| Upload::take(&mut row)).collect()
}

/// The files of a unit, in the order in which they were linked.
pub(crate) async fn of_unit(link: &mut Link, unit: UnitId) -> Result<Vec<Upload>> {
    all(link.rows(concat!(columns!(), " WHERE unit_id = $1 ORDER BY position, id"), &[unit.into()]).await?)
}

/// The files of a run, in the order in which they were linked.
pub(crate) async fn of_run(link: &mut Link, run: i64) -> Result<Vec<Upload>> {
    all(link.rows(concat!(columns!(), " WHERE run = $1 ORDER BY position, id"), &[run.into()]).await?)
}

pub(crate) async fn link_to_unit(link: &mut Link, unit: UnitId, uploads: &[UploadId]) -> Result<()> {
    for &id in uploads {
        let update = "
            UPDATE uploads SET position =
                    (SELECT COALESCE(MAX(o.position) + 1, 0) FROM uploads o WHERE o.unit_id = $1), unit_id = $1
            WHERE id = $2 AND run IS NULL AND unit_id IS NULL";
        let linked = link.execute(update, &[unit.into(), id.into()]).await?;
        let select = "SELECT id FROM uploads WHERE id = $1 AND unit_id = $2";
        refuse_foreign(link, linked, select, id, unit.into()).await?;
    }
    Ok(())
}

pub(crate) async fn link_to_run(link: &mut Link, run: i64, uploads: &[UploadId], report: bool) -> Result<()> {
    for &id in uploads {
        let update = "
            UPDATE uploads SET is_report = $1, position =
                    (SELECT COALESCE(MAX(o.position) + 1, 0) FROM uploads o WHERE o.run = $2), run = $2
            WHERE id = $3 AND run IS NULL AND unit_id IS NULL";
        let linked = link.execute(update, &[report.into(), run.into(), id.into()]).await?;
        let select = "SELECT id FROM uploads WHERE id = $1 AND run = $2";
        refuse_foreign(link, linked, select, id, run.into()).await?;
    }
    Ok(())
}

/// Linking twice is the same as once; linking to something else is not.
async fn refuse_foreign(
    link: &mut Link,
    linked: u64,
    select: &str,
    id: UploadId,
    owner: crate::sql::Param<'_>,
) -> Result<()> {
    if linked > 0 || link.row(select, &[id.into(), owner]).await?.is_some() {
        return Ok(());
    }
    get(link, id).await?;
    Err(StoreError::exists(Entity::Upload, id.to_string()))
}

impl Store {
    /// Announces a file.
    pub async fn create_upload(
        &self,
        name: String,
        content_type: Option<String>,
        by: Actor,
    ) -> Result<Upload> {
        if name.trim().is_empty() || name.len() > MAX_NAME {
            return Err(StoreError::Invalid {
                field: "file name",
                problem: format!("must have 1 to {MAX_NAME} bytes"),
            });
        }
        self.write((name, content_type, by), |link, (name, content_type, by)| {
            Box::pin(async move {
                let (id, [user, station]) = (UploadId::fresh(), by.params());
                link.execute(
                    "INSERT INTO uploads (id, name, content_type, finalized, is_report, position, created_at,
                                          created_by_user, created_by_station)
                     VALUES ($1, $2, $3, 0, 0, 0, $4, $5, $6)",
                    &[id.into(), name.into(), content_type.as_ref().into(), now().into(), user, station],
                )
                .await?;
                get(link, id).await
            })
        })
        .await
    }

    /// An uploaded file.
    pub async fn upload(&self, id: UploadId) -> Result<Upload> {
        self.read(id, |link, id| Box::pin(get(link, *id))).await
    }

    /// Stores the content of a file. It cannot be replaced by another one later.
    pub async fn store_upload(
        &self,
        id: UploadId,
        mut content: ContentWriter,
        content_type: Option<String>,
    ) -> Result<Upload> {
        let stored = content.seal().await?;
        let args = (self.contents.clone(), content.temporary.clone(), id, stored, content_type);
        let upload = self.write(args, |link, (contents, temporary, id, stored, content_type)| {
            Box::pin(async move {
                link.alone(content::LOCK).await?;
                match get(link, *id).await?.digest {
                    Some(known) if known == stored.digest => return get(link, *id).await,
                    Some(_) => return Err(StoreError::exists(Entity::Content, id.to_string())),
                    None => contents.settle(temporary, &stored.digest)?,
                }
                let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
                link.execute(
                    "UPDATE uploads SET digest = $1, size = $2, content_type = COALESCE($3, content_type)
                     WHERE id = $4",
                    &[
                        stored.digest.to_string().into(),
                        size.into(),
                        content_type.as_ref().into(),
                        (*id).into(),
                    ],
                )
                .await?;
                get(link, *id).await
            })
        });
        let upload = upload.await;
        drop(content);
        upload
    }

    /// Notes that a file is complete; it must have been stored.
    pub async fn finalize_upload(&self, id: UploadId) -> Result<Upload> {
        self.write(id, |link, id| {
            Box::pin(async move {
                if get(link, *id).await?.digest.is_none() {
                    return Err(StoreError::not_found(Entity::Content, id.to_string()));
                }
                link.execute("UPDATE uploads SET finalized = 1 WHERE id = $1", &[(*id).into()]).await?;
                get(link, *id).await
            })
        })
        .await
    }

    /// Links files to a run. Doing so twice is the same as once.
    pub async fn attach_to_run(&self, run: RunId, uploads: Vec<UploadId>) -> Result<()> {
        self.write((run, uploads), |link, (run, uploads)| {
            Box::pin(async move {
                let select = "SELECT seq FROM runs WHERE id = $1";
                let mut row = link.expect(select, &[run.as_str().into()], Entity::Run, run).await?;
                link_to_run(link, row.take()?, uploads, false).await
            })
        })
        .await
    }

    /// Removes files, all of them or, if one does not exist, none.
    pub async fn delete_uploads(&self, ids: Vec<UploadId>) -> Result<()> {
        let digests = self.write(ids, |link, ids| {
            Box::pin(async move {
                let mut digests = Vec::new();
                for &id in ids {
                    digests.extend(get(link, id).await?.digest);
                }
                for &id in ids {
                    link.execute("DELETE FROM uploads WHERE id = $1", &[id.into()]).await?;
                }
                Ok(digests)
            })
        });
        let digests = digests.await?;
        self.sweep(digests).await
    }

    /// Removes files that were announced before `before` and that nothing came to need. Answers how many.
    pub async fn delete_stale_uploads(&self, before: WallTime) -> Result<u64> {
        let gone = self.write(before, |link, before| {
            Box::pin(async move {
                let delete = "
                    DELETE FROM uploads WHERE run IS NULL AND unit_id IS NULL AND created_at < $1
                        AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.image_id = uploads.id)
                        AND NOT EXISTS (SELECT 1 FROM stations s WHERE s.image_id = uploads.id)
                    RETURNING digest";
                let rows = link.rows(delete, &[(*before).into()]).await?;
                let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
                let digests = rows.into_iter().map(|mut row| row.take::<Option<Digest>>());
                Ok((count, digests.collect::<Result<Vec<_>>>()?))
            })
        });
        let (count, digests) = gone.await?;
        self.sweep(digests.into_iter().flatten().collect()).await?;
        Ok(count)
    }
}
