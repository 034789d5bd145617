//! Stations: benches that upload by themselves.

use hil_model::WallTime;
use hil_model::run::StationName;

use crate::engine::Link;
use crate::page::{Direction, Listed, Page};
use crate::procedure::ProcedureBrief;
use crate::sql::{Row, Select, pattern};
use crate::store::now;
use crate::{Entity, ProcedureId, Result, StationId, Store, StoreError};

/// As much of a station as goes with what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationBrief {
    /// The id.
    pub id: StationId,
    /// The name.
    pub name: String,
}

impl StationBrief {
    /// From the columns id, name, both empty if there is none.
    pub(crate) fn take(row: &mut Row) -> Result<Option<Self>> {
        let (id, name) = (row.take()?, row.take()?);
        Ok(Option::zip(id, name).map(|(id, name)| Self { id, name }))
    }
}

/// A procedure that a station is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedProcedure {
    /// Which one.
    pub procedure: ProcedureBrief,
    /// How many runs of it there are.
    pub runs_count: u64,
}

/// A station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// The id.
    pub id: StationId,
    /// The name.
    pub name: String,
    /// A picture.
    pub image_id: Option<String>,
    /// The team it belongs to.
    pub team_id: Option<String>,
    /// When it was last heard of.
    pub seen_at: Option<WallTime>,
    /// When it was made.
    pub created_at: WallTime,
    /// The procedures that it is linked to.
    pub procedures: Vec<LinkedProcedure>,
}

/// What changes on a station. The outer `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StationChange {
    /// A new name.
    pub name: Option<StationName>,
    /// A picture, or none.
    pub image_id: Option<Option<String>>,
    /// A team, or none.
    pub team_id: Option<Option<String>>,
}

/// Which stations are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StationFilter {
    /// A part of the name.
    pub search: Option<String>,
    /// Linked to one of these.
    pub procedures: Vec<ProcedureId>,
}

// Archived stations have no key: they are there only for the runs that they made.
const COLUMNS: &str = "SELECT s.id, s.name, s.image_id, s.team_id, s.seen_at, s.created_at FROM stations s";
const ONE: &str = "SELECT s.id, s.name, s.image_id, s.team_id, s.seen_at, s.created_at
    FROM stations s WHERE s.id = $1 AND s.name_key IS NOT NULL";

async fn complete(link: &mut Link, mut row: Row) -> Result<Station> {
    let id = row.take()?;
    let mut station = Station {
        id,
        name: row.take()?,
        image_id: row.take()?,
        team_id: row.take()?,
        seen_at: row.take()?,
        created_at: row.take()?,
        procedures: Vec::new(),
    };
    let select = "
        SELECT p.id, p.identifier, p.name, (SELECT COUNT(*) FROM runs r WHERE r.procedure_id = p.id)
        FROM station_procedures sp JOIN procedures p ON p.id = sp.procedure_id
        WHERE sp.station_id = $1 ORDER BY p.created_at, p.id";
    for mut row in link.rows(select, &[id.into()]).await? {
        let procedure = ProcedureBrief::take(&mut row)?;
        station.procedures.push(LinkedProcedure { procedure, runs_count: row.take()? });
    }
    Ok(station)
}

/// What a station is called.
pub(crate) async fn name(link: &mut Link, id: StationId) -> Result<Option<StationName>> {
    let row = link.row("SELECT name FROM stations WHERE id = $1", &[id.into()]).await?;
    row.map(|mut row| row.take()).transpose()
}

async fn refuse_double(link: &mut Link, name: &StationName, but: StationId) -> Result<()> {
    let select = "SELECT id FROM stations WHERE name_key = $1 AND id <> $2";
    match link.row(select, &[name.key().into(), but.into()]).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::exists(Entity::Station, name.as_str())),
    }
}

async fn link_procedure(link: &mut Link, station: StationId, procedure: ProcedureId) -> Result<()> {
    let select = "SELECT id FROM procedures WHERE id = $1";
    link.expect(select, &[procedure.into()], Entity::Procedure, procedure).await?;
    link.execute(
        "INSERT INTO station_procedures (station_id, procedure_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &[station.into(), procedure.into()],
    )
    .await
    .map(|_| ())
}

