//! The doc comment of a test, read once (RUN-01).
//!
//! ```text
//! Title: Red at full intensity reaches its PWM target
//! Description: Immediate mode, so no fade is involved.
//! Requirements: REQ-ALM-012, REQ-ALM-013
//! Test Steps:
//!   1. Request red at full intensity, immediate mode.
//!   2. Wait until the module reports ON.
//! Expected Result: PWM within 5 % of the calculator's value.
//! ```
//!
//! A field's text runs to the next field; a comment without fields is a title (first line) and a
//! description (the rest).

use serde::{Deserialize, Serialize};

use crate::{NameError, ReqId};

/// What a test says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// One line that names the behaviour under test.
    pub title: String,
    /// More about it.
    pub description: String,
    /// The requirements that it covers, without duplicates, as they stand.
    pub requirements: Vec<ReqId>,
    /// The steps, without their numbers.
    pub steps: Vec<String>,
    /// What makes it pass.
    pub expected: String,
}

/// A doc comment that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// A requirement id is malformed.
    #[error("in `Requirements:`")]
    Requirement(#[from] NameError),
    /// A field stands twice.
    #[error("`{field}:` stands twice")]
    Duplicate {
        /// The field's name.
        field: &'static str,
    },
}

/// The fields, by the name that they have in the comment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Title,
    Description,
    Requirements,
    Steps,
    Expected,
}

impl Field {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Title, "Title"),
        (Self::Description, "Description"),
        (Self::Requirements, "Requirements"),
        (Self::Steps, "Test Steps"),
        (Self::Expected, "Expected Result"),
    ];

    /// The field that `line` opens, and what stands behind the colon.
    fn open(line: &str) -> Option<(Self, &'static str, &str)> {
        Self::ALL.into_iter().find_map(|(field, name)| {
            let rest = line.strip_prefix(name)?.strip_prefix(':')?;
            Some((field, name, rest.trim()))
        })
    }
}

impl Description {
    /// Reads a doc comment.
    ///
    /// # Errors
    ///
    /// A field that stands twice, or a requirement id that is none.
    pub fn parse(doc: &str) -> Result<Self, DescriptionError> {
        let mut fields: Vec<(Field, Vec<&str>)> = Vec::new();
        let mut preamble = Vec::new();
        for line in doc.lines().map(str::trim) {
            if let Some((field, name, rest)) = Field::open(line) {
                if fields.iter().any(|(seen, _)| *seen == field) {
                    return Err(DescriptionError::Duplicate { field: name });
                }
                fields.push((field, vec![rest]));
            } else if let Some((_, lines)) = fields.last_mut() {
                lines.push(line);
            } else {
                preamble.push(line);
            }
        }
        let mut result = Self::default();
        if fields.is_empty() {
            let (title, rest) = preamble.split_first().unwrap_or((&"", &[]));
            (*title).clone_into(&mut result.title);
            result.description = joined(rest);
            return Ok(result);
        }
        for (field, lines) in fields {
            match field {
                Field::Title => result.title = joined(&lines),
                Field::Description => result.description = joined(&lines),
                Field::Expected => result.expected = joined(&lines),
                Field::Requirements => {
                    for id in lines
                        .iter()
                        .flat_map(|line| line.split(','))
                        .map(str::trim)
                        .filter(|id| !id.is_empty())
                    {
                        let id: ReqId = id.parse()?;
                        if !result.requirements.contains(&id) {
                            result.requirements.push(id);
                        }
                    }
                }
                Field::Steps => result.steps = steps(&lines),
            }
        }
        Ok(result)
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// One step for each numbered or bulleted line; other lines continue the step before.
fn steps(lines: &[&str]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        match (unnumbered(line), steps.last_mut()) {
            (Some(step), _) => steps.push(step.to_owned()),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line);
            }
            (None, None) => steps.push((*line).to_owned()),
        }
    }
    steps
}

fn unnumbered(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '*']).or_else(|| {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == line.len() { None } else { rest.strip_prefix(['.', ')']) }
    })?;
    rest.starts_with(' ').then(|| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn requirements(ids: &[&str]) -> Vec<ReqId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    #[test]
    fn every_field_is_read() {
        let parsed = Description::parse(
            "Title: Red reaches\n its target\nDescription: Immediate.\n\nRequirements: REQ-1, REQ-2,\n REQ-1\n\
             Test Steps:\n  1. Ask for red\n     at full power.\n  2) Wait.\n  - Compare.\nExpected Result: PWM within 5 %.",
        );
        assert_eq!(
            parsed,
            Ok(Description {
                title: "Red reaches its target".to_owned(),
                description: "Immediate.".to_owned(),
                requirements: requirements(&["REQ-1", "REQ-2"]),
                steps: vec![
                    "Ask for red at full power.".to_owned(),
                    "Wait.".to_owned(),
                    "Compare.".to_owned()
                ],
                expected: "PWM within 5 %.".to_owned(),
            })
        );
    }

    #[test]
    fn a_plain_comment_is_title_and_description() {
        let parsed = Description::parse("Adds two numbers.\n\nNothing else\nhappens.").unwrap();
        assert_eq!(
            (parsed.title.as_str(), parsed.description.as_str()),
            ("Adds two numbers.", "Nothing else happens.")
        );
    }

    #[test]
    fn a_step_that_begins_with_a_number_is_no_new_step() {
        let parsed = Description::parse("Test Steps:\n 1. Set\n 12.5 V on the rail.").unwrap();
        assert_eq!(parsed.steps, ["Set 12.5 V on the rail."]);
    }

    #[rstest]
    #[case("Title: a\nTitle: b", "`Title:` stands twice")]
    #[case("Requirements: REQ 1", "in `Requirements:`")]
    fn broken_comments_are_refused(#[case] doc: &str, #[case] message: &str) {
        assert_eq!(Description::parse(doc).unwrap_err().to_string(), message);
    }
}
