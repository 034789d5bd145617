//! Whether a run that arrives is the one that is stored.

use std::fmt::Debug;

use hil_model::run::{Attachment, Run, UnitUnderTest};

use crate::Actor;

/// Whether `sent` says nothing that `stored` does not.
///
/// What the store fills in or spells its own way (the procedure's id, the part, the station that uploaded) counts only
/// where the run says something of it. A station has no say in what its runs call it. Files may have been added since.
pub(super) fn is_same(sent: &Run, stored: &Run, by: Actor) -> bool {
    let station = match by {
        Actor::Station(_) => None,
        Actor::Local | Actor::User(_) => sent.station.as_ref(),
    };

    sent.id == stored.id
        && (sent.started_at, sent.ended_at) == (stored.started_at, stored.ended_at)
        && sent.duration.as_micros() == stored.duration.as_micros()
        && sent.outcome == stored.outcome
        && sent.docstring == stored.docstring
        && sent.operator == stored.operator
        && sent.properties == stored.properties
        && sent.requirements == stored.requirements
        && unless_unsaid(station, stored.station.as_ref(), |a, b| a == b)
        && unless_unsaid(sent.procedure.version.as_ref(), stored.procedure.version.as_ref(), |a, b| {
            a.matches(b)
        })
        && is_same_unit(&sent.unit, &stored.unit)
        && sent.sub_units.len() == stored.sub_units.len()
        && sent.sub_units.iter().zip(&stored.sub_units).all(|(a, b)| a.matches(b))
        && sent.attachments.iter().all(|attachment| holds(&stored.attachments, attachment))
        && are_alike(&sent.logs, &stored.logs)
        && are_alike(&sent.phases, &stored.phases)
}

fn is_same_unit(sent: &UnitUnderTest, stored: &UnitUnderTest) -> bool {
    sent.serial_number.matches(&stored.serial_number)
        && unless_unsaid(sent.part_number.as_ref(), stored.part_number.as_ref(), |a, b| a.matches(b))
        && unless_unsaid(sent.part_name.as_ref(), stored.part_name.as_ref(), |a, b| a == b)
        && unless_unsaid(sent.revision.as_ref(), stored.revision.as_ref(), |a, b| a.matches(b))
        && unless_unsaid(sent.batch.as_ref(), stored.batch.as_ref(), |a, b| a.matches(b))
}

fn unless_unsaid<T>(sent: Option<&T>, stored: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    sent.is_none_or(|sent| stored.is_some_and(|stored| same(sent, stored)))
}

fn holds(stored: &[Attachment], sent: &Attachment) -> bool {
    stored.iter().any(|stored| (&stored.name, stored.digest) == (&sent.name, sent.digest))
}

/// Whether both look the same. NaN is not equal to itself, so what is not equal is looked at once more as text, which
/// tells any two other numbers apart.
fn are_alike<T: PartialEq + Debug>(sent: &[T], stored: &[T]) -> bool {
    sent.len() == stored.len()
        && sent.iter().zip(stored).all(|(a, b)| a == b || format!("{a:?}") == format!("{b:?}"))
}
