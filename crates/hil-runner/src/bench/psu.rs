//! The supply as the session owns it and as a test sees it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::Duration;

use hil_config::Settle;
use hil_model::{Clock, Event, Mutation, OutputVerified, SupplySample, Volts, chain};
use hil_psu::{Identity, PowerSupply, PsuError, Reading, Setup};
use hil_sim::Rail;

use super::settle::{Settled, settle};
use super::{Ctx, Revoked};
use crate::error::{TestError, TestResult};
use crate::events::EventLog;

/// The supply of a session: one for all tests, switched on before the first and off after the last.
pub(crate) struct SharedPsu {
    driver: Mutex<Box<dyn PowerSupply>>,
    identity: Identity,
    pub(super) clock: Arc<dyn Clock>,
    events: EventLog,
    /// The rail of a simulated unit that this supply feeds without being simulated itself.
    rail: Option<Rail>,
    nominal: Setup,
    nominal_tolerance: Volts,
    pub(super) settle: Settle,
    off_nominal: AtomicBool,
    excursion: Mutex<Weak<Away>>,
    /// Why the supply is of no use any more.
    lost: Mutex<Option<String>>,
}

impl SharedPsu {
    pub(crate) fn new(
        driver: Box<dyn PowerSupply>,
        nominal: Setup,
        nominal_tolerance: Volts,
        settle: Settle,
        clock: Arc<dyn Clock>,
        events: EventLog,
        rail: Option<Rail>,
    ) -> Self {
        let identity = driver.identity().clone();
        Self {
            driver: Mutex::new(driver),
            identity,
            clock,
            events,
            rail,
            nominal,
            nominal_tolerance,
            settle,
            off_nominal: AtomicBool::new(false),
            excursion: Mutex::default(),
            lost: Mutex::default(),
        }
    }

    /// Why the supply is of no use any more, if it is not.
    pub(crate) fn lost(&self) -> Option<String> {
        lock(&self.lost).clone()
    }

    /// Measures, and records the sample.
    pub(crate) fn measure(&self) -> Result<Reading, PsuError> {
        self.with(|driver| driver.measure()).inspect(|reading| self.sampled(reading))
    }

    /// Measures unless the supply is busy: the background sampler disturbs no one (PSU-06).
    pub(crate) fn sample(&self) {
        if self.lost().is_some() {
            return;
        }
        let mut driver = match self.driver.try_lock() {
            Ok(driver) => driver,
            Err(TryLockError::Poisoned(driver)) => driver.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let result = driver.measure();
        drop(driver);
        match result {
            Ok(reading) => self.sampled(&reading),
            Err(error) => self.note(&error),
        }
    }

    fn sampled(&self, reading: &Reading) {
        let Reading { volts, amps, .. } = *reading;
        if let Some(rail) = &self.rail {
            rail.measured(volts);
        }
        self.events.emit(Event::Supply(SupplySample { volts, amps }));
    }

    /// Uses the driver; a supply that was unplugged is of no use to anybody from then on (PSU-08).
    pub(crate) fn with<T>(
        &self,
        act: impl FnOnce(&mut dyn PowerSupply) -> Result<T, PsuError>,
    ) -> Result<T, PsuError> {
        let result = act(&mut **self.driver());
        result.inspect_err(|error| self.note(error))
    }

    fn note(&self, error: &PsuError) {
        if error.is_lost() {
            self.give_up(&chain(error));
        }
    }

    /// The supply is of no use to anybody from now on. The first reason stays.
    pub(crate) fn give_up(&self, why: &str) {
        let mut lost = lock(&self.lost);
        if lost.is_none() {
            let reason = format!("the supply was lost at {}: {why}", self.clock.now());
            tracing::error!("{reason}");
            *lost = Some(reason);
        }
    }

    /// Whether the rail was moved away from nominal and not brought back.
    pub(crate) fn is_off_nominal(&self) -> bool {
        self.off_nominal.load(Ordering::Acquire)
    }

    /// Brings the rail back to nominal and waits until it is there. If it does not get there it stays
    /// marked as off nominal.
    pub(crate) fn restore(&self) -> TestResult {
        let set = self.with(|driver| driver.set_voltage(self.nominal.voltage));
        let back = set.map_err(TestError::from).and_then(|_| self.await_nominal(self.settle.timeout));
        match back {
            Ok(_) => {
                self.off_nominal.store(false, Ordering::Release);
                Ok(())
            }
            Err(error) => {
                tracing::error!("the rail was not brought back to {}: {error}", self.nominal.voltage);
                Err(error)
            }
        }
    }

    /// Waits until the rail is at nominal, on the bench's own clock.
    pub(crate) fn await_nominal(&self, timeout: Duration) -> TestResult<Settled> {
        let Self { nominal, nominal_tolerance, settle: Settle { interval, .. }, .. } = self;
        settle(self, &*self.clock, nominal.voltage, *nominal_tolerance, *interval, timeout)
    }

    /// Switches the output off and proves it.
    pub(crate) fn shut_down(&self) -> OutputVerified {
        self.driver().shut_down()
    }

    /// A driver is left in a known state by a panic: each of its operations stands for itself.
    fn driver(&self) -> MutexGuard<'_, Box<dyn PowerSupply>> {
        lock(&self.driver)
    }
}

