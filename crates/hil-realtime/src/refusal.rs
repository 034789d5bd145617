//! Why a message is not taken.

/// What kind of mistake it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// No JSON, or not an object.
    InvalidJson,
    /// Something that must be there is not.
    MissingField,
    /// Something has the wrong type or is out of range.
    BadValue,
    /// A type that nobody knows, or that does not go this way.
    UnknownType,
}

impl Code {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InvalidJson => "MSG_INVALID_JSON",
            Self::MissingField => "MSG_MISSING_FIELD",
            Self::BadValue => "MSG_BAD_VALUE",
            Self::UnknownType => "MSG_UNKNOWN_TYPE",
        }
    }

    /// The mistake in a few words, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidJson => "Invalid message",
            Self::MissingField => "Missing field",
            Self::BadValue => "Bad value",
            Self::UnknownType => "Unknown message type",
        }
    }
}

/// A message that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of mistake it is.
    pub code: Code,
    /// The field that is wrong.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub message: String,
}

impl Refusal {
    pub(crate) fn invalid_json(message: impl Into<String>) -> Self {
        Self { code: Code::InvalidJson, field: None, message: message.into() }
    }

    /// A message in a form that is none, such as a binary frame.
    pub fn not_text() -> Self {
        Self::invalid_json("a message is one JSON object in a text frame")
    }

    pub(crate) fn missing(place: &str, field: &'static str) -> Self {
        Self { code: Code::MissingField, field: Some(field), message: format!("{place}{field} is required") }
    }

    pub(crate) fn bad(place: &str, field: &'static str, expected: &str) -> Self {
        Self {
            code: Code::BadValue,
            field: Some(field),
            message: format!("{place}{field}: expected {expected}"),
        }
    }

    pub(crate) fn unknown_type(message: impl Into<String>) -> Self {
        Self { code: Code::UnknownType, field: Some("type"), message: message.into() }
    }
}
