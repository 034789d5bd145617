//! What a session owns, and the way up and down.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_config::Config;
use hil_ldf::Database;
use hil_lin::{
    Bitrate, BusEvent, BusObserver, BusResult, FrameError, LinError, LinMaster, Nad, Observed, Reading,
    SharedMaster,
};
use hil_model::{
    CheckSeen, Direction, Event, Fault, FaultKind, FrameSeen, Outcome, OutputVerified, Property, Resource,
    SessionPhase, SessionStep, chain,
};
use hil_psu::guardian::Launch;

use super::firmware::Workbench;
use super::supply::Supply;
use super::world::Ldf;
use super::{Locks, World};
use crate::bench::{Attachments, Bench, Lease, LinSlots, Slot};
use crate::events::EventLog;
use crate::live::{Missing, NodeSearch, ServerAt};
use crate::run::panics;

/// How long the way down waits for a thread that was left behind to let go of the adapter.
const LET_GO: Duration = Duration::from_secs(5);

/// How the way up ended.
#[derive(Debug)]
pub(crate) enum SetUp {
    /// Tests can run.
    Ready,
    /// The bench is not fit for tests.
    Failed(String),
    /// A signal came first.
    Interrupted,
}

/// Why a step of the way up did not yield its resource.
#[derive(Debug)]
pub(super) enum Without {
    /// It cannot be had: what needs it skips, with this reason.
    Missing(Missing),
    /// It follows from an earlier step that did not yield its resource; the reason of that.
    Follows(String),
    /// The bench is broken: no test runs.
    Broken(String),
}

/// What was learnt in a step.
pub(super) type Facts = Vec<Property>;

/// The resources of a run. Set up once, taken down once.
#[derive(Debug)]
pub(crate) struct Session {
    world: World,
    config: Arc<Config>,
    sources: String,
    locks: Locks,
    attachments: Arc<Attachments>,
    events: EventLog,
    guardian: Option<Launch>,
    server: Slot<ServerAt>,
    /// Whether somebody said the node's address, so that it is not looked for.
    nad_is_pinned: bool,
    owned: Mutex<Owned>,
    /// Whether the output's state at the end is known.
    verified: AtomicBool,
}

/// What is set up so far.
#[derive(Debug, Default)]
struct Owned {
    lin: Option<Slot<SharedMaster>>,
    ldf: Option<Slot<Arc<Database>>>,
    supply: Option<Slot<Supply>>,
    /// The node's address, or why there is no node; nothing if it was not looked for.
    node: Option<Slot<Nad>>,
}

impl Owned {
    /// Whether neither the supply nor the adapter feeds the unit: both wait for it to boot themselves.
    fn feeds_blindly(&self) -> bool {
        let supply = self.supply.as_ref().and_then(Slot::ready);
        let adapter = self.lin.as_ref().and_then(Slot::ready);
        let powers = |lin: &SharedMaster| lin.lock().capabilities().powers_ecu;
        supply.is_none() && !adapter.is_some_and(powers)
    }
}

impl Session {
    pub(crate) fn new(
        world: World,
        resolved: hil_config::Resolved,
        locks: Locks,
        reports: PathBuf,
        events: EventLog,
        guardian: Option<Launch>,
        server: Result<ServerAt, Missing>,
    ) -> Self {
        let sources = sources(&resolved);
        let nad_is_pinned = resolved.said_by("interface.nad").is_some();
        let config = Arc::new(resolved.config);
        let attachments = Arc::new(Attachments::new(reports, &config.record));
        Self {
            world,
            config,
            sources,
            locks,
            attachments,
            events,
            guardian,
            server: server.map_or_else(|missing| Slot::Missing(missing.to_string()), Slot::Ready),
            nad_is_pinned,
            owned: Mutex::default(),
            verified: AtomicBool::new(false),
        }
    }

