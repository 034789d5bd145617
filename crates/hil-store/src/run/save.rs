//! Saving a run: whole or not at all, and once however often it is sent.

use std::sync::Arc;

use hil_model::RunId;
use hil_model::run::{MeasuredValue, Run};

use super::{insert, load, place, same};
use crate::content::{self, Contents};
use crate::engine::Link;
use crate::store::now;
use crate::{
    Actor, Entity, ImportId, Result, SerialPattern, Store, StoreError, UploadId, procedure, upload, version,
};

/// The longest id of a run.
const MAX_ID: usize = 64;
/// The longest name of a phase, a measurement or a requirement, in characters. Longer ones fit no index.
const MAX_NAME: usize = 600;

/// The file that a run was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The uploaded file. It becomes an attachment of the run, as its report.
    pub upload: UploadId,
    /// What read it: `OPENHTF`.
    pub importer: String,
}

/// What becomes of a procedure that is not there.
#[derive(Clone, Copy, Debug)]
enum Placing {
    /// The run is refused.
    Known,
    /// It is made.
    Made,
}

struct Submission {
    run: Arc<Run>,
    by: Actor,
    import: Option<Import>,
    placing: Placing,
    pattern: Option<Arc<SerialPattern>>,
    contents: Contents,
}

impl Store {
    /// Saves a run. When this returns, all of it is on the disk.
    ///
    /// Part, revision, batch, unit and procedure version are found, or made if they are not there. The contents of the
    /// run's attachments must have been stored before. A run that is there already is left as it is, and the answer is
    /// the same.
    ///
    /// # Errors
    ///
    /// Among others: [`StoreError::PartNumberMissing`]; [`StoreError::NotFound`] for the procedure;
    /// [`StoreError::SubUnitMissing`]; [`StoreError::Cycle`]; [`StoreError::EndsBeforeStart`];
    /// [`StoreError::RunDiffers`] if another run has the id; [`StoreError::DiskFull`].
    pub async fn save_run(&self, run: impl Into<Arc<Run>>, by: Actor) -> Result<RunId> {
        self.submit(run.into(), by, None, Placing::Known).await
    }

    /// Saves a run from elsewhere, as [`Store::save_run`] does. Its procedure is the one with its UUID or identifier,
    /// else the oldest one with its name, which is made if there is none. A run whose procedure has no name calls it by
    /// its id.
    ///
    /// # Errors
    ///
    /// Also [`StoreError::Field`] if there is no such procedure, and its id cannot be a name.
    pub async fn place_run(&self, run: impl Into<Arc<Run>>, by: Actor) -> Result<RunId> {
        self.submit(run.into(), by, None, Placing::Made).await
    }

    /// Saves a run that was made from an uploaded file.
    pub async fn import_run(&self, run: impl Into<Arc<Run>>, by: Actor, import: Import) -> Result<RunId> {
        self.submit(run.into(), by, Some(import), Placing::Known).await
    }

    async fn submit(
        &self,
        run: Arc<Run>,
        by: Actor,
        import: Option<Import>,
        placing: Placing,
    ) -> Result<RunId> {
        check(&run)?;
        let (pattern, contents) = (self.pattern.clone(), self.contents.clone());
        let submission = Submission { run, by, import, placing, pattern, contents };
        self.write(submission, |link, submission| Box::pin(save(link, submission))).await
    }
}

async fn save(link: &mut Link, submission: &Submission) -> Result<RunId> {
    let Submission { run, by, import, placing, pattern, contents } = submission;
    if is_there(link, run, *by).await? {
        return Ok(run.id.clone());
    }
    let procedure = match placing {
        Placing::Known => procedure::find(link, &run.procedure.id).await?.id,
        Placing::Made => procedure::place(link, &run.procedure, *by).await?.id,
    };
    let version = match &run.procedure.version {
        Some(tag) => Some(version::ensure(link, procedure, tag, *by).await?),
        None => None,
    };
    let place = place::find(link, run, *by, pattern.as_deref()).await?;
    let seq = insert::run(link, run, &place, (procedure, version), *by).await?;
    place::adopt_sub_units(link, run, seq, &place).await?;
    insert::phases(link, run, seq).await?;
    insert::logs(link, run, seq).await?;
    attach(link, run, seq, *by, contents).await?;
    if let Some(Import { upload, importer }) = import {
        upload::link_to_run(link, seq, &[*upload], true, *by).await?;
        link.execute(
            "INSERT INTO imports (id, run, upload_id, importer, created_at) VALUES ($1, $2, $3, $4, $5)",
            &[ImportId::fresh().into(), seq.into(), (*upload).into(), importer.into(), now().into()],
        )
        .await?;
    }
    Ok(run.id.clone())
}

/// Whether the run was saved before. Another run of that id is an error.
async fn is_there(link: &mut Link, run: &Run, by: Actor) -> Result<bool> {
    if link.row("SELECT seq FROM runs WHERE id = $1", &[run.id.as_str().into()]).await?.is_none() {
        return Ok(false);
    }
    let stored = load::load(link, &run.id).await?;
    if same::is_same(run, &stored.run, by) {
        Ok(true)
    } else {
        Err(StoreError::RunDiffers { id: run.id.to_string() })
    }
}

async fn attach(link: &mut Link, run: &Run, seq: i64, by: Actor, contents: &Contents) -> Result<()> {
    if run.attachments.is_empty() {
        return Ok(());
    }
    link.alone(content::LOCK).await?;
    if let Some(lost) = run.attachments.iter().find(|attachment| !contents.holds(&attachment.digest)) {
        return Err(StoreError::not_found(Entity::Content, lost.digest.to_string()));
    }
    insert::attachments(link, run, seq, by).await
}

/// Refuses what cannot be stored, or not be read again.
fn check(run: &Run) -> Result<()> {
    let too_long =
        |field, max| StoreError::Invalid { field, problem: format!("must have at most {max} characters") };
    if run.id.as_str().len() > MAX_ID {
        return Err(too_long("run id", MAX_ID));
    }
    if run.ended_at < run.started_at {
        return Err(StoreError::EndsBeforeStart { id: run.id.to_string() });
    }
    if i64::try_from(run.duration.as_micros()).is_err() {
        return Err(StoreError::Invalid { field: "duration", problem: "is too long".to_owned() });
    }
    let is_long = |name: &str| name.len() > MAX_NAME && name.chars().count() > MAX_NAME;
    let of_phases = run.phases.iter().flat_map(|phase| &phase.requirements);
    if run.requirements.iter().chain(of_phases).any(|requirement| is_long(requirement.as_str())) {
        return Err(too_long("requirement id", MAX_NAME));
    }
    for phase in &run.phases {
        if is_long(&phase.name) {
            return Err(too_long("phase name", MAX_NAME));
        }
        for measurement in &phase.measurements {
            if is_long(&measurement.name) {
                return Err(too_long("measurement name", MAX_NAME));
            }
            if measurement.value.is_too_deep() {
                let problem = format!("is nested more than {} deep", MeasuredValue::MAX_DEPTH);
                return Err(StoreError::Invalid { field: "measured value", problem });
            }
        }
    }
    Ok(())
}
