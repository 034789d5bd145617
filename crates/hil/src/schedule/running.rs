//! A schedule that runs, in terms of the LDF.

use std::sync::Arc;
use std::time::Duration;

use hil_ldf::{Fill, Value};
use hil_lin::{Data, FrameId, Reception, Running, ScheduledSlots, TableStatistics};
use hil_model::{Failure, PollError, SourceLocation, Unit, poll_until};
use hil_runner::{ScheduleTables, is_slave};

use crate::{Ctx, Result, Signals, TestError};

/// How often a test looks whether a frame has come: a fraction of a slot.
const POLL: Duration = Duration::from_millis(1);

/// The last response of a frame, and how old it is.
#[derive(Clone, Debug)]
pub struct Latest {
    /// Its signals.
    pub signals: Signals,
    /// The time since it was there.
    pub age: Duration,
}

/// A schedule table that runs in the background until this is dropped.
///
/// The test's own frames share the bus with it, a frame at a time, and show as jitter. When it ends, what became
/// of its slots is in the record: slots run and missed, median, 99th percentile and maximum of the jitter.
#[derive(Debug)]
#[must_use = "dropping it stops the schedule"]
pub struct RunningSchedule {
    ctx: Ctx,
    tables: ScheduleTables,
    running: Running,
}

impl RunningSchedule {
    pub(super) const fn new(ctx: Ctx, tables: ScheduleTables, running: Running) -> Self {
        Self { ctx, tables, running }
    }