    pub(super) const fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) const fn events(&self) -> &EventLog {
        &self.events
    }

    /// How a guardian is started.
    pub(super) const fn guardian(&self) -> Option<&Launch> {
        self.guardian.as_ref()
    }

    /// Sets up what the plan needs, in order. Ends early, in order, when `lease` is revoked.
    pub(crate) fn set_up(&self, lease: &Lease) -> SetUp {
        match catch_unwind(AssertUnwindSafe(|| self.way_up(lease))) {
            Ok(Ok(())) => SetUp::Ready,
            Ok(Err(why)) => SetUp::Failed(why),
            Err(payload) if Lease::reason(&*payload).is_some() => SetUp::Interrupted,
            Err(_) => SetUp::Failed("a step panicked".to_owned()),
        }
    }

    fn way_up(&self, lease: &Lease) -> Result<(), String> {
        let needs = |resource| self.world.needs.contains(&resource);
        self.step(SessionStep::Config, lease, |facts| {
            facts.push(Property::new("config_source", &self.sources));
            facts.push(Property::new("lin_type", self.config.interface.kind.as_str()));
            Ok(())
        })?;
        self.step(SessionStep::Lock, lease, |facts| {
            facts.push(Property::new("locked", self.locks.what()));
            Ok(())
        })?;
        if needs(Resource::Lin) {
            let lin = self.step(SessionStep::Lin, lease, |facts| self.connect(facts))?;
            self.owned().lin = Some(lin);
        }
        if needs(Resource::Ldf) {
            let ldf = self.step(SessionStep::Ldf, lease, |facts| self.load(facts))?;
            self.owned().ldf = Some(ldf);
        }
        if needs(Resource::Psu) {
            let opened = self.step(SessionStep::Psu, lease, |facts| {
                let supply = Supply::open(self, lease, facts)?;
                // It is owned before the output goes on: whatever happens now, the way down switches it off.
                self.owned().supply = Some(Slot::Ready(supply.clone()));
                supply.power(lease, facts)?;
                Ok(supply)
            })?;
            self.owned().supply = Some(opened);
        }
        if needs(Resource::Lin) && self.owned().feeds_blindly() {
            // Whatever feeds the unit, it has only just been switched on as far as we know.
            self.world.clock().sleep(self.config.interface.boot_settle_seconds);
            lease.check();
        }
        if needs(Resource::Lin) && !self.nad_is_pinned && self.world.simulation().is_none() {
            let there = matches!(self.owned().lin, Some(Slot::Ready(_)));
            if there {
                let node = self.step(SessionStep::Node, lease, |facts| self.find_node(lease, facts))?;
                self.owned().node = Some(node);
            }
        }
        if self.config.flash.enabled && needs(Resource::Lin) {
            self.step(SessionStep::Flash, lease, |facts| self.flash(lease, facts))?;
        }
        Ok(())
    }

    /// Runs a step of the way up, with its events. What is missing becomes the slot's reason, what is
    /// broken ends the way up.
    fn step<T>(
        &self,
        step: SessionStep,
        lease: &Lease,
        body: impl FnOnce(&mut Facts) -> Result<T, Without>,
    ) -> Result<Slot<T>, String> {
        lease.check();
        let phase = SessionPhase::Setup;
        self.events.emit(Event::SessionStepStarted { phase, step });
        let mut facts = Facts::new();
        let result = catch_unwind(AssertUnwindSafe(|| body(&mut facts)));
        let finished = |outcome, facts| {
            self.events.emit(Event::SessionStepFinished { phase, step, outcome, facts });
        };
        let broken = |kind, why: &str| Outcome::Errored(Fault::new(kind, why));
        match result {
            Ok(Ok(resource)) => {
                finished(Outcome::Passed, facts);
                Ok(Slot::Ready(resource))
            }
            Ok(Err(Without::Missing(missing))) => {
                let reason = missing.to_string();
                facts.push(Property::new(Missing::FACT, missing.code()));
                finished(Outcome::Skipped { reason: reason.clone() }, facts);
                Ok(Slot::Missing(reason))
            }
            Ok(Err(Without::Follows(reason))) => {
                finished(Outcome::Skipped { reason: reason.clone() }, facts);
                Ok(Slot::Missing(reason))
            }
            Ok(Err(Without::Broken(why))) => {
                finished(broken(FaultKind::Bench, &why), facts);
                Err(format!("{}: {why}", step.word()))
            }
            Err(payload) if Lease::reason(&*payload).is_some() => {
                finished(broken(FaultKind::Interrupted, "the run was interrupted"), facts);
                resume_unwind(payload)
            }
            Err(payload) => {
                let fault = Fault { kind: FaultKind::Bench, ..panics::fault(&*payload) };
                let why = format!("{}: {}", step.word(), fault.message);
                finished(Outcome::Errored(fault), facts);
                Err(why)
            }
        }
    }

    fn connect(&self, facts: &mut Facts) -> Result<SharedMaster, Without> {
        let adapter =
            self.world.adapter(&self.config).map_err(|why| Without::Missing(Missing::Adapter { why }))?;
        let names = self.world.ldf.database().cloned();
        let mut master = Observed::new(adapter, BusWatch { events: self.events.clone(), names });
        master.connect().map_err(|error| match error {
            LinError::Unavailable { .. } => Without::Missing(Missing::Adapter { why: chain(&error) }),
            error => Without::Broken(chain(&error)),
        })?;
        facts.push(Property::new("adapter", master.name()));
        facts.extend(master.facts().into_iter().map(|(name, value)| Property::new(name, value)));
        facts.push(Property::new("bitrate", format!("{} bit/s", self.config.interface.bitrate)));
        Ok(SharedMaster::new(Box::new(master)))
    }

    /// Asks the bus who is there (LIV-03).
    fn find_node(&self, lease: &Lease, facts: &mut Facts) -> Result<Nad, Without> {
        let (lin, ldf) = {
            let owned = self.owned();
            let ldf = owned.ldf.as_ref().and_then(Slot::ready).cloned();
            (owned.lin.as_ref().and_then(Slot::ready).cloned(), ldf)
        };
        let Some(lin) = lin else {
            return Err(Without::Follows("the LIN adapter was not set up".to_owned()));
        };
        let bitrate = Bitrate::new(self.config.interface.bitrate)
            .map_err(|error| Without::Broken(error.to_string()))?;
        let clock = self.world.clock();
        let slots = LinSlots::new(lin, lease.clone(), bitrate, Arc::clone(&clock));
        let search = NodeSearch { slots, clock: &*clock, ldf: ldf.as_deref(), go_on: &|| lease.check() };
        let found = search.run().map_err(|error| Without::Broken(chain(&error)))?;
        let node = found.map_err(Without::Missing)?;
        facts.push(Property::new("nad", node.nad));
        if let Reading::Is(product) = node.product {
            facts.push(Property::new("product_id", product));
        }
        Ok(node.nad)
    }

    fn flash(&self, lease: &Lease, facts: &mut Facts) -> Result<(), Without> {
        let Some(firmware) = &self.world.firmware else {
            return Err(Without::Missing(Missing::Unset { key: "flash.hex_path" }));
        };
        firmware.facts(facts);
        let interface = &self.config.interface;
        let (lin, ldf, node) = {
            let owned = self.owned();
            (owned.lin.clone(), owned.ldf.as_ref().and_then(Slot::ready).cloned(), owned.node.clone())
        };
        let nad = match node {
            Some(Slot::Ready(nad)) => nad,
            Some(Slot::Missing(reason)) => return Err(Without::Follows(reason)),
            None => Nad::new(interface.nad).map_err(|error| Without::Broken(error.to_string()))?,
        };
        let lin = match &lin {
            Some(Slot::Ready(lin)) => lin,
            Some(Slot::Missing(reason)) => return Err(Without::Follows(reason.clone())),
            None => return Err(Without::Follows("the LIN adapter was not set up".to_owned())),
        };
        let broken = |error: FrameError| Without::Broken(error.to_string());
        let workbench = Workbench {
            settings: &self.config.flash,
            lin,
            ldf: ldf.as_deref(),
            bitrate: Bitrate::new(interface.bitrate).map_err(broken)?,
            nad,
            boot: interface.boot_settle_seconds,
            clock: self.world.clock(),
            events: &self.events,
            lease,
        };
        workbench.flash(firmware, facts).map_err(Without::Broken)
    }

    fn load(&self, facts: &mut Facts) -> Result<Arc<Database>, Without> {
        match &self.world.ldf {
            Ldf::Loaded { path, database, sha256, warnings } => {
                facts.push(Property::new("ldf_path", path.display()));
                facts.push(Property::new("ldf_sha256", sha256));
                facts.push(Property::new("ldf_frames", database.frames().count()));
                facts.push(Property::new("ldf_warnings", warnings));
                Ok(Arc::clone(database))
            }
            Ldf::Unset | Ldf::NotNeeded => {
                Err(Without::Missing(Missing::Unset { key: "interface.ldf_path" }))
            }
        }
    }

    /// The bench as tests see it.
    pub(crate) fn bench(&self) -> Arc<Bench> {
        let owned = self.owned();
        let psu = match &owned.supply {
            Some(Slot::Ready(supply)) => Slot::Ready(Arc::clone(supply.shared())),
            Some(Slot::Missing(reason)) => Slot::Missing(reason.clone()),
            None => Slot::not_set_up("the supply"),
        };
        let (config, lin) = match &owned.node {
            Some(Slot::Ready(nad)) if nad.get() != self.config.interface.nad => {
                let mut config = Config::clone(&self.config);
                config.interface.nad = nad.get();
                (Arc::new(config), owned.lin.clone())
            }
            // Without a node there is nothing to talk to.
            Some(Slot::Missing(reason)) => (Arc::clone(&self.config), Some(Slot::Missing(reason.clone()))),
            Some(Slot::Ready(_)) | None => (Arc::clone(&self.config), owned.lin.clone()),
        };
        Arc::new(Bench {
            clock: self.world.clock(),
            events: self.events.clone(),
            config,
            attachments: Arc::clone(&self.attachments),
            server: self.server.clone(),
            lin: lin.unwrap_or_else(|| Slot::not_set_up("the LIN adapter")),
            ldf: owned.ldf.clone().unwrap_or_else(|| Slot::not_set_up("the LDF")),
            psu,
        })
    }

    /// Whether a test left the rail where it must not stay. With a supply that is lost nothing can be done
    /// about it, and what needs the supply skips from then on.
    pub(crate) fn must_restore(&self) -> bool {
        let supply = self.owned().supply.as_ref().and_then(Slot::ready).cloned();
        supply.is_some_and(|supply| supply.shared().lost().is_none() && supply.shared().is_off_nominal())
    }

    /// Brings the rail back to nominal.
    pub(crate) fn restore(&self) {
        let supply = self.owned().supply.as_ref().and_then(Slot::ready).cloned();
        if let Some(supply) = supply {
            // Whether it worked is asked of the supply itself.
            let _ = supply.shared().restore();
        }
    }

    /// Gives everything back, in reverse order. Never fails: what goes wrong is in the events.
    pub(crate) fn tear_down(&self) {
        let Owned { lin, supply, .. } = std::mem::take(&mut *self.owned());
        if let Some(Slot::Ready(supply)) = supply {
            self.step_down(SessionStep::Psu, || {
                let lost = supply.shared().lost();
                let proof = supply.shut_down();
                let (confirmed, how) = (proof.confirmed, proof.how.clone());
                self.verified(proof);
                match lost {
                    _ if !confirmed => Err(how),
                    // What skipped because of it must not look like a run that went well (PSU-08).
                    Some(lost) => Err(lost),
                    None => Ok(()),
                }
            });
        }
        if let Some(Slot::Ready(lin)) = lin {
            self.step_down(SessionStep::Lin, || {
                // A thread that was left behind may hold it for good, in the middle of a boot load say.
                let mut master = lin
                    .lock_within(&*self.world.clock(), LET_GO)
                    .ok_or_else(|| "it is still in use by a thread that was left behind".to_owned())?;
                master.disconnect().map_err(|error| chain(&error))
            });
        }
    }

    fn step_down(&self, step: SessionStep, body: impl FnOnce() -> Result<(), String>) {
        let phase = SessionPhase::Teardown;
        self.events.emit(Event::SessionStepStarted { phase, step });
        let result = catch_unwind(AssertUnwindSafe(body))
            .unwrap_or_else(|payload| Err(panics::fault(&*payload).message));
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(why) => Outcome::Errored(Fault::new(FaultKind::Bench, why)),
        };
        self.events.emit(Event::SessionStepFinished { phase, step, outcome, facts: Facts::new() });
    }

    /// Records what the output is at the end.
    pub(super) fn verified(&self, proof: OutputVerified) {
        self.events.emit(Event::OutputVerified(proof));
        self.verified.store(true, Ordering::Release);
    }

    /// Records that nobody knows whether the output is off, unless that was found out.
    pub(crate) fn unverified(&self, why: &str) {
        if self.verified.load(Ordering::Acquire) {
            tracing::error!("{why}, but the output was verified before");
            return;
        }
        self.events.emit(Event::OutputVerified(OutputVerified {
            confirmed: false,
            rail: None,
            after_ms: 0,
            how: why.to_owned(),
        }));
    }

    /// Whatever happened to the thread that held it, what is owned must be given back.
    fn owned(&self) -> MutexGuard<'_, Owned> {
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layers that set anything, for the record.
fn sources(resolved: &hil_config::Resolved) -> String {
    let mut sources: Vec<String> = Vec::new();
    for setting in resolved.effective() {
        let layer = match &setting.layer {
            hil_config::Layer::BuiltIn => continue,
            hil_config::Layer::File { path, .. } => path.display().to_string(),
            hil_config::Layer::Environment { variable } => (*variable).to_owned(),
            hil_config::Layer::CommandLine => "command line".to_owned(),
        };
        if !sources.contains(&layer) {
            sources.push(layer);
        }
    }
    if sources.is_empty() { "built-in defaults".to_owned() } else { sources.join(", ") }
}

/// Turns what is on the bus into events.
#[derive(Debug)]
struct BusWatch {
    events: EventLog,
    names: Option<Arc<Database>>,
}

impl BusObserver for BusWatch {
    fn on_frame(&self, event: BusEvent) {
        let (id, direction, data, check) = match event {
            BusEvent::Sent { frame, result } => {
                let check =
                    result.map_or_else(|error| CheckSeen::Bad(error.to_string()), |()| CheckSeen::Good);
                (frame.id(), Direction::Tx, frame.data().to_vec(), check)
            }
            BusEvent::Asked { id, result } => {
                let (data, check) = match result {
                    BusResult::Data(data) => (data.to_vec(), CheckSeen::Good),
                    BusResult::NoResponse => (Vec::new(), CheckSeen::NoResponse),
                    BusResult::Bad(error) => (Vec::new(), CheckSeen::Bad(error.to_string())),
                };
                (id, Direction::Rx, data, check)
            }
        };
        let name = self
            .names
            .as_ref()
            .and_then(|ldf| ldf.frame_by_id(id.get()))
            .map(|frame| frame.name().to_owned());
        self.events.emit(Event::Frame(FrameSeen { id: id.get(), name, direction, data, check }));
    }
}
