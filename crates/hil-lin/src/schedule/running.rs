//! A schedule that runs, as tests hold it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_model::{Clock, Periodic};

use super::buffers::{Buffers, Reception};
use super::diagnostic::{ScheduledSlots, Waiting};
use super::runner::Runner;
use super::statistics::{Statistics, TableStatistics};
use super::table::TableSet;
use super::timeline::Timeline;
use crate::shared::Permission;
use crate::{Bitrate, Data, FrameId, ScheduleError, SharedMaster};

/// From the start of a schedule to its first slot, so that its thread is there by then.
const LEAD: Duration = Duration::from_millis(1);

/// What the runner and those who hold the schedule share.
pub(super) struct Shared {
    pub(super) master: SharedMaster,
    pub(super) waiting: Waiting,
    buffers: Mutex<Buffers>,
    statistics: Mutex<Statistics>,
    tables: Mutex<Selected>,
    permission: Permission,
    ended: AtomicBool,
}

/// The tables that were chosen last.
struct Selected {
    tables: Arc<TableSet>,
    /// The runner has not changed over to them yet.
    is_new: bool,
}

impl Shared {
    pub(super) fn buffers(&self) -> MutexGuard<'_, Buffers> {
        lock(&self.buffers)
    }

    pub(super) fn statistics(&self) -> MutexGuard<'_, Statistics> {
        lock(&self.statistics)
    }

    /// The tables that were chosen last.
    pub(super) fn tables(&self) -> Arc<TableSet> {
        Arc::clone(&lock(&self.tables).tables)
    }

    /// The tables to change over to, told once.
    pub(super) fn take_switch(&self) -> Option<Arc<TableSet>> {
        let mut selected = lock(&self.tables);
        std::mem::take(&mut selected.is_new).then(|| Arc::clone(&selected.tables))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Whether the schedule may go on.
    pub(super) fn is_permitted(&self) -> bool {
        (self.permission)()
    }

    pub(super) fn end(&self) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            self.master.end_schedule(&self.permission);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("master", &self.master)
            .field("table", &self.tables().main().name())
            .field("ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}

/// A schedule that runs in the background until it is stopped or dropped.
///
/// On a real clock it has a thread of its own; in simulated time its slots run in the thread of whoever waits
/// on the clock. It shares the master with the tests' own frames, a frame at a time.
#[must_use = "dropping it stops the schedule"]
pub struct Running {
    shared: Arc<Shared>,
    /// Gone once the schedule was stopped; locked while a slot is worked off.
    runner: Arc<Mutex<Option<Runner>>>,
    _task: Periodic,
}

impl Running {
    /// Runs `tables` on the bus of `master` from now on, as long as `permitted` says so.
    ///
    /// The bit rate decides for how long answers are awaited.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::AlreadyRunning`].
    pub fn start(
        tables: TableSet,
        master: SharedMaster,
        bitrate: Bitrate,
        clock: Arc<dyn Clock>,
        permitted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Self, ScheduleError> {
        let permission: Permission = Arc::new(permitted);
        if !master.begin_schedule(&permission) {
            return Err(ScheduleError::AlreadyRunning);
        }
        let tables = Arc::new(tables);
        let first = clock.now() + LEAD;
        let timeline = Timeline::new(Arc::clone(&tables), first);
        let name = format!("schedule {}", tables.main().name());
        let shared = Arc::new(Shared {
            master,
            waiting: Waiting::default(),
            buffers: Mutex::default(),
            statistics: Mutex::default(),
            tables: Mutex::new(Selected { tables, is_new: false }),
            permission,
            ended: AtomicBool::new(false),
        });
        let runner = Runner::new(Arc::clone(&shared), timeline, bitrate, Arc::clone(&clock));
        let runner = Arc::new(Mutex::new(Some(runner)));
        let stepped = Arc::clone(&runner);
        let ends = EndOnDrop(Arc::clone(&shared));
        let step = move |_| {
            let EndOnDrop(_) = &ends;
            lock(&stepped).as_mut().and_then(Runner::step)
        };
        let task = clock.run_at(&name, first, Box::new(step));
        Ok(Self { shared, runner, _task: task })
    }

    /// Changes what the master publishes in `id`, from its next slot on. `change` is given what was set last.
    ///
    /// # Errors
    ///
    /// Those of `change`, which leave everything as it was.
    pub fn update<E>(
        &self,
        id: FrameId,
        change: impl FnOnce(Option<Data>) -> Result<Data, E>,
    ) -> Result<(), E> {
        let mut buffers = self.shared.buffers();
        let data = change(buffers.published(id))?;
        buffers.publish(id, data);
        Ok(())
    }

    /// What is known of the frame `id`, which slaves publish.
    pub fn reception(&self, id: FrameId) -> Reception {
        self.shared.buffers().reception(id)
    }

    /// The tables that were chosen last.
    pub fn tables(&self) -> Arc<TableSet> {
        self.shared.tables()
    }

    /// Runs `tables` from the next slot on. What the master publishes stays.
    pub fn switch(&self, tables: TableSet) {
        *lock(&self.shared.tables) = Selected { tables: Arc::new(tables), is_new: true };
    }

    /// What became of the slots so far, of every table that had its turn.
    pub fn statistics(&self) -> Vec<TableStatistics> {
        self.shared.statistics().all()
    }

    /// The diagnostic slots, for somebody who waits on `clock`.
    pub fn diagnostics(&self, clock: Arc<dyn Clock>) -> ScheduledSlots {
        ScheduledSlots::new(Arc::clone(&self.shared), clock)
    }

    /// Whether the schedule still runs: it ends by itself when it is no longer permitted.
    pub fn is_running(&self) -> bool {
        !self.shared.has_ended()
    }

    /// Stops the schedule and waits for the frame that is on the bus. Statistics and data stay.
    pub fn stop(&self) {
        // Waits for a slot that is being worked off, in another thread.
        let runner = lock(&self.runner).take();
        if let Some(runner) = runner {
            runner.finish();
        }
        self.shared.end();
    }
}

/// Held by the task that works off the slots: a task that could not be started, or that panicked, has ended.
struct EndOnDrop(Arc<Shared>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Running").field(&self.shared).finish()
    }
}

/// A slot that panicked must not take those along who hold the schedule.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
