//! What can be wrong with a configuration, and the list in which all of it is reported.

use std::fmt;
use std::io;

use crate::place::{Location, Place};
use crate::render;
use crate::scalar::shorten;

/// One thing that is wrong, without its position. Keys are dotted paths.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that was named explicitly does not exist.
    #[error("the file named by {named_by} does not exist")]
    Missing {
        /// `--config` or the environment variable.
        named_by: &'static str,
    },
    /// A file exists but cannot be read.
    #[error("the file cannot be read")]
    Unreadable {
        /// Why not.
        source: io::Error,
    },
    /// A file is larger than any configuration.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// Largest accepted size, bytes.
        limit: u64,
    },
    /// A file holds bytes that are not UTF-8.
    #[error("the text is not UTF-8 (byte 0x{byte:02X})")]
    NotUtf8 {
        /// The first byte that does not belong there.
        byte: u8,
    },
    /// The text is not YAML.
    #[error("YAML syntax error: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A line is indented by a tab, which YAML forbids.
    #[error("tab in the indentation, expected spaces")]
    TabIndentation,
    /// Valid YAML that has no place in a configuration.
    #[error("not accepted here: {what}")]
    Refused {
        /// The construct, and what to write instead.
        what: &'static str,
    },
    /// Sections or lists are nested absurdly deep.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// Deepest accepted nesting.
        limit: usize,
    },
    /// There are absurdly many values.
    #[error("more than {limit} keys and values")]
    TooManyValues {
        /// Most accepted keys and values.
        limit: usize,
    },
    /// A key stands twice in one section.
    #[error("duplicate key `{key}`, first set at {first}")]
    DuplicateKey {
        /// The key as it was written.
        key: String,
        /// Where it stands for the first time.
        first: Location,
    },
    /// The schema has no such key.
    #[error("unknown key `{key}`{}", hint(nearest.as_deref()))]
    UnknownKey {
        /// The full path of the key.
        key: String,
        /// The known key that resembles it most.
        nearest: Option<String>,
    },
    /// The schema has no such section.
    #[error("unknown section `{section}`{}", hint(nearest.as_deref()))]
    UnknownSection {
        /// The full path of the section.
        section: String,
        /// The known section that resembles it most.
        nearest: Option<String>,
    },
    /// The file for the power supply sets something else.
    #[error("section `{section}` in a power supply file, expected keys of `power_supply` only")]
    ForeignSection {
        /// The section as it was written.
        section: String,
    },
    /// A key of a section with free keys is not well-formed.
    #[error("invalid key in {section}: expected {expected}, found `{found}`")]
    InvalidKey {
        /// The full path of the section in back quotes, or `the file`.
        section: String,
        /// What a key is.
        expected: String,
        /// What was written.
        found: String,
    },
    /// A key without a default was not set.
    #[error("missing key `{key}`, expected {expected}")]
    MissingKey {
        /// The full path of the key.
        key: String,
        /// What the key takes.
        expected: String,
    },
    /// A value has the wrong type.
    #[error("wrong type for {key}: expected {expected}, found {found}")]
    WrongType {
        /// The full path of the key in back quotes, or `the file`.
        key: String,
        /// What the key takes.
        expected: String,
        /// What was written.
        found: String,
    },
    /// A number or duration is outside its range.
    #[error("value out of range for {key}: expected {expected}, found `{found}`")]
    OutOfRange {
        /// The full path of the key in back quotes.
        key: String,
        /// The range.
        expected: String,
        /// What was written.
        found: String,
    },
    /// A text is none of the words that the key takes, or is not well-formed.
    #[error("invalid value for {key}: expected {expected}, found `{found}`{}", hint(nearest.as_deref()))]
    InvalidValue {
        /// The full path of the key in back quotes.
        key: String,
        /// The words, or the form.
        expected: String,
        /// What was written.
        found: String,
        /// The word that resembles it most.
        nearest: Option<String>,
    },
    /// Two values exclude each other.
    #[error("`{key}` ({value}) must {relation} `{other}` ({other_value}, {other_layer})")]
    Conflict {
        /// The full path of the one key.
        key: String,
        /// Its value with the unit.
        value: String,
        /// What is required, as in `not be above`.
        relation: &'static str,
        /// The full path of the other key.
        other: String,
        /// The other key's value with the unit.
        other_value: String,
        /// Where the other key's value comes from.
        other_layer: String,
    },
    /// A `--set` argument is not `key.path=value`.
    #[error("override {what}, expected `key.path=value`")]
    Override {
        /// What is wrong with it.
        what: &'static str,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(", did you mean `{nearest}`?"))
}

/// One problem, with the place where it was found.
///
/// Displayed as a line `file:line:column: error: …` in the style of gcc, which Jenkins and editors
/// recognise, followed by the marked lines of the file.
#[derive(Debug)]
pub struct Problem(Box<Finding>);

#[derive(Debug)]
struct Finding {
    error: ConfigError,
    site: Site,
    related: Option<(Place, &'static str)>,
}

/// What a problem points at.
#[derive(Debug)]
enum Site {
    Place(Place),
    /// A file as a whole, when there is no text to point into.
    File(String),
}

impl Problem {
    pub(crate) fn new(place: Place, error: ConfigError) -> Self {
        Self::at(Site::Place(place), error)
    }

    pub(crate) fn in_file(file: String, error: ConfigError) -> Self {
        Self::at(Site::File(file), error)
    }

    fn at(site: Site, error: ConfigError) -> Self {
        Self(Box::new(Finding { error, site, related: None }))
    }

    /// The key at `place` was set at `first` already.
    pub(crate) fn duplicate(key: &str, place: Place, first: &Place) -> Self {
        let error = ConfigError::DuplicateKey { key: shorten(key), first: first.location() };
        Self::new(place, error).related_to(Some(first.clone()), "first set here")
    }

    /// Adds a second place to show, with a word on what it is.
    pub(crate) fn related_to(mut self, place: Option<Place>, label: &'static str) -> Self {
        self.0.related = place.map(|place| (place, label));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn error(&self) -> &ConfigError {
        &self.0.error
    }

    /// How far into its text the problem is, in bytes.
    pub(crate) fn offset(&self) -> usize {
        match &self.0.site {
            Site::Place(place) => place.span().start,
            Site::File(_) => 0,
        }
    }

    /// Where the problem is, or nothing when a file could not be read at all.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        match &self.0.site {
            Site::Place(place) => Some(place.location()),
            Site::File(_) => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.site {
            Site::Place(place) => write!(f, "{}: ", place.location())?,
            Site::File(file) => write!(f, "{file}: ")?,
        }
        write!(f, "error: {}", hil_model::chain(&self.0.error))?;
        match &self.0.site {
            Site::Place(place) => write!(f, "\n{}", render::excerpt(place, self.0.related.as_ref())),
            Site::File(_) => Ok(()),
        }
    }
}

/// Most problems that are displayed; beyond it the file is no configuration at all.
const MAX_SHOWN: usize = 30;

/// All problems of a configuration; never empty.
///
/// Displayed as one [`Problem`] after the other, in the order of the layers (the default file
/// first, the command line last), and cut after thirty with the number of the rest.
#[derive(Debug)]
pub struct ConfigErrors {
    problems: Vec<Problem>,
}

impl ConfigErrors {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// The problems, in the order in which they are displayed.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().take(MAX_SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        match self.problems.len().checked_sub(MAX_SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n\nand {more} more errors"),
        }
    }
}

impl std::error::Error for ConfigErrors {}
