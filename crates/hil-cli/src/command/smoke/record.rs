//! The record's half of smoke: it is submitted, and read back until it is COMPLETED.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use hil_archive::{Archive, ArchiveError, Client, Contents, Patience};
use hil_config::Resolved;
use hil_model::run::Run;
use hil_model::{PollError, SmokeEnd, poll_until};
use hil_runner::{LiveOptions, Missing, ServerAt, SystemClock};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;

use super::bench::Ran;
use super::{Deadline, Ended};
use crate::command::Wrong;
use crate::command::archive::{KeepArgs, Kept, StorePlace};
use crate::console::{self, chain, line, show};

/// How often the record is asked for until it is COMPLETED.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How often signals are looked at meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// Where the record goes: the server, if one is named, else the store.
pub(super) enum Place {
    Server(Client),
    Store(StorePlace),
    /// A server is named, but not the key for it; what is missing.
    NoKey(String),
    /// Neither; what is missing.
    Nowhere(String),
}

impl Place {
    /// A URL or a key that cannot be right is an error here, before anything is powered.
    pub(super) fn new(
        keep: &KeepArgs,
        resolved: &Resolved,
        live: &LiveOptions,
        deadline: &Deadline,
    ) -> anyhow::Result<Self> {
        Ok(match ServerAt::find(resolved, live)? {
            Ok(server) => {
                let left = deadline.left().max(Duration::from_millis(1));
                let patience = Patience { connect: left, stalled: left, answer: left };
                let key = server.key.reveal().parse().map_err(|error| Wrong::usage(format!("{error}")))?;
                let client = Client::new(&server.url, key, patience);
                Self::Server(client.map_err(|error| Wrong::usage(error.to_string()))?)
            }
            Err(Missing::Server) => match keep.place(&resolved.config)? {
                Some(store) => Self::Store(store),
                None => {
                    Self::Nowhere(format!("{}, and {}", Missing::Server, keep.no_place(&resolved.config)))
                }
            },
            Err(missing) => Self::NoKey(missing.to_string()),
        })
    }
}

/// Submits the record of `ran`, and waits for it to be COMPLETED: whole, with its outcome, for whoever asks.
pub(super) fn prove(place: Place, ran: &Ran, deadline: Deadline) -> anyhow::Result<Ended> {
    let folder = ran.result.journal.parent().unwrap_or(Path::new("."));
    let Some(kept) = Kept::of(&ran.result.record, folder) else {
        return Ok(Ended::new(SmokeEnd::NotTaken, "nothing was executed, so there is no record"));
    };
    // The run's own listening to signals has ended, and with it they would be lost.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen to signals")?;
    let (tell, told) = mpsc::channel();
    // A server that drips its answer keeps whoever reads it for as long as it likes. Nothing is powered by now and the
    // process ends, so the thread may be left behind.
    let work = move || {
        // Whoever has given up does not hear it.
        let _ = tell.send(submit(place, &kept, deadline));
    };
    thread::Builder::new().name("record".to_owned()).spawn(work).context("cannot start a thread")?;
    loop {
        if let Some(signal) = signals.pending().next() {
            let name = signal_name(signal).unwrap_or("a signal");
            return Ok(Ended::new(SmokeEnd::Broken, format!("interrupted by {name}")));
        }
        if deadline.is_over() {
            return Ok(deadline.missed());
        }
        match told.recv_timeout(deadline.left().min(LOOK)) {
            Ok(Ok(completed)) => {
                show(&line("smoke", &completed));
                return Ok(Ended::new(SmokeEnd::Proven, ""));
            }
            Ok(Err(ended)) => return Ok(ended),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the thread of the record ended"),
        }
    }
}

/// What there is to say of a record that is COMPLETED; else how it ended.
fn submit(place: Place, kept: &Kept, deadline: Deadline) -> Result<String, Ended> {
    let (archive, shown) = match place {
        Place::Nowhere(missing) => {
            return Err(Ended { notices: vec![missing], ..Ended::new(SmokeEnd::NothingEligible, "") });
        }
        Place::NoKey(missing) => return Err(Ended::new(SmokeEnd::Unauthorized, missing)),
        Place::Server(client) => {
            let shown = client.url().to_owned();
            (Archive::Server(client), shown)
        }
        Place::Store(store) => {
            let shown = store.shown();
            match store.open() {
                Ok(store) => (Archive::Store(store), shown),
                Err(error) => return Err(Ended::new(SmokeEnd::NotTaken, console::chain(error.as_ref()))),
            }
        }
    };
    archive
        .save_finished(&kept.run, Contents::Files(&kept.files))
        .map_err(|error| refused(&error, deadline))?;
    let id = &kept.run.id;
    let clock = SystemClock::new();
    let asked = poll_until(&*clock, "COMPLETED", ASK_EVERY, deadline.left(), || match archive.run(id) {
        Ok(stored) => Ok(is_complete(&stored, &kept.run).then_some(())),
        // It is on its way.
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    });
    match asked {
        Ok(()) => Ok(format!("record: run {id} is COMPLETED in {shown}")),
        Err(PollError::TimedOut { .. }) => Err(deadline.missed()),
        Err(PollError::Failed(error)) => Err(refused(&error, deadline)),
    }
}

/// Whether the run can be read back whole, with its outcome.
fn is_complete(stored: &Run, sent: &Run) -> bool {
    stored.outcome == sent.outcome && stored.phases.len() == sent.phases.len()
}

fn refused(error: &ArchiveError, deadline: Deadline) -> Ended {
    let end = match error {
        _ if deadline.is_over() => return deadline.missed(),
        ArchiveError::Unauthorized { .. } | ArchiveError::Forbidden { .. } => SmokeEnd::Unauthorized,
        _ => SmokeEnd::NotTaken,
    };
    Ended::new(end, chain(error))
}
