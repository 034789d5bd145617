//! A page of text: headings with what stands below them.

use owo_colors::OwoColorize;

use crate::console::visible;
use crate::console::{Align, Table};

/// What stands before the lines below a heading.
const INDENT: &str = "  ";

/// A page that grows at its end.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Begins a section; it is set apart from the one before.
    pub(super) fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend([visible(heading).bold().to_string().as_str(), "\n"]);
    }

    /// Adds a table.
    pub(super) fn table(&mut self, table: &Table) {
        self.text.push_str(&table.lines(INDENT));
    }

    /// Adds a table after an empty line.
    pub(super) fn table_apart(&mut self, table: &Table) {
        self.text.push('\n');
        self.table(table);
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.extend([INDENT, &visible(line), "\n"]);
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Labels with their values.
pub(super) struct Fields(Table);

impl Fields {
    /// None yet.
    pub(super) fn new() -> Self {
        Self(Table::new([Align::Left, Align::Left]))
    }

    /// Adds one.
    pub(super) fn add(&mut self, label: &str, value: impl Into<String>) {
        self.0.row([label.to_owned(), value.into()]);
    }

    /// Adds one if there is a value.
    pub(super) fn add_some(&mut self, label: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.add(label, value);
        }
    }

    /// Adds names, or says that there are none.
    pub(super) fn add_names(&mut self, label: &str, names: &[String]) {
        self.add(label, if names.is_empty() { "none".to_owned() } else { names.join(", ") });
    }

    /// As a table for a page.
    pub(super) fn table(&self) -> &Table {
        &self.0
    }
}
