//! The bus without a run: for `hil lin`.

use std::sync::Arc;

use hil_config::Resolved;
use hil_ldf::Database;
use hil_lin::LinMaster;
use hil_model::{Clock, Resource};

use super::world::Ldf;
use super::{Locks, World};
use crate::run::RunError;

/// The configured bus, connected, for somebody who tries things by hand.
#[derive(Debug)]
pub struct Desk {
    world: World,
    _locks: Locks,
    master: Box<dyn LinMaster>,
}

impl Desk {
    /// Connects the configured adapter; a simulated unit gets time to boot.
    ///
    /// # Errors
    ///
    /// Somebody else uses the bench, the adapter cannot be had or connected, or the LDF cannot be read.
    pub fn open(resolved: &Resolved) -> Result<Self, RunError> {
        let world = World::of(resolved, [Resource::Lin, Resource::Ldf])?;
        let locks = Locks::take_bench(&world, &resolved.config)?;
        let mut master = world.adapter(&resolved.config).map_err(RunError::NoAdapter)?;
        master.connect().map_err(RunError::Connect)?;
        if !master.capabilities().powers_ecu {
            world.clock().sleep(resolved.config.interface.boot_settle_seconds);
        }
        Ok(Self { world, _locks: locks, master })
    }

    /// The adapter.
    pub fn master(&mut self) -> &mut dyn LinMaster {
        &mut *self.master
    }

    /// The LDF, if the configuration names one.
    pub fn ldf(&self) -> Option<&Database> {
        match &self.world.ldf {
            Ldf::Loaded { database, .. } => Some(database),
            Ldf::Unset | Ldf::NotNeeded => None,
        }
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
    pub fn close(mut self) {
        if let Err(error) = self.master.disconnect() {
            tracing::warn!("the adapter was not given back: {error}");
        }
    }
}
