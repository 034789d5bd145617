//! Names that must be unique, and names that must exist.

use crate::code::Code;
use crate::diagnostic::Severity;
use crate::nearest::nearest;
use crate::syntax::ast::Name;
use crate::syntax::{BySymbol, Fault, Faults, Span, Symbols};

/// The names of one kind, and where each is declared.
pub(super) struct Declared<'a> {
    kind: &'static str,
    source: &'a str,
    symbols: &'a Symbols,
    spans: BySymbol<Span>,
}

impl<'a> Declared<'a> {
    pub(super) fn new(kind: &'static str, source: &'a str, symbols: &'a Symbols) -> Self {
        Self { kind, source, symbols, spans: BySymbol::new(symbols) }
    }

    /// Adds a name. A second declaration is an error that shows both places; false is returned.
    pub(super) fn declare(&mut self, name: Name, faults: &mut Faults) -> bool {
        if let Some(first) = self.spans.get(name.symbol) {
            let message = format!("duplicate {} \"{}\"", self.kind, name.span.of(self.source));
            let fault = Fault::error(Code::DuplicateName, name.span, message);
            faults.push(fault.note(first, "first declared here"));
            return false;
        }
        self.spans.insert(name.symbol, name.span);
        true
    }

    /// Adds a name that may be there already.
    pub(super) fn insert(&mut self, name: Name) {
        if !self.contains(name) {
            self.spans.insert(name.symbol, name.span);
        }
    }

    pub(super) fn contains(&self, name: Name) -> bool {
        self.spans.contains(name.symbol)
    }

    /// Refuses a file in which `name` is used in the role of `role` but not declared.
    pub(super) fn require(&self, name: Name, role: &str, faults: &mut Faults) -> bool {
        let known = self.contains(name);
        if !known && faults.wants(Severity::Error) {
            let message = format!("{role} \"{}\" is not declared", name.span.of(self.source));
            faults.push(self.suggest(Fault::error(Code::UndeclaredName, name.span, message), name));
        }
        known
    }

    /// Warns that an undeclared name is dropped.
    pub(super) fn keep(&self, name: Name, role: &str, faults: &mut Faults) -> bool {
        let known = self.contains(name);
        if !known && faults.wants(Severity::Warning) {
            let message = format!("{role} \"{}\" is not declared and is ignored", name.span.of(self.source));
            faults.push(self.suggest(Fault::warning(Code::DanglingReference, name.span, message), name));
        }
        known
    }

    fn suggest(&self, fault: Fault, name: Name) -> Fault {
        let known = self.spans.indices().map(|symbol| self.symbols.span(symbol).of(self.source));
        fault.expected(format!("a declared {}", self.kind)).nearest(nearest(name.span.of(self.source), known))
    }
}
