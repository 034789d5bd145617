//! The run as a whole, its procedure, its unit and its files.

use std::borrow::Cow;
use std::time::Duration;

use hil_model::run::{
    Attachment, BatchNumber, Digest, Log, PartName, PartNumber, Phase, Procedure, ProcedureName,
    RevisionNumber, Run, RunOutcome, SerialNumber, StationName, UnitUnderTest, VersionTag,
};
use hil_model::{Property, ReqId, RunId, WallTime};
use serde::{Deserialize, Serialize};

use super::cell::Word;
use super::phase::{DocumentLog, DocumentPhase};
use super::{DocumentError, Result, SCHEMA};

/// The document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunDocument<'a> {
    pub(super) schema: u32,
    id: Word<RunId>,
    procedure: DocumentProcedure<'a>,
    unit: DocumentUnit,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sub_units: Vec<Word<SerialNumber>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    station: Option<Word<StationName>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<Cow<'a, str>>,
    started_ms: i64,
    ended_ms: i64,
    duration_us: u64,
    outcome: Word<RunOutcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docstring: Option<Cow<'a, str>>,
    #[serde(default)]
    phases: Vec<DocumentPhase<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    logs: Vec<DocumentLog<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<DocumentAttachment<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<DocumentProperty<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<Word<ReqId>>,
}

impl<'a> RunDocument<'a> {
    pub(super) fn new(run: &'a Run) -> Result<Self> {
        let Run {
            id,
            procedure,
            unit,
            sub_units,
            station,
            operator,
            started_at,
            ended_at,
            duration,
            outcome,
            docstring,
            phases,
            logs,
            attachments,
            properties,
            requirements,
        } = run;
        Ok(Self {
            schema: SCHEMA,
            id: Word(id.clone()),
            procedure: procedure.into(),
            unit: unit.into(),
            sub_units: sub_units.iter().cloned().map(Word).collect(),
            station: station.clone().map(Word),
            operator: operator.as_deref().map(Cow::from),
            started_ms: started_at.unix_millis(),
            ended_ms: ended_at.unix_millis(),
            duration_us: duration.as_micros().try_into().map_err(|_| DocumentError::TooLong)?,
            outcome: Word(*outcome),
            docstring: docstring.as_deref().map(Cow::from),
            phases: phases.iter().map(DocumentPhase::from).collect(),
            logs: logs.iter().map(DocumentLog::from).collect(),
            attachments: attachments.iter().map(DocumentAttachment::from).collect(),
            properties: properties.iter().map(DocumentProperty::from).collect(),
            requirements: requirements.iter().cloned().map(Word).collect(),
        })
    }

    pub(super) fn into_run(self) -> Run {
        Run {
            id: self.id.0,
            procedure: self.procedure.into(),
            unit: self.unit.into(),
            sub_units: self.sub_units.into_iter().map(|unit| unit.0).collect(),
            station: self.station.map(|station| station.0),
            operator: self.operator.map(Cow::into_owned),
            started_at: WallTime::from_unix_millis(self.started_ms),
            ended_at: WallTime::from_unix_millis(self.ended_ms),
            duration: Duration::from_micros(self.duration_us),
            outcome: self.outcome.0,
            docstring: self.docstring.map(Cow::into_owned),
            phases: self.phases.into_iter().map(Phase::from).collect(),
            logs: self.logs.into_iter().map(Log::from).collect(),
            attachments: self.attachments.into_iter().map(Attachment::from).collect(),
            properties: self.properties.into_iter().map(Property::from).collect(),
            requirements: self.requirements.into_iter().map(|requirement| requirement.0).collect(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentProcedure<'a> {
    id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Word<ProcedureName>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Word<VersionTag>>,
}

impl<'a> From<&'a Procedure> for DocumentProcedure<'a> {
    fn from(procedure: &'a Procedure) -> Self {
        let Procedure { id, name, version } = procedure;
        Self { id: id.into(), name: name.clone().map(Word), version: version.clone().map(Word) }
    }
}

impl From<DocumentProcedure<'_>> for Procedure {
    fn from(procedure: DocumentProcedure<'_>) -> Self {
        Self {
            id: procedure.id.into_owned(),
            name: procedure.name.map(|name| name.0),
            version: procedure.version.map(|version| version.0),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentUnit {
    serial_number: Word<SerialNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_number: Option<Word<PartNumber>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_name: Option<Word<PartName>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<Word<RevisionNumber>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<Word<BatchNumber>>,
}

impl From<&UnitUnderTest> for DocumentUnit {
    fn from(unit: &UnitUnderTest) -> Self {
        let UnitUnderTest { serial_number, part_number, part_name, revision, batch } = unit;
        Self {
            serial_number: Word(serial_number.clone()),
            part_number: part_number.clone().map(Word),
            part_name: part_name.clone().map(Word),
            revision: revision.clone().map(Word),
            batch: batch.clone().map(Word),
        }
    }
}

impl From<DocumentUnit> for UnitUnderTest {
    fn from(unit: DocumentUnit) -> Self {
        Self {
            serial_number: unit.serial_number.0,
            part_number: unit.part_number.map(|number| number.0),
            part_name: unit.part_name.map(|name| name.0),
            revision: unit.revision.map(|number| number.0),
            batch: unit.batch.map(|number| number.0),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentAttachment<'a> {
    name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<Cow<'a, str>>,
    size: u64,
    sha256: Word<Digest>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_report: bool,
}

impl<'a> From<&'a Attachment> for DocumentAttachment<'a> {
    fn from(attachment: &'a Attachment) -> Self {
        let Attachment { name, content_type, size, digest, is_report } = attachment;
        Self {
            name: name.into(),
            content_type: content_type.as_deref().map(Cow::from),
            size: *size,
            sha256: Word(*digest),
            is_report: *is_report,
        }
    }
}

impl From<DocumentAttachment<'_>> for Attachment {
    fn from(attachment: DocumentAttachment<'_>) -> Self {
        Self {
            name: attachment.name.into_owned(),
            content_type: attachment.content_type.map(Cow::into_owned),
            size: attachment.size,
            digest: attachment.sha256.0,
            is_report: attachment.is_report,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentProperty<'a> {
    key: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl<'a> From<&'a Property> for DocumentProperty<'a> {
    fn from(property: &'a Property) -> Self {
        let Property { key, value } = property;
        Self { key: key.into(), value: value.into() }
    }
}

impl From<DocumentProperty<'_>> for Property {
    fn from(property: DocumentProperty<'_>) -> Self {
        Self { key: property.key.into_owned(), value: property.value.into_owned() }
    }
}
