//! An `INSERT` of one row made into one of several.

use std::fmt::Write as _;

/// The statement `sql`, which ends in `VALUES (…)` with `width` placeholders, for `rows` rows.
pub(super) fn repeated(sql: &str, width: usize, rows: usize) -> String {
    const VALUES: &str = "VALUES ";
    let Some(at) = sql.rfind(VALUES).filter(|_| rows > 1) else { return sql.to_owned() };
    let (head, tuple) = sql.split_at(at + VALUES.len());
    let mut text = String::with_capacity(head.len() + rows * (tuple.len() + width));
    text.push_str(head);
    for row in 0..rows {
        if row > 0 {
            text.push_str(", ");
        }
        let mut pieces = tuple.split('$');
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number: usize = piece[..digits].parse().unwrap_or(0);
            let _ = write!(text, "${}{}", row * width + number, &piece[digits..]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_counted_on() {
        let sql = "INSERT INTO t (a, b, c) VALUES ($1, 7, $2)";
        assert_eq!(repeated(sql, 2, 1), sql);
        assert_eq!(
            repeated(sql, 2, 3),
            "INSERT INTO t (a, b, c) VALUES ($1, 7, $2), ($3, 7, $4), ($5, 7, $6)"
        );
    }
}
