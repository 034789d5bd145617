//! Uploaded files: announced, stored, finalised, and linked to a run or a unit, in this order or without the third.

use std::collections::HashMap;

use hil_model::run::{AttachmentLimits, Digest, SerialNumber};
use hil_model::{RunId, WallTime};

use crate::content::{self, ContentWriter};
use crate::engine::Link;
use crate::sql::{Row, Select};
use crate::store::now;
use crate::unit::expect as expect_unit;
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
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            "id, name, content_type, size, digest, finalized, is_report, created_at FROM uploads"
        )
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
    let select = concat!(columns!(""), " WHERE id = $1");
    Upload::take(&mut link.expect(select, &[id.into()], Entity::Upload, id).await?)
}

fn all(rows: Vec<Row>) -> Result<Vec<Upload>> {
    rows.into_iter().map(|mut row| Upload::take(&mut row)).collect()
}

/// The files of each unit, in the order in which they were linked.
pub(crate) async fn of_units(link: &mut Link, units: &[UnitId]) -> Result<HashMap<UnitId, Vec<Upload>>> {
    let mut select = Select::new(columns!("unit_id, "));
    select.any_of("unit_id", units.iter().copied(), "");
    select.fragment(" ORDER BY position, id", []);
    let mut files = HashMap::<UnitId, Vec<Upload>>::new();
    for mut row in link.select(&select).await? {
        files.entry(row.take()?).or_default().push(Upload::take(&mut row)?);
    }
    Ok(files)
}

/// The files of a run, in the order in which they were linked.
pub(crate) async fn of_run(link: &mut Link, run: i64) -> Result<Vec<Upload>> {
    all(link.rows(concat!(columns!(""), " WHERE run = $1 ORDER BY position, id"), &[run.into()]).await?)
}

/// Lets a station change its own files only.
async fn check_maker(link: &mut Link, id: UploadId, by: Actor) -> Result<()> {
    let select = "SELECT created_by_station FROM uploads WHERE id = $1";
    let maker = link.expect(select, &[id.into()], Entity::Upload, id).await?.take()?;
    by.may_change(maker, Entity::Upload, id)
}

