//! What must hold for the codec: a signal's bits lie where the file puts them, and what was decoded encodes to
//! the payload that it came from.

use std::hint::black_box;

use hil_ldf::{Database, EncodingEntry, Fill};

use crate::codec::{Bits, Found, Given, decode, encode, encode_over};

/// Payloads and values made of the input, over and over.
pub(crate) struct Source<'b> {
    bytes: std::iter::Cycle<std::slice::Iter<'b, u8>>,
}

impl<'b> Source<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes: bytes.iter().cycle() }
    }

    /// Stirred, as the bytes of text have few of their bits set.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        let mut carry = 0x35_u8;
        for (to, from) in taken.iter_mut().zip(&mut self.bytes) {
            carry = carry.rotate_left(3) ^ from.wrapping_mul(0x9D);
            *to = carry;
        }
        taken
    }
}

/// Where the signals of a frame are: name, offset and width in bits.
struct Places(Vec<(String, usize, usize)>);

impl Places {
    /// No signal may reach beyond the frame, or into another.
    fn of(database: &Database, frame: &str) -> (Self, usize) {
        let frame = database.frame(frame).expect("a listed frame is found");
        let length = frame.length();
        assert!((1..=8).contains(&length), "{} has {length} bytes", frame.name());
        let mut places = Vec::new();
        let mut used = 0_u64;
        for slot in frame.signals() {
            let (offset, width) = (slot.offset(), slot.signal().width());
            assert!(offset + width <= 8 * length, "{} is beyond the frame", slot.name());
            assert_eq!(used & field(offset, width), 0, "{} is over another signal", slot.name());
            used |= field(offset, width);
            // It would be decoded twice, and only one place could be encoded by its name.
            let once = places.iter().all(|(name, _, _)| name != slot.name());
            assert!(once, "{} is in the frame {} twice", slot.name(), frame.name());
            places.push((slot.name().to_owned(), offset, width));
        }
        (Self(places), length)
    }

    fn used(&self) -> u64 {
        self.0.iter().fold(0, |used, (_, offset, width)| used | field(*offset, *width))
    }
}

/// Decodes and encodes the frame called `name`.
pub(crate) fn round_trip(database: &Database, name: &str, source: &mut Source<'_>) {
    let (places, length) = Places::of(database, name);
    let payload = &source.take::<8>()[..length];
    let all = match decode(database, name, payload) {
        Ok(all) => all,
        Err(error) => {
            black_box(error.to_string());
            return;
        }
    };
    let shifted = number(payload);
    assert_eq!(all.len(), places.0.len());
    for (found, (signal, offset, width)) in all.iter().zip(&places.0) {
        assert_eq!(&found.name, signal);
        black_box(&found.shown);
        let bits = (shifted & field(*offset, *width)) >> offset;
        let expected = match &found.raw {
            Bits::Scalar(_) => Bits::Scalar(bits),
            Bits::Array(_) => Bits::Array(bits.to_le_bytes()[..width.div_ceil(8)].to_vec()),
        };
        assert_eq!(found.raw, expected, "{signal} at {offset} in {payload:02X?}");
        values_come_back(database, name, payload, found);
        any_value(database, name, payload, field(*offset, *width), &found.name, source);
    }

    let raw: Vec<_> = all.iter().map(|found| (found.name.as_str(), Given::Raw(found.raw.clone()))).collect();
    let used = places.used();
    let over = encode_over(database, name, payload, &raw).expect("what was decoded encodes");
    assert_eq!(over, payload);
    let zeros = encode(database, name, &raw, Fill::Zeros).expect("what was decoded encodes");
    assert_eq!((number(&zeros), zeros.len()), (shifted & used, length));
    let ones = encode(database, name, &raw, Fill::Ones).expect("what was decoded encodes");
    assert_eq!((number(&ones), ones.len()), (shifted & used | field(0, 8 * length) & !used, length));

    let initial = encode(database, name, &[], Fill::Zeros).expect("initial values encode");
    for slot in database.frame(name).expect("a listed frame is found").signals() {
        let init = slot.signal().init();
        let expected = init.as_scalar().unwrap_or_else(|| number(init.as_bytes().unwrap_or_default()));
        let (offset, width) = (slot.offset(), slot.signal().width());
        assert_eq!((number(&initial) & field(offset, width)) >> offset, expected, "init of {}", slot.name());
    }
}

/// The text and the number of a decoded signal, if they encode at all, encode to the same bits. That is only so
/// where the encoding has a single entry: of several another may come first.
fn values_come_back(database: &Database, frame: &str, payload: &[u8], found: &Found) {
    let signal = database.signal(&found.name).expect("a signal of a frame is found");
    let Some(encoding) = signal.encoding() else { return };
    let mut entries = 0;
    let mut exact = true;
    for entry in encoding.entries() {
        entries += 1;
        if let EncodingEntry::Physical { scale, offset, .. } = entry {
            // Elsewhere the floating point numbers lie too far apart, or too close.
            let (scale, offset) = (scale.to_owned().abs(), offset.to_owned().abs());
            exact &= signal.width() <= 16 && (1e-3..=1e6).contains(&scale) && offset <= 1e9;
        }
    }
    exact &= entries == 1;
    let number = found.number.map(Given::Number);
    let text = found.text.clone().map(Given::Text);
    for given in [number, text].into_iter().flatten() {
        match encode_over(database, frame, payload, &[(&found.name, given.clone())]) {
            Ok(encoded) if exact => assert_eq!(encoded, payload, "{given:?} of {found:?}"),
            Ok(encoded) => {
                black_box(encoded);
            }
            Err(error) => {
                black_box(error.to_string());
            }
        }
    }
}

/// A value out of nowhere is refused with words, or changes no bit beyond its signal.
fn any_value(
    database: &Database,
    frame: &str,
    payload: &[u8],
    field: u64,
    signal: &str,
    source: &mut Source<'_>,
) {
    let [kind, length] = source.take();
    let bytes: [u8; 8] = source.take();
    let given = match kind % 5 {
        0 => Given::Raw(Bits::Scalar(u64::from_le_bytes(bytes))),
        1 => Given::Raw(Bits::Array(bytes[..usize::from(length % 9)].to_vec())),
        2 => Given::Number(f64::from_le_bytes(bytes)),
        3 => Given::Number(f64::from(i16::from_le_bytes([bytes[0], bytes[1]])) / 4.0),
        _ => Given::Text(String::from_utf8_lossy(&bytes[..usize::from(length % 9)]).into_owned()),
    };
    match encode_over(database, frame, payload, &[(signal, given)]) {
        Ok(encoded) => assert_eq!(number(&encoded) & !field, number(payload) & !field, "beside {signal}"),
        Err(error) => {
            black_box(error.to_string());
        }
    }
}

/// Bytes as a number, the first the least significant.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A number with ones in a field.
fn field(offset: usize, width: usize) -> u64 {
    (offset..offset + width).fold(0, |field, bit| field | 1 << bit)
}
