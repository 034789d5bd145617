//! Round numbers along an axis.

/// What two numbers may differ by, relatively, and still be one tick.
const SLACK: f64 = 1e-9;

/// A span below this is none: there are no round numbers among the last doubles above zero.
const LEAST: f64 = 1e-300;

/// The span of an axis, never empty and always finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    /// What holds all finite ones of these numbers; nothing if there is none.
    pub(super) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        numbers.into_iter().filter(|x| x.is_finite()).fold(None, |span: Option<Self>, x| {
            Some(span.map_or(Self { low: x, high: x }, |span| span.with(x)))
        })
    }

    /// The same, and `x` in it.
    pub(super) const fn with(self, x: f64) -> Self {
        Self { low: self.low.min(x), high: self.high.max(x) }
    }

    /// How much of it there is. Halves, because the whole of all doubles is infinite.
    pub(super) fn half(self) -> f64 {
        self.high / 2.0 - self.low / 2.0
    }

    /// A single number becomes a span around it.
    pub(super) fn opened(self) -> Self {
        let largest = self.low.abs().max(self.high.abs());
        if self.half() > (largest * SLACK).max(LEAST) {
            return self;
        }
        let by = if largest > LEAST { largest * 0.1 } else { 1.0 };
        Self { low: (self.low - by).max(f64::MIN), high: (self.high + by).min(f64::MAX) }
    }

    /// A little more on both sides, so that lines do not run along the frame.
    pub(super) fn padded(self) -> Self {
        let by = self.half() * 0.08;
        Self { low: (self.low - by).max(f64::MIN), high: (self.high + by).min(f64::MAX) }
    }

    /// Where `x` lies: 0 at the low end, 1 at the high one.
    pub(super) fn place(self, x: f64) -> f64 {
        (x / 2.0 - self.low / 2.0) / self.half()
    }
}

/// The round numbers of an axis with their labels. All labels share an exponent, which stands beside the unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    pub(super) marks: Vec<(f64, String)>,
    pub(super) exponent: i32,
}

impl Ticks {
    /// About `count` ticks at 1, 2 or 5 times a power of ten.
    pub(super) fn of(span: Span, count: usize) -> Self {
        let step = step(span, count);
        let largest = span.low.abs().max(span.high.abs());
        let exponent = exponent(largest);
        let unit = power(exponent);
        let decimals = decimals(step / unit);
        // A tick on the end of the axis is not lost to the last bit of a quotient.
        let slack = step * SLACK;
        let first = (span.low / step - SLACK).ceil();
        let marks = (0..=2 * count)
            .map(|nth| (first + at(nth)) * step)
            .take_while(|mark| *mark <= span.high + slack)
            .filter(|mark| mark.is_finite() && *mark >= span.low - slack)
            .map(|mark| (mark, label(mark / unit, decimals)))
            .collect();
        Self { marks, exponent }
    }

    /// `×10⁻⁶` for labels that share an exponent, nothing otherwise.
    pub(super) fn factor(&self) -> String {
        if self.exponent == 0 {
            return String::new();
        }
        let raised = |char| match char {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(0x2070 + u32::from(digit) - u32::from('0')).unwrap_or(digit),
        };
        format!("×10{}", self.exponent.to_string().chars().map(raised).collect::<String>())
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks are few")]
const fn at(nth: usize) -> f64 {
    nth as f64
}

/// The least of 1, 2 and 5 times a power of ten that needs no more than `count` steps.
fn step(span: Span, count: usize) -> f64 {
    let wanted = (span.half() / at(count.max(1)) * 2.0).clamp(f64::MIN_POSITIVE, f64::MAX);
    let decade = 10_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|step| *step >= wanted * (1.0 - SLACK))
        .unwrap_or(wanted)
}

/// A multiple of three where plain labels would be long.
fn exponent(largest: f64) -> i32 {
    if largest == 0.0 || (0.01..100_000.0).contains(&largest) {
        return 0;
    }
    // The logarithms of doubles lie between -324 and 309.
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm is small")]
    let decade = largest.log10().floor() as i32;
    decade.div_euclid(3) * 3
}

fn power(exponent: i32) -> f64 {
    // Below this, the power itself is no normal number and a quotient with it no finite one.
    10_f64.powi(exponent.max(-300))
}

/// How many decimals tell labels apart that differ by `step`.
fn decimals(step: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm is small")]
    let decade = (step.log10() + 1e-9).floor() as i32;
    usize::try_from(-decade).unwrap_or(0).min(12)
}

fn label(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    // What rounds to zero from below is zero.
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|char| char == '0' || char == '.') => rest.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, 10.0, 5, &["0", "2", "4", "6", "8", "10"], "")]
    #[case(0.0, 1.0, 4, &["0.0", "0.5", "1.0"], "")]
    #[case(-0.3, 0.3, 6, &["-0.3", "-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"], "")]
    #[case(11.87, 12.13, 5, &["11.9", "12.0", "12.1"], "")]
    #[case(0.0, 0.000_005, 5, &["0", "1", "2", "3", "4", "5"], "×10⁻⁶")]
    #[case(0.0, 2.5e6, 5, &["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"], "×10⁶")]
    #[case(1e6, 1e6 + 4.0, 4, &["1.000000", "1.000001", "1.000002", "1.000003", "1.000004"], "×10⁶")]
    fn ticks_are_round(
        #[case] low: f64,
        #[case] high: f64,
        #[case] count: usize,
        #[case] labels: &[&str],
        #[case] factor: &str,
    ) {
        let ticks = Ticks::of(Span { low, high }, count);
        let shown: Vec<_> = ticks.marks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!((shown.as_slice(), ticks.factor().as_str()), (labels, factor));
    }

    #[rstest]
    #[case(5.0, 4.5, 5.5)]
    #[case(0.0, -1.0, 1.0)]
    #[case(f64::MAX, f64::MAX * 0.9, f64::MAX)]
    fn a_single_number_gets_room(#[case] x: f64, #[case] low: f64, #[case] high: f64) {
        assert_eq!(Span { low: x, high: x }.opened(), Span { low, high });
    }

    fn ends() -> impl Strategy<Value = f64> {
        prop_oneof![4 => any::<f64>(), 1 => prop::sample::select(vec![f64::MAX, f64::MIN, 0.0, 5e-324, 1.0])]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn ticks_are_few_rising_and_on_the_axis(a in ends(), b in ends(), count in 1_usize..10) {
            let Some(span) = Span::of([a, b]) else { return Ok(()) };
            let span = span.opened().padded();
            let ticks = Ticks::of(span, count);
            prop_assert!(ticks.marks.len() <= count + 2, "{:?}", ticks);
            prop_assert!(ticks.marks.iter().all(|(mark, _)| (-1e-9..=1.0 + 1e-9).contains(&span.place(*mark))));
            prop_assert!(ticks.marks.iter().all(|(_, label)| label.len() < 24 && !label.contains("inf")), "{:?}", ticks);
            prop_assert!(ticks.marks.iter().all(|(mark, _)| mark.is_finite()));
            prop_assert!(ticks.marks.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
