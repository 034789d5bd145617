//! The codec by the vectors and rules of LDF reference section 5.

use hil_ldf::{Bytes, CodecError, Database, Fill, Raw, Value, parse};
use proptest::prelude::*;
use rstest::rstest;

/// A file with one frame `F` of the given length, signals `name:width@offset` and encoding types.
fn file(length: usize, signals: &[(&str, &str, usize)], extra: &str, header: &str) -> Database {
    let declared: String = signals.iter().map(|(name, shape, _)| format!("{name}: {shape}, M;\n")).collect();
    let placed: String = signals.iter().map(|(name, _, offset)| format!("{name}, {offset};\n")).collect();
    let text = format!(
        "LIN_description_file; LIN_protocol_version = \"2.1\"; LIN_language_version = \"2.1\";\n\
         LIN_speed = 19.2 kbps; {header}\n\
         Nodes {{ Master: M, 5 ms, 0.1 ms; Slaves: ; }}\n\
         Signals {{ {declared} }} Frames {{ F: 1, M, {length} {{ {placed} }} }}\n{extra}"
    );
    parse(&text).unwrap_or_else(|diagnostics| panic!("{diagnostics}")).database
}

fn encoded(database: &Database, values: &[(&str, Value<'_>)], fill: Fill) -> Result<String, CodecError> {
    let frame = database.frame("F").unwrap();
    frame.encode(values.iter().copied(), fill).map(|payload| payload.to_string())
}

#[rstest]
#[case(2, &[("A", "12, 0", 4)], &[("A", Value::Raw(0xABC))], Fill::Zeros, "C0 AB")]
#[case(4, &[("A", "4, 0", 0), ("B", "10, 0", 4), ("C", "16, {0, 0}", 16)],
       &[("A", Value::Raw(5)), ("B", Value::Raw(0x2A7)), ("C", Value::Bytes(&[0x12, 0x34]))],
       Fill::Zeros, "75 2A 12 34")]
#[case(3, &[("A", "6, 0", 0), ("B", "8, 0", 8), ("C", "1, 0", 16), ("D", "1, 0", 17)],
       &[("A", Value::Raw(0x3C)), ("B", Value::Raw(0x38)), ("C", Value::Raw(1))], Fill::Zeros, "3C 38 01")]
#[case(3, &[("A", "6, 0", 0), ("B", "8, 0", 8), ("C", "1, 0", 16), ("D", "1, 0", 17)],
       &[("A", Value::Raw(0x3C)), ("B", Value::Raw(0x38)), ("C", Value::Raw(1))], Fill::Ones, "FC 38 FD")]
#[case(1, &[("A", "1, 0", 7)], &[("A", Value::Raw(1))], Fill::Zeros, "80")]
#[case::initial_values(2, &[("A", "4, 9", 0), ("B", "8, {0x5A}", 8)], &[], Fill::Zeros, "09 5A")]
#[case::whole_frame(8, &[("A", "64, {1,2,3,4,5,6,7,8}", 0)], &[], Fill::Ones, "01 02 03 04 05 06 07 08")]
fn reference_vectors(
    #[case] length: usize,
    #[case] signals: &[(&str, &str, usize)],
    #[case] values: &[(&str, Value<'_>)],
    #[case] fill: Fill,
    #[case] expected: &str,
) {
    assert_eq!(encoded(&file(length, signals, "", ""), values, fill).unwrap(), expected);
}

fn array(bytes: &[u8]) -> Raw {
    Raw::Array(Bytes::new(bytes).unwrap())
}

/// One frame with a signal for each kind of encoding.
fn typed() -> Database {
    let signals = [
        ("Temp", "8, 0", 0),
        ("Half", "4, 0", 8),
        ("State", "2, 0", 12),
        ("Flat", "2, 0", 14),
        ("Bcd", "16, {0, 0}", 16),
        ("Ascii", "24, {0x61, 0x62, 0x63}", 32),
        ("Plain", "8, 0", 56),
    ];
    let extra = r#"
        Signal_encoding_types {
            TempType { logical_value, 255, "invalid"; physical_value, 0, 254, 0.5, -40, "°C"; }
            HalfType { physical_value, 0, 15, 1, 0; }
            StateType { logical_value, 0, "off"; logical_value, 1, "on"; logical_value, 2; }
            FlatType { physical_value, 0, 3, 0, 7; }
            BcdType { bcd_value; }
            AsciiType { ascii_value; }
        }
        Signal_representation {
            TempType: Temp; HalfType: Half; StateType: State; FlatType: Flat; BcdType: Bcd; AsciiType: Ascii;
        }"#;
    file(8, &signals, extra, "")
}

