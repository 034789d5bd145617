//! A store, a server in front of it, and runs to save.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hil_archive::{ApiKey, Archive, Client, Patience};
use hil_model::run::{
    Attachment, Digest, MeasuredValue, Measurement, Phase, Procedure, Run, RunOutcome, UnitUnderTest,
};
use hil_model::{Limits, RunId, WallTime};
use hil_server::{Server, ServerOptions};
use hil_store::{BlockingStore, KeyOwner, Role, Store, StoreOptions};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A server on a socket of this machine. It ends with the value.
pub(crate) struct Lab {
    pub(crate) url: String,
    pub(crate) user_key: String,
    pub(crate) station_key: String,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    _folder: TempDir,
}

/// The largest content that the server of a [`Lab`] takes.
pub(crate) const MAX_CONTENT: u64 = 200_000;

impl Lab {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (url, user_key, station_key) = runtime.block_on(async {
            let options = StoreOptions { max_content: Some(MAX_CONTENT), ..StoreOptions::default() };
            let path = folder.path().join("lab.sqlite");
            let store = Arc::new(Store::open(path.to_str().unwrap(), options).await.unwrap());
            let user =
                store.ensure_user("ada@example.com".parse().unwrap(), None, Role::Member).await.unwrap();
            let station = store.create_station("bench 3".parse().unwrap(), None).await.unwrap();
            let (_, user) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
            let (_, station) = store.create_key(KeyOwner::Station(station.id), None).await.unwrap();
            let options = ServerOptions::new("127.0.0.1:0".parse().unwrap());
            let server = Server::bind(store, options).await.unwrap();
            let url = format!("http://{}", server.local_addr());
            tokio::spawn(server.run(async move {
                let _ = stopped.await;
            }));
            (url, user.reveal().to_owned(), station.reveal().to_owned())
        });
        Self { url, user_key, station_key, runtime, stop: Some(stop), _folder: folder }
    }

    pub(crate) fn client(&self, key: &str) -> Archive {
        client(&self.url, key)
    }

    pub(crate) fn user(&self) -> Archive {
        self.client(&self.user_key)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.runtime.block_on(async { tokio::task::yield_now().await });
    }
}

pub(crate) fn client(url: &str, key: &str) -> Archive {
    let key: ApiKey = key.parse().unwrap();
    let patience = Patience { connect: Duration::from_secs(5), ..Patience::default() };
    Archive::Server(Client::new(url, key, patience).unwrap())
}

pub(crate) fn store(folder: &TempDir, name: &str) -> Archive {
    let path = folder.path().join(name);
    Archive::Store(BlockingStore::open(path.to_str().unwrap(), StoreOptions::default()).unwrap())
}

pub(crate) fn id(number: u128) -> RunId {
    uuid::Uuid::from_u128(0x0193_c0de_0000_7000_8000_0000_0000_0000 | number).to_string().parse().unwrap()
}

/// A run with one phase and one measurement.
pub(crate) fn run(number: u128, started_ms: i64) -> Run {
    let mut rail = Measurement {
        value: MeasuredValue::Number(5.0),
        unit: Some("V".into()),
        limits: Limits { low: Some(0.0), high: Some(10.0) },
        ..Measurement::new("rail")
    };
    rail.judge();
    let nan = Measurement { value: MeasuredValue::Number(f64::NAN), ..Measurement::new("nothing") };
    let ended_at = Some(WallTime::from_unix_millis(20));
    let phase = Phase { ended_at, measurements: vec![rail, nan], ..Phase::new("supply") };
    Run {
        id: id(number),
        procedure: Procedure { id: "hardware".into(), name: None, version: Some("1.0".parse().unwrap()) },
        unit: UnitUnderTest {
            part_number: Some("ALM".parse().unwrap()),
            ..UnitUnderTest::new(format!("SN-{number}").parse().unwrap())
        },
        sub_units: Vec::new(),
        station: None,
        operator: Some("ada".into()),
        started_at: WallTime::from_unix_millis(started_ms),
        ended_at: WallTime::from_unix_millis(started_ms + 1500),
        duration: Duration::from_millis(1500),
        outcome: RunOutcome::Pass,
        docstring: None,
        phases: vec![phase],
        logs: Vec::new(),
        attachments: Vec::new(),
        properties: Vec::new(),
        requirements: vec!["REQ-1".parse().unwrap()],
    }
}

/// The same run with a file, and where the file lies.
pub(crate) fn with_file(run: Run, folder: &TempDir, content: &[u8]) -> (Run, Vec<(Digest, PathBuf)>) {
    let digest = Digest::new(Sha256::digest(content).into());
    let path = folder.path().join(format!("{digest}.bin"));
    std::fs::write(&path, content).unwrap();
    let attachment = Attachment {
        name: "../trace <1>.asc".into(),
        content_type: Some("text/plain".into()),
        size: content.len() as u64,
        digest,
        is_report: false,
    };
    (Run { attachments: vec![attachment], ..run }, vec![(digest, path)])
}

/// The ids of all runs, in the order in which they were stored.
pub(crate) fn stored(archive: &Archive) -> Vec<RunId> {
    let mut ids = Vec::new();
    archive
        .each(hil_store::RunFilter::default(), &mut |run| {
            ids.push(run.id);
            Ok(())
        })
        .unwrap();
    ids
}
