//! `hil serve`: the store, jobs, the live stream and the dashboard over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hil_config::LogFormat;
use hil_model::ExitStatus;
use hil_runner::{Registry, RegistryError};
use hil_server::{HubOptions, Origin, RealtimeOptions, Server, ServerOptions};
use hil_store::{SerialPattern, Store, StoreOptions};
use sha2::{Digest as _, Sha256};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::launcher::{Launcher, Served};
use super::served::{self, StoreArgs};
use super::{Wrong, configuration};
use crate::args::BenchArgs;
use crate::console;

pub(crate) const AFTER_HELP: &str = "\
The first line on standard output says where it listens. SIGTERM and SIGINT end it: what is under way is
finished first, a second signal cuts it short. It speaks HTTP; for TLS, put a proxy in front of it.

It runs jobs (POST /v1/jobs) on the bench that the configuration describes, one after the other, each in a process
of its own, and on the bench \"sim\", which needs no hardware. A job at work when the server is told to end is ended in
order; what waits is taken up by the next server. Each job leaves a folder with what was published and its reports.

Examples:
  hil serve
  hil serve --insecure-local
  hil serve --listen 0.0.0.0:8080 --store postgres://hil@db/hil --files /srv/hil --public-url https://hil.lab";

/// How long a question to the store may take: those who wait for an answer are told before the server gives up on it.
const QUESTION: Duration = Duration::from_secs(20);

/// How the store is served. What is not said here is in the section `server` of the configuration.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// The address to listen at; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    store: StoreArgs,
    /// Where clients reach the server, for the links that it gives out.
    #[arg(long, value_name = "URL")]
    public_url: Option<Origin>,
    /// Believe X-Forwarded-Host and X-Forwarded-Proto; only behind a proxy that sets them.
    #[arg(long)]
    trust_proxy: bool,
    /// What serial numbers say: a regular expression with groups `part`, `revision`, `batch`.
    #[arg(long, value_name = "REGEX")]
    serial_pattern: Option<String>,
    /// The largest file that is taken, such as `25MiB`.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_upload: Option<u64>,
    /// Where the folders of jobs are, in place of `server.jobs`; beside the default store if nothing is said.
    #[arg(long, value_name = "DIR")]
    jobs: Option<PathBuf>,
    /// The form of the log on standard error.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormatArg>,
    /// Whoever sits at this machine needs no key to read, to watch, and to start and cancel jobs.
    #[arg(long)]
    insecure_local: bool,
    #[command(flatten)]
    live: LiveArgs,
}

/// How those are treated who watch live.
#[derive(Args, Debug)]
#[command(next_help_heading = "Live")]
struct LiveArgs {
    /// How often each is asked whether it is there, in seconds; a tenth more or less each time.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, env = "HIL_PING_INTERVAL")]
    ping_interval: Option<Duration>,
    /// How long it may be silent; longer than the interval.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, env = "HIL_PONG_TIMEOUT")]
    pong_timeout: Option<Duration>,
    /// How long it may take nothing at all of what it is sent.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, env = "HIL_WRITE_DEADLINE", default_value = "60")]
    write_deadline: Duration,
    /// How much may wait for it, such as `4MiB`; never more than 1000 messages.
    #[arg(long, value_name = "SIZE", value_parser = memory, env = "HIL_QUEUE_BYTES", default_value = "4MiB")]
    queue_bytes: usize,
    /// How much is kept for those who come back.
    #[arg(long, value_name = "SIZE", value_parser = memory, env = "HIL_HISTORY_BYTES", default_value = "8MiB")]
    history_bytes: usize,
    /// How many messages are kept for them.
    #[arg(long, value_name = "N", env = "HIL_HISTORY_MESSAGES", default_value_t = 4096)]
    history_messages: usize,
    /// How many there may be at once.
    #[arg(long, value_name = "N", env = "HIL_MAX_CONNECTIONS")]
    max_connections: Option<usize>,
    /// How long their ends may take when the server stops.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, env = "HIL_SHUTDOWN_WAIT", default_value = "5")]
    shutdown_wait: Duration,
}

impl LiveArgs {
    fn options(&self, config: &hil_config::Server) -> RealtimeOptions {
        let configured = usize::try_from(config.max_connections).unwrap_or(usize::MAX);
        RealtimeOptions {
            ping_interval: self.ping_interval.unwrap_or(config.ping_interval),
            pong_timeout: self.pong_timeout.unwrap_or(config.pong_timeout),
            write_deadline: self.write_deadline,
            max_connections: self.max_connections.unwrap_or(configured),
            shutdown_wait: self.shutdown_wait,
            hub: HubOptions {
                queue_bytes: self.queue_bytes,
                history_messages: self.history_messages,
                history_bytes: self.history_bytes,
            },
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormatArg {
    /// A line of text for each entry.
    Text,
    /// A JSON object for each entry.
    Json,
}

/// Reads a number of bytes, `10485760`, `10240KiB` or `10MiB`.
fn size(text: &str) -> Result<u64, String> {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0), ("", 0)];
    let parsed = units.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
    let bytes = parsed.and_then(|(number, shift)| number.trim().parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "expected a size, such as 10MiB".to_owned())
}

/// Reads a number of bytes that fits into memory.
fn memory(text: &str) -> Result<usize, String> {
    size(text).and_then(|bytes| usize::try_from(bytes).map_err(|_| "more than there can be".to_owned()))
}

/// Reads a number of seconds, `30` or `0.5`.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    // Deadlines are added to the time of day.
    let number = number.filter(|number| !number.is_zero() && *number <= MOST);
    number.ok_or_else(|| "expected a number of seconds above 0, such as 0.5, and at most a year".to_owned())
}

