//! Signal values and payloads as users type them.

use hil_ldf::Value;

use crate::command::Wrong;

/// A value as typed, with the bytes of a list, which the library only borrows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Typed<'t> {
    One(Value<'t>),
    List(Vec<u8>),
}

impl Typed<'_> {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::One(value) => *value,
            Self::List(bytes) => Value::Bytes(bytes),
        }
    }
}

/// A signal and its value, from `SIGNAL=VALUE`.
pub(super) fn assignment(text: &str) -> anyhow::Result<(&str, Typed<'_>)> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Wrong::usage(format!("{text:?} gives no value: write it as `SIGNAL=VALUE`")))?;
    Ok((name.trim(), typed(value)?))
}

/// Blanks around numbers, lists and quoted text say nothing, but a text may end in one.
fn typed(whole: &str) -> anyhow::Result<Typed<'_>> {
    let text = whole.trim();
    if let Some(list) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return array(list).map(Typed::List).ok_or_else(|| {
            Wrong::usage(format!("{text:?} is no list of bytes: write it as `[1, 0x2, 255]`"))
        });
    }
    if let Some(quoted) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(Typed::One(Value::Text(quoted)));
    }
    Ok(Typed::One(match (integer(text), decimal(text)) {
        (Some(raw), _) => Value::Raw(raw),
        (None, Some(number)) => Value::Physical(number),
        (None, None) => Value::Text(whole),
    }))
}

/// A whole number without sign, decimal or `0x…`.
pub(super) fn integer(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    // The parser of the standard library would take a sign.
    digits.chars().all(|c| c.is_digit(radix)).then(|| u64::from_str_radix(digits, radix).ok())?
}

/// A number with a point or with a minus sign, neither of which a raw value can have.
fn decimal(text: &str) -> Option<f64> {
    let numeric = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let marked = text.contains('.') || text.starts_with('-');
    (numeric && marked).then(|| text.parse().ok())?
}

fn array(list: &str) -> Option<Vec<u8>> {
    if list.trim().is_empty() {
        return Some(Vec::new());
    }
    list.split(',').map(|item| integer(item.trim()).and_then(|byte| u8::try_from(byte).ok())).collect()
}

/// A payload in hexadecimal: bytes apart or in one piece, with or without `0x`, commas and brackets.
pub(super) fn payload(words: &[String]) -> anyhow::Result<Vec<u8>> {
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']');
    let mut bytes = Vec::new();
    for piece in words.iter().flat_map(|word| word.split(separator)).filter(|piece| !piece.is_empty()) {
        let read = hexadecimal(piece).ok_or_else(|| {
            Wrong::usage(format!(
                "{piece:?} is no hexadecimal byte: write the payload as `FF 80 00`, `FF8000` or `0xFF,0x80,0x00`"
            ))
        })?;
        bytes.extend(read);
    }
    Ok(bytes)
}

/// The bytes of one piece. Behind `0x` stands one byte: in a longer number it is not clear which comes first.
fn hexadecimal(piece: &str) -> Option<Vec<u8>> {
    let bare = piece.strip_prefix("0x").or_else(|| piece.strip_prefix("0X"));
    let digits = bare.unwrap_or(piece);
    let valid = digits.chars().all(|c| c.is_ascii_hexdigit())
        && match digits.len() {
            0 => false,
            1 | 2 => true,
            length => bare.is_none() && length.is_multiple_of(2),
        };
    if !valid {
        return None;
    }
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("255", Typed::One(Value::Raw(255)))]
    #[case("0xFF", Typed::One(Value::Raw(255)))]
    #[case("0XfF", Typed::One(Value::Raw(255)))]
    #[case("25.2", Typed::One(Value::Physical(25.2)))]
    #[case("-40", Typed::One(Value::Physical(-40.0)))]
    #[case("-1.5e-3", Typed::One(Value::Physical(-0.0015)))]
    #[case("1.", Typed::One(Value::Physical(1.0)))]
    #[case("1e3", Typed::One(Value::from("1e3")))]
    #[case("+5", Typed::One(Value::from("+5")))]
    #[case("0x", Typed::One(Value::from("0x")))]
    #[case("0xGG", Typed::One(Value::from("0xGG")))]
    #[case("1.2.3", Typed::One(Value::from("1.2.3")))]
    #[case("25.2 °C", Typed::One(Value::from("25.2 °C")))]
    #[case("LED ON", Typed::One(Value::from("LED ON")))]
    #[case("a=b", Typed::One(Value::from("a=b")))]
    #[case("\"1\"", Typed::One(Value::from("1")))]
    #[case("\"\"", Typed::One(Value::from("")))]
    #[case("\"", Typed::One(Value::from("\"")))]
    #[case("", Typed::One(Value::from("")))]
    #[case("[1, 0x2, 3]", Typed::List(vec![1, 2, 3]))]
    #[case("[]", Typed::List(vec![]))]
    fn values(#[case] text: &str, #[case] expected: Typed<'_>) {
        let whole = format!("Signal={text}");
        assert_eq!(assignment(&whole).unwrap(), ("Signal", expected));
    }

    #[rstest]
    #[case("Signal", "gives no value")]
    #[case("Signal=[1, 256]", "no list of bytes")]
    #[case("Signal=[1,]", "no list of bytes")]
    #[case("Signal=[-1]", "no list of bytes")]
    fn values_that_are_none(#[case] text: &str, #[case] message: &str) {
        let error = assignment(text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    #[rstest]
    #[case(&["FF", "80", "00"], &[0xFF, 0x80, 0])]
    #[case(&["FF 80 00"], &[0xFF, 0x80, 0])]
    #[case(&["ff8000"], &[0xFF, 0x80, 0])]
    #[case(&["0xFF,0x80"], &[0xFF, 0x80])]
    #[case(&["[FF, 80]"], &[0xFF, 0x80])]
    #[case(&["F", "0x1"], &[0x0F, 1])]
    #[case(&["FF80", "00"], &[0xFF, 0x80, 0])]
    fn payloads(#[case] words: &[&str], #[case] expected: &[u8]) {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        assert_eq!(payload(&words).unwrap(), expected);
    }

    #[rstest]
    #[case("FF8")]
    #[case("0xFF80")]
    #[case("0x")]
    #[case("GG")]
    #[case("+1")]
    #[case("°")]
    fn payloads_that_are_none(#[case] word: &str) {
        assert!(payload(&[word.to_owned()]).is_err());
    }
}
