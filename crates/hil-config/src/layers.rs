//! Loading: which texts there are, in which order they count, and what comes out of them.

use std::env;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::command_line;
use crate::config::Config;
use crate::consistency;
use crate::error::{ConfigError, ConfigErrors, Problem};
use crate::key_path::KeyPath;
use crate::place::{Origin, Place, SourceText};
use crate::reader::Reader;
use crate::resolved::Resolved;
use crate::rule::Rule;
use crate::section::{Section, SectionOf};
use crate::tree::{Node, Value, merge};
use crate::yaml;

/// The file that is loaded when it exists, below the bench's root.
const DEFAULT_FILE: &str = "config/test_config.yaml";
/// The file for the power supply of this machine, loaded when it exists.
const PSU_FILE: &str = "config/owon_psu.yaml";
/// Names a file to put on top of the default one.
const CONFIG_VARIABLE: &str = "ECU_TESTS_CONFIG";
/// Names a file to take instead of the default one for the power supply.
const PSU_VARIABLE: &str = "OWON_PSU_CONFIG";
/// The variables that stand for a key each, so that a job can say where its bench is without a file.
pub const VARIABLES: [(&str, &str); 4] = [
    ("HIL_LIN_HOST", "interface.host"),
    ("HIL_NAD", "interface.nad"),
    ("HIL_LDF", "interface.ldf_path"),
    ("HIL_PSU_PORT", "power_supply.port"),
];
/// Largest file that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where the configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The directory in which `config/` is looked for.
    pub root: PathBuf,
    /// The file of `--config`, which takes the place of `env_config`.
    pub config_file: Option<PathBuf>,
    /// The file that `ECU_TESTS_CONFIG` names.
    pub env_config: Option<PathBuf>,
    /// The file that `OWON_PSU_CONFIG` names, which takes the place of `config/owon_psu.yaml`.
    pub env_psu: Option<PathBuf>,
    /// What the environment says of the keys in [`VARIABLES`]: the variable, its key, its text.
    pub variables: Vec<(&'static str, &'static str, String)>,
    /// The `--set key.path=value` arguments; a later one wins over an earlier one.
    pub overrides: Vec<String>,
}

impl Sources {
    /// Takes the names of files, and the values of keys, from the environment of the process. An empty variable counts as
    /// unset.
    #[must_use]
    pub fn from_env(root: PathBuf, config_file: Option<PathBuf>, overrides: Vec<String>) -> Self {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            root,
            config_file,
            env_config: variable(CONFIG_VARIABLE),
            env_psu: variable(PSU_VARIABLE),
            variables: VARIABLES
                .iter()
                .filter_map(|(name, key)| {
                    let text = env::var(name).ok().filter(|text| !text.trim().is_empty())?;
                    Some((*name, *key, text))
                })
                .collect(),
            overrides,
        }
    }
}

/// Loads, merges and checks the configuration.
///
/// Highest first, the layers are: the overrides, the variables, the file for the power supply (which sets keys of
/// `power_supply` only), the named file, `config/test_config.yaml`, the built-in defaults. They are
/// merged key by key. Every layer is checked by itself, so a mistake is reported even where a
/// higher layer hides it.
///
/// # Errors
///
/// Everything that is wrong, at once: files that are missing, unreadable or no YAML; unknown and
/// duplicate keys; values of the wrong type, out of range, or in conflict with each other.
pub fn load(sources: &Sources) -> Result<Resolved, ConfigErrors> {
    let mut reader = Reader::default();
    let mut layers = Vec::new();
    for text in texts(sources) {
        match text {
            Ok((tree, mut problems)) => {
                problems.extend(problems_of(&tree));
                problems.sort_by_key(Problem::offset);
                reader.problems.extend(problems);
                layers.push(tree);
            }
            Err(problem) => reader.problems.push(problem),
        }
    }
    if !reader.problems.is_empty() {
        return Err(ConfigErrors::new(reader.problems));
    }
    let merged = layers.into_iter().reduce(merge);
    let config = match &merged {
        Some(tree) => rule().read(tree, &KeyPath::root(), &mut reader),
        None => Some(Config::default()),
    };
    if let Some(config) = &config {
        consistency::check(config, &mut reader);
    }
    match config {
        Some(config) if reader.problems.is_empty() => {
            Ok(Resolved::new(config, &reader, sources.root.clone()))
        }
        Some(_) | None => Err(ConfigErrors::new(reader.problems)),
    }
}

const fn rule() -> SectionOf<Config> {
    SectionOf::NEW
}

