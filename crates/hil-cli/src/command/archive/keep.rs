//! What becomes of a run when it is over: kept in the store, sent to the server, or waiting for either.
//!
//! None of it can change a verdict. What fails is said on the terminal, and the journal still has the run.
//!
//! A run goes into the spool first, which takes a moment and no connection, and is sent from there. Whatever happens
//! meanwhile, the next run in the folder of reports, or the next one of this user, finds it.

use std::path::{Path, PathBuf};

use hil_archive::{Archive, Client, Contents, Drained, Fate, Patience, Spool, SpoolError, Waiting};
use hil_config::Resolved;
use hil_model::RunId;
use hil_report::{JOURNAL_FILE, RunRecord};
use hil_runner::RunResult;
use owo_colors::OwoColorize as _;

use super::kept::{Kept, mark, unkept};
use super::{KeepArgs, StorePlace, key, server_spool, store_spool};
use crate::console::{chain, line, visible};

/// Who keeps finished runs.
#[derive(Debug)]
pub(crate) struct Keeper {
    ways: Vec<Way>,
    /// What there is to say so far.
    text: String,
}

impl Keeper {
    /// # Errors
    ///
    /// What is configured cannot be meant.
    pub(crate) fn new(args: &KeepArgs, resolved: &Resolved) -> anyhow::Result<Self> {
        let record = &resolved.config.record;
        let store = StorePlace::new(args.store.as_ref(), None, &resolved.config)?;
        let store = store.map(|place| Way::new(Place::Store(place), store_spool()));
        let server = record.server.clone().map(|url| {
            let key_file = record.key_file.as_ref().map(|file| resolved.in_root(file));
            Way::new(Place::Server { url, key_file }, server_spool())
        });
        Ok(Self { ways: store.into_iter().chain(server).collect(), text: String::new() })
    }

    /// Takes what an earlier run left in the folder of reports, if nobody has kept it: it was cut short, or its
    /// process was before it came to that. It is sent with the run that begins now.
    pub(crate) fn keep_earlier(&mut self, folder: &Path) {
        let Ok(journal) = hil_report::read(folder.join(JOURNAL_FILE)) else {
            // There is none, or none that anything could be made of.
            return;
        };
        if let Some((record, id)) = unkept(folder, &journal) {
            self.take(&record, &id, folder);
        }
    }

    /// Keeps what a run left, and says where. Nobody may replace it meanwhile, so the run's lock on its folder must
    /// still be held.
    pub(crate) fn keep(mut self, result: &RunResult) -> String {
        let folder = result.journal.parent().unwrap_or(Path::new("."));
        if let Some(run) = &result.record.run {
            self.take(&result.record, &run.run_id, folder);
        }
        self.deliver()
    }

    /// Keeps the run whose journal is in the folder, if nobody has yet, and says where.
    pub(crate) fn keep_left(mut self, folder: &Path) -> String {
        self.keep_earlier(folder);
        self.deliver()
    }

    fn deliver(mut self) -> String {
        for way in &mut self.ways {
            self.text += &way.deliver();
        }
        self.text
    }

    /// Takes a run on each way, and marks it as kept if that went well.
    fn take(&mut self, record: &RunRecord, id: &RunId, folder: &Path) {
        let mut is_kept = true;
        let kept = if self.ways.is_empty() { None } else { Kept::of(record, folder) };
        if let Some(kept) = kept {
            for why in &kept.lacking {
                self.text += &line("record", &warning(&format!("run {id} is kept without {}", visible(why))));
            }
            for way in &mut self.ways {
                match way.take(&kept) {
                    Ok(text) => self.text += &text,
                    Err(why) => {
                        is_kept = false;
                        self.text += &lost(id, &folder.join(JOURNAL_FILE), &why);
                    }
                }
            }
        }
        if is_kept {
            mark(folder, id);
        }
    }
}

/// Where runs go.
#[derive(Debug)]
enum Place {
    Store(StorePlace),
    Server {
        url: String,
        /// The file with the key.
        key_file: Option<PathBuf>,
    },
}

impl Place {
    fn open(&self) -> anyhow::Result<Archive> {
        match self {
            Self::Store(place) => place.open().map(Archive::Store),
            Self::Server { url, key_file } => {
                let key = key(key_file.as_deref())?;
                Ok(Archive::Server(Client::new(url, key, Patience::default())?))
            }
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Store(_) => "record",
            Self::Server { .. } => "upload",
        }
    }

