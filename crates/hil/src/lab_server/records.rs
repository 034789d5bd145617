//! Runs that a test submits, and finds again.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use hil_archive::{Contents, Order};
use hil_model::run::{Attachment, Digest, Phase, PhaseOutcome, Procedure, Run, RunOutcome, UnitUnderTest};
use hil_model::{Mutation, RunId, SourceLocation, WallTime};
use hil_store::RunFilter;

use super::{LabServer, blamed};
use crate::{Result, TestError};

/// What the runs of a test of the server are about, so that they can be told from those of units.
const PROCEDURE: &str = "hil live suite";
/// The part that its unit is one of.
const PART: &str = "hil-live";

/// A run that a test submitted.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The run.
    pub run: Run,
}

impl LabServer {
    /// Submits a passed run of one phase on the unit `serial`, with `file` attached, if there is one.
    ///
    /// # Errors
    ///
    /// A failure with what the server said, if it does not take it; a test error, if the test does not declare
    /// `SubmitsRecords`.
    #[track_caller]
    pub fn submit(&self, serial: &str, file: Option<(&str, &[u8])>) -> Result<Submission> {
        let location = SourceLocation::caller();
        self.ctx.expect_declared(Mutation::SubmitsRecords)?;
        let folder = tempfile::tempdir().map_err(|error| TestError::misuse(format!("no folder: {error}")))?;
        let file =
            file.map(|(name, content)| keep(folder.path().join("content"), name, content)).transpose()?;
        let mut run = run(serial)?;
        let (attachments, files): (Vec<Attachment>, Vec<(Digest, PathBuf)>) = file.into_iter().unzip();
        run.attachments = attachments;
        let title = format!("Submit run {}", run.id);
        self.ctx
            .step(&title, || {
                self.archive.save(&run, Contents::Files(&files)).map_err(|error| blamed(&error))?;
                Ok(())
            })
            .map_err(|error| error.at(location))?;
        Ok(Submission { run })
    }

    /// Reads the run `id` back, whole.
    ///
    /// # Errors
    ///
    /// A failure, if the server does not have it.
    #[track_caller]
    pub fn run(&self, id: &RunId) -> Result<Run> {
        let location = SourceLocation::caller();
        self.archive.run(id).map_err(|error| blamed(&error).at(location))
    }

    /// The ids of the newest runs on the unit `serial`.
    ///
    /// # Errors
    ///
    /// A failure with what the server said.
    #[track_caller]
    pub fn runs_of(&self, serial: &str) -> Result<Vec<String>> {
        let location = SourceLocation::caller();
        let found = self.archive.runs(of_unit(serial)?, Order::default(), 50, 0);
        let found = found.map_err(|error| blamed(&error).at(location))?;
        Ok(found.runs.into_iter().map(|line| line.id).collect())
    }

    /// The runs on the unit `serial` as the server exports them, whole.
    ///
    /// # Errors
    ///
    /// A failure with what the server said.
    #[track_caller]
    pub fn export_of(&self, serial: &str) -> Result<Vec<Run>> {
        let location = SourceLocation::caller();
        let mut runs = Vec::new();
        let mut take = |run| {
            runs.push(run);
            Ok(())
        };
        self.archive.each(of_unit(serial)?, &mut take).map_err(|error| blamed(&error).at(location))?;
        Ok(runs)
    }

    /// The content of an attachment.
    ///
    /// # Errors
    ///
    /// A failure, if the server does not have it.
    #[track_caller]
    pub fn content(&self, digest: &Digest) -> Result<Vec<u8>> {
        let location = SourceLocation::caller();
        let mut content = Vec::new();
        let reader = self.archive.content(digest).map_err(|error| blamed(&error));
        let read = reader.and_then(|mut reader| {
            reader
                .read_to_end(&mut content)
                .map_err(|error| TestError::bench(format!("the content {digest} broke off: {error}")))
        });
        read.map_err(|error| error.at(location))?;
        Ok(content)
    }
}

#[track_caller]
fn of_unit(serial: &str) -> Result<RunFilter> {
    Ok(RunFilter::of_unit(serial.parse().map_err(|error| TestError::misuse(format!("{serial:?}: {error}")))?))
}

fn keep(path: PathBuf, name: &str, content: &[u8]) -> Result<(Attachment, (Digest, PathBuf))> {
    let misuse = |error: std::io::Error| TestError::misuse(format!("{name}: {error}"));
    std::fs::File::create(&path).and_then(|mut file| file.write_all(content)).map_err(misuse)?;
    let digest = hil_archive::digest(&path).map_err(misuse)?;
    let attachment = Attachment {
        name: name.to_owned(),
        content_type: Some("text/plain".to_owned()),
        size: content.len() as u64,
        digest,
        is_report: false,
    };
    Ok((attachment, (digest, path)))
}

/// A passed run of one phase.
fn run(serial: &str) -> Result<Run> {
    let misuse = |error: &dyn std::fmt::Display| TestError::misuse(format!("{serial:?}: {error}"));
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = WallTime::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let serial = serial.parse().map_err(|error| misuse(&error))?;
    let part = PART.parse().map_err(|error| misuse(&error))?;
    let phase = Phase {
        outcome: PhaseOutcome::Pass,
        started_at: now,
        ended_at: Some(now),
        ..Phase::new("the server takes a run")
    };
    Ok(Run {
        id: uuid::Uuid::now_v7().to_string().parse().map_err(|error| misuse(&error))?,
        procedure: Procedure {
            id: PROCEDURE.to_owned(),
            name: Some(PROCEDURE.parse().map_err(|error| misuse(&error))?),
            version: None,
        },
        unit: UnitUnderTest { part_number: Some(part), ..UnitUnderTest::new(serial) },
        sub_units: Vec::new(),
        station: None,
        operator: None,
        started_at: now,
        ended_at: now,
        duration: Duration::ZERO,
        outcome: RunOutcome::Pass,
        docstring: None,
        phases: vec![phase],
        logs: Vec::new(),
        attachments: Vec::new(),
        properties: Vec::new(),
        requirements: Vec::new(),
    })
}
