//! `hil runs import`: files of others become runs.

mod contents;
mod file;

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use hil_archive::{Archive, ArchiveError, Obstacle};
use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, Run, SerialNumber, StationName, VersionTag};
use hil_model::{ExitStatus, RunId};
use hil_store::StoreError;

use self::contents::{Contents, leave_out};
use self::file::read;
use crate::command::archive::Kept;
use crate::console::{self, chain, visible};

#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// OpenHTF reports, junit.xml, documents of runs (one, or one a line, or an export), journals.
    // An id of its own: there is a global `--files`, whose value clap would take from here.
    #[arg(id = "imported", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Where the contents of attachments lie that documents only name: a folder with the files, or with folders of them,
    /// whatever they are called. The folder of contents of the store that the runs were exported from will do.
    #[arg(long, value_name = "DIR")]
    contents: Option<PathBuf>,
    /// Import runs whose contents are missing without them, each with a line in its log that says so.
    #[arg(long)]
    without_contents: bool,
    #[command(flatten)]
    said: Said,
}

/// What the files do not say. For junit.xml what is said here wins; an OpenHTF report or a journal gets what it lacks.
#[derive(Args, Debug)]
#[command(next_help_heading = "Unit under test")]
struct Said {
    /// The unit's serial number, for junit.xml and for OpenHTF reports without one.
    #[arg(long, value_name = "NUMBER")]
    serial: Option<SerialNumber>,
    /// What part the unit is one of.
    #[arg(long, value_name = "NUMBER")]
    part: Option<PartNumber>,
    /// The part's revision.
    #[arg(long, value_name = "NUMBER")]
    revision: Option<RevisionNumber>,
    /// The batch that the unit was made in.
    #[arg(long, value_name = "NUMBER")]
    batch: Option<BatchNumber>,
    /// What was executed: a name, an identifier or a UUID; for junit.xml and for OpenHTF reports without one.
    #[arg(long, value_name = "PROCEDURE")]
    procedure: Option<String>,
    /// The version of it.
    #[arg(long, value_name = "TAG")]
    procedure_version: Option<VersionTag>,
    /// Where it was executed.
    #[arg(long, value_name = "NAME")]
    station: Option<StationName>,
    /// Who executed it.
    #[arg(long, value_name = "WHO")]
    operator: Option<String>,
}

/// Imports each run of each file. One that cannot be taken does not keep the others from it.
pub(super) fn run(args: &ImportArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let contents = args.contents.as_deref().map(Contents::below).transpose()?.unwrap_or_default();
    let mut status = ExitStatus::Passed;
    for file in &args.files {
        let mut failed = |why: &anyhow::Error| {
            status = ExitStatus::Failed;
            say(file, &chain(why.as_ref()));
        };
        let found = match read(file, &args.said) {
            Ok(found) => found,
            Err(why) => {
                failed(&why);
                continue;
            }
        };
        if !found.cut.is_nothing() {
            say(file, &found.cut.to_string());
        }
        for kept in found.runs {
            match kept.and_then(|kept| save(kept, file, &contents, args.without_contents, archive)) {
                Ok(id) => super::print(&format!("{id} {}\n", visible(&file.display().to_string())))?,
                Err(error) if is_about_the_archive(&error) => return Err(error),
                Err(why) => failed(&why),
            }
        }
    }
    Ok(status)
}

fn say(file: &Path, what: &str) {
    console::alert(&format!("{}: {}\n", visible(&file.display().to_string()), visible(what)));
}

/// Whether no other run would fare better.
fn is_about_the_archive(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ArchiveError>().is_some_and(|error| error.obstacle() == Obstacle::Archive)
}

fn save(
    mut kept: Kept,
    file: &Path,
    contents: &Contents,
    without_contents: bool,
    archive: &Archive,
) -> anyhow::Result<RunId> {
    for why in &kept.lacking {
        say(file, &format!("run {} is imported without {why}", kept.run.id));
    }
    let missing = contents.complete(&mut kept, archive)?;
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|a| format!("{:?} ({})", a.name, a.digest)).collect();
        let names = names.join(", ");
        if !without_contents {
            return Err(anyhow!(
                "run {}: the contents of these attachments are missing: {names}; say --contents DIR, or \
                 --without-contents",
                kept.run.id
            ));
        }
        say(file, &format!("run {} is imported without {names}", kept.run.id));
        leave_out(&mut kept, &missing);
    }
    let save = |kept: &Kept| archive.save(&kept.run, hil_archive::Contents::Files(&kept.files));
    match save(&kept) {
        Err(error) if is_too_large(&error) && kept.run.attachments.iter().any(|a| a.is_report) => {
            kept.run.attachments.retain(|attachment| !attachment.is_report);
            let id = save(&kept).map_err(|why| with_run(why, &kept.run))?;
            say(file, &format!("the file is too large to be kept beside run {id}"));
            Ok(id)
        }
        saved => saved.map_err(|why| with_run(why, &kept.run)),
    }
}

/// Whether a content was larger than the archive takes.
const fn is_too_large(error: &ArchiveError) -> bool {
    matches!(
        error,
        ArchiveError::Store(StoreError::TooLarge { .. }) | ArchiveError::Refused { status: 413, .. }
    )
}

/// The error with the run that it is about: a file may hold many.
fn with_run(error: ArchiveError, run: &Run) -> anyhow::Error {
    match error.obstacle() {
        Obstacle::Archive => error.into(),
        Obstacle::Run | Obstacle::RunForNow => anyhow::Error::from(error).context(format!("run {}", run.id)),
    }
}

impl Said {
    /// Says what the run does not say itself.
    fn fill(&self, run: &mut Run) {
        fn fill<T: Clone>(missing: &mut Option<T>, said: Option<&T>) {
            if missing.is_none() {
                *missing = said.cloned();
            }
        }

        fill(&mut run.procedure.version, self.procedure_version.as_ref());
        fill(&mut run.unit.part_number, self.part.as_ref());
        fill(&mut run.unit.revision, self.revision.as_ref());
        fill(&mut run.unit.batch, self.batch.as_ref());
        fill(&mut run.station, self.station.as_ref());
        fill(&mut run.operator, self.operator.as_ref());
    }
}
