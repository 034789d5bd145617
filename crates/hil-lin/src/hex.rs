//! Bytes as people read them.

use std::fmt;

/// What a line of text has room for.
const SHOWN: usize = 32;

/// Bytes in hexadecimal: `22 F1 95`. More than 32 are cut off, and counted; `{:#}` shows them all.
#[derive(Clone, Copy, Debug)]
pub struct HexBytes<'b>(pub &'b [u8]);

impl fmt::Display for HexBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.len();
        let shown = if f.alternate() { length } else { length.min(SHOWN) };
        for (at, byte) in self.0.iter().take(shown).enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { "" } else { " " })?;
        }
        if shown < length { write!(f, " … ({length} bytes)") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::HexBytes;

    #[test]
    fn long_messages_are_cut_off_unless_all_is_asked_for() {
        assert_eq!(HexBytes(&[0x22, 0xF1, 0x05]).to_string(), "22 F1 05");
        let long = [0xAB; 33];
        assert!(HexBytes(&long).to_string().ends_with("AB AB … (33 bytes)"));
        assert_eq!(format!("{:#}", HexBytes(&long)).len(), 33 * 3 - 1);
    }
}
