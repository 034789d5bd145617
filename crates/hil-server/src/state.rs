//! What every handler shares.

use std::sync::Arc;

use hil_realtime::{Hub, Metadata};
use hil_store::{Store, StoreError};

use crate::auth::Heard;
use crate::jobs::{self, JobLauncher, Jobs, JobsOptions};
use crate::link::{LinkKey, Origin};
use crate::metrics::Metrics;
use crate::realtime::Realtime;
use crate::server::ServerOptions;

/// What every handler shares. A handle; clones are the same server.
#[derive(Clone, Debug)]
pub(crate) struct AppState(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    /// Where runs are kept.
    pub(crate) store: Arc<Store>,
    /// What links to contents are signed with. Made at start, so links end with the server.
    pub(crate) links: LinkKey,
    /// Where clients reach the server; the request's `Host` if nobody says.
    pub(crate) origin: Option<Origin>,
    /// What the server counts.
    pub(crate) metrics: Metrics,
    /// Where everything that is said live goes through.
    pub(crate) hub: Hub,
    /// What can do timed work in a job.
    pub(crate) plugins: Arc<[Metadata]>,
    /// Who listens.
    pub(crate) realtime: Realtime,
    /// Whether somebody at this machine needs no key.
    pub(crate) insecure_local: bool,
    /// Which stations were heard of a moment ago.
    pub(crate) heard: Heard,
    /// What is run.
    pub(crate) jobs: Jobs,
}

impl AppState {
    pub(crate) async fn open(
        store: Arc<Store>,
        links: LinkKey,
        options: &ServerOptions,
    ) -> Result<Self, StoreError> {
        let hub = Hub::new(options.realtime.hub);
        let realtime = Realtime::new(hub.clone(), options.realtime);
        let metrics = Metrics::new(realtime.clone());
        let plugins = jobs::declared(options.launcher.as_deref().map(JobLauncher::bench));
        let wanted = JobsOptions { folder: options.jobs.clone(), launcher: options.launcher.clone() };
        let jobs = Jobs::open(Arc::clone(&store), hub.clone(), wanted, metrics.runs_saved.clone()).await?;
        Ok(Self(Arc::new(Shared {
            store,
            links,
            origin: options.public_url.clone(),
            metrics,
            hub,
            plugins: plugins.into(),
            realtime,
            insecure_local: options.insecure_local,
            heard: Heard::default(),
            jobs,
        })))
    }
}

impl std::ops::Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
