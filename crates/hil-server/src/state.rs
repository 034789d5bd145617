//! What every handler shares.

use std::sync::Arc;

use hil_store::Store;

use crate::auth::Heard;
use crate::link::{LinkKey, Origin};
use crate::metrics::Metrics;

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
    /// Which stations were heard of a moment ago.
    pub(crate) heard: Heard,
}

impl AppState {
    pub(crate) fn new(store: Arc<Store>, links: LinkKey, origin: Option<Origin>) -> Self {
        let (metrics, heard) = (Metrics::default(), Heard::default());
        Self(Arc::new(Shared { store, links, origin, metrics, heard }))
    }
}

impl std::ops::Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
