//! What Jenkins makes of a `junit.xml`: the rules of jenkins.md, sections 1 and 4, as a reader.

use std::collections::BTreeMap;

use crate::xml::{self, Element};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Passed,
    Failed,
    Skipped,
}

/// A row of the test result, as the user of Jenkins sees it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) package: String,
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) stack: String,
    pub(crate) has_timestamp: bool,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) stdout: String,
    pub(crate) attachments: Vec<String>,
    /// For each flaky or rerun element: its name, the stack that the core plugin shows, the one that
    /// flaky-test-handler shows.
    pub(crate) reruns: Vec<(String, String, String)>,
}

/// Reads a report. A malformed one replaces everything by one failing case in Jenkins; here it is an error.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, String> {
    let root = xml::parse(text)?;
    let mut cases = Vec::new();
    for suite in root.all("testsuite") {
        cases.extend(suite.all("testcase").map(|case| read_case(suite, case)));
    }
    Ok(cases)
}

fn read_case(suite: &Element, case: &Element) -> Case {
    let class = case.attribute("classname").or(suite.attribute("name")).unwrap_or_default().to_owned();
    let error = case.one("error").or_else(|| case.one("failure"));
    let skipped = case.one("skipped");
    let status = match (skipped, error) {
        (Some(_), _) => Status::Skipped,
        (None, Some(_)) => Status::Failed,
        (None, None) => Status::Passed,
    };
    let said = |element: &Element| element.attribute("message").unwrap_or(&element.text).to_owned();
    let mut properties = BTreeMap::new();
    for property in case.one("properties").iter().flat_map(|p| p.all("property")) {
        let value = property.attribute("value").unwrap_or(&property.text);
        properties.insert(property.attribute("name").unwrap_or_default().to_owned(), value.to_owned());
    }
    let stdout = case.one("system-out").map(|out| out.text.clone()).unwrap_or_default();
    let stdout = trimmed(&stdout, if status == Status::Failed { 50_000 } else { 500 });
    let reruns = ["flakyFailure", "flakyError", "rerunFailure", "rerunError"].into_iter();
    Case {
        package: class.rsplit_once('.').map_or("(root)", |(package, _)| package).to_owned(),
        name: case.attribute("name").unwrap_or_default().to_owned(),
        status,
        kind: error.and_then(|e| e.attribute("type")).unwrap_or_default().to_owned(),
        message: skipped.or(error).map(said).unwrap_or_default(),
        stack: error.map(|e| e.text.clone()).unwrap_or_default(),
        has_timestamp: case.attribute("timestamp").is_some_and(|t| t.len() == 29 && t.ends_with("+00:00")),
        properties,
        attachments: stdout
            .lines()
            .filter_map(|line| line.trim().strip_prefix("[[ATTACHMENT|")?.strip_suffix("]]"))
            .map(str::to_owned)
            .collect(),
        stdout,
        reruns: reruns
            .flat_map(|name| case.all(name).map(move |e| (name, e)).collect::<Vec<_>>())
            .map(|(name, e)| {
                let stack = e.one("stackTrace").map(|s| s.text.clone()).unwrap_or_default();
                (name.to_owned(), stack, e.text.trim().to_owned())
            })
            .collect(),
        class,
    }
}

/// The default retention: the first and the last `each` characters.
fn trimmed(text: &str, each: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 2 * each {
        return text.to_owned();
    }
    let ends = [&chars[..each], &chars[chars.len() - each..]].map(|end| end.iter().collect::<String>());
    ends.join("\n...[truncated]...\n")
}