#[rstest]
#[case::physical("Temp", 25.0.into(), Raw::Scalar(130))]
#[case::rounded("Temp", 25.2.into(), Raw::Scalar(130))]
#[case::with_unit("Temp", "25.2 °C".into(), Raw::Scalar(130))]
#[case::glued_unit("Temp", "-40°C".into(), Raw::Scalar(0))]
#[case::logical_before_physical("Temp", "invalid".into(), Raw::Scalar(255))]
#[case::raw_beside_encoding("Temp", 255_u8.into(), Raw::Scalar(255))]
#[case::tie_down("Half", 0.5.into(), Raw::Scalar(0))]
#[case::tie_up("Half", 1.5.into(), Raw::Scalar(2))]
#[case::tie_to_even("Half", 2.5.into(), Raw::Scalar(2))]
#[case::text("State", "on".into(), Raw::Scalar(1))]
#[case::without_text("State", 2.0.into(), Raw::Scalar(2))]
#[case::flag("State", true.into(), Raw::Scalar(1))]
#[case::bcd_number("Bcd", 42.0.into(), array(&[4, 2]))]
#[case::bcd_leading_zero("Bcd", 7.0.into(), array(&[0, 7]))]
#[case::bcd_digits("Bcd", "19".into(), array(&[1, 9]))]
#[case::ascii("Ascii", "HIL".into(), array(b"HIL"))]
#[case::no_encoding("Plain", 17.0.into(), Raw::Scalar(17))]
fn values_encode(#[case] signal: &str, #[case] value: Value<'_>, #[case] expected: Raw) {
    let database = typed();
    let frame = database.frame("F").unwrap();
    let payload = frame.encode([(signal, value)], Fill::default()).unwrap();
    assert_eq!(frame.decode_signal(&payload, signal).unwrap().raw(), expected);
}

