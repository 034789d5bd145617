//! A store or a server, whichever it is.

use std::io::Read;

use hil_model::RunId;
use hil_model::run::{Digest, Run};
use hil_store::{Actor, BlockingStore, Direction, Page, RunFilter, RunOrder};

use crate::answer::{Capability, Drift, FirstPass, FlakyPhase, RunLines, SlowPhase, Trend, UnitTrends};
use crate::{ArchiveError, Client, Contents, Order, Result, RunQuery};

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

    /// Passes on the runs that the filter lets through, whole, in the order in which they were stored.
    pub fn each(&self, filter: RunFilter, take: &mut dyn FnMut(Run) -> Result<()>) -> Result<()> {
        match self {
            Self::Store(store) => each(store, &filter, take),
            Self::Server(client) => client.each(&RunQuery::from(&filter), take),
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

    /// The first-pass yield of each procedure.
    pub fn first_pass(&self, filter: RunFilter) -> Result<Vec<FirstPass>> {
        match self {
            Self::Store(store) => Ok(all(store.wait(|store| store.first_pass_yield(filter))?)),
            Self::Server(client) => client.first_pass(&RunQuery::from(&filter)),
        }
    }

    /// The capability of each measurement, or of the one with that name.
    pub fn capability(&self, filter: RunFilter, measurement: Option<&str>) -> Result<Vec<Capability>> {
        match self {
            Self::Store(store) => {
                Ok(all(store.wait(|store| store.capability(filter, measurement.map(str::to_owned)))?))
            }
            Self::Server(client) => client.capability(&RunQuery::from(&filter).measurement(measurement)),
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

    /// How measurements changed over time.
    pub fn drift(&self, filter: RunFilter, measurement: Option<&str>, periods: u32) -> Result<Vec<Drift>> {
        match self {
            Self::Store(store) => {
                let measurement = measurement.map(str::to_owned);
                Ok(all(store.wait(|store| store.drift(filter, measurement, periods))?))
            }
            Self::Server(client) => {
                client.drift(&RunQuery::from(&filter).measurement(measurement).periods(periods))
            }
        }
    }
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
    let procedure = store.wait(|store| store.place_procedure(run.procedure.clone(), Actor::Local))?;
    let mut run = run.clone();
    run.procedure.id = procedure.id.to_string();
    Ok(store.save_run(run)?)
}

fn each(store: &BlockingStore, filter: &RunFilter, take: &mut dyn FnMut(Run) -> Result<()>) -> Result<()> {
    let mut cursor = Some(0);
    while let Some(offset) = cursor {
        // In the order of storing, so that what is stored meanwhile comes last.
        let (filter, page) = (filter.clone(), Page::new(Page::MAX, offset));
        let order = (RunOrder::CreatedAt, Direction::Ascending);
        let listed = store.wait(|store| store.runs(filter, order.0, page, order.1))?;
        for line in listed.items {
            match store.wait(|store| store.run(line.id)) {
                Ok(stored) => take(stored.run)?,
                // Somebody deleted it meanwhile.
                Err(hil_store::StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = listed.next;
    }
    Ok(())
}