    /// A run is there.
    fn arrived(&self, run: &str) -> String {
        match self {
            Self::Store(place) => format!("run {run} kept in {}", place.url.shown()),
            Self::Server { url, .. } => format!("run {run} sent to {}", hil_model::shown_url(url)),
        }
    }
}

/// The way of runs to one place.
#[derive(Debug)]
struct Way {
    place: Place,
    /// Where they wait; nothing if the user has no home.
    spool: Option<Spool>,
    waiting: Vec<(RunId, Waiting)>,
}

impl Way {
    const fn new(place: Place, spool: Option<Spool>) -> Self {
        Self { place, spool, waiting: Vec::new() }
    }

    /// Lets the run wait, or takes it to its place at once if it cannot wait. An error says why neither could be done.
    fn take(&mut self, kept: &Kept) -> Result<String, Vec<String>> {
        let contents = Contents::Files(&kept.files);
        let pushed = match &self.spool {
            Some(spool) => spool.push(&kept.run, contents).map_err(|error| chain(&error)),
            None => Err("this user has no home in which the run could wait".to_owned()),
        };
        match pushed {
            Ok(waiting) => {
                self.waiting.push((kept.run.id.clone(), waiting));
                Ok(String::new())
            }
            Err(unspooled) => {
                let archive = self.place.open().map_err(|error| chain(error.as_ref()));
                let saved = archive.and_then(|archive| {
                    archive.save_finished(&kept.run, contents).map_err(|error| chain(&error))
                });
                match saved {
                    Ok(id) => Ok(line(self.place.label(), &self.place.arrived(id.as_str()))),
                    Err(why) => Err(vec![why, unspooled]),
                }
            }
        }
    }

    /// Sends what waits: first what has waited for longer, then the runs of this process.
    fn deliver(&mut self) -> String {
        let (Some(spool), false) = (&self.spool, self.waiting.is_empty()) else { return String::new() };
        let label = self.place.label();
        let mut waiting = self.waiting.drain(..);
        let mut text = String::new();
        let waits = |(id, _): (RunId, Waiting), why: &str| {
            let text = format!("run {id} waits in {}: {}", spool.folder().display(), visible(why));
            line(label, &warning(&text))
        };
        let archive = match self.place.open() {
            Ok(archive) => archive,
            Err(error) => {
                let why = chain(error.as_ref());
                return waiting.map(|run| waits(run, &why)).collect();
            }
        };
        let mut say = |drained: &Drained| text += &line(label, &said(drained, &self.place, spool));
        let mut ended = match spool.drain(&archive, &mut say) {
            // Whoever is at it leaves the runs of this process to it.
            Err(SpoolError::Locked { .. }) => Ok(()),
            ended => ended,
        };
        while ended.is_ok()
            && let Some((_, run)) = waiting.next()
        {
            ended = spool.send(&run, &archive).map(|drained| say(&drained));
        }
        if let Err(error) = ended {
            let why = chain(&error);
            text += &line(label, &warning(&visible(&why)));
            text.extend(waiting.map(|run| waits(run, &why)));
        }
        text
    }
}

/// What became of a run that waited.
fn said(drained: &Drained, place: &Place, spool: &Spool) -> String {
    let run = visible(&drained.run);
    match &drained.fate {
        Fate::Arrived => place.arrived(&run),
        Fate::Waits(why) => {
            let folder = spool.folder().display();
            warning(&format!("run {run} waits in {folder}: {}", visible(&chain(why))))
        }
        Fate::Rejected(error) => {
            let aside = spool.rejected();
            let why = visible(&chain(error));
            warning(&format!("run {run} is refused, and set aside in {}: {why}", aside.display()))
        }
    }
}

fn warning(text: &str) -> String {
    text.yellow().to_string()
}

/// A run that only its journal has.
fn lost(run: &RunId, journal: &Path, why: &[String]) -> String {
    let text = format!(
        "run {run} IS KEPT NOWHERE but in its journal, which the next run replaces: {} ({})",
        journal.display(),
        visible(&why.join("; "))
    );
    line("record", &text.red().bold().to_string())
}
