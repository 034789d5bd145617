//! The fingerprint of a certificate.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::McmSettingError;

/// The SHA-256 of a certificate in DER, as browsers show it.
///
/// Read from hex digits in either case, with or without colons between the bytes. It tells devices
/// apart and proves nothing: the device's private key is public (hardware reference 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of the certificate `der`.
    pub(super) fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl FromStr for Fingerprint {
    type Err = McmSettingError;

    fn from_str(text: &str) -> Result<Self, McmSettingError> {
        parse(text.trim()).map_err(|why| McmSettingError::Fingerprint { text: text.to_owned(), why })
    }
}

fn parse(text: &str) -> Result<Fingerprint, &'static str> {
    const DIGITS: &str = "it has 64 hex digits, in pairs with colons between them or without any";
    let width = if text.contains(':') { 3 } else { 2 };
    let pairs = text.as_bytes().chunks(width);
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() {
        return Err(DIGITS);
    }
    for (at, (byte, pair)) in bytes.iter_mut().zip(pairs).enumerate() {
        let colon = if width == 3 && at != 31 { &b":"[..] } else { &b""[..] };
        let [high, low, rest @ ..] = pair else { return Err(DIGITS) };
        if rest != colon {
            return Err(DIGITS);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(DIGITS);
        *byte = (digit(*high)? << 4 | digit(*low)?) as u8;
    }
    Ok(Fingerprint(bytes))
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    /// The SHA-256 of nothing, FIPS 180-4.
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(EMPTY.parse(), Ok(Fingerprint::of(b"")));
    }

    #[rstest]
    #[case::nothing("")]
    #[case::colons_only(":")]
    #[case::short(&EMPTY[2..])]
    #[case::long(&format!("{EMPTY}00"))]
    #[case::no_digit(&format!("g{}", &EMPTY[1..]))]
    #[case::trailing_colon(&format!("{}:", Fingerprint([1; 32])))]
    #[case::some_colons(&format!("e3:{}", &EMPTY[2..]))]
    #[case::shifted_colons(&format!(":{}", &Fingerprint([1; 32]).to_string()[..94]))]
    #[case::many_bytes_a_letter(&"ä".repeat(32))]
    fn what_is_no_fingerprint_is_refused(#[case] text: &str) {
        assert!(matches!(text.parse::<Fingerprint>(), Err(McmSettingError::Fingerprint { .. })), "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_spelling_is_the_same_fingerprint(bytes: [u8; 32]) {
            let shown = Fingerprint(bytes).to_string();
            for text in [shown.clone(), shown.to_lowercase(), shown.replace(':', ""), format!(" {shown}\n")] {
                prop_assert_eq!(text.parse(), Ok(Fingerprint(bytes)));
            }
        }
    }
}
