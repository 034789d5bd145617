//! Who asks, and what they may do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use hil_store::{Actor, Admission, Principal, StationBrief, StationId, User};

use crate::error::{ApiError, ApiResult};
use crate::state::AppState;
use crate::{origin, session};

/// Who asks. A handler that takes this is closed to everybody who may not ask here.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    who: Who,
    read_only: bool,
}

/// Whom a request stands for.
#[derive(Clone, Debug)]
enum Who {
    /// Whoever the key was made for.
    Known(Principal),
    /// Somebody at the machine itself, on a server that asks them for no key.
    Local,
}

impl Caller {
    /// For the store, which notes who made what.
    pub(crate) fn actor(&self) -> Actor {
        match &self.who {
            Who::Known(principal) => principal.actor(),
            Who::Local => Actor::Local,
        }
    }

    /// The station, if it is one.
    pub(crate) fn station(&self) -> Option<&StationBrief> {
        match &self.who {
            Who::Known(Principal::Station(station)) => Some(station),
            Who::Known(Principal::User(_)) | Who::Local => None,
        }
    }

    /// The person, if it is one.
    pub(crate) fn user(&self) -> Option<&User> {
        match &self.who {
            Who::Known(Principal::User(user)) => Some(user),
            Who::Known(Principal::Station(_)) | Who::Local => None,
        }
    }

    /// The person; a station is told that stations cannot do `what`, such as `create procedures`.
    pub(crate) fn person(&self, what: &str) -> ApiResult<&User> {
        match &self.who {
            Who::Known(Principal::User(user)) => Ok(user),
            Who::Known(Principal::Station(_)) => Err(ApiError::forbidden(format!("Stations cannot {what}"))),
            Who::Local => Err(ApiError::forbidden(format!("A key is needed to {what}"))),
        }
    }

    /// Whether it may say something to everybody who listens.
    pub(crate) fn may_emit(&self) -> ApiResult<()> {
        if self.read_only { Err(ApiError::forbidden("this key is good for looking only")) } else { Ok(()) }
    }

    /// Whether it may start and cancel jobs.
    pub(crate) fn may_start(&self) -> ApiResult<()> {
        self.may_emit()?;
        match self.station() {
            Some(_) => Err(ApiError::forbidden("Stations cannot start or cancel jobs")),
            None => Ok(()),
        }
    }

    /// What it is and what it is called.
    pub(crate) fn name(&self) -> (&'static str, &str) {
        match &self.who {
            Who::Known(Principal::User(user)) => {
                ("user", user.name.as_deref().unwrap_or(user.email.as_str()))
            }
            Who::Known(Principal::Station(station)) => ("station", &station.name),
            Who::Local => ("local", "local"),
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let caller = Self::identify(&parts.headers, origin::is_local(parts), state).await?;
        if let (Some(asker), Who::Known(principal)) = (parts.extensions.get::<Asker>(), &caller.who) {
            asker.note(principal);
        }
        if let Some(station) = caller.station()
            && state.heard.is_due(station.id)
        {
            note_station(state, station.id);
        }
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            caller.may_change(parts, state)?;
        }
        Ok(caller)
    }
}

impl Caller {
    async fn identify(headers: &HeaderMap, is_local: bool, state: &AppState) -> ApiResult<Self> {
        let admitted = match bearer(headers) {
            Some(key) => Some(state.store.authenticate(key).await?),
            None if headers.contains_key(AUTHORIZATION) => None,
            None => session::admission(headers, state).await?,
        };
        if let Some(Admission { principal, read_only }) = admitted {
            return Ok(Self { who: Who::Known(principal), read_only });
        }
        if state.insecure_local && !headers.contains_key(AUTHORIZATION) && is_local {
            return Ok(Self { who: Who::Local, read_only: false });
        }
        Err(ApiError::unauthorized("an API key is needed: Authorization: Bearer KEY"))
    }

    /// The one place that knows who may change anything at all.
    fn may_change(&self, parts: &Parts, state: &AppState) -> ApiResult<()> {
        if self.read_only {
            return Err(ApiError::forbidden("this key is good for looking only"));
        }
        if matches!(self.who, Who::Local) && !parts.uri.path().starts_with("/v1/") {
            return Err(ApiError::unauthorized("records are changed with a key only"));
        }
        origin::check(parts, state)
    }
}

/// What somebody was let in with, to be looked at again while they stay.
#[derive(Debug)]
pub(crate) struct Pass {
    /// Those that say who it is.
    headers: HeaderMap,
    is_local: bool,
    state: AppState,
}

impl Pass {
    pub(crate) fn of(parts: &Parts, state: &AppState) -> Self {
        let telling = parts.headers.iter().filter(|(name, _)| [AUTHORIZATION, COOKIE].contains(*name));
        let headers = telling.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self { headers, is_local: origin::is_local(parts), state: state.clone() }
    }

    /// Whether it is still good. A store that does not answer takes nobody's leave away.
    pub(crate) async fn is_good(&self) -> bool {
        match Caller::identify(&self.headers, self.is_local, &self.state).await {
            Ok(_) => true,
            Err(error) => !error.is_about_caller(),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
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