#[test]
fn values_that_do_not_encode() {
    let cases: [(&str, &str, Value<'_>); 19] = [
        ("unknown signal", "Temq", 1.0.into()),
        ("too wide", "Half", 16_u8.into()),
        ("above the limits", "Temp", 87.5.into()),
        ("below the limits", "Temp", (-40.5).into()),
        ("not a number", "Temp", f64::NAN.into()),
        ("infinite", "Plain", f64::INFINITY.into()),
        ("scale zero", "Flat", 7.0.into()),
        ("wrong unit", "Temp", "25 K".into()),
        ("unknown text", "State", "onn".into()),
        ("text of a number", "State", 1.0.into()),
        ("fraction without encoding", "Plain", 1.5.into()),
        ("text without encoding", "Plain", "x".into()),
        ("number for an array", "Ascii", 1_u8.into()),
        ("bytes for a scalar", "Plain", (&[1_u8]).into()),
        ("long array", "Ascii", (&[1_u8, 2, 3, 4]).into()),
        ("short array", "Ascii", (&[1_u8]).into()),
        ("short text", "Ascii", "ab".into()),
        ("too many digits", "Bcd", 100.0.into()),
        ("no digits", "Bcd", "1x".into()),
    ];
    let database = typed();
    let errors = cases.map(|(name, signal, value)| {
        format!("{name}: {}", encoded(&database, &[(signal, value)], Fill::Zeros).unwrap_err())
    });
    insta::assert_snapshot!(errors.join("\n"));
}

#[rstest]
#[case("Temp", 130, Some(25.0), None, "25.000 °C")]
#[case("Temp", 255, None, Some("invalid"), "invalid")]
#[case("State", 2, None, None, "2")]
#[case("State", 3, None, None, "3")]
#[case("Flat", 1, Some(7.0), None, "7.000")]
#[case("Plain", 9, None, None, "9")]
fn scalars_decode(
    #[case] signal: &str,
    #[case] raw: u64,
    #[case] physical: Option<f64>,
    #[case] text: Option<&str>,
    #[case] shown: &str,
) {
    let database = typed();
    let frame = database.frame("F").unwrap();
    let payload = frame.encode([(signal, Value::Raw(raw))], Fill::Zeros).unwrap();
    let decoded = frame.decode_signal(&payload, signal).unwrap();
    assert_eq!((decoded.physical(), decoded.text().as_deref()), (physical, text));
    assert_eq!(decoded.to_string(), shown);
}

#[test]
fn arrays_decode() {
    let database = typed();
    let frame = database.frame("F").unwrap();
    let decoded = frame.decode(&[0, 0, 4, 2, b'A', 0xB0, b'"', 0]).unwrap();
    assert_eq!(
        decoded.iter().map(|signal| signal.name()).collect::<Vec<_>>(),
        ["Temp", "Half", "State", "Flat", "Bcd", "Ascii", "Plain"]
    );
    let (bcd, ascii) = (decoded.get("Bcd").unwrap(), decoded.get("Ascii").unwrap());
    assert_eq!((bcd.physical(), bcd.text().as_deref()), (Some(42.0), Some("42")));
    assert_eq!((ascii.raw(), ascii.text().as_deref()), (array(b"A\xB0\""), Some(r#"A\xb0\""#)));
    let error = frame.decode(&[0, 0, 4, 0x0A, 0, 0, 0, 0]).unwrap_err();
    assert_eq!(error, CodecError::NotADigit { signal: "Bcd".into(), position: 1, byte: 0x0A });
}

#[rstest]
#[case(7)]
#[case(9)]
fn payloads_of_another_length_are_refused(#[case] actual: usize) {
    let database = typed();
    let frame = database.frame("F").unwrap();
    let expected = CodecError::PayloadLength { frame: "F".into(), expected: 8, actual };
    let payload = vec![0; actual];
    assert_eq!(frame.decode(&payload).unwrap_err(), expected);
    assert_eq!(frame.encode_over(&payload, []).unwrap_err(), expected);
}

#[test]
fn encoding_over_a_payload_keeps_the_rest() {
    let database = file(2, &[("A", "4, 15", 2), ("B", "4, 0", 8)], "", "");
    let frame = database.frame("F").unwrap();
    let payload = frame.encode_over(&[0b1010_1001, 0xFF], [("A", Value::Raw(0b0101))]).unwrap();
    assert_eq!(&payload[..], &[0b1001_0101, 0xFF]);
}

#[test]
fn big_endian_scalars_beyond_a_byte_are_refused() {
    let database =
        file(3, &[("Wide", "16, 0", 0), ("Byte", "8, 0", 16)], "", "LIN_sig_byte_order_big_endian;");
    let frame = database.frame("F").unwrap();
    let expected = CodecError::ByteOrder { signal: "Wide".into(), width: 16 };
    assert_eq!(encoded(&database, &[], Fill::Zeros).unwrap_err(), expected);
    assert_eq!(frame.decode(&[0; 3]).unwrap_err(), expected);
    let over = frame.encode_over(&[1, 2, 3], [("Byte", Value::Raw(9))]).unwrap();
    assert_eq!(&over[..], &[1, 2, 9]);
    assert_eq!(frame.decode_signal(&[1, 2, 9], "Byte").unwrap().raw(), Raw::Scalar(9));
}

/// A group of 12 bits in a frame that has its signals elsewhere and in another order.
fn grouped() -> Database {
    let signals = [("A", "4, 0", 4), ("B", "8, 0", 8), ("C", "4, 3", 0)];
    file(
        2,
        &signals,
        "Signals { D: 4, 0, M; } Signal_groups { G: 16 { B, 0; A, 8; } Lost: 8 { A, 0; D, 4; } }",
        "",
    )
}

#[test]
fn groups_are_set_and_read_as_one_value() {
    let database = grouped();
    assert_eq!(encoded(&database, &[("G", Value::Raw(0x0A55))], Fill::Zeros).unwrap(), "A3 55");
    assert_eq!(encoded(&database, &[("G", (&[0x55_u8, 0x0A]).into())], Fill::Zeros).unwrap(), "A3 55");
    let frame = database.frame("F").unwrap();
    assert_eq!(frame.decode_group(&[0xA3, 0x55], "G").unwrap(), 0x0A55);
    assert_eq!(
        frame.decode_group(&[0xA3], "G").unwrap_err().to_string(),
        "frame \"F\" has 2 bytes, the payload has 1"
    );
}

#[rstest]
#[case("G", Value::Raw(0x1_0000), "value 65536 does not fit into the 16 bits of signal \"G\"")]
#[case("G", 1.0.into(), "signal \"G\" of 16 bits takes a raw number or bytes, as a group has no unit, not 1")]
#[case("G", (&[1_u8]).into(), "signal \"G\" has 16 bits and takes 2 bytes, not the 1 of [01]")]
#[case("Lost", Value::Raw(1), "frame \"F\" has no signal \"Lost\"")]
fn groups_refuse(#[case] name: &str, #[case] value: Value<'_>, #[case] message: &str) {
    assert_eq!(encoded(&grouped(), &[(name, value)], Fill::Zeros).unwrap_err().to_string(), message);
}

proptest! {
    /// Against the rule in its own words: bit n is bit n mod 8 of byte n div 8.
    #[test]
    fn scalars_lie_where_the_rule_says(width in 1..=16_usize, offset in 0..=48_usize, value: u64, fill: bool) {
        let value = value & ((1 << width) - 1);
        let database = file(8, &[("A", &format!("{width}, 0"), offset)], "", "");
        let frame = database.frame("F").unwrap();
        let fill_kind = if fill { Fill::Ones } else { Fill::Zeros };
        let payload = frame.encode([("A", Value::Raw(value))], fill_kind).unwrap();
        for bit in 0..64 {
            let found = payload[bit / 8] >> (bit % 8) & 1 == 1;
            let expected = if (offset..offset + width).contains(&bit) { value >> (bit - offset) & 1 == 1 } else { fill };
            prop_assert_eq!(found, expected, "bit {}", bit);
        }
        prop_assert_eq!(frame.decode_signal(&payload, "A").unwrap().raw(), Raw::Scalar(value));
    }
}