impl Store {
    /// Makes a station, whose name no other may have.
    pub async fn create_station(&self, name: StationName, procedure: Option<ProcedureId>) -> Result<Station> {
        self.write((name, procedure), |link, (name, procedure)| {
            Box::pin(async move {
                let id = StationId::fresh();
                refuse_double(link, name, id).await?;
                link.execute(
                    "INSERT INTO stations (id, name, name_key, created_at) VALUES ($1, $2, $3, $4)",
                    &[id.into(), name.as_str().into(), name.key().into(), now().into()],
                )
                .await?;
                if let Some(procedure) = procedure {
                    link_procedure(link, id, *procedure).await?;
                }
                let row = link.expect(ONE, &[id.into()], Entity::Station, id).await?;
                complete(link, row).await
            })
        })
        .await
    }

    /// A station.
    pub async fn station(&self, id: StationId) -> Result<Station> {
        self.read(id, |link, id| {
            Box::pin(async move {
                let row = link.expect(ONE, &[(*id).into()], Entity::Station, id).await?;
                complete(link, row).await
            })
        })
        .await
    }

    /// Finds stations; sorted by when they were made.
    pub async fn stations(
        &self,
        filter: StationFilter,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<Station>> {
        self.read((filter, page, direction), |link, (filter, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                select.filter("s.name_key IS NOT NULL", []);
                select.maybe("s.name_key LIKE ? ESCAPE '\\'", filter.search.as_deref().map(pattern));
                select.any_of(
                    "s.id IN (SELECT station_id FROM station_procedures WHERE procedure_id",
                    filter.procedures.iter().copied(),
                    ")",
                );
                select.page(&["s.created_at", "s.id"], page, *direction);
                let rows = link.select(&select).await?;
                let listed = page.of(rows, Ok)?;
                let mut items = Vec::with_capacity(listed.items.len());
                for row in listed.items {
                    items.push(complete(link, row).await?);
                }
                Ok(Listed { items, next: listed.next })
            })
        })
        .await
    }

    /// Changes a station.
    pub async fn update_station(&self, id: StationId, change: StationChange) -> Result<Station> {
        self.write((id, change), |link, (id, change)| {
            Box::pin(async move {
                let id = *id;
                link.expect(ONE, &[id.into()], Entity::Station, id).await?;
                if let Some(name) = &change.name {
                    refuse_double(link, name, id).await?;
                    let params = [name.as_str().into(), name.key().into(), id.into()];
                    link.execute("UPDATE stations SET name = $1, name_key = $2 WHERE id = $3", &params)
                        .await?;
                }
                if let Some(image) = &change.image_id {
                    let params = [image.as_ref().into(), id.into()];
                    link.execute("UPDATE stations SET image_id = $1 WHERE id = $2", &params).await?;
                }
                if let Some(team) = &change.team_id {
                    let params = [team.as_ref().into(), id.into()];
                    link.execute("UPDATE stations SET team_id = $1 WHERE id = $2", &params).await?;
                }
                let row = link.expect(ONE, &[id.into()], Entity::Station, id).await?;
                complete(link, row).await
            })
        })
        .await
    }

    /// Lets a station make runs of a procedure. Doing so twice is the same as once.
    pub async fn link_station(&self, station: StationId, procedure: ProcedureId) -> Result<()> {
        self.write((station, procedure), |link, &(station, procedure)| {
            Box::pin(async move {
                link.expect(ONE, &[station.into()], Entity::Station, station).await?;
                link_procedure(link, station, procedure).await
            })
        })
        .await
    }

    /// Notes that a station was heard of.
    pub async fn station_seen(&self, id: StationId) -> Result<()> {
        self.write(id, |link, id| {
            Box::pin(async move {
                let params = [now().into(), (*id).into()];
                link.execute("UPDATE stations SET seen_at = $1 WHERE id = $2", &params).await.map(|_| ())
            })
        })
        .await
    }

    /// Removes a station and its keys. If it made runs it is archived: they keep its name, nobody else sees it.
    pub async fn remove_station(&self, id: StationId) -> Result<()> {
        self.write(id, |link, id| {
            Box::pin(async move {
                let id = *id;
                link.expect(ONE, &[id.into()], Entity::Station, id).await?;
                link.execute("DELETE FROM keys WHERE station_id = $1", &[id.into()]).await?;
                link.execute("DELETE FROM station_procedures WHERE station_id = $1", &[id.into()]).await?;
                let used = "SELECT seq FROM runs WHERE created_by_station = $1 LIMIT 1";
                let end = match link.row(used, &[id.into()]).await? {
                    None => "DELETE FROM stations WHERE id = $1",
                    Some(_) => "UPDATE stations SET name_key = NULL WHERE id = $1",
                };
                link.execute(end, &[id.into()]).await.map(|_| ())
            })
        })
        .await
    }
}
