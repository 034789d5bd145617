//! `hil watch`: what a server runs, live in a terminal.

mod backoff;
mod connection;
mod job;
mod view;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use hil_model::ExitStatus;
use serde_json::{Value, json};

use self::backoff::Backoff;
use self::connection::{Connection, Ended, Place};
use self::view::View;
use super::archive;
use super::{Wrong, configuration};
use crate::args::BenchArgs;
use crate::console;

pub(crate) const AFTER_HELP: &str = "\
The key is in HIL_API_KEY or in the file that record.key_file names; a server that was started with
--insecure-local needs none. It comes back by itself when the connection breaks, and asks for what it missed.

With --job it ends with the job: 0 it passed, 1 it did not, 2 it was cancelled or interrupted, 3 it failed.

Examples:
  hil watch
  hil watch https://hil.lab --job 01a1ff13-8728-7111-a8e9-c6f48db3576f";

/// The server that is watched if nobody names one.
const USUAL: &str = "http://127.0.0.1:8080";

/// What is watched.
#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// The server, in place of `record.server`; http://127.0.0.1:8080 if nobody says.
    #[arg(value_name = "URL", env = "HIL_SERVER_URL")]
    url: Option<String>,
    /// Only this job, until it is over.
    #[arg(long, value_name = "ID")]
    job: Option<String>,
}

/// Watches until the job is over, or for ever.
pub(crate) fn run(args: &WatchArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    let record = &resolved.config.record;
    let url = args.url.as_deref().or(record.server.as_deref()).unwrap_or(USUAL);
    let file = record.key_file.as_ref().map(|file| resolved.in_root(file));
    let is_said = file.is_some() || std::env::var_os(archive::KEY).is_some();
    let key = is_said.then(|| archive::key(file.as_deref())).transpose()?;
    let place = Place::new(url, key).map_err(Wrong::usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start a thread for the network")?.block_on(watch(&place, args.job.as_deref()))
}

async fn watch(place: &Place, job: Option<&str>) -> anyhow::Result<ExitStatus> {
    let mut view = View::new(job);
    let mut since: Option<String> = None;
    let mut backoff = Backoff::default();
    loop {
        if let Some(id) = job
            && let Some(state) = job::ask(place, id).await?
            && state.is_over()
        {
            return Ok(view.over(&state));
        }
        let (ended, lived) = match Connection::open(place, job, since.as_deref()).await {
            Ok(mut connection) => {
                let began = Instant::now();
                (attend(&mut connection, place, job, &mut view, &mut since).await?, began.elapsed())
            }
            Err(ended) => (ended, Duration::ZERO),
        };
        match ended {
            Ended::JobOver => continue,
            Ended::Refused(why) => return Err(Wrong::usage(console::visible(&why))),
            Ended::Broken(why) => {
                let pause = backoff.after(lived);
                view.offline(&why, pause);
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Shows what comes until the connection ends, or the job does.
///
/// The end of a job may lie before the place where the stream was joined, or the server may have had no time to say where
/// the job is. So it is asked at each ping: the first one comes when all is told that was before.
async fn attend(
    connection: &mut Connection,
    place: &Place,
    job: Option<&str>,
    view: &mut View,
    since: &mut Option<String>,
) -> anyhow::Result<Ended> {
    loop {
        let message: Value = match connection.next().await {
            Ok(message) => message,
            Err(ended) => return Ok(ended),
        };
        let is_ping = message["type"] == "ping";
        if is_ping {
            let pong = json!({ "type": "pong", "payload": { "timestamp": message["timestamp"] } });
            if let Err(ended) = connection.send(pong.to_string()).await {
                return Ok(ended);
            }
        }
        if let Some(number) = number(&message)
            && let Some(epoch) = message["epoch"].as_str()
        {
            *since = Some(format!("{epoch}:{number}"));
        }
        let is_over = match job {
            Some(id) if is_ping => job::ask(place, id).await?.is_some_and(|state| state.is_over()),
            Some(_) | None => view.show(&message),
        };
        if is_over {
            return Ok(Ended::JobOver);
        }
    }
}

/// The number up to which everything has come with `message`.
fn number(message: &Value) -> Option<u64> {
    let sync = &message["payload"];
    // What was missed follows, with its own numbers: a cut before that must not lose it.
    let nothing_follows = message["type"] == "sync" && sync["recovered"] != true;
    message["seq"].as_u64().or_else(|| sync["seq"].as_u64().filter(|_| nothing_follows))
}
