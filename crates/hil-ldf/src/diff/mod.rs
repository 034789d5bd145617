//! What changed from one description to another.
//!
//! Things are matched by name. The order of declarations has no meaning and is not compared, except where it
//! has one: slots, entries of encoding types, frames of a sporadic frame, configurable frames.
//!
//! Three kinds of names are followed when they change, because nothing else can be meant: the master; a frame
//! with the same identifier, length, publisher and layout; a signal at the same places with the same width,
//! initial value, publisher and encoding. The old name must be gone and the new one must be new. Everything
//! else under a new name counts as removed and added.

mod align;
mod change;
mod encodings;
mod frames;
mod header;
mod item;
mod names;
mod nodes;
mod schedules;
mod signals;

pub use change::{Change, Section, What};

use crate::model::Database;
use names::Names;

/// Every change from `before` to `after`: section by section, in the order of `before`, then what is new in
/// the order of `after`.
///
/// ```
/// # let file = |length: u8, delay: u8| format!(r#"
/// #     LIN_description_file;
/// #     LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
/// #     Nodes {{ Master: M, 5 ms, 0.1 ms; Slaves: ; }}
/// #     Signals {{ Speed: 12, 0, M; }}
/// #     Frames {{ F: 0x10, M, {length} {{ Speed, 4; }} }}
/// #     Schedule_tables {{ Normal {{ F delay {delay} ms; }} }}
/// # "#);
/// # let before = hil_ldf::parse(&file(2, 5))?.database;
/// # let after = hil_ldf::parse(&file(3, 10))?.database;
/// let changes = hil_ldf::diff(&before, &after);
/// let shown: Vec<String> = changes.iter().map(ToString::to_string).collect();
/// assert_eq!(
///     shown,
///     [
///         "~ F: length 2 bytes → 3 bytes",
///         "~ Normal: period 5 ms → 10 ms",
///         "~ Normal: slot 1 F delay 5 ms → F delay 10 ms",
///     ]
/// );
/// assert!(changes[0].is_wire_change() && !changes[1].is_wire_change());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn diff(before: &Database, after: &Database) -> Vec<Change> {
    let renamed = Names::followed(before, after);
    let kept = Names::default();
    let mut changes = Vec::new();
    for (section, items) in SECTIONS {
        item::compare(section, &items(before, &renamed), &items(after, &kept), &mut changes);
    }
    changes
}

/// The things of one section, with their names as `Names` has them.
type Items = fn(&Database, &Names) -> Vec<item::Item>;

const SECTIONS: [(Section, Items); 11] = [
    (Section::Header, header::items),
    (Section::Nodes, nodes::items),
    (Section::Composites, nodes::composites),
    (Section::Signals, signals::items),
    (Section::Frames, frames::items),
    (Section::SporadicFrames, frames::sporadic),
    (Section::EventTriggeredFrames, frames::event_triggered),
    (Section::NodeAttributes, nodes::attributes),
    (Section::Schedules, schedules::items),
    (Section::Groups, signals::groups),
    (Section::Encodings, encodings::items),
];
