//! Units as a client sends them.

use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, SerialNumber};
use hil_store::{UnitChange, UploadId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::v2::field;

/// A unit of a part and a revision that are there.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewUnit {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    pub(super) serial_number: SerialNumber,
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    pub(super) part_number: PartNumber,
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    pub(super) revision_number: RevisionNumber,
}

/// What changes on a unit. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
pub(super) struct UnitFields {
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    new_serial_number: Option<SerialNumber>,
    /// Another part that is there; without a revision, its default one.
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    part_number: Option<PartNumber>,
    #[serde(default, deserialize_with = "field::maybe")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60)]
    revision_number: Option<RevisionNumber>,
    /// A batch that is there, or null for none.
    #[serde(default, deserialize_with = "field::change")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    batch_number: Option<Option<BatchNumber>>,
    /// Uploaded files that belong to the unit from now on.
    #[serde(default, deserialize_with = "field::list")]
    #[schema(value_type = Vec<String>)]
    attachments: Vec<UploadId>,
}

impl From<UnitFields> for UnitChange {
    fn from(fields: UnitFields) -> Self {
        Self {
            serial_number: fields.new_serial_number,
            part_number: fields.part_number,
            revision_number: fields.revision_number,
            batch_number: fields.batch_number,
            attachments: fields.attachments,
        }
    }
}

/// A unit that becomes part of another one.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewChild {
    #[serde(deserialize_with = "field::one")]
    #[schema(value_type = String, min_length = 1, max_length = 60)]
    pub(super) child_serial_number: SerialNumber,
}
