//! An empty server with a person's key and a station's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use hil_store::{KeyOwner, Role, StationId, Store, StoreOptions};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::link::LinkKey;
use crate::server::ServerOptions;
use crate::state::AppState;

pub(super) struct Bench {
    pub(super) router: Router,
    pub(super) store: Arc<Store>,
    pub(super) user: String,
    pub(super) station: String,
    pub(super) station_id: StationId,
    _directory: TempDir,
}

/// Whose key a request carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    User,
    Station,
    Nobody,
}

pub(super) use Who::{Nobody, Station, User};

impl Bench {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("runs.db").display().to_string();
        let store = Arc::new(Store::open(&path, StoreOptions::default()).await.unwrap());
        let user = store.ensure_user("ada@lab.example".parse().unwrap(), None, Role::Member).await.unwrap();
        let station = store.create_station("bench 1".parse().unwrap(), None).await.unwrap();
        let (_, user) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
        let (_, key) = store.create_key(KeyOwner::Station(station.id), None).await.unwrap();
        let options = ServerOptions {
            public_url: Some("http://hil.example".parse().unwrap()),
            ..ServerOptions::new(([127, 0, 0, 1], 0).into())
        };
        let state = AppState::open(Arc::clone(&store), LinkKey::generate().unwrap(), &options).await.unwrap();
        let (router, _) = crate::v2::router().split_for_parts();
        Self {
            router: router.with_state(state),
            store,
            user: user.reveal().to_owned(),
            station: key.reveal().to_owned(),
            station_id: station.id,
            _directory: directory,
        }
    }

    /// Sends a request; answers the status and the body.
    pub(super) async fn send(&self, who: Who, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(format!("/api/v2{path}"));
        match who {
            User => request = request.header("authorization", format!("Bearer {}", self.user)),
            Station => request = request.header("authorization", format!("Bearer {}", self.station)),
            Nobody => {}
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|error| panic!("{path}: {error}: {}", String::from_utf8_lossy(&bytes)));
        (status, body)
    }
}
