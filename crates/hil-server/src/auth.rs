//! Who asks, and what they may do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use hil_store::{Actor, Principal, StationBrief, StationId, User};

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;

/// Whom the request's key stands for. A handler that takes this is closed to everybody without one.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) Principal);

impl Caller {
    /// For the store, which notes who made what.
    pub(crate) fn actor(&self) -> Actor {
        self.0.actor()
    }

    /// The station, if it is one.
    pub(crate) fn station(&self) -> Option<&StationBrief> {
        match &self.0 {
            Principal::Station(station) => Some(station),
            Principal::User(_) => None,
        }
    }

    /// The person; a station is told that stations cannot do `what`, such as `create procedures`.
    pub(crate) fn person(&self, what: &str) -> ApiResult<&User> {
        match &self.0 {
            Principal::User(user) => Ok(user),
            Principal::Station(_) => Err(ApiError::forbidden(format!("Stations cannot {what}"))),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = header.and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
        });
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Err(ApiError::unauthorized("an API key is needed: Authorization: Bearer KEY"));
        };
        let principal = state.store.authenticate(key).await?;
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.note(&principal);
        }
        if let Principal::Station(station) = &principal
            && state.heard.is_due(station.id)
        {
            note_station(state, station.id);
        }
        Ok(Self(principal))
    }
}

/// Notes that a station is alive. The request does not wait for it, and does not fail with it.
fn note_station(state: &AppState, id: StationId) {
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = state.store.station_seen(id).await {
            tracing::warn!(target: "hil_server", station = %id, %error, "cannot note that a station was heard of");
        }
    });
}

/// Who asks, for whoever writes the log: filled in once the key is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asker(Arc<OnceLock<String>>);

impl Asker {
    fn note(&self, principal: &Principal) {
        let who = match principal {
            Principal::User(user) => format!("user {}", user.id),
            Principal::Station(station) => format!("station {}", station.id),
        };
        // A request has one key.
        let _ = self.0.set(who);
    }

    /// Who it is; nobody if the request has no valid key, or needs none.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// How often it is noted that a station was heard of.
const NOTED_EVERY: Duration = Duration::from_secs(30);

/// When it was last noted which station was heard of.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<HashMap<StationId, Instant>>);

impl Heard {
    /// Whether it is time to note it again.
    fn is_due(&self, station: StationId) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = noted.get(&station).is_none_or(|last| now.duration_since(*last) >= NOTED_EVERY);
        if due {
            noted.insert(station, now);
        }
        due
    }
}
