//! Jobs on a bench of its own, whose process does as the test says.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hil_model::RunId;
use hil_realtime::{Filter, Kind, Piece};
use hil_server::{BadConfig, JobLauncher, RealBench, RunOrder, Server, ServerOptions};
use hil_store::{NewJob, StoreOptions};
use hyper::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{cancel, job_when, over, start};
use crate::database::Sqlite;
use crate::lab::Lab;

const BENCH: &str = "bench-1";

/// Runs a shell instead of tests.
#[derive(Debug)]
struct Shell {
    bench: RealBench,
    /// What the shell does. Its standard input is the way to the server.
    script: String,
    /// Whether the keeping of a run panics.
    is_broken: bool,
}

impl Shell {
    fn new(script: String) -> Self {
        let (suites, tests) = (vec!["final".to_owned()], vec!["final::lights".to_owned()]);
        let bench =
            RealBench { name: BENCH.to_owned(), simulated: false, suites, tests, root: PathBuf::from("/") };
        Self { bench, script, is_broken: false }
    }
}

impl JobLauncher for Shell {
    fn bench(&self) -> &RealBench {
        &self.bench
    }

    fn check_config(&self, _config: &[(String, String)]) -> Result<(), BadConfig> {
        Ok(())
    }

    fn plan(&self, _order: &RunOrder) -> Vec<String> {
        self.bench.tests.clone()
    }

    fn command(&self, _order: &RunOrder, _operator: Option<&str>, _folder: &Path) -> io::Result<Command> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.script);
        Ok(command)
    }

    fn run_id(&self, _folder: &Path) -> Option<RunId> {
        None
    }

    fn keep(&self, _folder: &Path) {
        assert!(!self.is_broken, "a run cannot be kept");
    }

    fn owner(&self) -> Option<String> {
        None
    }
}

/// A shell's command that says these entries.
fn say(events: &[&str]) -> String {
    let line = |event: &str| {
        let event = match event {
            "supply" => json!({ "session_step_started": { "phase": "setup", "step": "psu" } }),
            "adapter" => json!({ "session_step_started": { "phase": "setup", "step": "lin" } }),
            "off" | "on" => {
                let confirmed = event == "off";
                json!({ "output_verified": { "confirmed": confirmed, "rail": 0.1, "after_ms": 5, "how": "asked" } })
            }
            other => panic!("{other}"),
        };
        let entry = json!({ "seq": 1, "t_us": 0, "wall_ms": 1_795_293_438_459_i64, "event": event });
        format!("echo '{}' >&0; ", json!({ "entry": entry }))
    };
    events.iter().map(|event| line(event)).collect()
}

async fn lab(shell: Shell) -> Lab {
    let change = |options: &mut ServerOptions| options.launcher = Some(Arc::new(shell));
    Lab::start(Sqlite, StoreOptions::default(), change).await.unwrap()
}

fn order() -> Value {
    json!({ "suite": "final" })
}

#[rstest]
#[case::no_proof(&["supply"], "failed", Some("OUTPUT_UNCONFIRMED"))]
#[case::still_on(&["supply", "on"], "failed", Some("OUTPUT_UNCONFIRMED"))]
#[case::proven(&["supply", "off"], "aborted", None)]
#[case::proven_at_last(&["supply", "on", "off"], "aborted", None)]
#[case::no_supply(&["adapter"], "aborted", None)]
#[tokio::test]
async fn who_is_cancelled_and_dies_has_to_have_proven_that_the_supply_is_off(
    #[case] said: &[&str],
    #[case] status: &str,
    #[case] code: Option<&str>,
) {
    // What is waited for below comes after all that it says.
    let waiting = json!({ "waiting": { "what": "the end", "owner": null } });
    let script = format!("{}echo '{waiting}' >&0; exec sleep 600", say(said));
    let lab = lab(Shell::new(script)).await;
    let kinds = [Kind::Error, Kind::Progress].into();
    let messages = lab.hub.subscribe(Filter { kinds, ..Filter::default() }, None);
    let heard = || {
        let mut pieces = Vec::new();
        messages.take(usize::MAX, &mut pieces).unwrap();
        let messages = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Message(message) => Some(serde_json::from_slice::<Value>(&message.bytes).unwrap()),
            Piece::Gap(_) => None,
        });
        messages.collect::<Vec<_>>()
    };
    let id = start(&lab, &order()).await;
    job_when(&lab, &id, |_| {
        let stages = heard().into_iter().map(|message| message["payload"]["stage"].to_string());
        stages.into_iter().any(|stage| stage.contains("the end"))
    })
    .await;
    assert_eq!(cancel(&lab, &id).await, StatusCode::ACCEPTED);
    let done = over(&lab, &id).await;
    assert_eq!(done["status"], status, "{done}");
    let codes: Vec<Value> = heard()
        .into_iter()
        .filter(|message| message["type"] == "error" && message["payload"]["plugin"].is_null())
        .map(|message| message["payload"]["details"]["error_code"].clone())
        .collect();
    assert_eq!(codes, code.into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_queue_goes_on_where_keeping_an_older_run_panics() {
    let mut lab = lab(Shell::new("exit 0".to_owned())).await;
    let first = start(&lab, &order()).await;
    assert_eq!(over(&lab, &first).await["status"], "completed");
    lab.stop().await.unwrap();

    // As if the server had been killed while this one was at work.
    let first = lab.store.job(first.parse().unwrap()).await.unwrap();
    let left = NewJob { server: first.server, bench: first.bench, request: first.request };
    let left = lab.store.queue_job(left, 256).await.unwrap().unwrap();
    assert!(lab.store.start_job(left.id).await.unwrap());

    let options = ServerOptions {
        jobs: Some(lab.jobs.clone()),
        launcher: Some(Arc::new(Shell { is_broken: true, ..Shell::new("exit 0".to_owned()) })),
        ..ServerOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)))
    };
    let server = Server::bind(Arc::clone(&lab.store), options).await.unwrap();
    lab.address = server.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    assert_eq!(over(&lab, &left.id.to_string()).await["status"], "interrupted");
    let next = start(&lab, &order()).await;
    assert_eq!(over(&lab, &next).await["status"], "completed");
    stop.send(()).unwrap();
    running.await.unwrap();
}
