//! A message on its way out: encoded before anybody holds a lock, numbered under it.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use crate::board::Fact;
use crate::class::{Class, Key};
use crate::moment::Clock;
use crate::{Envelope, JobId, Kind, Message, Moment, Seq};

/// A message that has its number: the same bytes for everybody.
#[derive(Debug)]
pub struct Published {
    /// Its number.
    pub seq: Seq,
    /// Its type.
    pub kind: Kind,
    /// The job that it is about.
    pub job: Option<JobId>,
    /// The whole message as JSON in UTF-8.
    pub bytes: Bytes,
    pub(crate) class: Class,
    pub(crate) key: Option<Key>,
}

/// Room for what a message begins with: type, time, epoch, number.
const ROOM: usize = 160;

/// A message without number and time, and with room for them.
#[derive(Debug)]
pub(crate) struct Draft {
    /// [`ROOM`] bytes, then what is known already.
    bytes: Vec<u8>,
    kind: Kind,
    class: Class,
    key: Option<Key>,
    pub(crate) job: Option<JobId>,
    at: Option<Moment>,
    /// What the message adds to what is known of its job.
    pub(crate) fact: Fact,
}

impl Draft {
    pub(crate) fn of(message: &Message) -> Self {
        Self::new(message, None, &message.payload)
    }

    pub(crate) fn emitted(envelope: &Envelope) -> Self {
        Self::new(&envelope.message, Some(envelope.at), &envelope.payload)
    }

    fn new(message: &Message, at: Option<Moment>, payload: &impl Serialize) -> Self {
        let mut bytes = vec![b' '; ROOM];
        if let Some(job) = &message.job {
            bytes.extend_from_slice(b",\"job_id\":");
            json(&mut bytes, job);
        }
        if let Some(event) = message.event {
            bytes.extend_from_slice(b",\"event\":");
            json(&mut bytes, &event);
        }
        bytes.extend_from_slice(b",\"payload\":");
        json(&mut bytes, payload);
        bytes.push(b'}');
        let (class, key) = message.payload.class(message.job.as_ref());
        let (kind, fact) = (message.payload.kind(), Fact::of(message, bytes.len() - ROOM));
        Self { bytes, kind, class, key, job: message.job.clone(), at, fact }
    }

    /// Gives it its number and time: no more than the copying of a hundred bytes.
    pub(crate) fn number(self, seq: Seq, epoch: &str, clock: &mut Clock) -> Arc<Published> {
        let Self { mut bytes, kind, class, key, job, at, fact: _ } = self;
        let at = clock.text(at.unwrap_or_else(Moment::now));
        let (mut digits, mut rest, mut first) = ([0; 20], seq.0, 20);
        while first == 20 || rest > 0 {
            first -= 1;
            // A digit fits.
            digits[first] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        let parts: [&[u8]; 8] = [
            b"{\"type\":\"",
            kind.word().as_bytes(),
            b"\",\"timestamp\":\"",
            at.as_bytes(),
            b"\",\"epoch\":\"",
            epoch.as_bytes(),
            b"\",\"seq\":",
            &digits[first..],
        ];
        let mut start = ROOM;
        for part in parts.into_iter().rev() {
            bytes[start - part.len()..start].copy_from_slice(part);
            start -= part.len();
        }
        let bytes = Bytes::from(bytes).slice(start..);
        Arc::new(Published { seq, kind, job, bytes, class, key })
    }
}

/// Appends a value as JSON.
pub(crate) fn json(bytes: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // Memory takes everything, and the values that are written here have no keys that are not text.
    let _ = serde_json::to_writer(bytes, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::EPOCH;

    #[test]
    fn there_is_room_for_the_longest_beginning() {
        let kind = Kind::ALL.map(|kind| kind.word().len()).into_iter().max().unwrap();
        let fixed = "{\"type\":\"\",\"timestamp\":\"\",\"epoch\":\"\",\"seq\":".len();
        assert!(fixed + kind + Moment::TEXT + EPOCH + u64::MAX.to_string().len() <= ROOM);
    }
}
