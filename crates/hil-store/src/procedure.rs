//! Procedures: what is executed. Each has a UUID and an identifier, `FVT1`, `FVT2`, ….

use std::collections::HashMap;

use hil_model::RunId;
use hil_model::WallTime;
use hil_model::run::{self, ProcedureName, RunOutcome, SerialNumber};

use crate::actor::{creator_columns, creator_joins};
use crate::engine::Link;
use crate::page::{Direction, Listed, Page};
use crate::sql::{Row, Select, pattern};
use crate::station::StationBrief;
use crate::store::now;
use crate::{Actor, Creator, Entity, ProcedureId, Result, Store, StoreError, UnitId};

/// As much of a procedure as goes with what refers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureBrief {
    /// The id.
    pub id: ProcedureId,
    /// The identifier, such as `FVT1`.
    pub identifier: String,
    /// The name.
    pub name: String,
}

impl ProcedureBrief {
    /// From the columns id, identifier, name.
    pub(crate) fn take(row: &mut Row) -> Result<Self> {
        Ok(Self { id: row.take()?, identifier: row.take()?, name: row.take()? })
    }
}

/// As much of a run as goes with its procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRun {
    /// The id.
    pub id: RunId,
    /// When it began.
    pub started_at: WallTime,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The unit.
    pub unit: UnitId,
    /// The unit's serial number.
    pub serial_number: SerialNumber,
}

/// A procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// What names it.
    pub brief: ProcedureBrief,
    /// When it was made.
    pub created_at: WallTime,
    /// Who made it.
    pub created_by: Creator,
    /// How many runs of it there are.
    pub runs_count: u64,
    /// The latest of them, newest first.
    pub recent_runs: Vec<RecentRun>,
    /// The stations that are linked to it.
    pub stations: Vec<StationBrief>,
}

/// Which procedures are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcedureFilter {
    /// A part of the name, or the identifier.
    pub search: Option<String>,
    /// Made at that time or later.
    pub created_after: Option<WallTime>,
    /// Made at that time or earlier.
    pub created_before: Option<WallTime>,
}

/// Whoever makes a procedure because none has its name does so alone.
const LOCK: i64 = 0x6869_6c70_726f_6365;

const COLUMNS: &str = concat!(
    "SELECT p.id, p.identifier, p.name, p.created_at, ",
    creator_columns!(),
    " FROM procedures p",
    creator_joins!("p")
);

const ONE: &str = concat!(
    "SELECT p.id, p.identifier, p.name, p.created_at, ",
    creator_columns!(),
    " FROM procedures p",
    creator_joins!("p"),
    " WHERE p.id = $1"
);

/// How many of its latest runs a procedure shows.
const RECENT: i64 = 10;
/// Of how many procedures the latest runs are asked for at a time; SQLite puts no more than 500 questions together.
const TOGETHER: usize = 100;

/// Makes procedures of rows of [`COLUMNS`], with one question for each kind of thing around them.
async fn complete(link: &mut Link, rows: Vec<Row>) -> Result<Vec<Procedure>> {
    let mut procedures = Vec::with_capacity(rows.len());
    for mut row in rows {
        procedures.push(Procedure {
            brief: ProcedureBrief::take(&mut row)?,
            created_at: row.take()?,
            created_by: Creator::take(&mut row)?,
            runs_count: 0,
            recent_runs: Vec::new(),
            stations: Vec::new(),
        });
    }
    if procedures.is_empty() {
        return Ok(procedures);
    }
    let ids: Vec<ProcedureId> = procedures.iter().map(|procedure| procedure.brief.id).collect();
    let mut counts = counts(link, &ids).await?;
    let mut recent = HashMap::new();
    for ids in ids.chunks(TOGETHER) {
        recent_runs(link, ids, &mut recent).await?;
    }
    let mut stations = stations(link, &ids).await?;
    for procedure in &mut procedures {
        let id = &procedure.brief.id;
        procedure.runs_count = counts.remove(id).unwrap_or_default();
        procedure.recent_runs = recent.remove(id).unwrap_or_default();
        procedure.stations = stations.remove(id).unwrap_or_default();
    }
    Ok(procedures)
}

async fn counts(link: &mut Link, ids: &[ProcedureId]) -> Result<HashMap<ProcedureId, u64>> {
    let mut select = Select::new("SELECT procedure_id, COUNT(*) FROM runs");
    select.any_of("procedure_id", ids.iter().copied(), "");
    select.fragment(" GROUP BY procedure_id", []);
    let rows = link.select(&select).await?.into_iter();
    rows.map(|mut row| Ok((row.take()?, row.take()?))).collect()
}

