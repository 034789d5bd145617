//! Numbers as people read them.

use std::time::Duration;

/// A time in milliseconds, with as many decimals as it has.
pub(super) fn milliseconds(time: Duration) -> String {
    format!("{} ms", number(time.as_secs_f64() * 1e3))
}

/// A number with at most six decimals, which hides that 255 · 0.392156862745098 is not quite 100.
pub(super) fn number(number: f64) -> String {
    if number != 0.0 && !(1e-3..1e15).contains(&number.abs()) {
        return format!("{number:e}");
    }
    let text = format!("{number:.6}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A number with all its decimals.
pub(super) fn exact(number: f64) -> String {
    if number != 0.0 && !(1e-6..1e15).contains(&number.abs()) {
        return format!("{number:e}");
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(255.0 * 0.392156862745098, "100")]
    #[case(0.5, "0.5")]
    #[case(-40.0, "-40")]
    #[case(0.0, "0")]
    #[case(-0.0, "0")]
    #[case(1000.0, "1000")]
    #[case(0.00012, "1.2e-4")]
    #[case(1e300, "1e300")]
    fn numbers(#[case] value: f64, #[case] text: &str) {
        assert_eq!(number(value), text);
    }

    #[rstest]
    #[case(Duration::from_micros(100), "0.1 ms")]
    #[case(Duration::from_micros(10_500), "10.5 ms")]
    #[case(Duration::ZERO, "0 ms")]
    #[case(Duration::from_secs(1), "1000 ms")]
    fn times(#[case] time: Duration, #[case] text: &str) {
        assert_eq!(milliseconds(time), text);
    }

    #[rstest]
    #[case(0.00152590218966964, "0.00152590218966964")]
    #[case(-273.15, "-273.15")]
    #[case(1e-9, "1e-9")]
    #[case(1e300, "1e300")]
    fn exact_numbers(#[case] value: f64, #[case] text: &str) {
        assert_eq!(exact(value), text);
    }
}