impl fmt::Debug for SharedPsu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPsu").field("identity", &self.identity).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bench supply as a test sees it: on, at nominal, and not to be switched off. A handle; clones are the
/// same supply.
///
/// The only way to move the voltage is an [`Excursion`], which goes back by itself.
#[derive(Clone, Debug)]
pub struct Psu {
    pub(super) shared: Arc<SharedPsu>,
    pub(super) ctx: Ctx,
}

impl Psu {
    pub(crate) fn new(shared: Arc<SharedPsu>, ctx: &Ctx) -> Self {
        Self { shared, ctx: ctx.clone() }
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// Whether it feeds the unit under test. A real supply on a bench with a simulated unit does not: what it
    /// measures as current is not the unit's.
    pub fn feeds_the_unit(&self) -> bool {
        self.shared.rail.is_none()
    }

    /// How it is parked between tests.
    pub fn nominal(&self) -> Setup {
        self.shared.nominal
    }

    /// How this bench settles (`power_supply.settle`).
    pub fn settle(&self) -> &Settle {
        &self.shared.settle
    }

    /// Measures at the terminals; the sample is recorded.
    ///
    /// # Errors
    ///
    /// A bench fault.
    #[track_caller]
    pub fn measure(&self) -> TestResult<Reading> {
        self.ctx.lease().check();
        Ok(self.shared.measure()?)
    }

    /// The voltage that is set.
    ///
    /// # Errors
    ///
    /// A bench fault.
    #[track_caller]
    pub fn set_point(&self) -> TestResult<Volts> {
        self.ctx.lease().check();
        Ok(self.shared.with(|driver| driver.voltage())?)
    }

    /// Moves the voltage to `volts` until the guard is dropped; the rail is then brought back to nominal,
    /// whatever happened in between, and waited for. Does not wait for the rail to get to `volts`, see
    /// [`super::apply_voltage_and_settle`].
    ///
    /// Excursions nest: the rail goes back when the last guard is dropped.
    ///
    /// # Errors
    ///
    /// A test error for a voltage beyond the armed limits, or outside the nominal band in a test that does not
    /// declare it; neither is sent. Otherwise a bench fault.
    #[track_caller]
    pub fn excursion(&self, volts: Volts) -> TestResult<Excursion> {
        self.ctx.lease().check();
        self.declared(volts)?;
        let away = {
            let mut current = lock(&self.shared.excursion);
            current.upgrade().unwrap_or_else(|| {
                let away = Arc::new(Away { shared: Arc::clone(&self.shared), ctx: self.ctx.clone() });
                *current = Arc::downgrade(&away);
                away
            })
        };
        self.shared.off_nominal.store(true, Ordering::Release);
        let set = self.shared.with(|driver| driver.set_voltage(volts));
        if set.as_ref().is_err_and(PsuError::is_refusal) && Arc::strong_count(&away) == 1 {
            // Nothing was sent: there is nothing to bring back.
            self.shared.off_nominal.store(false, Ordering::Release);
        }
        set?;
        Ok(Excursion { away, shared: Arc::clone(&self.shared) })
    }

    /// What is not declared cannot be held back, so it does not happen.
    #[track_caller]
    fn declared(&self, volts: Volts) -> TestResult {
        let (nominal, band) = (self.shared.nominal.voltage, self.shared.nominal_tolerance);
        if volts.is_within(band, nominal) {
            return Ok(());
        }
        self.ctx.expect_declared(Mutation::VoltageOutsideNominal)
    }
}

/// While it lives, the rail is away from nominal.
#[derive(Debug)]
#[must_use = "the rail goes back to nominal when the guard is dropped"]
pub struct Excursion {
    away: Arc<Away>,
    shared: Arc<SharedPsu>,
}

impl Excursion {
    /// Brings the rail back now, if this is the last guard, and says whether it came back.
    ///
    /// # Errors
    ///
    /// A bench fault when it did not.
    #[track_caller]
    pub fn restore(self) -> TestResult {
        let Self { away, shared } = self;
        let last = Arc::strong_count(&away) == 1;
        drop(away);
        if last && shared.is_off_nominal() {
            let why = shared
                .lost()
                .unwrap_or_else(|| format!("the rail did not come back to {}", shared.nominal.voltage));
            return Err(TestError::bench(why));
        }
        Ok(())
    }
}

/// What all guards of an excursion share.
#[derive(Debug)]
struct Away {
    shared: Arc<SharedPsu>,
    ctx: Ctx,
}

impl Drop for Away {
    fn drop(&mut self) {
        // An interrupted run switches the output off next: waiting for the rail would only delay that. A
        // refused set-point never left nominal.
        let interrupted = self.ctx.lease().revoked() == Some(Revoked::Interrupted);
        if !interrupted && self.shared.is_off_nominal() {
            // What a failure looked like is lost once the rail is back.
            let title = format!("Bring the rail back to {:.2}", self.shared.nominal.voltage);
            self.ctx.keep_evidence(&title, || self.shared.restore());
        }
    }
}