/// The latest runs of each, newest first. Put together of one question for each, of which an index knows the answer:
/// one question for all would look at all of their runs.
async fn recent_runs(
    link: &mut Link,
    ids: &[ProcedureId],
    runs: &mut HashMap<ProcedureId, Vec<RecentRun>>,
) -> Result<()> {
    let mut select = Select::new("");
    for (i, id) in ids.iter().enumerate() {
        select.fragment(if i == 0 { "" } else { " UNION ALL " }, []);
        select.fragment(
            "SELECT * FROM (SELECT procedure_id, id, started_at, outcome, unit_id, serial FROM runs
                            WHERE procedure_id = ? ORDER BY started_at DESC, seq DESC LIMIT ?) r",
            [(*id).into(), RECENT.into()],
        );
    }
    for mut row in link.select(&select).await? {
        runs.entry(row.take()?).or_default().push(RecentRun {
            id: row.take()?,
            started_at: row.take()?,
            outcome: row.take()?,
            unit: row.take()?,
            serial_number: row.take()?,
        });
    }
    Ok(())
}

async fn stations(link: &mut Link, ids: &[ProcedureId]) -> Result<HashMap<ProcedureId, Vec<StationBrief>>> {
    let mut select = Select::new(
        "SELECT sp.procedure_id, s.id, s.name FROM station_procedures sp JOIN stations s ON s.id = sp.station_id",
    );
    select.any_of("sp.procedure_id", ids.iter().copied(), "");
    select.filter("s.name_key IS NOT NULL", []);
    select.fragment(" ORDER BY s.created_at, s.id", []);
    let mut stations = HashMap::<ProcedureId, Vec<StationBrief>>::new();
    for mut row in link.select(&select).await? {
        stations.entry(row.take()?).or_default().extend(StationBrief::take(&mut row)?);
    }
    Ok(stations)
}

/// The procedure with that UUID or identifier.
pub(crate) async fn find(link: &mut Link, reference: &str) -> Result<ProcedureBrief> {
    let key = reference.trim().to_lowercase();
    let select = "SELECT id, identifier, name FROM procedures WHERE id = $1 OR identifier_key = $2";
    let params = [key.as_str().into(), key.as_str().into()];
    ProcedureBrief::take(&mut link.expect(select, &params, Entity::Procedure, reference).await?)
}

/// The oldest procedure with that name, which is made if there is none.
async fn ensure(link: &mut Link, name: &ProcedureName, by: Actor) -> Result<ProcedureBrief> {
    if let Some(known) = named(link, name).await? {
        return Ok(known);
    }
    // Names are not unique, so the database keeps nobody from making the same one twice.
    link.alone(LOCK).await?;
    if let Some(known) = named(link, name).await? {
        return Ok(known);
    }
    let id = create(link, name, by).await?;
    find(link, &id.to_string()).await
}

async fn named(link: &mut Link, name: &ProcedureName) -> Result<Option<ProcedureBrief>> {
    let select = "
        SELECT id, identifier, name FROM procedures WHERE name_key = $1
        ORDER BY created_at, id LIMIT 1";
    let row = link.row(select, &[name.key().into()]).await?;
    row.map(|mut row| ProcedureBrief::take(&mut row)).transpose()
}

/// The procedure of a run from elsewhere: the one with its UUID or identifier, else the oldest one with its name, which
/// is made if there is none. A run whose procedure has no name calls it by its id.
pub(crate) async fn place(link: &mut Link, procedure: &run::Procedure, by: Actor) -> Result<ProcedureBrief> {
    match find(link, &procedure.id).await {
        Err(StoreError::NotFound { .. }) => match &procedure.name {
            Some(name) => ensure(link, name, by).await,
            None => ensure(link, &procedure.id.parse()?, by).await,
        },
        found => found,
    }
}

