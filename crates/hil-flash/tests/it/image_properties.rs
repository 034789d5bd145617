//! Whatever a writer writes is read as it was meant, and no damage goes unnoticed.

use std::collections::BTreeMap;

use hil_flash::Image;
use proptest::prelude::*;

use crate::writer::{Format, file};

/// Records that do not overlap, in any order.
fn pieces() -> impl Strategy<Value = Vec<(u32, Vec<u8>)>> {
    let data = prop::collection::vec(any::<u8>(), 1..40);
    let gap = prop_oneof![Just(0_u32), 1_u32..100, Just(0x1_0000), Just(0x1000_0000)];
    let row = prop::collection::vec((gap, data), 1..12);
    (any::<u32>(), row)
        .prop_map(|(start, row)| {
            let mut next = u64::from(start);
            let mut pieces = Vec::new();
            for (gap, data) in row {
                let address = next + u64::from(gap);
                next = address + data.len() as u64;
                if next <= 1 << 32 {
                    pieces.push((address as u32, data));
                }
            }
            pieces
        })
        .prop_filter("something must fit", |pieces| !pieces.is_empty())
        .prop_shuffle()
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::HexLinear), Just(Format::S3)]
}

fn bytes(image: &Image) -> BTreeMap<u32, u8> {
    let of_segment = |segment: &hil_flash::Segment| {
        let address = segment.address();
        segment.data().to_vec().into_iter().enumerate().map(move |(at, byte)| (address + at as u32, byte))
    };
    image.segments().iter().flat_map(of_segment).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(pieces in pieces(), format in format(), dos in any::<bool>(), lower in any::<bool>()) {
        let mut text = file(format, &pieces).join(if dos { "\r\n" } else { "\n" });
        if lower {
            text = text.to_lowercase();
        }
        let image = Image::parse(text.as_bytes()).unwrap();
        let mut expected = BTreeMap::new();
        for (address, data) in &pieces {
            expected.extend(data.iter().enumerate().map(|(at, byte)| (address + at as u32, *byte)));
        }
        prop_assert_eq!(image.size(), expected.len() as u64);
        prop_assert_eq!(bytes(&image), expected);
        for pair in image.segments().windows(2) {
            let end = u64::from(pair[0].address()) + pair[0].data().len() as u64;
            prop_assert!(end < u64::from(pair[1].address()), "segments neither overlap nor touch");
        }
        prop_assert_eq!(Image::parse(image.to_hex().as_bytes()).unwrap(), image);
    }

    #[test]
    fn every_flipped_bit_shows_or_does_no_harm(pieces in pieces(), format in format()) {
        let text = file(format, &pieces).join("\n").into_bytes();
        let image = Image::parse(&text).unwrap();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut flipped = text.clone();
                flipped[at] ^= 1 << bit;
                if let Ok(read) = Image::parse(&flipped) {
                    prop_assert_eq!(&read, &image, "byte {} bit {}", at, bit);
                }
            }
        }
    }

    #[test]
    fn every_other_character_shows_or_does_no_harm(pieces in pieces(), format in format(), other in any::<u8>()) {
        let text = file(format, &pieces).join("\n").into_bytes();
        let image = Image::parse(&text).unwrap();
        for at in 0..text.len() {
            for other in [other, b"0123456789ABCDEFS:\n "[usize::from(other) % 20]] {
                let mut changed = text.clone();
                changed[at] = other;
                if let Ok(read) = Image::parse(&changed) {
                    prop_assert_eq!(&read, &image, "byte {} is {:?}", at, char::from(other));
                }
            }
        }
    }

    #[test]
    fn a_missing_or_doubled_line_shows_or_does_no_harm(pieces in pieces(), which in any::<prop::sample::Index>()) {
        let lines = file(Format::S3, &pieces);
        let image = Image::parse(lines.join("\n").as_bytes()).unwrap();
        let at = which.index(lines.len());
        let (mut less, mut more) = (lines.clone(), lines);
        less.remove(at);
        more.insert(at, more[at].clone());
        for damaged in [less, more] {
            // Without its count, a file can lose a count and nothing else.
            if let Ok(read) = Image::parse(damaged.join("\n").as_bytes()) {
                prop_assert_eq!(&read, &image);
            }
        }
    }

    #[test]
    fn any_text_is_an_image_or_an_error(
        lines in prop::collection::vec("[:S][0-9A-Fa-f]{0,20}[ \t\r]?|[:S].{0,20}|:(00|01|02|04)[0-9A-F]{8}", 0..20),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for text in [lines.join("\n").into_bytes(), bytes] {
            if let Err(error) = Image::parse(&text) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
