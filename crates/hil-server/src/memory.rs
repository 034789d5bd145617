//! How much of the bodies of all requests may lie in memory at once.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{ApiError, ApiResult};

/// The largest JSON body of most requests.
pub(crate) const SMALL: usize = 1 << 20;
/// The largest JSON body that holds a run.
pub(crate) const RUN: usize = 32 << 20;

/// One permit stands for so many bytes.
const GRAIN: u64 = 1 << 10;

/// The memory for bodies of all requests.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<Semaphore>);

impl Memory {
    pub(crate) fn new(bytes: u64) -> Self {
        let grains = usize::try_from(bytes / GRAIN).unwrap_or(usize::MAX);
        Self(Arc::new(Semaphore::new(grains.clamp(RUN >> 10, Semaphore::MAX_PERMITS))))
    }
}

/// What one request may use of it. It is given back when the request has been answered.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    memory: Memory,
    held: Arc<Mutex<Vec<OwnedSemaphorePermit>>>,
}

impl Share {
    /// Waits until `bytes` are free, and takes them. Who has waited longest goes first.
    pub(crate) async fn reserve(&self, bytes: u64) -> ApiResult<()> {
        let grains = u32::try_from(bytes.div_ceil(GRAIN)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.memory.0).acquire_many_owned(grains).await;
        let permit = permit.map_err(|_| ApiError::unavailable("the server is about to stop"))?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(permit);
        Ok(())
    }

    /// The share of the request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }
}

/// Gives a request its share.
pub(crate) async fn share(State(memory): State<Memory>, mut request: Request, next: Next) -> Response {
    let share = Share { memory, held: Arc::default() };
    request.extensions_mut().insert(share.clone());
    let response = next.run(request).await;
    // Extensions live on in places that nobody oversees; the memory is free from here on.
    share.held.lock().unwrap_or_else(PoisonError::into_inner).clear();
    response
}
