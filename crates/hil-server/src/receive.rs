//! The content of a file on its way from a client into the store.

use axum::body::Body;
use hil_store::{ContentWriter, Store};
use http_body_util::BodyExt as _;

use crate::error::{ApiError, ApiResult};
use crate::extract::is_too_slow;
use crate::inflow::TooSlow;

/// Takes a body to its end, piece by piece. Dropped before it is stored, what has arrived leaves nothing behind.
pub(crate) async fn receive(store: &Store, mut body: Body) -> ApiResult<ContentWriter> {
    let mut content = store.begin_content().await?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if is_too_slow(&error) {
                ApiError::too_slow(TooSlow.to_string())
            } else {
                ApiError::invalid("the content did not arrive whole")
            }
        })?;
        if let Ok(bytes) = frame.into_data() {
            content.write(&bytes).await?;
        }
    }
    Ok(content)
}
