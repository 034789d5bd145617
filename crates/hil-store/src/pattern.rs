//! What a serial number says about its unit (API-03).

use hil_model::run::{BatchNumber, PartNumber, RevisionNumber, SerialNumber};
use regex::Regex;

use crate::{Result, StoreError};

/// A regular expression with groups named `part`, `revision` and `batch`, which the whole serial number must match.
#[derive(Clone, Debug)]
pub struct SerialPattern(Regex);

/// What a serial number yields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// The part number.
    pub part: Option<PartNumber>,
    /// The revision.
    pub revision: Option<RevisionNumber>,
    /// The batch.
    pub batch: Option<BatchNumber>,
}

impl SerialPattern {
    /// Compiles the pattern. It takes linear time on any serial number.
    pub fn new(pattern: &str) -> Result<Self> {
        let regex =
            Regex::new(&format!("^(?:{pattern})$")).map_err(|error| StoreError::Pattern(Box::new(error)))?;
        if regex.capture_names().flatten().any(|name| matches!(name, "part" | "revision" | "batch")) {
            Ok(Self(regex))
        } else {
            Err(StoreError::PatternGroups)
        }
    }

    /// What the serial number yields; nothing at all if it does not match. A group that matched something which is
    /// no such number yields nothing.
    pub fn derive(&self, serial: &SerialNumber) -> Derived {
        let Some(groups) = self.0.captures(serial.as_str()) else { return Derived::default() };
        let group = |name| groups.name(name).map(|found| found.as_str());
        Derived {
            part: group("part").and_then(|text| text.parse().ok()),
            revision: group("revision").and_then(|text| text.parse().ok()),
            batch: group("batch").and_then(|text| text.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_yield_what_they_are_named_after() {
        let pattern = SerialPattern::new(r"(?<part>[A-Z]+)-(?<revision>\w)(?:-(?<batch>\w+))?-\d+").unwrap();
        let derived = pattern.derive(&"ALM-B-L7-0001".parse().unwrap());
        assert_eq!(derived.part.unwrap().as_str(), "ALM");
        assert_eq!(derived.revision.unwrap().as_str(), "B");
        assert_eq!(derived.batch.unwrap().as_str(), "L7");
        assert_eq!(pattern.derive(&"x ALM-B-0001 x".parse().unwrap()), Derived::default());
    }

    #[test]
    fn a_pattern_without_groups_is_refused() {
        assert!(matches!(SerialPattern::new("[A-Z]+"), Err(StoreError::PatternGroups)));
        assert!(matches!(SerialPattern::new("(?<part>"), Err(StoreError::Pattern(_))));
    }
}
