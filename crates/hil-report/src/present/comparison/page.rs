//! The comparison as a page.

use serde::Serialize;

use super::row::PhaseRow;
use super::{Comparison, Fact, Head};
use crate::ReportError;
use crate::html::{Engine, STYLE};

#[derive(Debug, Serialize)]
struct Page<'a> {
    title: String,
    style: Option<&'static str>,
    heads: &'a [Head],
    facts: &'a [Fact],
    phases: &'a [PhaseRow],
    differences: usize,
}

impl Comparison {
    /// The comparison as a page that needs nothing beside it; see [`html`](crate::present::html).
    ///
    /// # Errors
    ///
    /// [`ReportError::Template`].
    pub fn html(&self) -> Result<String, ReportError> {
        let labels: Vec<_> = self.heads.iter().map(|head| head.label.as_str()).collect();
        let page = Page {
            title: format!("Runs {}", labels.join(", ")),
            style: Some(STYLE),
            heads: &self.heads,
            facts: &self.facts,
            phases: &self.phases,
            differences: self.differences(),
        };
        Engine::new()?.render("comparison.html", &page)
    }

    /// How many phases and measurements differ.
    fn differences(&self) -> usize {
        let within =
            |phase: &PhaseRow| phase.measurements.iter().filter(|row| !row.changes.is_empty()).count();
        self.phases.iter().map(|phase| within(phase) + usize::from(!phase.changes.is_empty())).sum()
    }
}
