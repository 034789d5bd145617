//! Names that must be unique, and names that must exist.

use std::collections::HashMap;

use crate::nearest::nearest;
use crate::syntax::ast::Name;
use crate::syntax::{Fault, Faults, Span};

/// The names of one kind, and where each is declared.
pub(super) struct Names<'a> {
    kind: &'static str,
    spans: HashMap<&'a str, Span>,
    order: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, spans: HashMap::new(), order: Vec::new() }
    }

    /// Adds a name. A second declaration is an error that shows both places; false is returned.
    pub(super) fn declare(&mut self, name: Name<'a>, faults: &mut Faults) -> bool {
        if let Some(first) = self.spans.get(name.text) {
            let fault = Fault::error(name.span, format!("duplicate {} \"{}\"", self.kind, name.text));
            faults.push(fault.note(*first, "first declared here"));
            return false;
        }
        self.insert(name);
        true
    }

    /// Adds a name that may be there already.
    pub(super) fn insert(&mut self, name: Name<'a>) {
        if self.spans.insert(name.text, name.span).is_none() {
            self.order.push(name.text);
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.spans.contains_key(name)
    }

    /// Refuses a file in which `name` is used in the role of `role` but not declared.
    pub(super) fn require(&self, name: Name<'_>, role: &str, faults: &mut Faults) -> bool {
        let known = self.contains(name.text);
        if !known {
            let fault = Fault::error(name.span, format!("{role} \"{}\" is not declared", name.text));
            faults.push(self.suggest(fault, name));
        }
        known
    }

    /// Warns that an undeclared name is dropped.
    pub(super) fn keep(&self, name: Name<'_>, role: &str, faults: &mut Faults) -> bool {
        let known = self.contains(name.text);
        if !known {
            let message = format!("{role} \"{}\" is not declared and is ignored", name.text);
            faults.push(self.suggest(Fault::warning(name.span, message), name));
        }
        known
    }

    fn suggest(&self, fault: Fault, name: Name<'_>) -> Fault {
        fault
            .expected(format!("a declared {}", self.kind))
            .nearest(nearest(name.text, self.order.iter().copied()))
    }
}
