//! `hil runs import`: files of others become runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, anyhow};
use clap::Args;
use hil_archive::{Archive, ArchiveError, Contents};
use hil_exchange::{document, junit, openhtf};
use hil_model::run::{
    Attachment, BatchNumber, PartNumber, RevisionNumber, Run, SerialNumber, StationName, VersionTag,
};
use hil_model::{ExitStatus, RunId, WallTime};
use hil_report::RunRecord;
use serde_json::Value;
use tempfile::TempDir;

use crate::command::archive::Kept;
use crate::console::{self, chain, visible};

#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// OpenHTF reports, junit.xml, documents of runs (one, or one a line, or an export), journals.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    said: Said,
}

/// What the files do not say. For junit.xml what is said here wins. An OpenHTF report names its unit and its procedure
/// itself.
#[derive(Args, Debug)]
#[command(next_help_heading = "Unit under test")]
struct Said {
    /// The unit's serial number, for junit.xml.
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
    /// What was executed: a name, an identifier or a UUID; for junit.xml.
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

/// Imports each file. One that cannot be taken does not keep the others from it.
pub(super) fn run(args: &ImportArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    let mut status = ExitStatus::Passed;
    for file in &args.files {
        let taken = read(file, &args.said).and_then(|found| save(found, archive));
        match taken {
            Ok(ids) => {
                for id in ids {
                    super::print(&format!("{id} {}\n", visible(&file.display().to_string())))?;
                }
            }
            Err(error) if is_about_the_archive(&error) => return Err(error),
            Err(error) => {
                let (file, why) = (file.display().to_string(), chain(error.as_ref()));
                console::alert(&format!("{}: {}\n", visible(&file), visible(&why)));
                status = ExitStatus::Failed;
            }
        }
    }
    Ok(status)
}

/// Whether no other file would fare better.
fn is_about_the_archive(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ArchiveError>().is_some_and(|error| !error.is_about_the_run())
}

/// The runs of a file.
struct Found {
    runs: Vec<Kept>,
    /// Keeps the contents until the runs are saved.
    _contents: Option<TempDir>,
}

impl Found {
    fn one(run: Run) -> Self {
        Self { runs: vec![Kept { run, files: Vec::new() }], _contents: None }
    }
}

fn save(found: Found, archive: &Archive) -> anyhow::Result<Vec<RunId>> {
    let each = found.runs.iter();
    let saved = each.map(|kept| archive.save(&kept.run, Contents::Files(&kept.files)));
    Ok(saved.collect::<hil_archive::Result<_>>()?)
}

/// Reads a file, whichever of the formats it has.
fn read(file: &Path, said: &Said) -> anyhow::Result<Found> {
    let bytes = fs::read(file).context("cannot read it")?;
    // Some editors write a mark of the byte order first.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match text.trim_ascii_start().first() {
        Some(b'<') => Ok(Found::one(junit::read(text, options(file, said)?)?)),
        Some(b'[') => documents(text),
        Some(b'{') if is_journal(text) => journal(file, said),
        Some(b'{') if document::is_document(text) => Ok(Found::one(document::from_slice(text)?)),
        Some(b'{') if document::is_document(first_line(text)) => documents(text),
        Some(b'{') => report(file, text, said),
        Some(_) | None => {
            Err(anyhow!("it is no OpenHTF report, no junit.xml, no document of a run and no journal"))
        }
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

fn is_journal(text: &[u8]) -> bool {
    let line = serde_json::from_slice::<Value>(first_line(text));
    line.is_ok_and(|line| line.pointer("/event/run_started").is_some())
}

/// The id of a run that has none: the same file is the same run, however often it is read.
fn id_of(file: &Path) -> anyhow::Result<RunId> {
    let digest = hil_archive::digest(file).context("cannot read it")?;
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_bytes()[..16]);
    Ok(uuid::Builder::from_custom_bytes(id).into_uuid().to_string().parse()?)
}

/// Several documents: one a line, or in a list.
fn documents(text: &[u8]) -> anyhow::Result<Found> {
    let mut runs = Vec::new();
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let list = match value? {
            Value::Array(list) => list,
            one => vec![one],
        };
        for value in list {
            let run = document::from_slice(&serde_json::to_vec(&value)?)
                .with_context(|| format!("run {} of the file", runs.len() + 1))?;
            runs.push(Kept { run, files: Vec::new() });
        }
    }
    Ok(Found { runs, _contents: None })
}

fn journal(file: &Path, said: &Said) -> anyhow::Result<Found> {
    let journal = hil_report::read(file)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let kept = Kept::of(&RunRecord::fold(&journal.entries), folder)?;
    let mut kept =
        kept.ok_or_else(|| anyhow!("the journal is that of a run in which nothing was executed"))?;
    said.fill(&mut kept.run);
    Ok(Found { runs: vec![kept], _contents: None })
}

fn report(file: &Path, text: &[u8], said: &Said) -> anyhow::Result<Found> {
    let report = openhtf::read(text, id_of(file)?)?;
    let mut run = report.run;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut files = Vec::new();
    for embedded in report.attachments {
        let path = folder.path().join(files.len().to_string());
        fs::write(&path, &embedded.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let digest = hil_archive::digest(&path).context("cannot read what was written")?;
        run.attachments.push(Attachment {
            name: embedded.name,
            content_type: embedded.content_type,
            size: embedded.bytes.len().try_into()?,
            digest,
            is_report: false,
        });
        files.push((digest, path));
    }
    said.fill(&mut run);
    Ok(Found { runs: vec![Kept { run, files }], _contents: Some(folder) })
}

/// What a junit.xml does not say. It began when the file was written if it says no time.
fn options(file: &Path, said: &Said) -> anyhow::Result<junit::Options> {
    let written = fs::metadata(file).and_then(|metadata| metadata.modified()).context("cannot read it")?;
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let started_at = WallTime::from_unix_millis(since.try_into()?);
    Ok(junit::Options {
        procedure: said.procedure.clone(),
        procedure_version: said.procedure_version.clone(),
        serial_number: said.serial.clone(),
        part_number: said.part.clone(),
        revision: said.revision.clone(),
        batch: said.batch.clone(),
        station: said.station.clone(),
        operator: said.operator.clone(),
        ..junit::Options::new(id_of(file)?, started_at)
    })
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
