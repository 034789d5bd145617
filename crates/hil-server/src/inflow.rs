//! Bodies of requests on their way in: how long they may take, and what becomes of those that nobody reads.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use crate::error::ApiError;

/// How long the parts of a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The head of a request, and the pause between two requests of a connection.
    pub head: Duration,
    /// The next piece of a body.
    pub piece: Duration,
    /// A body as a whole.
    pub body: Duration,
    /// The answer, from the last piece of the body on.
    pub answer: Duration,
    /// What is under way when the server is told to stop.
    pub drain: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            piece: Duration::from_secs(20),
            body: Duration::from_secs(10 * 60),
            answer: Duration::from_secs(60),
            drain: Duration::from_secs(20),
        }
    }
}

/// How much of a body that nobody wanted is read before the answer goes out. A client that is still sending would not
/// see the answer; one that has more to send than this is cut off.
const UNWANTED: u64 = 64 << 20;
/// How long that may take.
const UNWANTED_FOR: Duration = Duration::from_secs(10);

/// The client took too long to send its request.
#[derive(Debug, thiserror::Error)]
#[error("the request took too long to arrive")]
pub(crate) struct TooSlow;

/// When a request last went on.
#[derive(Debug)]
struct Progress(Mutex<Instant>);

impl Progress {
    fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Ends when nothing has arrived for so long.
    async fn ends_for(&self, patience: Duration) {
        loop {
            let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let end = last + patience;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

/// A body that ends with an error when it takes too long, and goes back to whom it came from when it is dropped early.
struct Inflow {
    body: Option<Body>,
    piece: Duration,
    end: Instant,
    waits: Pin<Box<Sleep>>,
    progress: Arc<Progress>,
    /// Where a body goes that was not read; nowhere if reading it makes the client send it in the first place.
    rest: Option<oneshot::Sender<Body>>,
    continues: bool,
}

impl Inflow {
    fn new(
        body: Body,
        patience: &Patience,
        progress: Arc<Progress>,
        continues: bool,
    ) -> (Self, oneshot::Receiver<Body>) {
        let now = Instant::now();
        let (rest, receiver) = oneshot::channel();
        let inflow = Self {
            body: Some(body),
            piece: patience.piece,
            end: now + patience.body,
            waits: Box::pin(tokio::time::sleep_until(now + patience.piece)),
            progress,
            rest: Some(rest),
            continues,
        };
        (inflow, receiver)
    }
}

impl Drop for Inflow {
    fn drop(&mut self) {
        if let (Some(body), Some(rest), false) = (self.body.take(), self.rest.take(), self.continues) {
            // Whoever does not wait for it has no use for it.
            let _ = rest.send(body);
        }
    }
}

impl HttpBody for Inflow {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        this.continues = false;
        let polled = Pin::new(body).poll_frame(context);
        let now = Instant::now();
        match polled {
            Poll::Ready(Some(Ok(_))) if now >= this.end => {}
            Poll::Ready(Some(Ok(frame))) => {
                this.progress.touch();
                this.waits.as_mut().reset((now + this.piece).min(this.end));
                return Poll::Ready(Some(Ok(frame)));
            }
            Poll::Ready(end) => {
                this.progress.touch();
                this.body = None;
                return Poll::Ready(end);
            }
            Poll::Pending if this.waits.as_mut().poll(context).is_pending() => return Poll::Pending,
            Poll::Pending => {}
        }
        this.body = None;
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

/// Holds a request to the server's patience. What is left of its body when it is answered is read and thrown away, so
/// that the client gets as far as the answer.
pub(crate) async fn keep_moving(State(patience): State<Patience>, request: Request, next: Next) -> Response {
    let progress = Arc::new(Progress(Mutex::new(Instant::now())));
    let (request, rest) = if request.body().is_end_stream() {
        (request, None)
    } else {
        let continues = request.headers().contains_key(EXPECT);
        let (head, body) = request.into_parts();
        let (inflow, rest) = Inflow::new(body, &patience, Arc::clone(&progress), continues);
        (Request::from_parts(head, Body::new(inflow)), Some(rest))
    };
    let response = tokio::select! {
        response = next.run(request) => response,
        () = progress.ends_for(patience.answer) => {
            ApiError::unavailable("the server took too long to answer").into_response()
        }
    };
    if let Some(mut rest) = rest
        && let Ok(body) = rest.try_recv()
    {
        let _ = tokio::time::timeout(UNWANTED_FOR, throw_away(body)).await;
    }
    response
}

/// Reads a body to its end, or not at all if it is long.
async fn throw_away(mut body: Body) {
    let mut left = UNWANTED;
    if body.size_hint().lower() > left {
        return;
    }
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX));
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}
