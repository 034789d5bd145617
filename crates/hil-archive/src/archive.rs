//! A store or a server, whichever it is.

use std::io::Read;

use hil_model::RunId;
use hil_model::run::{Digest, Run};
use hil_store::{Actor, BlockingStore, Page, RunCursor, RunFilter, StoreError};

use crate::answer::{Capabilities, Drifts, FirstPasses, FlakyPhase, RunLines, SlowPhase, Trend, UnitTrends};
use crate::{ArchiveError, Client, Contents, Obstacle, Order, Result, RunQuery};

/// Where runs are kept: a store on this machine, or a server.
#[derive(Debug)]
pub enum Archive {
    /// A store.
    Store(BlockingStore),
    /// A server.
    Server(Client),
}

impl Archive {
    /// Saves a run with the contents of its attachments. A run that is there already is left as it is.
    ///
    /// Its procedure is the one with that UUID or identifier, else the one with that name, which is made if there is
    /// none.
    pub fn save(&self, run: &Run, contents: Contents<'_>) -> Result<RunId> {
        match self {
            Self::Store(store) => save(store, run, contents),
            Self::Server(client) => client.save(run, contents),
        }
    }

    /// Saves a run that is over, when nobody can be asked any more what part its unit is one of: where nobody knows,
    /// it is one of the part `unknown`.
    pub fn save_finished(&self, run: &Run, contents: Contents<'_>) -> Result<RunId> {
        match self.save(run, contents) {
            Err(error) if run.unit.part_number.is_none() && may_lack_part(&error) => {
                let mut named = run.clone();
                named.unit.part_number = UNKNOWN_PART.parse().ok();
                // If the part was not what was missing, the first answer says more.
                self.save(&named, contents).map_err(|later| match later.obstacle() {
                    Obstacle::Run => error,
                    Obstacle::RunForNow | Obstacle::Archive => later,
                })
            }
            saved => saved,
        }
    }

    /// A page of runs.
    pub fn runs(&self, filter: RunFilter, order: Order, limit: u32, cursor: u64) -> Result<RunLines> {
        match self {
            Self::Store(store) => {
                let page = Page::new(limit, cursor);
                let listed =
                    store.wait(|store| store.runs(filter, order.column(), page, order.direction()))?;
                Ok(listed.into())
            }
            Self::Server(client) => client.runs(&RunQuery::from(&filter).page(order, limit, cursor)),
        }
    }

    /// A run, whole.
    pub fn run(&self, id: &RunId) -> Result<Run> {
        match self {
            Self::Store(store) => Ok(store.wait(|store| store.run(id.clone()))?.run),
            Self::Server(client) => client.run(id),
        }
    }

    /// Passes on the runs that the filter lets through, whole, in the order in which they were stored: each that was
    /// there at the beginning once, unless it is removed meanwhile; those that are stored meanwhile once or not at all.
    pub fn each(&self, filter: RunFilter, take: &mut dyn FnMut(Run) -> Result<()>) -> Result<()> {
        match self {
            Self::Store(store) => each(store, &filter, take),
            Self::Server(client) => client.each(&RunQuery::from(&filter), take),
        }
    }

    /// Whether the content of an attachment is there.
    pub fn has_content(&self, digest: &Digest) -> Result<bool> {
        match self {
            Self::Store(store) => match store.wait(|store| async { store.content(digest).await }) {
                Ok(_) => Ok(true),
                // A store that was told of no place for contents has none.
                Err(StoreError::NotFound { .. } | StoreError::NoContents) => Ok(false),
                Err(error) => Err(error.into()),
            },
            Self::Server(client) => client.has_content(digest),
        }
    }

    /// The content of an attachment.
    pub fn content(&self, digest: &Digest) -> Result<Box<dyn Read>> {
        match self {
            Self::Store(store) => {
                let content = store.wait(|store| async { store.content(digest).await })?;
                Ok(Box::new(store.wait(|_| async { Ok(content.file.into_std().await) })?))
            }
            Self::Server(client) => client.content(digest),
        }
    }

    /// The first-pass yield of each procedure: a page of them.
    pub fn first_pass(&self, filter: RunFilter, limit: u32, cursor: u64) -> Result<FirstPasses> {
        match self {
            Self::Store(store) => {
                let page = Page::new(limit, cursor);
                Ok(store.wait(|store| store.first_pass_yield(filter, page))?.into())
            }
            Self::Server(client) => {
                client.first_pass(&RunQuery::from(&filter).page(Order::default(), limit, cursor))
            }
        }
    }

