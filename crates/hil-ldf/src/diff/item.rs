//! What all sections have in common: named things with fields, and the comparison of two lists of them.

use std::collections::HashMap;

use super::align::{Step, align};
use super::change::{Change, Section, What};

/// A thing that a section declares.
#[derive(Debug)]
pub(super) struct Item {
    /// By which it is matched: its name, or the one that it has after the change.
    pub(super) name: String,
    /// Its name in its own file.
    pub(super) declared: String,
    /// In brief, for where the whole thing is new or gone.
    pub(super) definition: String,
    /// What is compared by label.
    pub(super) fields: Vec<Field>,
    /// What is compared in order.
    pub(super) lines: Vec<Line>,
}

/// One thing about an item.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) label: String,
    /// As people read it.
    pub(super) shown: String,
    /// As far as it decides what the bus carries; empty if it does not.
    pub(super) on_wire: String,
}

/// A field whose place among others matters.
#[derive(Debug)]
pub(super) struct Line {
    /// By which it is matched.
    pub(super) key: String,
    pub(super) field: Field,
}

impl Item {
    /// An item that keeps its name.
    pub(super) fn new(name: &str, definition: String, fields: Vec<Field>) -> Self {
        Self { name: name.to_owned(), declared: name.to_owned(), definition, fields, lines: Vec::new() }
    }

    /// The item under the name that it has after the change.
    pub(super) fn renamed(self, name: String) -> Self {
        Self { name, ..self }
    }

    fn is_on_wire(&self) -> bool {
        let lines = self.lines.iter().map(|line| &line.field);
        self.fields.iter().chain(lines).any(|field| !field.on_wire.is_empty())
    }
}

impl Field {
    /// A field that decides what the bus carries.
    pub(super) fn wire(label: impl Into<String>, shown: impl Into<String>) -> Self {
        let shown = shown.into();
        Self { label: label.into(), on_wire: shown.clone(), shown }
    }

    /// A field that does not.
    pub(super) fn quiet(label: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { label: label.into(), shown: shown.into(), on_wire: String::new() }
    }
}

/// Adds the changes of one section.
pub(super) fn compare(section: Section, before: &[Item], after: &[Item], changes: &mut Vec<Change>) {
    let mut add = |name: &str, what: What, wire: bool| {
        changes.push(Change { section, name: name.to_owned(), what, wire });
    };
    for (old, new) in matched(before, after, |item| &item.name) {
        match (old, new) {
            (Some(old), Some(new)) => {
                if old.declared != new.declared {
                    add(&old.declared, What::Renamed { to: new.declared.clone() }, false);
                }
                for (what, wire) in differences(old, new) {
                    add(&new.declared, what, wire);
                }
            }
            (Some(old), None) => {
                let what = What::Removed { definition: old.definition.clone() };
                add(&old.declared, what, old.is_on_wire());
            }
            (None, Some(new)) => {
                let what = What::Added { definition: new.definition.clone() };
                add(&new.declared, what, new.is_on_wire());
            }
            (None, None) => {}
        }
    }
}

fn differences(old: &Item, new: &Item) -> Vec<(What, bool)> {
    let mut found = Vec::new();
    for (before, after) in matched(&old.fields, &new.fields, |field| &field.label) {
        found.extend(difference(before, after));
    }
    let keys = |item: &Item| item.lines.iter().map(|line| line.key.clone()).collect::<Vec<_>>();
    let (mut before, mut after) = (old.lines.iter(), new.lines.iter());
    for step in align(&keys(old), &keys(new)) {
        let (gone, come) = match step {
            Step::Both => (before.next(), after.next()),
            Step::Before => (before.next(), None),
            Step::After => (None, after.next()),
        };
        found.extend(difference(gone.map(|line| &line.field), come.map(|line| &line.field)));
    }
    found
}

fn difference(before: Option<&Field>, after: Option<&Field>) -> Option<(What, bool)> {
    let shown = |field: &Field| field.shown.clone();
    let on_wire = |field: Option<&Field>| field.map_or_else(String::new, |field| field.on_wire.clone());
    let (old, new) = (before.map(shown), after.map(shown));
    // What reads the same is the same here; if the bus sees a difference, another field has the reason.
    if old == new {
        return None;
    }
    let field = after.or(before)?.label.clone();
    Some((What::Changed { field, before: old, after: new }, on_wire(before) != on_wire(after)))
}

/// Pairs of equal name: in the order of `before`, then what only `after` has. Of several things by one name,
/// the first is the first, the second the second.
fn matched<'i, T>(
    before: &'i [T],
    after: &'i [T],
    name: impl Fn(&'i T) -> &'i String,
) -> Vec<(Option<&'i T>, Option<&'i T>)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    for (place, item) in after.iter().enumerate() {
        let count = counts.entry(name(item)).or_default();
        places.insert((name(item), *count), place);
        *count += 1;
    }
    counts.clear();
    let mut pairs = Vec::with_capacity(before.len());
    let mut found = vec![false; after.len()];
    for item in before {
        let count = counts.entry(name(item)).or_default();
        let place = places.get(&(name(item).as_str(), *count));
        *count += 1;
        if let Some(found) = place.and_then(|place| found.get_mut(*place)) {
            *found = true;
        }
        pairs.push((Some(item), place.and_then(|place| after.get(*place))));
    }
    let new = after.iter().zip(found).filter(|(_, found)| !found);
    pairs.extend(new.map(|(item, _)| (None, Some(item))));
    pairs
}