    /// Sets signals of the frame `frame`, which the master publishes, from its next slot on. The others stay as
    /// they are; at first they have their init value.
    ///
    /// A table that does not carry the frame changes nothing about it: it is sent once another one does.
    ///
    /// # Errors
    ///
    /// A test error for an unknown name, a value that does not fit, or a frame that a slave publishes.
    #[track_caller]
    pub fn set<'a>(&self, frame: &str, signals: impl IntoIterator<Item = (&'a str, Value<'a>)>) -> Result {
        let (definition, id) = self.tables.frame(frame)?;
        if is_slave(self.tables.ldf(), definition.publisher()) {
            let message = format!("{frame} is published by {}, not by the master", definition.publisher());
            return Err(TestError::misuse(message));
        }
        if id == FrameId::MASTER_REQUEST {
            return Err(TestError::misuse(format!("{frame} is sent through the schedule's diagnostics")));
        }
        self.running.update(id, |last| {
            let payload = match last {
                Some(last) => definition.encode_over(&last, signals)?,
                None => definition.encode(signals, Fill::Ones)?,
            };
            Ok(Data::new(&payload)?)
        })
    }

    /// The last response of the frame `frame`, however old; `None` if none has come yet.
    ///
    /// # Errors
    ///
    /// A test error for an unknown name, for a frame that the master publishes or that the table does not carry,
    /// and for a response that is no such frame.
    #[track_caller]
    pub fn latest(&self, frame: &str) -> Result<Option<Latest>> {
        let id = self.received(frame)?;
        let Some(received) = self.running.reception(id).last else { return Ok(None) };
        let age = self.ctx.clock().now().since(received.at);
        Ok(Some(Latest { signals: self.signals(frame, received.data)?, age }))
    }

    /// The next response of the frame `frame` whose slot begins after this call, awaited for at most `within`.
    ///
    /// # Errors
    ///
    /// A failure that says what was heard instead, if none comes; the bench's fault if the bus or the adapter
    /// failed; and as [`Self::latest`].
    #[track_caller]
    pub fn next(&self, frame: &str, within: Duration) -> Result<Signals> {
        let location = SourceLocation::caller();
        let id = self.received(frame)?;
        let (called, before) = (self.ctx.clock().now(), self.running.reception(id));
        let what = format!("a fresh {frame}");
        let fresh = poll_until(self.ctx.clock(), &what, POLL, within, || {
            if !self.running.is_running() {
                return Err(TestError::bench(format!("the schedule has ended: no fresh {frame}")));
            }
            Ok(self.running.reception(id).last.filter(|received| received.asked >= called))
        });
        match fresh {
            Ok(received) => self.signals(frame, received.data),
            Err(PollError::Failed(error)) => Err(error.at(location)),
            Err(PollError::TimedOut { .. }) => {
                let error = not_heard(frame, &before, &self.running.reception(id), within);
                Err(error.at(location))
            }
        }
    }

    /// Runs the table `name` from the next slot on. What was set stays.
    ///
    /// # Errors
    ///
    /// Those of [`Schedules::run`](crate::Schedules::run).
    #[track_caller]
    pub fn switch(&self, name: &str) -> Result {
        self.running.switch(self.tables.set(name)?);
        Ok(())
    }

    /// What became of the slots so far, of every table that had its turn.
    pub fn statistics(&self) -> Vec<TableStatistics> {
        self.running.statistics()
    }

    /// The MasterReq and SlaveResp slots of the table, for the transport layer.
    pub fn diagnostics(&self) -> ScheduledSlots {
        self.running.diagnostics(self.ctx.shared_clock())
    }

    /// Stops the schedule once the frame that is on the bus is over, and records what became of its slots.
    pub fn stop(self) {
        drop(self);
    }

    /// The id of a frame that the schedule receives.
    #[track_caller]
    fn received(&self, frame: &str) -> Result<FrameId> {
        let (definition, id) = self.tables.frame(frame)?;
        // Diagnostic responses have no publisher of their own.
        if !is_slave(self.tables.ldf(), definition.publisher()) && id != FrameId::SLAVE_RESPONSE {
            return Err(TestError::misuse(format!("{frame} is published by the master")));
        }
        let tables = self.running.tables();
        if !tables.carries(id) {
            let table = tables.main().name();
            return Err(TestError::misuse(format!("schedule table {table} does not carry {frame}")));
        }
        Ok(id)
    }

    fn signals(&self, frame: &str, data: Data) -> Result<Signals> {
        Signals::new(Arc::clone(self.tables.ldf()), frame, data)
    }

    fn record(&self) {
        let milliseconds = |time: Duration| time.as_micros() as f64 / 1e3;
        for of in self.running.statistics() {
            let measure = |what: &str, value: f64, unit| {
                let name = format!("schedule_{}_{what}", of.table);
                // The record has it, whatever it was declared to be; this is a drop, which nobody hears.
                let _ = self.ctx.measure(&name, value).units(unit).record();
            };
            measure("slots_run", of.run as f64, Unit::COUNT);
            measure("slots_missed", of.missed as f64, Unit::COUNT);
            measure("jitter_median", milliseconds(of.jitter.median()), Unit::MILLISECOND);
            measure("jitter_p99", milliseconds(of.jitter.p99()), Unit::MILLISECOND);
            measure("jitter_max", milliseconds(of.jitter.max()), Unit::MILLISECOND);
            let odd = [
                ("unanswered", of.unanswered),
                ("failed", of.failed),
                ("collisions", of.collisions),
                ("overran", of.overran),
            ];
            for (what, count) in odd.into_iter().filter(|(_, count)| *count > 0) {
                measure(what, count as f64, Unit::COUNT);
            }
        }
    }
}

impl Drop for RunningSchedule {
    fn drop(&mut self) {
        self.running.stop();
        self.record();
    }
}

/// Why no fresh frame is there.
fn not_heard(frame: &str, before: &Reception, after: &Reception, within: Duration) -> TestError {
    let headers = after.headers - before.headers;
    let told = format!("{frame}: no fresh frame within {:.2} s ({headers} headers)", within.as_secs_f64());
    if let Some(error) = &after.error {
        return TestError::from(error.clone()).with_detail(told);
    }
    let got = if headers == 0 { "no slot" } else { "silence" };
    TestError::from(Failure::new(told).with_values("a response".to_owned(), got.to_owned()))
}
