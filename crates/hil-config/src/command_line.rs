//! Overrides: `--set key.path=value` on the command line, and the variables that stand for a key.

use crate::error::{ConfigError, Problem};
use crate::place::{Origin, Place, SourceText};
use crate::tree::{Node, Value};
use crate::yaml;

/// Parses one override to the tree that sets its one key. The value is YAML.
pub(crate) fn parse(argument: &str) -> Result<(Node, Vec<Problem>), Problem> {
    assignment(Origin::CommandLine, argument)
}

/// Parses what `variable` says of its key.
pub(crate) fn parse_variable(
    variable: &'static str,
    key: &str,
    text: &str,
) -> Result<(Node, Vec<Problem>), Problem> {
    assignment(Origin::Environment(variable), &format!("{key}={text}"))
}

fn assignment(origin: Origin, argument: &str) -> Result<(Node, Vec<Problem>), Problem> {
    // `--set key=` reads like an unset shell variable: it unsets the key, as `~` does.
    let argument = &match argument.split_once('=') {
        Some((_, value)) if value.trim().is_empty() => format!("{argument}~"),
        Some(_) | None => argument.to_owned(),
    };
    let source = SourceText::new(origin, argument.clone());
    let whole = Place::new(&source, 0..argument.len());
    let refuse = |place: Place, what| Err(Problem::new(place, ConfigError::Override { what }));
    if argument.trim().is_empty() {
        return refuse(whole, "is empty");
    }
    let Some((path, _)) = argument.split_once('=') else {
        return refuse(whole, "has no `=`");
    };
    if path.split('.').any(|key| key.trim().is_empty()) {
        return refuse(whole, "has an empty key");
    }
    let value_start = path.len() + 1;
    let empty = "has no value";
    let (Some(mut node), duplicates) = yaml::parse(&source, value_start)? else {
        return refuse(whole, empty);
    };
    if let Value::Scalar(scalar) = &node.value
        && scalar.text.is_empty()
        && !scalar.quoted
    {
        return refuse(whole, empty);
    }
    let mut end = path.len();
    for key in path.rsplit('.') {
        let start = end - key.len();
        let place = Place::new(&source, start..end);
        node = Node::section_of(key.trim().to_owned(), place, node);
        end = start.saturating_sub(1);
    }
    Ok((node, duplicates))
}
