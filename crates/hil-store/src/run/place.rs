//! Where a run belongs: its unit, with part, revision and batch, found or made.

use hil_model::run::{PartName, Run, SerialNumber, StationName};

use crate::batch::{self, BatchBrief};
use crate::engine::Link;
use crate::part::{self, PartBrief};
use crate::store::now;
use crate::unit::{UnitRevision, adopt, known};
use crate::{Actor, Result, SerialPattern, StoreError, UnitId, revision, station};

/// What a run refers to.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) unit: UnitId,
    pub(super) serial: SerialNumber,
    pub(super) part: PartBrief,
    /// What the run calls the part, which need not be what the part is called.
    pub(super) part_name: PartName,
    pub(super) revision: UnitRevision,
    pub(super) batch: Option<BatchBrief>,
    /// Where the run was made: the station whose key it came with, else what it says itself.
    pub(super) station: Option<StationName>,
}

/// Finds or makes what the run's unit is.
///
/// The part is the one that the run names, else the unit's, else what the serial number yields. The revision is the
/// one that the run names, else the unit's if it is of that part, else what the serial number yields, else the
/// part's default. The batch is the one that the run names, else what the serial number yields, else none.
pub(super) async fn find(
    link: &mut Link,
    run: &Run,
    by: Actor,
    pattern: Option<&SerialPattern>,
) -> Result<Place> {
    let given = &run.unit;
    let derived = pattern.map(|pattern| pattern.derive(&given.serial_number)).unwrap_or_default();
    let before = known(link, &given.serial_number).await?;

    let part =
        match given.part_number.as_ref().or(if before.is_some() { None } else { derived.part.as_ref() }) {
            Some(number) => match part::find(link, number).await? {
                Some(part) => part,
                None => part::create(link, number, given.part_name.as_ref(), by).await?,
            },
            None => match &before {
                Some(unit) => unit.part.clone(),
                None => {
                    let serial = given.serial_number.to_string();
                    return Err(StoreError::PartNumberMissing { serial });
                }
            },
        };

    let kept = before.as_ref().filter(|unit| unit.part.id == part.id && given.revision.is_none());
    let revision = match kept {
        Some(unit) => UnitRevision { id: unit.revision, number: unit.revision_number.clone() },
        None => {
            let number = given.revision.as_ref().or(derived.revision.as_ref());
            let revision = revision::ensure(link, part.id, number, by).await?;
            UnitRevision { id: revision.id, number: revision.number }
        }
    };

    let batch = match given.batch.as_ref().or(derived.batch.as_ref()) {
        Some(number) => Some(batch::ensure(link, number, by).await?),
        None => None,
    };

    let (unit, serial) = match before {
        Some(unit) => {
            if unit.revision != revision.id {
                let params = [revision.id.into(), unit.id.into()];
                link.execute("UPDATE units SET revision_id = $1 WHERE id = $2", &params).await?;
            }
            if let Some(batch) = &batch {
                let update =
                    "UPDATE units SET batch_id = $1 WHERE id = $2 AND (batch_id IS NULL OR batch_id <> $1)";
                link.execute(update, &[batch.id.into(), unit.id.into()]).await?;
            }
            (unit.id, unit.serial)
        }
        None => {
            let (id, [user, station]) = (UnitId::fresh(), by.params());
            link.execute(
                "INSERT INTO units (id, serial, serial_key, revision_id, batch_id, created_during, created_at,
                                    created_by_user, created_by_station)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                &[
                    id.into(),
                    given.serial_number.as_str().into(),
                    given.serial_number.key().into(),
                    revision.id.into(),
                    batch.as_ref().map(|batch| batch.id).into(),
                    run.id.as_str().into(),
                    now().into(),
                    user,
                    station,
                ],
            )
            .await?;
            (id, given.serial_number.clone())
        }
    };
    let part_name = given.part_name.clone().unwrap_or_else(|| part.name.clone());
    // A station cannot speak for another one.
    let station = match by {
        Actor::Station(id) => station::name(link, id).await?,
        Actor::Local | Actor::User(_) => run.station.clone(),
    };
    Ok(Place { unit, serial, part, part_name, revision, batch, station })
}

/// Makes the run's sub-units parts of its unit, and notes on the run that they were.
pub(super) async fn adopt_sub_units(link: &mut Link, run: &Run, seq: i64, place: &Place) -> Result<()> {
    for (position, serial) in (0_i64..).zip(&run.sub_units) {
        let Some(child) = known(link, serial).await? else {
            return Err(StoreError::SubUnitMissing { serial: serial.to_string() });
        };
        adopt(link, (place.unit, &place.serial), &child).await?;
        link.execute(
            "INSERT INTO run_sub_units (run, position, unit_id, serial, part_number, part_name)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                seq.into(),
                position.into(),
                child.id.into(),
                child.serial.as_str().into(),
                child.part.number.as_str().into(),
                child.part.name.as_str().into(),
            ],
        )
        .await?;
    }
    Ok(())
}
