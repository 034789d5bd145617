//! How much of the bodies of all requests may lie in memory at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Extension;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{ApiError, ApiResult};

/// The largest JSON body of most requests.
pub(crate) const SMALL: usize = 1 << 20;
/// The largest JSON body that holds a run.
pub(crate) const RUN: usize = 32 << 20;

/// How large the body of a request may be, on the route that it goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(usize);

/// Lets bodies have so many bytes on the routes that it is laid around, and keeps so much memory for those that do not
/// say how large they are.
pub(crate) const fn at_most(bytes: usize) -> (DefaultBodyLimit, Extension<Limit>) {
    (DefaultBodyLimit::max(bytes), Extension(Limit(bytes)))
}

/// How large the body of the request with these extensions may be, in bytes.
pub(crate) fn limit(extensions: &Extensions) -> u64 {
    let Limit(bytes) = extensions.get().copied().unwrap_or(Limit(SMALL));
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

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
    held: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Share {
    /// Waits until `bytes` are free, and takes them instead of what it has. Who has waited longest goes first.
    ///
    /// Whoever kept what he has while he waits for more could wait for others who do the same.
    pub(crate) async fn reserve(&self, bytes: u64) -> ApiResult<()> {
        self.give_back();
        let grains = u32::try_from(bytes.div_ceil(GRAIN)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.memory.0).acquire_many_owned(grains).await;
        let permit = permit.map_err(|_| ApiError::unavailable("the server is about to stop"))?;
        *self.held() = Some(permit);
        Ok(())
    }

    /// Gives back what goes beyond `bytes`.
    pub(crate) fn keep(&self, bytes: u64) {
        let grains = usize::try_from(bytes.div_ceil(GRAIN)).unwrap_or(usize::MAX);
        if let Some(permit) = &mut *self.held() {
            drop(permit.split(permit.num_permits().saturating_sub(grains)));
        }
    }

    fn give_back(&self) {
        drop(self.held().take());
    }

    fn held(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
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
    share.give_back();
    response
}
