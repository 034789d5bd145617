//! The live stream over a socket.

mod delivery;
mod emit;
mod ends;
mod garbage;
mod heartbeat;
mod joining;
mod watcher;

use hil_realtime::{Frame, JobId, Message, Metadata, Percent, Progress, Warning};
use hil_server::ServerOptions;
use hil_store::StoreOptions;
use serde_json::{Map, Value, json};

use crate::database::Sqlite;
use crate::lab::Lab;

async fn lab(change: impl FnOnce(&mut ServerOptions)) -> Lab {
    Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap()
}

fn plugin(of: &str, name: &str) -> Message {
    let metadata = Map::from_iter([("version".to_owned(), json!("1"))]);
    Message::of(&job(of), Metadata { plugin: name.parse().unwrap(), metadata })
}

fn job(name: &str) -> JobId {
    name.parse().unwrap()
}

fn frame(of: &str, pad: usize) -> Message {
    let data = Map::from_iter([("pad".to_owned(), Value::from("x".repeat(pad)))]);
    let (frame_id, device_used) = ("f".to_owned(), "sim".to_owned());
    let frame = Frame { frame_id, plugin: "sim".parse().unwrap(), data, device_used, timing_ms: 0.5 };
    Message::of(&job(of), frame)
}

fn progress(of: &str, percent: u8) -> Message {
    let progress = Percent::new(percent).unwrap();
    Message::of(&job(of), Progress { job_id: job(of), progress, stage: None, plugin: None })
}

fn warning(of: &str, text: &str) -> Message {
    let (plugin, message) = ("sim".parse().unwrap(), text.to_owned());
    Message::of(&job(of), Warning { plugin, message, severity: None, frame_id: None })
}
