//! Numbers as engineers write them.
//!
//! Six significant digits hide the noise of binary fractions. Whole numbers stay whole, very small and very large ones
//! get an exponent that is a multiple of three. A value gets more digits where fewer would show it on the wrong side of
//! a limit, or equal to one that it is not equal to.

use std::iter;

/// The digits that a measured value has.
pub(super) const USUAL: usize = 6;

/// The digits that a limit has: people typed it, so all that they typed.
const TYPED: usize = 12;

/// Enough digits for any two doubles to differ.
pub(super) const EXACT: usize = 17;

/// Whole numbers below this are written out.
const WRITTEN_OUT: f64 = 1e15;

/// The number with so many significant digits, and no zero at the end.
pub(super) fn rounded(x: f64, digits: usize) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if x.fract() == 0.0 && x.abs() < WRITTEN_OUT {
        // Adding zero turns the negative zero into the positive one.
        return format!("{:.0}", x + 0.0);
    }
    // All digits are the fewest that read back as the same double.
    let scientific =
        if digits < EXACT { format!("{x:.*e}", digits.saturating_sub(1)) } else { format!("{x:e}") };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: isize = exponent.parse().unwrap_or(0);
    if (-4..15).contains(&exponent) {
        let decimals = digits.saturating_sub(1).checked_add_signed(-exponent).unwrap_or(0);
        let fixed = if digits < EXACT { format!("{x:.decimals$}") } else { x.to_string() };
        return without_zeros(&fixed).to_owned();
    }
    engineering(mantissa, exponent)
}

/// The mantissa of scientific notation moved to an exponent that is a multiple of three: `1.25`, `-5` is `12.5e-6`.
fn engineering(mantissa: &str, exponent: isize) -> String {
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let shift = exponent.rem_euclid(3);
    let mut digits = mantissa.chars().filter(char::is_ascii_digit).chain(iter::repeat('0'));
    let whole: String = digits.by_ref().take(1 + shift.unsigned_abs()).collect();
    let rest: String = digits.take(mantissa.len()).collect();
    format!("{sign}{}e{}", without_zeros(&format!("{whole}.{rest}")), exponent - shift)
}

/// A decimal fraction without the zeros at its end.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A measured value by itself.
pub(super) fn usual(x: f64) -> String {
    rounded(x, USUAL)
}

/// How many digits show a value on the side of its limits that it lies on.
pub(super) fn telling(x: f64, limits: &[f64]) -> usize {
    fewest(x, limits, |digits| digits.max(TYPED))
}

/// How many digits tell a value from others that have as many.
pub(super) fn apart(x: f64, others: &[f64]) -> usize {
    fewest(x, others, |digits| digits)
}

fn fewest(x: f64, others: &[f64], digits_of_others: impl Fn(usize) -> usize) -> usize {
    let tells = |&digits: &usize| {
        let (shown, of_others) = (read(x, digits), digits_of_others(digits));
        others.iter().all(|&other| shown.partial_cmp(&read(other, of_others)) == x.partial_cmp(&other))
    };
    (USUAL..=EXACT).find(tells).unwrap_or(EXACT)
}

/// A limit beside a value that has so many digits.
pub(super) fn limit(x: f64, digits: usize) -> String {
    rounded(x, digits.max(TYPED))
}

/// What a reader takes the text of `x` for.
fn read(x: f64, digits: usize) -> f64 {
    rounded(x, digits).parse().unwrap_or(x)
}

/// How far the numbers of a column reach to either side of their decimal points.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Points {
    before: usize,
    after: usize,
}

impl Points {
    /// What the numbers of a column need.
    pub(super) fn of<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Self {
        numbers.into_iter().fold(Self::default(), |so_far, number| {
            let (before, after) = parts(number);
            Self { before: so_far.before.max(before), after: so_far.after.max(after) }
        })
    }

    /// How wide the column is.
    pub(super) const fn width(self) -> usize {
        self.before + self.after
    }

    /// The number between blanks that put its decimal point under those of the others, where all characters are of one
    /// width.
    pub(super) fn align(self, number: &str) -> String {
        self.between(number, ' ', ' ')
    }

