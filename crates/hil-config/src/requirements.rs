//! The catalogue of requirements: a YAML file with one `id: title` per requirement.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{ConfigError, ConfigErrors, Problem};
use crate::key_path::KeyPath;
use crate::layers::{ReadError, parse_text, read_text};
use crate::reader::Reader;
use crate::rule::{Keyed, KeyedBy, Rule, Text};

/// Loads the catalogue that `run.requirements` names: requirement id to title.
///
/// # Errors
///
/// The file is missing, unreadable, no YAML, or holds something other than ids with a title each.
pub fn load_requirements(path: &Path) -> Result<BTreeMap<String, String>, ConfigErrors> {
    let text = read_text(path, path).map_err(|error| {
        ConfigErrors::new(vec![match error {
            ReadError::Problem(problem) => problem,
            ReadError::Absent => {
                let named_by = "`run.requirements`";
                Problem::in_file(path.display().to_string(), ConfigError::Missing { named_by })
            }
        }])
    })?;
    let (tree, duplicates) = parse_text(path, text).map_err(|problem| ConfigErrors::new(vec![problem]))?;
    let mut reader = Reader::default();
    reader.problems = duplicates;
    let catalogue = Keyed::<RequirementIds, _>::new(Text).read(&tree, &KeyPath::root(), &mut reader);
    match catalogue {
        Some(catalogue) if reader.problems.is_empty() => Ok(catalogue),
        Some(_) | None => {
            reader.problems.sort_by_key(Problem::offset);
            Err(ConfigErrors::new(reader.problems))
        }
    }
}

/// Ids of requirements as keys. Reports join them by commas.
struct RequirementIds;

impl KeyedBy for RequirementIds {
    type Key = String;

    const EXPECTED: &'static str = "a requirement id without blanks and commas";
    const PATTERN: &'static str = r"^[^\s,]+$";

    fn parse(text: &str) -> Option<String> {
        let is_id =
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',');
        is_id.then(|| text.to_owned())
    }

    fn spell(key: &String) -> String {
        key.clone()
    }
}
