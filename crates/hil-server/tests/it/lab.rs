//! A server with an empty store, two keys and a procedure.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hil_realtime::Hub;
use hil_server::{Server, ServerOptions};
use hil_store::{Actor, KeyOwner, ProcedureBrief, Role, Store, StoreOptions};
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::database::{Backend, Postgres, Schema, Sqlite};

pub(crate) struct Lab {
    pub(crate) hub: Hub,
    pub(crate) store: Arc<Store>,
    pub(crate) address: SocketAddr,
    /// The key of a person.
    pub(crate) user: String,
    /// The key of a station.
    pub(crate) station: String,
    pub(crate) procedure: ProcedureBrief,
    pub(crate) directory: TempDir,
    /// Where the folders of jobs are, if they have any.
    pub(crate) jobs: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    _schema: Option<Schema>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// What a V1 client shows.
    pub(crate) fn message(&self) -> String {
        let said = self.json();
        let message = said["error"]["message"].as_str().or_else(|| said["details"]["message"].as_str());
        message.unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Lab {
    pub(crate) async fn sqlite() -> Self {
        Self::start(Sqlite, StoreOptions::default(), |_| {}).await.unwrap()
    }

    pub(crate) async fn open(backend: Backend) -> Option<Self> {
        Self::start(backend, StoreOptions::default(), |_| {}).await
    }

    pub(crate) async fn start(
        backend: Backend,
        store: StoreOptions,
        change: impl FnOnce(&mut ServerOptions),
    ) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let (url, schema) = match backend {
            Sqlite => (directory.path().join("runs.db").display().to_string(), None),
            Postgres => {
                let schema = Schema::create().await?;
                (schema.url(), Some(schema))
            }
        };
        let store = StoreOptions { contents: Some(directory.path().join("contents")), ..store };
        let store = Arc::new(Store::open(&url, store).await.unwrap());
        let user = store.ensure_user("ada@example.com".parse().unwrap(), None, Role::Admin).await.unwrap();
        let station = store.create_station("bench-3".parse().unwrap(), None).await.unwrap();
        let (_, user) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
        let (_, station) = store.create_key(KeyOwner::Station(station.id), None).await.unwrap();
        let procedure =
            store.create_procedure("Final test".parse().unwrap(), Actor::Local).await.unwrap().brief;

        let mut options = ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        let jobs = directory.path().join("jobs");
        options.jobs = Some(jobs.clone());
        change(&mut options);
        let server = Server::bind(Arc::clone(&store), options).await.unwrap();
        let (address, hub) = (server.local_addr(), server.hub().clone());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Some(Self {
            hub,
            store,
            address,
            user: user.reveal().to_owned(),
            station: station.reveal().to_owned(),
            procedure,
            directory,
            jobs,
            stop: Some(stop),
            running: Some(running),
            _schema: schema,
        })
    }

    /// Tells the server to stop; answers what ends when it has.
    pub(crate) fn stop(&mut self) -> JoinHandle<()> {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.take().unwrap()
    }

    /// One request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        drop(sender);
        let _ = connection.await;
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("host", self.address.to_string());
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        self.send(request.body(Full::new(body.into())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Some(&self.user), "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(&self.user), body.to_string()).await
    }

    /// Bytes to the server as they are, and everything that it sends until it closes the connection.
    pub(crate) async fn raw(&self, pieces: &[&[u8]], pause: Duration) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                tokio::time::sleep(pause).await;
            }
            if stream.write_all(piece).await.is_err() {
                break;
            }
        }
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        let _ = read.expect("the server neither answers nor closes");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A run that is good, to be made bad.
    pub(crate) fn submission(&self, serial: &str) -> Value {
        json!({
            "unit_under_test": { "serial_number": serial, "part_number": "ALM" },
            "run_passed": true,
            "procedure_id": self.procedure.identifier,
            "procedure_name": null,
            "procedure_version": null,
            "client": "Python",
            "client_version": "2.2.4",
        })
    }

    /// The id of a run that was made of it.
    pub(crate) async fn create(&self, submission: &Value) -> String {
        let answer = self.post("/api/v1/runs", submission).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Announces a file: its id, and the path of the link that takes it.
    pub(crate) async fn announce(&self, name: &str) -> (String, String) {
        let answer = self.post("/api/v1/uploads/initialize", &json!({ "name": name })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let answer = answer.json();
        let url = answer["uploadUrl"].as_str().unwrap();
        (answer["id"].as_str().unwrap().to_owned(), self.path(url))
    }

    /// The path of an absolute link to this server.
    pub(crate) fn path(&self, url: &str) -> String {
        url.strip_prefix(&format!("http://{}", self.address)).expect("a link to this server").to_owned()
    }

    /// Every file beneath the directory of contents, finished or not.
    pub(crate) fn files(&self) -> usize {
        fn count(directory: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
            entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.directory.path().join("contents"))
    }
}
