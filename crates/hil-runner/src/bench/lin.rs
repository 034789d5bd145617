//! The LIN adapter as a test sees it.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use hil_lin::{
    Bitrate, Capabilities, ChecksumModel, Frame, Header, LinError, LinMaster, Response, Running,
    ScheduleError, SharedMaster, TableSet, WakePulse,
};
use hil_model::Clock;

use super::{Lease, LinSlots};

/// The bench's LIN adapter, connected. A handle; clones are the same adapter.
///
/// Tests rarely use it directly: `FrameIo` speaks in frames and signals of the LDF.
#[derive(Clone, Debug)]
pub struct Lin {
    master: SharedMaster,
    clock: Arc<dyn Clock>,
    lease: Lease,
}

impl Lin {
    pub(crate) const fn new(master: SharedMaster, clock: Arc<dyn Clock>, lease: Lease) -> Self {
        Self { master, clock, lease }
    }

    /// What the adapter can do beyond single frames.
    pub fn capabilities(&self) -> Capabilities {
        self.master().capabilities()
    }

    /// Sends `frame` with the checksum that a LIN 2.x node expects.
    ///
    /// # Errors
    ///
    /// What the adapter found out, see [`LinMaster::send`].
    pub fn send(&self, frame: &Frame) -> Result<(), LinError> {
        self.master().send(frame)
    }

    /// Sends `frame` with a checksum of the given model.
    ///
    /// # Errors
    ///
    /// What the adapter found out, see [`LinMaster::send_raw`].
    pub fn send_raw(&self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        self.master().send_raw(frame, checksum)
    }

    /// Sends `header` and awaits a response for at most `timeout`.
    ///
    /// # Errors
    ///
    /// What the adapter found out, see [`LinMaster::receive`].
    pub fn receive(&self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        self.master().receive(header, timeout)
    }

    /// Wakes the nodes on the bus.
    ///
    /// # Errors
    ///
    /// What the adapter found out, see [`LinMaster::wake_up`].
    pub fn wake_up(&self, pulse: WakePulse) -> Result<(), LinError> {
        self.master().wake_up(pulse)
    }

    /// Sends every node to sleep.
    ///
    /// # Errors
    ///
    /// What the adapter found out, see [`LinMaster::go_to_sleep`].
    pub fn go_to_sleep(&self) -> Result<(), LinError> {
        self.master().go_to_sleep()
    }

    /// The adapter as a carrier of diagnostic frames on a bus at `bitrate`.
    pub fn diagnostic_slots(&self, bitrate: Bitrate) -> LinSlots {
        LinSlots::new(self.master.clone(), self.lease.clone(), bitrate, Arc::clone(&self.clock))
    }

    /// Runs schedule tables in the background until the guard is dropped, or the lease is revoked.
    ///
    /// # Errors
    ///
    /// See [`Running::start`].
    pub fn schedule(&self, tables: TableSet, bitrate: Bitrate) -> Result<Running, ScheduleError> {
        self.lease.check();
        let lease = self.lease.clone();
        let permitted = move || lease.revoked().is_none();
        Running::start(tables, self.master.clone(), bitrate, Arc::clone(&self.clock), permitted)
    }

    /// The adapter, once the lease allows it and a slot that is due has had it.
    fn master(&self) -> MutexGuard<'_, Box<dyn LinMaster>> {
        self.lease.check();
        self.master.lock_after_slot(&*self.clock)
    }
}