/// What is wrong with one layer by itself.
fn problems_of(tree: &Node) -> Vec<Problem> {
    let mut reader = Reader::default();
    rule().read(tree, &KeyPath::root(), &mut reader);
    reader.problems
}

type Parsed = Result<(Node, Vec<Problem>), Problem>;

/// All texts, lowest layer first.
fn texts(sources: &Sources) -> Vec<Parsed> {
    let named = match (&sources.config_file, &sources.env_config) {
        (Some(file), _) => Some((file, "`--config`")),
        (None, Some(file)) => Some((file, CONFIG_VARIABLE)),
        (None, None) => None,
    };
    let default = sources.root.join(DEFAULT_FILE);
    let mut texts = Vec::new();
    texts.extend(file(sources, &default, None));
    texts.extend(named.and_then(|(path, by)| file(sources, path, Some(by))));
    let supply = match &sources.env_psu {
        Some(path) => file(sources, path, Some(PSU_VARIABLE)),
        None => file(sources, &sources.root.join(PSU_FILE), None),
    };
    texts.extend(supply.map(|parsed| {
        let (tree, mut problems) = parsed?;
        let (tree, foreign) = below_power_supply(tree);
        problems.extend(foreign);
        Ok((tree, problems))
    }));
    let variables = sources.variables.iter();
    texts.extend(variables.map(|(variable, key, text)| command_line::parse_variable(variable, key, text)));
    texts.extend(sources.overrides.iter().map(|text| command_line::parse(text)));
    texts
}

/// Reads and parses one file. An absent file is nothing, unless it was named.
fn file(sources: &Sources, path: &Path, named_by: Option<&'static str>) -> Option<Parsed> {
    let shown = path.strip_prefix(&sources.root).unwrap_or(path);
    let text = match read_text(path, shown) {
        Ok(text) => text,
        Err(ReadError::Absent) => {
            return named_by.map(|named_by| {
                let error = ConfigError::Missing { named_by };
                Err(Problem::in_file(shown.display().to_string(), error))
            });
        }
        Err(ReadError::Problem(problem)) => return Some(Err(problem)),
    };
    Some(parse_text(shown, text))
}

/// Parses a text that is to be a section; an empty text is an empty section.
pub(crate) fn parse_text(shown: &Path, text: String) -> Parsed {
    let source = SourceText::new(Origin::File(shown.to_owned()), text);
    let (tree, duplicates) = yaml::parse(&source, 0)?;
    let tree =
        tree.unwrap_or_else(|| Node { value: Value::Section(Vec::new()), place: Place::new(&source, 0..0) });
    Ok((tree, duplicates))
}

/// Why there is no text.
pub(crate) enum ReadError {
    Absent,
    Problem(Problem),
}

/// Reads a file as UTF-8, without a byte order mark.
pub(crate) fn read_text(path: &Path, shown: &Path) -> Result<String, ReadError> {
    let name = || shown.display().to_string();
    let fail = |error| ReadError::Problem(Problem::in_file(name(), error));
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file at the limit from one beyond it, without trusting
    // the size that the file system claims.
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ReadError::Absent),
        Err(source) => return Err(fail(ConfigError::Unreadable { source })),
        Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => {
            let limit = MAX_FILE_BYTES;
            return Err(fail(ConfigError::TooLarge { limit }));
        }
        Ok(_) => {}
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
        let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
        // Everything before the first bad byte is unchanged, so the position is that of the file.
        let source = SourceText::new(Origin::File(shown.to_owned()), lossy);
        let place = Place::new(&source, valid..valid + 1);
        ReadError::Problem(Problem::new(place, ConfigError::NotUtf8 { byte }))
    })?;
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// A file for the power supply holds either the keys of `power_supply`, or that section; either
/// way the result has the section. Other sections are taken out and reported.
fn below_power_supply(tree: Node) -> (Node, Vec<Problem>) {
    const SECTION: &str = "power_supply";
    let place = tree.place.clone();
    let Value::Section(entries) = tree.value else {
        return (tree, Vec::new());
    };
    let mut problems = Vec::new();
    let (foreign, entries): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.key != SECTION && Config::KEYS.contains(&entry.key.as_str()));
    for entry in foreign {
        let section = entry.key;
        problems.push(Problem::new(entry.key_place, ConfigError::ForeignSection { section }));
    }
    let is_nested = entries.iter().any(|entry| entry.key == SECTION);
    let tree = Node { value: Value::Section(entries), place: place.clone() };
    let tree = if is_nested { tree } else { Node::section_of(SECTION.to_owned(), place, tree) };
    (tree, problems)
}
