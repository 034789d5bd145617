//! Names that changed although nothing else did.

use std::collections::{HashMap, HashSet};

use crate::model::Database;

/// Names of one description as the other one has them.
#[derive(Debug, Default)]
pub(super) struct Names {
    nodes: HashMap<String, String>,
    frames: HashMap<String, String>,
    signals: HashMap<String, String>,
}

impl Names {
    /// Names of `before` that `after` has changed.
    pub(super) fn followed(before: &Database, after: &Database) -> Self {
        let mut names = Self::default();
        names.follow_master(before, after);
        names.follow_frames(before, after);
        names.follow_signals(before, after);
        names
    }

    pub(super) fn node(&self, name: &str) -> String {
        translated(&self.nodes, name)
    }

    pub(super) fn frame(&self, name: &str) -> String {
        translated(&self.frames, name)
    }

    pub(super) fn signal(&self, name: &str) -> String {
        translated(&self.signals, name)
    }

    /// There is one master.
    fn follow_master(&mut self, before: &Database, after: &Database) {
        if let (Some(old), Some(new)) = (before.master(), after.master()) {
            let is_new = before.nodes().all(|node| node != new.name());
            if is_new && after.nodes().all(|node| node != old.name()) {
                self.nodes.insert(old.name().to_owned(), new.name().to_owned());
            }
        }
    }

    fn follow_frames(&mut self, before: &Database, after: &Database) {
        let (known_before, known_after) = (frame_names(before), frame_names(after));
        for old in before.frames() {
            let same_id = old.id().and_then(|id| after.frame_by_id(id.get()));
            let Some(new) = same_id else { continue };
            if known_after.contains(old.name()) || known_before.contains(new.name()) {
                continue;
            }
            let same = old.kind() == new.kind()
                && old.length() == new.length()
                && self.node(old.publisher()) == new.publisher()
                && layout(before, old.name()) == layout(after, new.name());
            if same {
                self.frames.insert(old.name().to_owned(), new.name().to_owned());
            }
        }
    }

    fn follow_signals(&mut self, before: &Database, after: &Database) {
        let (known_before, known_after) = (signal_names(before), signal_names(after));
        for old in before.signals() {
            if known_after.contains(old.name()) {
                continue;
            }
            let places = self.places(before, old.name());
            let Some((frame, offset)) = places.first() else { continue };
            let Some(name) = signal_at(after, frame, *offset) else { continue };
            let Ok(new) = after.signal(&name) else { continue };
            let same = !known_before.contains(&name)
                && Self::default().places(after, &name) == places
                && (old.width(), old.init(), old.publisher().map(|node| self.node(node)))
                    == (new.width(), new.init(), new.publisher().map(str::to_owned))
                && meaning(before, old.name()) == meaning(after, &name);
            if same {
                self.signals.insert(old.name().to_owned(), name);
            }
        }
    }

    /// The frames that carry the signal, and where.
    fn places(&self, database: &Database, signal: &str) -> Vec<(String, usize)> {
        let mut places = Vec::new();
        for frame in database.frames_of(signal) {
            for slot in frame.signals() {
                if slot.name() == signal {
                    places.push((self.frame(frame.name()), slot.offset()));
                }
            }
        }
        places.sort();
        places
    }
}

fn translated(names: &HashMap<String, String>, name: &str) -> String {
    names.get(name).map_or(name, String::as_str).to_owned()
}

/// Names of frames of all kinds.
fn frame_names(database: &Database) -> HashSet<String> {
    let mut names = HashSet::new();
    for frame in database.frames() {
        names.insert(frame.name().to_owned());
    }
    for frame in database.sporadic_frames() {
        names.insert(frame.name().to_owned());
    }
    for frame in database.event_triggered_frames() {
        names.insert(frame.name().to_owned());
    }
    names
}

fn signal_names(database: &Database) -> HashSet<String> {
    database.signals().map(|signal| signal.name().to_owned()).collect()
}

/// Offsets and widths of the frame's signals.
fn layout(database: &Database, frame: &str) -> Vec<(usize, usize)> {
    let mut layout = Vec::new();
    if let Ok(frame) = database.frame(frame) {
        for slot in frame.signals() {
            layout.push((slot.offset(), slot.signal().width()));
        }
    }
    layout.sort_unstable();
    layout
}

fn signal_at(database: &Database, frame: &str, offset: usize) -> Option<String> {
    for slot in database.frame(frame).ok()?.signals() {
        if slot.offset() == offset {
            return Some(slot.name().to_owned());
        }
    }
    None
}

/// The entries of the signal's encoding; none without one.
fn meaning(database: &Database, signal: &str) -> Option<Vec<String>> {
    let encoding = database.signal(signal).ok()?.encoding()?;
    let mut entries = Vec::new();
    for entry in encoding.entries() {
        entries.push(crate::notation::entry(entry));
    }
    Some(entries)
}
