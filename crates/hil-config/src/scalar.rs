//! What a YAML scalar means: the core schema of YAML 1.2, without the readings that surprise.

/// Longest piece of a value that a message repeats, in characters.
const SHOWN_CHARS: usize = 40;

/// A scalar as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    /// The text after quotes and escapes are resolved.
    pub(crate) text: String,
    /// Whether it stood in quotes or in a block, so that it can only be text.
    pub(crate) quoted: bool,
}

/// The type that a scalar has by its looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    Null,
    Bool(bool),
    Integer(i128),
    Decimal(f64),
    /// `017` is 15 in YAML 1.1 and 17 in YAML 1.2, so it is never taken as a number.
    LeadingZero,
    Text,
}

impl Scalar {
    /// Classifies the scalar. Only `true` and `false` are booleans: `yes`, `no`, `on`, `off` and
    /// other capitalisations are text.
    pub(crate) fn meaning(&self) -> Meaning {
        if self.quoted {
            return Meaning::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" => Meaning::Null,
            "true" => Meaning::Bool(true),
            "false" => Meaning::Bool(false),
            plain => number(plain).unwrap_or(Meaning::Text),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.meaning() == Meaning::Null
    }

    /// The scalar as error messages name it, with its type.
    pub(crate) fn describe(&self) -> String {
        let shown = shorten(&self.text);
        match self.meaning() {
            Meaning::Null => "nothing".to_owned(),
            Meaning::Bool(value) => format!("boolean `{value}`"),
            Meaning::Integer(_) => format!("integer `{shown}`"),
            Meaning::Decimal(_) => format!("number `{shown}`"),
            Meaning::LeadingZero => format!("`{shown}`, ambiguous because of its leading zero"),
            Meaning::Text if self.quoted => format!("text \"{shown}\""),
            Meaning::Text => format!("text `{shown}`"),
        }
    }
}

/// Escapes control characters and cuts long values.
pub(crate) fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.escape_debug().to_string()
}

fn number(text: &str) -> Option<Meaning> {
    if let Some(digits) = text.strip_prefix("0x") {
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        // The check on the digits comes first because `from_str_radix` accepts a sign.
        return is_hex.then(|| i128::from_str_radix(digits, 16).ok()).flatten().map(Meaning::Integer);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" => return Some(Meaning::Decimal(f64::INFINITY)),
        ".nan" => return Some(Meaning::Decimal(f64::NAN)),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_digits = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    let is_number = all_digits(whole)
        && fraction.is_none_or(all_digits)
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
        && !(whole.is_empty() && fraction.is_none_or(str::is_empty));
    if !is_number {
        return None;
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Some(Meaning::LeadingZero);
    }
    if fraction.is_none()
        && exponent.is_none()
        && let Ok(value) = text.parse()
    {
        return Some(Meaning::Integer(value));
    }
    text.parse().ok().map(Meaning::Decimal)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Meaning, Scalar};

    #[rstest]
    #[case("", Meaning::Null)]
    #[case("~", Meaning::Null)]
    #[case("true", Meaning::Bool(true))]
    #[case("yes", Meaning::Text)]
    #[case("off", Meaning::Text)]
    #[case("True", Meaning::Text)]
    #[case("0", Meaning::Integer(0))]
    #[case("-12", Meaning::Integer(-12))]
    #[case("+12", Meaning::Integer(12))]
    #[case("0x3C", Meaning::Integer(0x3C))]
    #[case("0x-3", Meaning::Text)]
    #[case("0x", Meaning::Text)]
    #[case("017", Meaning::LeadingZero)]
    #[case("00.5", Meaning::LeadingZero)]
    #[case("0.5", Meaning::Decimal(0.5))]
    #[case(".5", Meaning::Decimal(0.5))]
    #[case("5.", Meaning::Decimal(5.0))]
    #[case("1e3", Meaning::Decimal(1000.0))]
    #[case("1e", Meaning::Text)]
    #[case(".", Meaning::Text)]
    #[case("-", Meaning::Text)]
    #[case("1_000", Meaning::Text)]
    #[case("12 V", Meaning::Text)]
    #[case(".inf", Meaning::Decimal(f64::INFINITY))]
    #[case("inf", Meaning::Text)]
    #[case("1000000000000000000000000000000000000000", Meaning::Decimal(1e39))]
    fn plain_scalars_mean_what_they_look_like(#[case] text: &str, #[case] expected: Meaning) {
        let scalar = Scalar { text: text.to_owned(), quoted: false };
        assert_eq!(scalar.meaning(), expected);
        let quoted = Scalar { quoted: true, ..scalar };
        assert_eq!(quoted.meaning(), Meaning::Text);
    }
}