    /// The same for print, where only digits are: with a blank as wide as a digit, and one as wide as a point.
    pub(super) fn align_in_print(self, number: &str) -> String {
        self.between(number, '\u{2007}', '\u{2008}')
    }

    fn between(self, number: &str, blank: char, blank_point: char) -> String {
        let (before, after) = parts(number);
        let mut text = String::new();
        text.extend(iter::repeat_n(blank, self.before.saturating_sub(before)));
        text.push_str(number);
        let missing = self.after.saturating_sub(after);
        if missing > 0 {
            // A number without a point lacks one; it is narrower than a digit in print.
            text.push(if after == 0 { blank_point } else { blank });
            text.extend(iter::repeat_n(blank, missing - 1));
        }
        text
    }
}

/// The characters before the decimal point or exponent of a number, and from there on.
fn parts(number: &str) -> (usize, usize) {
    let before = number.find(['.', 'e']).unwrap_or(number.len());
    (before, number.len() - before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, "0")]
    #[case(-0.0, "0")]
    #[case(12.0, "12")]
    #[case(-1_234_567.0, "-1234567")]
    #[case(1e14, "100000000000000")]
    #[case(1e15, "1e15")]
    #[case(0.1 + 0.2, "0.3")]
    #[case(12.3456789, "12.3457")]
    #[case(1_234_567.8, "1234568")]
    #[case(9_999.999_99, "10000")]
    #[case(0.001_25, "0.00125")]
    #[case(0.000_012_5, "12.5e-6")]
    #[case(-0.000_000_125, "-125e-9")]
    #[case(1e-17, "10e-18")]
    #[case(5e-324, "4.94066e-324")]
    #[case(6.022_140_76e23, "602.214e21")]
    #[case(f64::MAX, "179.769e306")]
    #[case(f64::NAN, "NaN")]
    #[case(f64::INFINITY, "inf")]
    #[case(f64::NEG_INFINITY, "-inf")]
    fn numbers_are_for_engineers(#[case] x: f64, #[case] expected: &str) {
        assert_eq!(usual(x), expected);
    }

    #[rstest]
    #[case::far(4.999, 5.0, "4.999", "5")]
    #[case::close(4.999_999_9, 5.0, "4.9999999", "5")]
    #[case::closest(0.1 + 0.2, 0.3, "0.30000000000000004", "0.3")]
    #[case::equal(5.0, 5.0, "5", "5")]
    #[case::large(1e18 + 256.0, 1e18, "1.0000000000000003e18", "1e18")]
    #[case::nan(f64::NAN, 5.0, "NaN", "5")]
    #[case::limit_at_infinity(5.25, f64::INFINITY, "5.25", "inf")]
    fn digits_tell_a_value_from_its_limit(
        #[case] x: f64,
        #[case] bound: f64,
        #[case] value: &str,
        #[case] expected: &str,
    ) {
        let digits = telling(x, &[bound]);
        assert_eq!((rounded(x, digits).as_str(), limit(bound, digits).as_str()), (value, expected));
    }

    #[test]
    fn points_stand_under_each_other() {
        let numbers = ["12.5", "-3", "0.125", "10e-6", "NaN"];
        let points = Points::of(numbers);
        let column: Vec<_> = numbers.iter().map(|number| points.between(number, '_', '.')).collect();
        assert_eq!(column, ["_12.5__", "_-3.___", "__0.125", "_10e-6_", "NaN.___"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_shown_value_is_never_on_the_wrong_side(x in any::<f64>(), steps in -3_i64..=3) {
            // Neighbours of the value are the hardest limits.
            let other = f64::from_bits(x.to_bits().saturating_add_signed(steps));
            let digits = telling(x, &[other]);
            let (shown, bound): (f64, f64) =
                (rounded(x, digits).parse().unwrap(), limit(other, digits).parse().unwrap());
            prop_assert_eq!(shown.partial_cmp(&bound), x.partial_cmp(&other));
        }

        #[test]
        fn the_usual_digits_are_close(x in any::<f64>()) {
            let shown: f64 = usual(x).parse().unwrap();
            prop_assert!(!x.is_finite() || (shown - x).abs() <= x.abs() * 1e-5 || x.abs() < f64::MIN_POSITIVE);
        }
    }
}