    /// The capability of each measurement, or of the one with that name: a page of them.
    pub fn capability(
        &self,
        filter: RunFilter,
        measurement: Option<&str>,
        limit: u32,
        cursor: u64,
    ) -> Result<Capabilities> {
        match self {
            Self::Store(store) => {
                let (measurement, page) = (measurement.map(str::to_owned), Page::new(limit, cursor));
                Ok(store.wait(|store| store.capability(filter, measurement, page))?.into())
            }
            Self::Server(client) => {
                let query = RunQuery::from(&filter).measurement(measurement);
                client.capability(&query.page(Order::default(), limit, cursor))
            }
        }
    }

    /// A measurement over time.
    pub fn trend(
        &self,
        filter: RunFilter,
        measurement: &str,
        order: Order,
        limit: u32,
        cursor: u64,
    ) -> Result<Trend> {
        match self {
            Self::Store(store) => {
                let (page, direction) = (Page::new(limit, cursor), order.direction());
                let measurement = measurement.to_owned();
                Ok(store.wait(|store| store.trend(filter, measurement, page, direction))?.into())
            }
            Self::Server(client) => {
                let query = RunQuery::from(&filter).measurement(Some(measurement));
                client.trend(&query.page(order, limit, cursor))
            }
        }
    }

    /// A measurement over units.
    pub fn unit_trend(
        &self,
        filter: RunFilter,
        measurement: &str,
        order: Order,
        limit: u32,
        cursor: u64,
    ) -> Result<UnitTrends> {
        match self {
            Self::Store(store) => {
                let (page, direction) = (Page::new(limit, cursor), order.direction());
                let measurement = measurement.to_owned();
                Ok(store.wait(|store| store.unit_trend(filter, measurement, page, direction))?.into())
            }
            Self::Server(client) => {
                let query = RunQuery::from(&filter).measurement(Some(measurement));
                client.unit_trend(&query.page(order, limit, cursor))
            }
        }
    }

    /// Flaky phases, the worst first.
    pub fn flaky(&self, filter: RunFilter, limit: u32) -> Result<Vec<FlakyPhase>> {
        match self {
            Self::Store(store) => Ok(all(store.wait(|store| store.flaky_phases(filter, limit))?)),
            Self::Server(client) => client.flaky(&RunQuery::from(&filter).page(Order::default(), limit, 0)),
        }
    }

    /// The slowest phases.
    pub fn slowest(&self, filter: RunFilter, limit: u32) -> Result<Vec<SlowPhase>> {
        match self {
            Self::Store(store) => Ok(all(store.wait(|store| store.slowest_phases(filter, limit))?)),
            Self::Server(client) => client.slowest(&RunQuery::from(&filter).page(Order::default(), limit, 0)),
        }
    }

    /// How measurements changed over time: a page of them.
    pub fn drift(
        &self,
        filter: RunFilter,
        measurement: Option<&str>,
        periods: u32,
        limit: u32,
        cursor: u64,
    ) -> Result<Drifts> {
        match self {
            Self::Store(store) => {
                let (measurement, page) = (measurement.map(str::to_owned), Page::new(limit, cursor));
                Ok(store.wait(|store| store.drift(filter, measurement, periods, page))?.into())
            }
            Self::Server(client) => {
                let query = RunQuery::from(&filter).measurement(measurement).periods(periods);
                client.drift(&query.page(Order::default(), limit, cursor))
            }
        }
    }
}

/// What the part of a unit is called of which nobody, and no serial-number pattern, knows more.
const UNKNOWN_PART: &str = "unknown";

/// Whether the run may have been refused for want of a part number. A server says so in words only.
fn may_lack_part(error: &ArchiveError) -> bool {
    matches!(
        error,
        ArchiveError::Store(StoreError::PartNumberMissing { .. }) | ArchiveError::Refused { status: 400, .. }
    )
}

fn all<T, U: From<T>>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(U::from).collect()
}

fn save(store: &BlockingStore, run: &Run, contents: Contents<'_>) -> Result<RunId> {
    for attachment in &run.attachments {
        if store.wait(|store| async { store.content(&attachment.digest).await }).is_ok() {
            continue;
        }
        let file = contents.open(attachment)?;
        let stored = store.attach(attachment.name.clone(), attachment.content_type.clone(), file)?;
        if stored.digest != attachment.digest {
            return Err(ArchiveError::ContentDiffers { name: attachment.name.clone() });
        }
    }
    Ok(store.wait(|store| store.place_run(run.clone(), Actor::Local))?)
}

fn each(store: &BlockingStore, filter: &RunFilter, take: &mut dyn FnMut(Run) -> Result<()>) -> Result<()> {
    let mut cursor = Some(RunCursor::default());
    while let Some(after) = cursor {
        let found = store.wait(|store| store.runs_after(filter.clone(), after))?;
        for run in found.runs {
            match store.wait(|store| store.run(run.id)) {
                Ok(stored) => take(stored.run)?,
                // Somebody deleted it meanwhile.
                Err(hil_store::StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = found.next;
    }
    Ok(())
}