/// Links files to a unit; a station's own only, if a station does it.
pub(crate) async fn link_to_unit(
    link: &mut Link,
    unit: UnitId,
    uploads: &[UploadId],
    by: Actor,
) -> Result<()> {
    for &id in uploads {
        check_maker(link, id, by).await?;
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

/// Links files to a run; a station's own only, if a station does it.
pub(crate) async fn link_to_run(
    link: &mut Link,
    run: i64,
    uploads: &[UploadId],
    report: bool,
    by: Actor,
) -> Result<()> {
    for &id in uploads {
        check_maker(link, id, by).await?;
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
    Err(StoreError::exists(Entity::Upload, id.to_string()))
}

/// What a file is announced as.
#[derive(Debug)]
struct Announced {
    name: String,
    content_type: Option<String>,
    by: Actor,
}

impl Announced {
    fn new(name: String, content_type: Option<String>, by: Actor) -> Result<Self> {
        if name.trim().is_empty() || name.len() > MAX_NAME {
            let problem = format!("must have 1 to {MAX_NAME} bytes");
            return Err(StoreError::Invalid { field: "file name", problem });
        }
        Ok(Self { name, content_type, by })
    }

    async fn insert(&self, link: &mut Link) -> Result<UploadId> {
        let (id, [user, station]) = (UploadId::fresh(), self.by.params());
        link.execute(
            "INSERT INTO uploads (id, name, content_type, finalized, is_report, position, created_at,
                                  created_by_user, created_by_station)
             VALUES ($1, $2, $3, 0, 0, 0, $4, $5, $6)",
            &[
                id.into(),
                self.name.as_str().into(),
                self.content_type.as_ref().into(),
                now().into(),
                user,
                station,
            ],
        )
        .await?;
        Ok(id)
    }
}

/// Refuses more files than a run may carry, beside the report that it was made from.
async fn check_count(link: &mut Link, run: i64) -> Result<()> {
    let max = AttachmentLimits::default().count;
    let select = "SELECT COUNT(*) FROM uploads WHERE run = $1 AND is_report = 0";
    let mut rows = link.rows(select, &[run.into()]).await?.into_iter();
    let count: u64 = rows.next().map_or(Ok(0), |mut row| row.take())?;
    if usize::try_from(count).is_ok_and(|count| count <= max) {
        return Ok(());
    }
    Err(StoreError::Invalid { field: "run", problem: format!("may have at most {max} attachments") })
}

/// The number of a run that gets files; a station adds to its own ones only.
async fn open_run(link: &mut Link, run: &RunId, by: Actor) -> Result<i64> {
    let select = "SELECT seq, created_by_station FROM runs WHERE id = $1";
    let mut row = link.expect(select, &[run.as_str().into()], Entity::Run, run).await?;
    let seq = row.take()?;
    by.may_change(row.take()?, Entity::Run, run)?;
    Ok(seq)
}

impl Store {
    /// Announces a file.
    pub async fn create_upload(
        &self,
        name: String,
        content_type: Option<String>,
        by: Actor,
    ) -> Result<Upload> {
        self.write(Announced::new(name, content_type, by)?, |link, announced| {
            Box::pin(async move {
                let id = announced.insert(link).await?;
                get(link, id).await
            })
        })
        .await
    }

    /// Announces a file of a run.
    pub async fn create_upload_of_run(&self, name: String, run: RunId, by: Actor) -> Result<Upload> {
        self.write((Announced::new(name, None, by)?, run), |link, (announced, run)| {
            Box::pin(async move {
                let seq = open_run(link, run, announced.by).await?;
                let id = announced.insert(link).await?;
                link_to_run(link, seq, &[id], false, announced.by).await?;
                check_count(link, seq).await?;
                get(link, id).await
            })
        })
        .await
    }

    /// Announces a file of a unit.
    pub async fn create_upload_of_unit(
        &self,
        name: String,
        serial: SerialNumber,
        by: Actor,
    ) -> Result<Upload> {
        self.write((Announced::new(name, None, by)?, serial), |link, (announced, serial)| {
            Box::pin(async move {
                let unit = expect_unit(link, serial).await?;
                let id = announced.insert(link).await?;
                link_to_unit(link, unit.id, &[id], announced.by).await?;
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
    pub async fn finalize_upload(&self, id: UploadId, by: Actor) -> Result<Upload> {
        self.write((id, by), |link, (id, by)| {
            Box::pin(async move {
                check_maker(link, *id, *by).await?;
                if get(link, *id).await?.digest.is_none() {
                    return Err(StoreError::not_found(Entity::Content, id.to_string()));
                }
                link.execute("UPDATE uploads SET finalized = 1 WHERE id = $1", &[(*id).into()]).await?;
                get(link, *id).await
            })
        })
        .await
    }

    /// Links files to a run. Doing so twice is the same as once. A station does so with its own files and runs only.
    pub async fn attach_to_run(&self, run: RunId, uploads: Vec<UploadId>, by: Actor) -> Result<()> {
        self.write((run, uploads, by), |link, (run, uploads, by)| {
            Box::pin(async move {
                let seq = open_run(link, run, *by).await?;
                link_to_run(link, seq, uploads, false, *by).await?;
                check_count(link, seq).await
            })
        })
        .await
    }

    /// Removes files, all of them or, if one does not exist, none. A station removes its own ones only.
    pub async fn delete_uploads(&self, ids: Vec<UploadId>, by: Actor) -> Result<()> {
        let digests = self.write((ids, by), |link, (ids, by)| {
            Box::pin(async move {
                let mut digests = Vec::new();
                for &id in ids {
                    check_maker(link, id, *by).await?;
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
