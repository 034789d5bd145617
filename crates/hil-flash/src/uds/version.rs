//! What a unit says its version is.

/// An identification as text: printable ASCII as it is, anything else in hexadecimal. Padding is left out.
pub(super) fn readable(identification: &[u8]) -> String {
    let mut text = identification;
    while let [rest @ .., 0x00 | 0xFF | b' '] = text {
        text = rest;
    }
    let is_text = !text.is_empty() && text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if is_text {
        text.iter().copied().map(char::from).collect()
    } else {
        let bytes: Vec<String> = identification.iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case::text(b"ALM 1.4.2", "ALM 1.4.2")]
    #[case::padded(b"1.4\0\0\xFF ", "1.4")]
    #[case::numbers(b"\x01\x04\x02", "01 04 02")]
    #[case::nothing_but_padding(b"\0\0", "00 00")]
    fn versions(#[case] identification: &[u8], #[case] expected: &str) {
        assert_eq!(super::readable(identification), expected);
    }
}
