//! The ids of what is in the store: UUIDs of version 7, so that they sort by the time they were made.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::StoreError;
use crate::sql::{Cell, FromCell, Param};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub(crate) fn fresh() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl FromStr for $name {
            type Err = StoreError;

            /// Takes the usual form only, with hyphens.
            fn from_str(text: &str) -> Result<Self, StoreError> {
                match text.parse() {
                    Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
                    Ok(_) | Err(_) => Err(StoreError::Id { what: $what, text: text.to_owned() }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl From<$name> for Param<'_> {
            fn from(id: $name) -> Self {
                id.to_string().into()
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Result<Self, StoreError> {
                let text = String::from_cell(cell)?;
                text.parse().map_err(|_| StoreError::damaged(format!("{text:?} is no id")))
            }
        }
    )+};
}

id! {
    /// The id of a batch.
    BatchId, "batch";
    /// The id of a file import.
    ImportId, "import";
    /// The id of a job.
    JobId, "job";
    /// The id of a key; not the key.
    KeyId, "key";
    /// The id of a part.
    PartId, "part";
    /// The id of a procedure.
    ProcedureId, "procedure";
    /// The id of a part's revision.
    RevisionId, "revision";
    /// The id of a station.
    StationId, "station";
    /// The id of a unit.
    UnitId, "unit";
    /// The id of an uploaded file.
    UploadId, "upload";
    /// The id of a user.
    UserId, "user";
    /// The id of a procedure's version.
    VersionId, "version";
}