const MOST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Serves until it is told to end.
pub(crate) fn run(
    args: ServeArgs,
    bench: &BenchArgs,
    registry: Result<Registry, RegistryError>,
) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    let configured = &resolved.config;
    let config = &configured.server;
    console::log_on_stderr(args.log_format.map_or(config.log_format, |format| match format {
        LogFormatArg::Text => LogFormat::Text,
        LogFormatArg::Json => LogFormat::Json,
    }));
    let listen = match args.listen {
        Some(address) => address,
        None => config
            .listen
            .parse()
            .map_err(|error| Wrong::usage(format!("server.listen: {:?}: {error}", config.listen)))?,
    };
    let public_url = match (args.public_url, &config.public_url) {
        (Some(url), _) => Some(url),
        (None, Some(url)) => {
            Some(url.parse().map_err(|error| Wrong::usage(format!("server.public_url: {error}")))?)
        }
        (None, None) => None,
    };
    let trust_proxy = args.trust_proxy || config.trust_proxy;
    let (url, store) = args.store.place(configured)?;
    let jobs = args.jobs.or_else(|| config.jobs.as_ref().map(|folder| resolved.in_root(folder)));
    let jobs = jobs.or_else(|| jobs_of(&url));
    let jobs = jobs.map(std::path::absolute).transpose().context("--jobs")?;
    let launcher = Launcher::new(Served {
        registry: registry.map_err(hil_runner::RunError::Registry)?,
        bench: bench.clone(),
        store: url.clone(),
        files: store.contents.clone(),
        serial_pattern: args.serial_pattern.clone(),
    })?;
    let pattern = args.serial_pattern.or_else(|| config.serial_pattern.clone());
    let pattern = pattern.map(|pattern| SerialPattern::new(&pattern)).transpose();
    let store = StoreOptions {
        serial_pattern: pattern.map_err(|error| Wrong::usage(console::chain(&error)))?,
        max_content: args.max_upload.or(store.max_content),
        patience: Some(QUESTION),
        ..store
    };
    if args.insecure_local && (public_url.is_some() || trust_proxy) {
        let why = "behind a proxy everybody may seem to be local";
        return Err(Wrong::usage(format!(
            "--insecure-local goes with neither --public-url nor --trust-proxy: {why}"
        )));
    }
    let options = ServerOptions {
        public_url,
        trust_proxy,
        realtime: args.live.options(config),
        insecure_local: args.insecure_local,
        jobs,
        launcher: Some(Arc::new(launcher)),
        ..ServerOptions::new(listen)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the server's threads")?.block_on(serve(&url, store, options))
}

/// Where the jobs of a server are if nobody said: in a folder for each store, because a folder has one server.
fn jobs_of(store: &str) -> Option<PathBuf> {
    let store = if store.contains("://") { store.into() } else { std::path::absolute(store).ok()? };
    let digest = Sha256::digest(store.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(hil_store::default_location()?.join("jobs").join(name))
}

async fn serve(url: &str, store: StoreOptions, options: ServerOptions) -> anyhow::Result<ExitStatus> {
    // Before anything can be reached: a signal must find somebody who listens.
    let (mut stop, mut cut) = (Stop::new()?, Stop::new()?);
    let refused = |error: &(dyn std::error::Error + 'static)| Wrong::usage(console::chain(error));
    let has_files = store.contents.is_some();
    let store = Arc::new(Store::open(url, store).await.map_err(|error| refused(&error))?);
    if !has_files && url.starts_with("postgres") {
        tracing::warn!(target: "hil_server", "attachments are refused: without --files there is no place for them");
    }
    let public = options.public_url.is_some() || options.trust_proxy;
    let server = Server::bind(Arc::clone(&store), options).await.map_err(|error| refused(&error))?;
    let address = server.local_addr();
    if !address.ip().is_loopback() && !public {
        tracing::warn!(
            target: "hil_server",
            "keys cross the network in the clear: put a proxy with TLS in front, and say --public-url"
        );
    }
    served::print(&format!("listening on http://{address}\n"))?;
    tokio::select! {
        () = server.run(async move { stop.told().await }) => {}
        () = async { cut.told().await; cut.told().await } => {
            tracing::warn!(target: "hil_server", "told to end a second time: what is under way is cut short");
        }
    }
    store.close().await;
    Ok(ExitStatus::Passed)
}

/// Somebody who waits for the signals that end a process.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen to signals");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Ends with the next of them.
    async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("30", Some(30_000))]
    #[case("0.5", Some(500))]
    #[case("0", None)]
    #[case("-1", None)]
    #[case("1e300", None)]
    #[case("inf", None)]
    #[case("NaN", None)]
    #[case("5s", None)]
    fn seconds_are_read(#[case] text: &str, #[case] millis: Option<u64>) {
        assert_eq!(seconds(text).ok(), millis.map(Duration::from_millis));
    }

    #[rstest]
    #[case("1", Some(1))]
    #[case("12B", Some(12))]
    #[case("10KiB", Some(10_240))]
    #[case("10 MiB", Some(10_485_760))]
    #[case("2GiB", Some(2_147_483_648))]
    #[case("0", None)]
    #[case("-1", None)]
    #[case("10MB", None)]
    #[case("99999999999GiB", None)]
    #[case("", None)]
    fn sizes_are_read(#[case] text: &str, #[case] bytes: Option<u64>) {
        assert_eq!(size(text).ok(), bytes);
    }
}
