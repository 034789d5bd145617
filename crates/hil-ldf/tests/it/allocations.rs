//! The codec allocates nothing.

use allocation_counter::measure;
use hil_ldf::{Fill, Reading, Value, parse};

const FULL: &str = include_str!("../fixtures/full.ldf");

#[test]
fn encoding_and_decoding_allocate_nothing() {
    let database = parse(FULL).unwrap().database;
    let mut payloads = Vec::with_capacity(4);
    let counted = measure(|| {
        let frame = database.frame("FromS1").unwrap();
        // By raw value and by unit; in the order of the frame and not.
        payloads.push(frame.encode([("Level", Value::Raw(3)), ("Err1", Value::Raw(1))], Fill::Ones).unwrap());
        payloads
            .push(frame.encode([("Err1", true.into()), ("Level", "-20 °C".into())], Fill::Zeros).unwrap());
        payloads.push(database.frame("FromM").unwrap().encode([("Mode", "on".into())], Fill::Ones).unwrap());
        let serial = [1, 2, 3];
        let frame = database.frame("FromS2").unwrap();
        payloads.push(frame.encode([("Serial", (&serial).into())], Fill::Ones).unwrap());
    });
    assert_eq!(counted.count_total, 0, "encoding");
    assert_eq!(payloads[1].to_string(), "80 02 80");

    let mut seen = 0;
    let counted = measure(|| {
        for (name, payload) in ["FromS1", "FromS1", "FromM", "FromS2"].into_iter().zip(&payloads) {
            for signal in database.frame(name).unwrap().decode(payload).unwrap().iter() {
                let read = match signal.reading() {
                    Reading::Physical { value, .. } => value.is_finite(),
                    Reading::Logical(text) => text.is_some(),
                    Reading::Plain | Reading::Digits(_) | Reading::Characters(_) => true,
                };
                seen +=
                    usize::from(read && !signal.name().is_empty() && signal.raw().as_scalar() != Some(99));
            }
        }
        let found = database.frame_by_id(17).unwrap().decode_signal(&payloads[0], "Level").unwrap();
        seen += usize::from(found.physical().is_some());
    });
    assert_eq!(counted.count_total, 0, "decoding");
    assert_eq!(seen, 9);
}

#[test]
fn what_is_counted_would_be_found() {
    assert_eq!(measure(|| drop(std::hint::black_box(Box::new(1)))).count_total, 1);
}
