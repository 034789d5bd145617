//! What becomes of a run when it is over: kept in the store, sent to the server, or waiting for either.
//!
//! None of it can change a verdict. What fails is said on the terminal, and the journal still has the run.

use std::path::{Path, PathBuf};

use hil_archive::{Archive, ArchiveError, Client, Contents, Drained, Fate, Patience, Spool, SpoolError};
use hil_config::Resolved;
use hil_model::Event;
use hil_model::run::{Digest, Run};
use hil_report::{JOURNAL_FILE, RunRecord};
use hil_runner::RunResult;
use hil_store::StoreError;
use owo_colors::OwoColorize as _;

use super::{KeepArgs, StorePlace, key, server_spool, spools};
use crate::console::{chain, line};

/// A run that is over, and where its files lie.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) run: Run,
    pub(crate) files: Vec<(Digest, PathBuf)>,
}

impl Kept {
    /// What `record` tells; nothing if nothing was executed. `folder` is where its journal lies.
    pub(crate) fn of(record: &RunRecord, folder: &Path) -> Result<Option<Self>, ArchiveError> {
        let mut files = Vec::new();
        let run = record.to_run(|file| -> Result<Digest, ArchiveError> {
            // The journal's own name for the file, which `hil` made.
            let path = folder.join(&file.path);
            let digest = hil_archive::digest(&path)
                .map_err(|source| ArchiveError::Content { name: file.name.clone(), source })?;
            files.push((digest, path));
            Ok(digest)
        })?;
        Ok(run.filter(|run| !run.phases.is_empty()).map(|run| Self { run, files }))
    }
}

/// Who keeps finished runs.
#[derive(Debug)]
pub(crate) struct Keeper {
    store: Option<StorePlace>,
    /// The server that runs are sent to, and the file with its key.
    server: Option<(String, Option<PathBuf>)>,
}

impl Keeper {
    /// # Errors
    ///
    /// What is configured cannot be meant.
    pub(crate) fn new(args: &KeepArgs, resolved: &Resolved) -> anyhow::Result<Self> {
        let record = &resolved.config.record;
        let key_file = record.key_file.as_ref().map(|file| resolved.in_root(file));
        Ok(Self {
            store: StorePlace::new(args.store.as_ref(), None, &resolved.config)?,
            server: record.server.clone().map(|url| (url, key_file)),
        })
    }

    /// Keeps what a run left, and says where.
    pub(crate) fn keep(&self, result: &RunResult) -> String {
        let folder = result.journal.parent().unwrap_or(Path::new("."));
        self.keep_record(&result.record, folder)
    }

    /// Keeps what an earlier run left in the folder of reports if it was cut short: nobody else did. What it says is
    /// for the end of this run.
    pub(crate) fn keep_earlier(&self, folder: &Path) -> String {
        let Ok(journal) = hil_report::read(folder.join(JOURNAL_FILE)) else {
            // There is none, or none that anything could be made of.
            return String::new();
        };
        if journal.entries.iter().any(|entry| matches!(entry.event, Event::RunFinished(_))) {
            return String::new();
        }
        self.keep_record(&RunRecord::fold(&journal.entries), folder)
    }

    fn keep_record(&self, record: &RunRecord, folder: &Path) -> String {
        if self.store.is_none() && self.server.is_none() {
            return String::new();
        }
        let journal = folder.join(JOURNAL_FILE);
        match Kept::of(record, folder) {
            Ok(None) => String::new(),
            Ok(Some(kept)) => self.store(&kept, &journal) + &self.send(&kept, &journal),
            Err(error) => lost("the run", &journal, &[chain(&error)]),
        }
    }

    /// Keeps the run in the store, or lets it wait for that.
    fn store(&self, kept: &Kept, journal: &Path) -> String {
        let Some(place) = &self.store else { return String::new() };
        let id = &kept.run.id;
        let spool = spools().map(|folder| Spool::new(folder.join("store")));
        let (mut text, saved) = match place.open() {
            Ok(store) => {
                let archive = Archive::Store(store);
                let text = spool.as_ref().map_or_else(String::new, |spool| later(spool, &archive));
                (text, save(&archive, kept).map_err(|error| chain(&error)))
            }
            Err(error) => (String::new(), Err(chain(error.as_ref()))),
        };
        text += &match saved {
            Ok(()) => line("record", &format!("run {id} kept in {}", place.url.shown())),
            Err(why) => match push(spool.as_ref(), kept) {
                Ok(place) => line("record", &warning(&format!("run {id} waits in {place}: {why}"))),
                Err(error) => lost(&format!("run {id}"), journal, &[why, error]),
            },
        };
        text
    }

