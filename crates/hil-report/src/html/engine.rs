//! The template engine: strict about names, escaping everything that is not made here.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::ReportError;

/// The templates, compiled.
pub(crate) struct Engine(Environment<'static>);

impl Engine {
    pub(crate) fn new() -> Result<Self, ReportError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()
                .map_err(failed("layout.html"))?,
        );
        for (page, source) in [
            ("layout.html", include_str!("templates/layout.html")),
            ("report.html", include_str!("templates/report.html")),
            ("page.html", include_str!("templates/page.html")),
            ("test.html", include_str!("templates/test.html")),
            ("run.html", include_str!("templates/run.html")),
            ("measurements.html", include_str!("templates/measurements.html")),
            ("comparison.html", include_str!("templates/comparison.html")),
        ] {
            environment.add_template(page, source).map_err(failed(page))?;
        }
        Ok(Self(environment))
    }

    pub(crate) fn render(&self, page: &'static str, view: &impl Serialize) -> Result<String, ReportError> {
        self.0.get_template(page).and_then(|template| template.render(Serde(view))).map_err(failed(page))
    }
}

fn failed(page: &'static str) -> impl Fn(minijinja::Error) -> ReportError {
    move |source| ReportError::Template { page, source }
}
