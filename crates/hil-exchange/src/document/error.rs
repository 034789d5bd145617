//! What can go wrong with a document.

/// Why a document could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Where it is to be written to cannot take it.
    #[error("cannot write the document of a run")]
    Write(#[source] serde_json::Error),
    /// It is no JSON, or a field is missing, unknown or wrong.
    #[error("the document of a run is wrong at {path}")]
    Read {
        /// Where, as the way through the JSON: `phases[2].measurements[0].value`; `.` is the whole.
        path: String,
        /// Why, with line and column.
        source: serde_json::Error,
    },
    /// Something stands behind it.
    #[error("something stands behind the document of a run")]
    Trailing(#[source] serde_json::Error),
    /// A newer program wrote it.
    #[error("the document of the run has schema {schema}, this program reads up to {newest}: update hil")]
    Newer {
        /// Its version.
        schema: u32,
        /// The newest that can be read.
        newest: u32,
    },
    /// There never was such a version.
    #[error("the document of the run has schema {schema}, which never was")]
    Unknown {
        /// Its version.
        schema: u32,
    },
    /// More microseconds than a document can say.
    #[error("the run's duration does not fit a document")]
    TooLong,
    /// A measured JSON value that could be written and not be read.
    #[error("the value of {measurement:?} is nested more than {max} deep")]
    TooDeep {
        /// What was measured.
        measurement: String,
        /// How deep it may be.
        max: usize,
    },
}

/// What reading and writing documents answers.
pub type Result<T> = std::result::Result<T, DocumentError>;

impl From<serde_path_to_error::Error<serde_json::Error>> for DocumentError {
    fn from(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        // Where the text ends too early there is no place but the whole.
        let path =
            Some(error.path().to_string()).filter(|path| path != "?").unwrap_or_else(|| ".".to_owned());
        Self::Read { path, source: error.into_inner() }
    }
}
