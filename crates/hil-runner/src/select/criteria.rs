//! What the command line selects, and the reason for each test that it leaves out (RUN-07).

use hil_config::nearest;
use hil_model::{Decision, ReqId, TestMeta};

use super::{MarkerExpression, Markers};
use crate::registry::Registry;

/// What to run. What is empty does not restrict.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these suites.
    pub suites: Vec<String>,
    /// Only tests whose name contains one of these (or is one of these).
    pub filters: Vec<String>,
    /// Names are compared as a whole.
    pub exact: bool,
    /// No test whose name contains one of these (or is one of these).
    pub skip: Vec<String>,
    /// Only tests whose markers meet this condition.
    pub markers: Option<MarkerExpression>,
    /// Only tests that cover one of these requirements.
    pub requirements: Vec<ReqId>,
}

/// A selection that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No test belongs to the suite.
    #[error("there is no suite {name:?}{}; the suites are {}", hint(.nearest.as_deref()), .suites.join(", "))]
    UnknownSuite {
        /// The name that was given.
        name: String,
        /// The suite that was probably meant.
        nearest: Option<String>,
        /// Every suite that exists.
        suites: Vec<String>,
    },
    /// A marker is not declared, in an expression or on a test.
    #[error("{place}: the marker `{marker}` is not declared{}; declare it in `run.markers`", hint(.nearest.as_deref()))]
    UndeclaredMarker {
        /// Where it stands.
        place: String,
        /// The marker.
        marker: String,
        /// The declared marker that was probably meant.
        nearest: Option<String>,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

impl Selection {
    /// Checks that what is named exists, and that every test's markers are declared.
    ///
    /// # Errors
    ///
    /// The first thing that does not.
    pub fn check(&self, registry: &Registry, markers: &Markers) -> Result<(), SelectionError> {
        let mut suites: Vec<String> =
            registry.tests().iter().map(|test| test.meta.name.suite().to_owned()).collect();
        suites.dedup();
        if let Some(name) = self.suites.iter().find(|suite| !suites.contains(suite)) {
            let nearest = nearest(name, suites.iter().map(String::as_str)).map(str::to_owned);
            return Err(SelectionError::UnknownSuite { name: name.clone(), nearest, suites });
        }
        let named = self.markers.iter().flat_map(MarkerExpression::markers);
        let named = named.map(|marker| ("-m".to_owned(), marker));
        let carried = registry.tests().iter().flat_map(|test| {
            let place = format!("{}:{}", test.meta.file, test.meta.line);
            test.meta.markers.iter().map(move |marker| (place.clone(), marker))
        });
        for (place, marker) in named.chain(carried) {
            if !markers.declares(marker) {
                let nearest = markers.nearest(marker).map(str::to_owned);
                return Err(SelectionError::UndeclaredMarker { place, marker: marker.to_string(), nearest });
            }
        }
        Ok(())
    }

    /// Whether `name` is or contains `pattern`, as the command line wants it.
    fn fits(&self, name: &str, pattern: &str) -> bool {
        if self.exact { name == pattern } else { name.contains(pattern) }
    }

    /// The place of the first filter that `test` meets.
    pub(crate) fn place(&self, test: &TestMeta) -> usize {
        let met = self.filters.iter().position(|filter| self.fits(test.name.as_str(), filter));
        met.unwrap_or(self.filters.len())
    }

    /// Whether `test` is left out by name.
    pub(crate) fn skips(&self, test: &TestMeta) -> bool {
        self.skip.iter().any(|pattern| self.fits(test.name.as_str(), pattern))
    }

    /// Whether `test` runs; if not, the first criterion that it does not meet.
    pub fn decide(&self, test: &TestMeta) -> Decision {
        let left_out = |reason: String| Decision::NotSelected { reason };
        let name = test.name.as_str();
        let names = |pattern: &String| self.fits(name, pattern);
        if !self.suites.is_empty() && !self.suites.iter().any(|suite| suite == test.name.suite()) {
            return left_out(format!(
                "it is in the suite {}, not in {}",
                test.name.suite(),
                self.suites.join(", ")
            ));
        }
        if !self.filters.is_empty() && !self.filters.iter().any(names) {
            let how = if self.exact { "is none of" } else { "contains none of" };
            return left_out(format!("its name {how} {}", self.filters.join(", ")));
        }
        if let Some(pattern) = self.skip.iter().find(|pattern| names(pattern)) {
            return left_out(format!("--skip {pattern}"));
        }
        if let Some(expression) = &self.markers
            && !expression.matches(&test.markers)
        {
            return left_out(format!("its markers do not meet {expression}"));
        }
        let covers = |wanted: &ReqId| test.description.requirements.contains(wanted);
        if !self.requirements.is_empty() && !self.requirements.iter().any(covers) {
            let wanted: Vec<&str> = self.requirements.iter().map(ReqId::as_str).collect();
            return left_out(format!("it covers none of {}", wanted.join(", ")));
        }
        Decision::Selected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::{Description, TestMeta};
    use rstest::rstest;

    fn meta() -> TestMeta {
        TestMeta {
            name: "hardware::led::red_goes_on".parse().unwrap(),
            short: "red_goes_on".to_owned(),
            class: "hardware.led".to_owned(),
            description: Description {
                requirements: vec!["REQ-1".parse().unwrap()],
                ..Description::default()
            },
            markers: vec!["hardware".parse().unwrap()],
            needs: vec![],
            mutates: Vec::new(),
            covers: Vec::new(),
            file: "tests/led.rs".to_owned(),
            line: 1,
            timeout_ms: 1,
        }
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[rstest]
    #[case(Selection::default(), None)]
    #[case(Selection { suites: strings(&["unit"]), ..Selection::default() }, Some("it is in the suite hardware, not in unit"))]
    #[case(Selection { filters: strings(&["green", "blue"]), ..Selection::default() }, Some("its name contains none of green, blue"))]
    #[case(Selection { filters: strings(&["red"]), exact: true, ..Selection::default() }, Some("its name is none of red"))]
    #[case(Selection { filters: strings(&["red"]), ..Selection::default() }, None)]
    #[case(Selection { skip: strings(&["led"]), ..Selection::default() }, Some("--skip led"))]
    #[case(Selection { markers: Some("not hardware".parse().unwrap()), ..Selection::default() }, Some("its markers do not meet not hardware"))]
    #[case(Selection { requirements: vec!["REQ-2".parse().unwrap()], ..Selection::default() }, Some("it covers none of REQ-2"))]
    #[case(Selection { requirements: vec!["REQ-1".parse().unwrap()], ..Selection::default() }, None)]
    fn every_test_that_is_left_out_has_a_reason(#[case] selection: Selection, #[case] reason: Option<&str>) {
        let expected = match reason {
            Some(reason) => Decision::NotSelected { reason: reason.to_owned() },
            None => Decision::Selected,
        };
        assert_eq!(selection.decide(&meta()), expected);
    }
}