async fn create(link: &mut Link, name: &ProcedureName, by: Actor) -> Result<ProcedureId> {
    let count = "UPDATE counters SET value = value + 1 WHERE name = 'procedure' RETURNING value";
    let Some(mut row) = link.row(count, &[]).await? else {
        return Err(StoreError::damaged("there is no counter of procedures"));
    };
    let number: i64 = row.take()?;
    let (id, [user, station]) = (ProcedureId::fresh(), by.params());
    link.execute(
        "INSERT INTO procedures
             (id, identifier, identifier_key, name, name_key, created_at, created_by_user, created_by_station)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            id.into(),
            format!("FVT{number}").into(),
            format!("fvt{number}").into(),
            name.as_str().into(),
            name.key().into(),
            now().into(),
            user,
            station,
        ],
    )
    .await?;
    Ok(id)
}

async fn get(link: &mut Link, id: ProcedureId) -> Result<Procedure> {
    let row = link.expect(ONE, &[id.into()], Entity::Procedure, id).await?;
    let procedure = complete(link, vec![row]).await?.pop();
    procedure.ok_or_else(|| StoreError::not_found(Entity::Procedure, id.to_string()))
}

impl Store {
    /// Makes a procedure. Names need not be unique.
    pub async fn create_procedure(&self, name: ProcedureName, by: Actor) -> Result<Procedure> {
        self.write((name, by), |link, (name, by)| {
            Box::pin(async move {
                let id = create(link, name, *by).await?;
                get(link, id).await
            })
        })
        .await
    }

    /// The oldest procedure with that name, which is made if there is none.
    pub async fn ensure_procedure(&self, name: ProcedureName, by: Actor) -> Result<ProcedureBrief> {
        self.write((name, by), |link, (name, by)| Box::pin(ensure(link, name, *by))).await
    }

    /// The procedure with that UUID or identifier.
    pub async fn find_procedure(&self, reference: &str) -> Result<ProcedureBrief> {
        self.read(reference.to_owned(), |link, reference| Box::pin(find(link, reference))).await
    }

    /// A procedure with its latest runs and its stations.
    pub async fn procedure(&self, id: ProcedureId) -> Result<Procedure> {
        self.read(id, |link, id| Box::pin(get(link, *id))).await
    }

    /// Finds procedures; sorted by when they were made.
    pub async fn procedures(
        &self,
        filter: ProcedureFilter,
        page: Page,
        direction: Direction,
    ) -> Result<Listed<Procedure>> {
        self.read((filter, page, direction), |link, (filter, page, direction)| {
            Box::pin(async move {
                let mut select = Select::new(COLUMNS);
                if let Some(search) = &filter.search {
                    let condition = "(p.name_key LIKE ? ESCAPE '\\' OR p.identifier_key LIKE ? ESCAPE '\\')";
                    select.filter(condition, [pattern(search), pattern(search)]);
                }
                select.maybe("p.created_at >= ?", filter.created_after);
                select.maybe("p.created_at <= ?", filter.created_before);
                select.page(&["p.created_at", "p.id"], page, *direction);
                let rows = link.select(&select).await?;
                let listed = page.of(rows, Ok)?;
                Ok(Listed { items: complete(link, listed.items).await?, next: listed.next })
            })
        })
        .await
    }

    /// Gives a procedure another name.
    pub async fn rename_procedure(&self, id: ProcedureId, name: ProcedureName) -> Result<Procedure> {
        self.write((id, name), |link, (id, name)| {
            Box::pin(async move {
                let params = [name.as_str().into(), name.key().into(), (*id).into()];
                link.execute("UPDATE procedures SET name = $1, name_key = $2 WHERE id = $3", &params).await?;
                get(link, *id).await
            })
        })
        .await
    }

    /// Removes a procedure with all its versions and runs.
    pub async fn delete_procedure(&self, id: ProcedureId) -> Result<()> {
        let digests = self
            .write(id, |link, id| {
                Box::pin(async move {
                    let id = *id;
                    link.expect(ONE, &[id.into()], Entity::Procedure, id).await?;
                    let select = "
                        SELECT DISTINCT u.digest FROM uploads u JOIN runs r ON r.seq = u.run
                        WHERE r.procedure_id = $1 AND u.digest IS NOT NULL";
                    let rows = link.rows(select, &[id.into()]).await?;
                    let digests = rows.into_iter().map(|mut row| row.take()).collect::<Result<_>>()?;
                    // Runs first: they refer to versions.
                    link.execute("DELETE FROM runs WHERE procedure_id = $1", &[id.into()]).await?;
                    link.execute("DELETE FROM procedures WHERE id = $1", &[id.into()]).await?;
                    Ok(digests)
                })
            })
            .await?;
        self.sweep(digests).await
    }
}
