//! What a run is about, as the command line and the configuration say it.

use serde::{Deserialize, Serialize};

use crate::run::{
    BatchNumber, FieldError, OperatorName, PartName, PartNumber, ProcedureName, RevisionNumber, SerialNumber,
    VersionTag,
};

/// The unit under test, the procedure and the operator, as far as somebody said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Line", into = "Line")]
pub struct Subject {
    /// The unit's serial number.
    pub serial_number: Option<SerialNumber>,
    /// What part the unit is one of.
    pub part_number: Option<PartNumber>,
    /// What the part is called.
    pub part_name: Option<PartName>,
    /// The part's revision.
    pub revision: Option<RevisionNumber>,
    /// The batch that the unit was made in.
    pub batch: Option<BatchNumber>,
    /// Units that were tested before and are now part of this one.
    pub sub_units: Vec<SerialNumber>,
    /// What is executed: a UUID, an identifier such as `FVT1`, or a name.
    pub procedure: Option<ProcedureName>,
    /// The version of it.
    pub procedure_version: Option<VersionTag>,
    /// Who executes it.
    pub operator: Option<OperatorName>,
}

/// The same as texts.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sub_units: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    procedure: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    procedure_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
}

impl TryFrom<Line> for Subject {
    type Error = FieldError;

    fn try_from(line: Line) -> Result<Self, FieldError> {
        Ok(Self {
            serial_number: line.serial_number.map(TryInto::try_into).transpose()?,
            part_number: line.part_number.map(TryInto::try_into).transpose()?,
            part_name: line.part_name.map(TryInto::try_into).transpose()?,
            revision: line.revision.map(TryInto::try_into).transpose()?,
            batch: line.batch.map(TryInto::try_into).transpose()?,
            sub_units: line.sub_units.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            procedure: line.procedure.map(TryInto::try_into).transpose()?,
            procedure_version: line.procedure_version.map(TryInto::try_into).transpose()?,
            operator: line.operator.map(TryInto::try_into).transpose()?,
        })
    }
}

impl From<Subject> for Line {
    fn from(subject: Subject) -> Self {
        Self {
            serial_number: subject.serial_number.map(Into::into),
            part_number: subject.part_number.map(Into::into),
            part_name: subject.part_name.map(Into::into),
            revision: subject.revision.map(Into::into),
            batch: subject.batch.map(Into::into),
            sub_units: subject.sub_units.into_iter().map(Into::into).collect(),
            procedure: subject.procedure.map(Into::into),
            procedure_version: subject.procedure_version.map(Into::into),
            operator: subject.operator.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_comes_back_and_a_damaged_one_is_refused() {
        let subject = Subject {
            serial_number: Some("SN-1".parse().unwrap()),
            sub_units: vec!["SN-0".parse().unwrap()],
            operator: Some("Ada".parse().unwrap()),
            ..Subject::default()
        };
        let line = serde_json::to_string(&subject).unwrap();
        assert_eq!(line, r#"{"serial_number":"SN-1","sub_units":["SN-0"],"operator":"Ada"}"#);
        assert_eq!(serde_json::from_str::<Subject>(&line).unwrap(), subject);
        let error = serde_json::from_str::<Subject>(r#"{"batch":"a b"}"#).unwrap_err();
        assert!(error.to_string().starts_with("batch number must not contain ' '"), "{error}");
    }
}
