//! The bus without a run: for `hil lin`.

use std::sync::{Arc, MutexGuard};

use hil_config::Resolved;
use hil_ldf::Database;
use hil_lin::{Bitrate, BusObserver, LinMaster, Observed, Running, ScheduleError, SharedMaster, TableSet};
use hil_model::{Clock, Resource};

use super::{Locks, World};
use crate::run::RunError;

/// The configured bus, connected, for somebody who tries things by hand.
#[derive(Debug)]
pub struct Desk {
    world: World,
    _locks: Locks,
    master: SharedMaster,
}

impl Desk {
    /// Connects the configured adapter; a simulated unit gets time to boot.
    ///
    /// # Errors
    ///
    /// Somebody else uses the bench, the adapter cannot be had or connected, or the LDF cannot be read.
    pub fn open(resolved: &Resolved) -> Result<Self, RunError> {
        Self::with(resolved, |adapter, _| adapter)
    }

    /// The same with an observer that is told of every frame, made by `observer` for the bench's clock.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn watched<O: BusObserver + 'static>(
        resolved: &Resolved,
        observer: impl FnOnce(Arc<dyn Clock>) -> O,
    ) -> Result<Self, RunError> {
        Self::with(resolved, |adapter, clock| Box::new(Observed::new(adapter, observer(clock))))
    }

    fn with(
        resolved: &Resolved,
        wrap: impl FnOnce(Box<dyn LinMaster>, Arc<dyn Clock>) -> Box<dyn LinMaster>,
    ) -> Result<Self, RunError> {
        let world = World::of(resolved, [Resource::Lin, Resource::Ldf])?;
        let locks = Locks::take_bench(&world, &resolved.config)?;
        let adapter = world.adapter(&resolved.config).map_err(RunError::NoAdapter)?;
        let mut master = wrap(adapter, world.clock());
        master.connect().map_err(RunError::Connect)?;
        if !master.capabilities().powers_ecu {
            world.clock().sleep(resolved.config.interface.boot_settle_seconds);
        }
        Ok(Self { world, _locks: locks, master: SharedMaster::new(master) })
    }

    /// The adapter, which a running schedule waits for meanwhile.
    pub fn master(&self) -> MutexGuard<'_, Box<dyn LinMaster>> {
        self.master.lock()
    }

    /// Runs schedule tables in the background until the guard is dropped.
    ///
    /// # Errors
    ///
    /// See [`Running::start`].
    pub fn schedule(&self, tables: TableSet, bitrate: Bitrate) -> Result<Running, ScheduleError> {
        Running::start(tables, self.master.clone(), bitrate, self.clock(), || true)
    }

    /// The LDF, if the configuration names one.
    pub fn ldf(&self) -> Option<&Database> {
        self.world.ldf.database().map(|database| &**database)
    }

    /// The bench's clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.world.clock()
    }

    /// Whether the bus is simulated.
    pub fn is_simulated(&self) -> bool {
        self.world.simulation().is_some()
    }

    /// Gives the adapter back.
    pub fn close(self) {
        if let Err(error) = self.master().disconnect() {
            tracing::warn!("the adapter was not given back: {error}");
        }
    }
}
