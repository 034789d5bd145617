//! `hil serve`: the store over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use hil_config::LogFormat;
use hil_model::ExitStatus;
use hil_server::{Origin, Server, ServerOptions};
use hil_store::{SerialPattern, Store, StoreOptions};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::served::{self, StoreArgs};
use super::{Wrong, configuration};
use crate::args::BenchArgs;
use crate::console;

pub(crate) const AFTER_HELP: &str = "\
The first line on standard output says where it listens. SIGTERM and SIGINT end it: what is under way is
finished first, a second signal cuts it short. It speaks HTTP; for TLS, put a proxy in front of it.

Examples:
  hil serve
  hil serve --listen 0.0.0.0:8080 --store postgres://hil@db/hil --files /srv/hil --public-url https://hil.lab";

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
    /// The form of the log on standard error.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormatArg>,
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

/// Serves until it is told to end.
pub(crate) fn run(args: ServeArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let configured = configuration(bench)?.config;
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
    let (url, store) = args.store.place(&configured)?;
    let pattern = args.serial_pattern.or_else(|| config.serial_pattern.clone());
    let pattern = pattern.map(|pattern| SerialPattern::new(&pattern)).transpose();
    let store = StoreOptions {
        serial_pattern: pattern.map_err(|error| Wrong::usage(console::chain(&error)))?,
        max_content: args.max_upload.or(store.max_content),
        ..store
    };
    let options = ServerOptions {
        public_url,
        trust_proxy: args.trust_proxy || config.trust_proxy,
        ..ServerOptions::new(listen)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the server's threads")?.block_on(serve(&url, store, options))
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
