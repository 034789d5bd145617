//! Making, changing and removing units.

use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, SerialNumber};

use super::Unit;
use super::load::get;
use crate::engine::Link;
use crate::part::PartBrief;
use crate::store::now;
use crate::{
    Actor, Entity, Result, RevisionId, Store, StoreError, UnitId, UploadId, batch, part, revision, upload,
};

/// What changes on a unit. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitChange {
    /// A new serial number. Runs show it too: it is the same unit.
    pub serial_number: Option<SerialNumber>,
    /// Another part; without a revision, its default one.
    pub part_number: Option<PartNumber>,
    /// Another revision of the part.
    pub revision_number: Option<RevisionNumber>,
    /// Another batch, or none.
    pub batch_number: Option<Option<BatchNumber>>,
    /// Uploaded files that belong to the unit from now on.
    pub attachments: Vec<UploadId>,
}

/// What is known of a unit.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) id: UnitId,
    pub(crate) serial: SerialNumber,
    pub(crate) part: PartBrief,
    pub(crate) revision: RevisionId,
    pub(crate) revision_number: RevisionNumber,
}

/// The unit with that serial number.
pub(crate) async fn expect(link: &mut Link, serial: &SerialNumber) -> Result<Known> {
    known(link, serial).await?.ok_or_else(|| StoreError::not_found(Entity::Unit, serial.as_str()))
}

/// The unit with that serial number, if there is one.
pub(crate) async fn known(link: &mut Link, serial: &SerialNumber) -> Result<Option<Known>> {
    let select = "
        SELECT u.id, u.serial, p.id, p.number, p.name, r.id, r.number
        FROM units u JOIN revisions r ON r.id = u.revision_id JOIN parts p ON p.id = r.part_id
        WHERE u.serial_key = $1";
    let Some(mut row) = link.row(select, &[serial.key().into()]).await? else { return Ok(None) };
    Ok(Some(Known {
        id: row.take()?,
        serial: row.take()?,
        part: PartBrief::take(&mut row)?,
        revision: row.take()?,
        revision_number: row.take()?,
    }))
}

async fn existing_part(link: &mut Link, number: &PartNumber) -> Result<PartBrief> {
    part::find(link, number).await?.ok_or_else(|| StoreError::not_found(Entity::Part, number.as_str()))
}

async fn existing_revision(link: &mut Link, part: &PartBrief, number: &RevisionNumber) -> Result<RevisionId> {
    match revision::find(link, part.id, number).await? {
        Some(revision) => Ok(revision.id),
        None => Err(StoreError::not_found(Entity::Revision, number.as_str())),
    }
}

async fn change(link: &mut Link, serial: &SerialNumber, change: &UnitChange, by: Actor) -> Result<Unit> {
    let unit = expect(link, serial).await?;
    let revision = match (&change.part_number, &change.revision_number) {
        (None, None) => unit.revision,
        (None, Some(number)) => existing_revision(link, &unit.part, number).await?,
        (Some(part), None) => {
            let part = existing_part(link, part).await?;
            revision::ensure(link, part.id, None, Actor::Local).await?.id
        }
        (Some(part), Some(number)) => {
            let part = existing_part(link, part).await?;
            existing_revision(link, &part, number).await?
        }
    };
    if revision != unit.revision {
        let params = [revision.into(), unit.id.into()];
        link.execute("UPDATE units SET revision_id = $1 WHERE id = $2", &params).await?;
    }
    if let Some(number) = &change.batch_number {
        let batch = match number {
            None => None,
            Some(number) => match batch::find(link, number).await? {
                Some(batch) => Some(batch.id),
                None => return Err(StoreError::not_found(Entity::Batch, number.as_str())),
            },
        };
        link.execute("UPDATE units SET batch_id = $1 WHERE id = $2", &[batch.into(), unit.id.into()]).await?;
    }
    upload::link_to_unit(link, unit.id, &change.attachments, by).await?;
    let Some(new) = &change.serial_number else { return get(link, serial).await };
    if known(link, new).await?.is_some_and(|other| other.id != unit.id) {
        return Err(StoreError::exists(Entity::Unit, new.as_str()));
    }
    check_runs(link, &unit, by).await?;
    let params = [new.as_str().into(), new.key().into(), unit.id.into()];
    link.execute("UPDATE units SET serial = $1, serial_key = $2 WHERE id = $3", &params).await?;
    link.execute("UPDATE runs SET serial = $1, serial_key = $2 WHERE unit_id = $3", &params).await?;
    get(link, new).await
}

/// Lets a station rename a unit only if nobody else tested it: the runs of a unit are found by its serial number.
async fn check_runs(link: &mut Link, unit: &Known, by: Actor) -> Result<()> {
    let select = "SELECT created_by_station FROM runs WHERE unit_id = $1 GROUP BY created_by_station";
    for mut row in link.rows(select, &[unit.id.into()]).await? {
        by.may_change(row.take()?, Entity::Unit, &unit.serial)?;
    }
    Ok(())
}

impl Store {
    /// Makes a unit of a part and a revision that are there.
    pub async fn create_unit(
        &self,
        serial: SerialNumber,
        part: PartNumber,
        revision: RevisionNumber,
        by: Actor,
    ) -> Result<Unit> {
        self.write((serial, part, revision, by), |link, (serial, part, revision, by)| {
            Box::pin(async move {
                let part = existing_part(link, part).await?;
                let revision = existing_revision(link, &part, revision).await?;
                if known(link, serial).await?.is_some() {
                    return Err(StoreError::exists(Entity::Unit, serial.as_str()));
                }
                let [user, station] = by.params();
                link.execute(
                    "INSERT INTO units
                         (id, serial, serial_key, revision_id, created_at, created_by_user, created_by_station)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[
                        UnitId::fresh().into(),
                        serial.as_str().into(),
                        serial.key().into(),
                        revision.into(),
                        now().into(),
                        user,
                        station,
                    ],
                )
                .await?;
                get(link, serial).await
            })
        })
        .await
    }

    /// Changes a unit. Runs keep the part, revision and batch that it had. A station gives it its own files only, and
    /// another serial number only if all runs of the unit are the station's.
    pub async fn update_unit(&self, serial: SerialNumber, what: UnitChange, by: Actor) -> Result<Unit> {
        self.write((serial, what, by), |link, (serial, what, by)| Box::pin(change(link, serial, what, *by)))
            .await
    }

    /// Removes units, all of them or, if one does not exist, none. Their children lose their parent, their runs stay.
    pub async fn delete_units(&self, serials: Vec<SerialNumber>) -> Result<Vec<UnitId>> {
        let (ids, digests) = self
            .write(serials, |link, serials| {
                Box::pin(async move {
                    let (mut ids, mut digests) = (Vec::new(), Vec::new());
                    for serial in serials {
                        let unit = expect(link, serial).await?;
                        let select = "SELECT digest FROM uploads WHERE unit_id = $1 AND digest IS NOT NULL";
                        for mut row in link.rows(select, &[unit.id.into()]).await? {
                            digests.push(row.take()?);
                        }
                        ids.push(unit.id);
                    }
                    for id in &ids {
                        link.execute("DELETE FROM units WHERE id = $1", &[(*id).into()]).await?;
                    }
                    Ok((ids, digests))
                })
            })
            .await?;
        self.sweep(digests).await?;
        Ok(ids)
    }
}