    /// Sends the run to the server, after those that wait, or lets it wait with them.
    fn send(&self, kept: &Kept, journal: &Path) -> String {
        let Some((url, key_file)) = &self.server else { return String::new() };
        let id = &kept.run.id;
        let client = key(key_file.as_deref())
            .and_then(|key| Ok(Archive::Server(Client::new(url, key, Patience::default())?)))
            .map_err(|error| chain(error.as_ref()));
        let spool = server_spool();
        match (push(spool.as_ref(), kept), spool, client) {
            (Ok(_), Some(spool), Ok(server)) => later(&spool, &server),
            (Ok(place), _, Err(why)) => {
                line("upload", &warning(&format!("run {id} waits in {place}: {why}")))
            }
            (Err(_), _, Ok(server)) => match server.save(&kept.run, Contents::Files(&kept.files)) {
                Ok(_) => line("upload", &format!("run {id} sent to {url}")),
                Err(error) => lost(&format!("run {id}"), journal, &[chain(&error)]),
            },
            (Err(error), _, Err(why)) => lost(&format!("run {id}"), journal, &[why, error]),
            (Ok(_), None, Ok(_)) => String::new(),
        }
    }
}

/// What the part of a unit is called of which nobody, and no serial-number pattern, knows more.
const UNKNOWN_PART: &str = "unknown";

/// Saves the run in a store. Once it is over it is too late to ask what part the unit is one of.
fn save(archive: &Archive, kept: &Kept) -> Result<(), ArchiveError> {
    let contents = Contents::Files(&kept.files);
    match archive.save(&kept.run, contents) {
        Err(ArchiveError::Store(StoreError::PartNumberMissing { .. })) => {
            let mut run = kept.run.clone();
            run.unit.part_number = UNKNOWN_PART.parse().ok();
            archive.save(&run, contents)?;
        }
        saved => {
            saved?;
        }
    }
    Ok(())
}

/// Lets the run wait; where it does.
fn push(spool: Option<&Spool>, kept: &Kept) -> Result<String, String> {
    let spool = spool.ok_or("this user has no home in which the run could wait")?;
    spool.push(&kept.run, Contents::Files(&kept.files)).map_err(|error| chain(&error))?;
    Ok(spool.folder().display().to_string())
}

/// Sends what waits, and says what came of it.
fn later(spool: &Spool, archive: &Archive) -> String {
    let (label, place) = match archive {
        Archive::Store(_) => ("record", "the store"),
        Archive::Server(client) => ("upload", client.url()),
    };
    let mut text = String::new();
    let ended = spool.drain(archive, &mut |drained| text += &line(label, &said(drained, place, spool)));
    match ended {
        Ok(()) => {}
        // Whoever is at it sends this run, too, or the next run does.
        Err(SpoolError::Locked { .. }) => text += &line(label, &format!("another process sends to {place}")),
        Err(error) => text += &line(label, &warning(&chain(&error))),
    }
    text
}

/// What became of a run that waited.
fn said(drained: &Drained, place: &str, spool: &Spool) -> String {
    let run = &drained.run;
    match &drained.fate {
        Fate::Arrived => format!("run {run} sent to {place}"),
        Fate::Rejected(error) => {
            let aside = spool.rejected();
            warning(&format!("run {run} is refused, and set aside in {}: {}", aside.display(), chain(error)))
        }
    }
}

fn warning(text: &str) -> String {
    text.yellow().to_string()
}

/// A run that only its journal has.
fn lost(run: &str, journal: &Path, why: &[String]) -> String {
    let text = format!(
        "{run} IS KEPT NOWHERE but in its journal, which the next run replaces: {} ({})",
        journal.display(),
        why.join("; ")
    );
    line("record", &text.red().bold().to_string())
}
