//! The bits of a payload as a picture: a row for each byte, bit 7 on the left, as on a data sheet.

use hil_ldf::{ByteOrder, Database};

use crate::console::{Align, Table};

/// A signal in the picture.
struct Field {
    key: String,
    name: String,
    bits: std::ops::Range<usize>,
    /// Whether it is known which of its bits is which.
    numbered: bool,
}

impl Field {
    /// What stands at a bit of the payload.
    fn label(&self, bit: usize) -> String {
        match bit.checked_sub(self.bits.start) {
            Some(number) if self.numbered && self.bits.len() > 1 => format!("{}{number}", self.key),
            Some(_) | None => self.key.clone(),
        }
    }
}

/// The short name of the signal at place `index` of a frame: `a` to `z`, then `A` to `Z`, then `aa`, `ab` and
/// so on. A frame has at most 64 signals.
pub(super) fn key(index: usize) -> String {
    let letter = |at: usize| "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().nth(at);
    letter(index).map_or_else(|| format!("a{}", key(index.saturating_sub(52))), String::from)
}

/// The picture of the frame called `name`. Each bit carries the key of its signal and its number within it;
/// what belongs to no signal is a dot. At the end of a row stand the names, in the order of the bits.
pub(super) fn picture(database: &Database, name: &str) -> anyhow::Result<Table> {
    let frame = database.frame(name)?;
    let fields = fields(database, name)?;
    let columns = [Align::Right; 9].into_iter().chain([Align::Left]);
    let mut table = Table::new(columns);
    table.row(std::iter::once("byte".to_owned()).chain((0..8).rev().map(|bit| bit.to_string())));
    for byte in 0..frame.length() {
        let mut row = vec![byte.to_string()];
        let mut names: Vec<&str> = Vec::new();
        for bit in (byte * 8..byte * 8 + 8).rev() {
            let Some(field) = fields.iter().find(|field| field.bits.contains(&bit)) else {
                row.push("·".to_owned());
                continue;
            };
            row.push(field.label(bit));
            if names.last() != Some(&field.name.as_str()) {
                names.push(&field.name);
            }
        }
        row.push(names.join(", "));
        table.row(row);
    }
    Ok(table)
}

fn fields(database: &Database, name: &str) -> anyhow::Result<Vec<Field>> {
    let mut fields = Vec::new();
    for (index, slot) in (0..).zip(database.frame(name)?.signals()) {
        let (offset, width) = (slot.offset(), slot.signal().width());
        // How a big endian file orders the bits of a number beyond one byte is uncertain.
        let numbered = match database.byte_order() {
            ByteOrder::LittleEndian => true,
            ByteOrder::BigEndian => width <= 8 || slot.signal().is_array(),
        };
        fields.push(Field {
            key: key(index),
            name: slot.name().to_owned(),
            bits: offset..offset + width,
            numbered,
        });
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "a")]
    #[case(25, "z")]
    #[case(26, "A")]
    #[case(51, "Z")]
    #[case(52, "aa")]
    #[case(63, "al")]
    fn keys(#[case] index: usize, #[case] expected: &str) {
        assert_eq!(key(index), expected);
    }
}
