//! What a file holds, whichever of the formats it has.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, anyhow};
use hil_exchange::{Cut, document, junit, openhtf};
use hil_model::run::{Attachment, Run};
use hil_model::{RunId, WallTime};
use hil_report::RunRecord;
use serde_json::Value;
use tempfile::TempDir;

use super::Said;
use crate::command::archive::Kept;

/// The runs of a file.
pub(super) struct Found {
    /// Each run, or why it is none.
    pub(super) runs: Vec<anyhow::Result<Kept>>,
    /// What the runs do not have of the file.
    pub(super) cut: Cut,
    /// Keeps the contents until the runs are saved.
    _contents: Option<TempDir>,
}

impl Found {
    fn of(runs: Vec<anyhow::Result<Kept>>) -> Self {
        Self { runs, cut: Cut::default(), _contents: None }
    }
}

fn without_files(run: Run) -> Kept {
    Kept { run, files: Vec::new(), lacking: Vec::new() }
}

/// Reads a file, whichever of the formats it has.
pub(super) fn read(file: &Path, said: &Said) -> anyhow::Result<Found> {
    let bytes = fs::read(file).context("cannot read it")?;
    // Some editors write a mark of the byte order first.
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match text.trim_ascii_start().first() {
        Some(b'<') => junit(file, text, said),
        Some(b'[') => documents(text),
        Some(b'{') if is_journal(text) => journal(file, said),
        Some(b'{') if document::is_document(text) => {
            Ok(Found::of(vec![Ok(without_files(document::from_slice(text)?))]))
        }
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
            let number = runs.len() + 1;
            let run = serde_json::to_vec(&value).map_err(anyhow::Error::from);
            let run = run.and_then(|json| Ok(document::from_slice(&json)?));
            runs.push(run.map(without_files).with_context(|| format!("run {number} of the file")));
        }
    }
    Ok(Found::of(runs))
}

fn journal(file: &Path, said: &Said) -> anyhow::Result<Found> {
    let journal = hil_report::read(file)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let kept = Kept::of(&RunRecord::fold(&journal.entries), folder);
    let mut kept =
        kept.ok_or_else(|| anyhow!("the journal is that of a run in which nothing was executed"))?;
    said.fill(&mut kept.run);
    Ok(Found::of(vec![Ok(kept)]))
}

fn junit(file: &Path, text: &[u8], said: &Said) -> anyhow::Result<Found> {
    let junit::Report { run, cut } = junit::read(text, options(file, said)?)?;
    let mut kept = without_files(run);
    attach_report(&mut kept, file, "application/xml")?;
    Ok(Found { cut, ..Found::of(vec![Ok(kept)]) })
}

fn report(file: &Path, text: &[u8], said: &Said) -> anyhow::Result<Found> {
    let given = openhtf::Given { serial_number: said.serial.clone(), procedure: said.procedure.clone() };
    let report = openhtf::read(text, id_of(file)?, given)?;
    let mut kept = without_files(report.run);
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    for embedded in report.attachments {
        let path = folder.path().join(kept.files.len().to_string());
        fs::write(&path, &embedded.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let digest = hil_archive::digest(&path).context("cannot read what was written")?;
        kept.run.attachments.push(Attachment {
            name: embedded.name,
            content_type: embedded.content_type,
            size: embedded.bytes.len().try_into()?,
            digest,
            is_report: false,
        });
        kept.files.push((digest, path));
    }
    attach_report(&mut kept, file, "application/json")?;
    said.fill(&mut kept.run);
    Ok(Found { cut: report.cut, _contents: Some(folder), ..Found::of(vec![Ok(kept)]) })
}

/// Keeps the file beside the run that was made from it: no run has all that files of others say.
fn attach_report(kept: &mut Kept, file: &Path, content_type: &str) -> anyhow::Result<()> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let digest = hil_archive::digest(file).context("cannot read it")?;
    kept.run.attachments.push(Attachment {
        name: name.unwrap_or_default(),
        content_type: Some(content_type.to_owned()),
        size: fs::metadata(file).context("cannot read it")?.len(),
        digest,
        is_report: true,
    });
    kept.files.push((digest, file.to_owned()));
    Ok(())
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
