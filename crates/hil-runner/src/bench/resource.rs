//! Resources by type: a test says what it needs in its signature and gets it, or skips.

use std::sync::Arc;

use hil_config::Config;
use hil_ldf::Database;
use hil_lin::SharedMaster;
use hil_model::{Clock, Resource};

use super::psu::SharedPsu;
use super::{Attachments, Ctx, Lin, Psu};
use crate::error::{TestError, TestResult};
use crate::events::EventLog;
use crate::live::ServerAt;

/// Something that a test can ask for in its signature.
///
/// A new resource (a relay card, a second bus) is a new implementation; the runner does not change.
pub trait FromBench: Sized {
    /// The session resources that must be set up for it. What no selected test needs is never opened.
    const NEEDS: &'static [Resource];

    /// The resource, for the test that runs in `ctx`.
    ///
    /// # Errors
    ///
    /// [`TestError::Skipped`] with a reason that names the missing thing.
    fn from_bench(ctx: &Ctx) -> TestResult<Self>;
}

/// A session resource, or why it cannot be had.
#[derive(Clone, Debug)]
pub(crate) enum Slot<T> {
    /// It is there.
    Ready(T),
    /// It is not, and this is the reason that tests skip with.
    Missing(String),
}

impl<T> Slot<T> {
    /// The slot of a resource that nothing selected asked for.
    pub(crate) fn not_set_up(what: &str) -> Self {
        Self::Missing(format!("{what} was not set up: no selected test needs it"))
    }

    /// The resource.
    pub(crate) fn get(&self) -> TestResult<&T> {
        match self {
            Self::Ready(resource) => Ok(resource),
            Self::Missing(reason) => Err(TestError::Skipped(reason.clone())),
        }
    }

    /// The resource, if it is there.
    pub(crate) const fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(resource) => Some(resource),
            Self::Missing(_) => None,
        }
    }
}

/// Everything that a session has set up.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: EventLog,
    pub(crate) config: Arc<Config>,
    pub(crate) attachments: Arc<Attachments>,
    pub(crate) lin: Slot<SharedMaster>,
    pub(crate) ldf: Slot<Arc<Database>>,
    pub(crate) psu: Slot<Arc<SharedPsu>>,
    pub(crate) server: Slot<ServerAt>,
}

impl FromBench for ServerAt {
    const NEEDS: &'static [Resource] = &[Resource::Server];

    fn from_bench(ctx: &Ctx) -> TestResult<Self> {
        ctx.bench().server.get().cloned()
    }
}

impl FromBench for Lin {
    const NEEDS: &'static [Resource] = &[Resource::Lin];

    fn from_bench(ctx: &Ctx) -> TestResult<Self> {
        let bench = ctx.bench();
        Ok(Self::new(bench.lin.get()?.clone(), Arc::clone(&bench.clock), ctx.lease().clone()))
    }
}

impl FromBench for Arc<Database> {
    const NEEDS: &'static [Resource] = &[Resource::Ldf];

    fn from_bench(ctx: &Ctx) -> TestResult<Self> {
        ctx.bench().ldf.get().cloned()
    }
}

impl FromBench for Psu {
    const NEEDS: &'static [Resource] = &[Resource::Psu];

    fn from_bench(ctx: &Ctx) -> TestResult<Self> {
        let shared = ctx.bench().psu.get()?;
        if let Some(lost) = shared.lost() {
            return Err(TestError::Skipped(lost));
        }
        Ok(Self::new(Arc::clone(shared), ctx))
    }
}
