//! Validators, which OpenHTF writes as the words that describe them.
//!
//! | words | validator |
//! | --- | --- |
//! | `1 <= x <= 4`, `1 <= x`, `x <= 4` | `range`, `>=`, `<=` |
//! | `0 <= Marginal:4 <= x <= Marginal:8 <= 10` | the same, and one more that does not decide |
//! | `x == 5`, `x == True` | `==` |
//! | `'x' matches /^a/` | `matches` |
//! | `'x' is equal to 'a'` | `==` |
//! | `'x' is within 5% of 10.`, with or without `Marginal: 2% of 10` | `range`, in their own words |
//! | anything else | the words alone |

use hil_model::Limits;
use hil_model::run::{Expected, Operator, Scalar, Validator};

const MARGINAL: &str = "Marginal:";

/// The validators that `words` describe: one, and one more if there are marginal limits.
pub(super) fn parse(words: &str) -> Vec<Validator> {
    if let Some(band) = band(words) {
        return band.validators(words, false);
    }
    if let Some(band) = percentage(words) {
        return band.validators(words, true);
    }
    if let Some(expected) = words.strip_prefix("x == ").and_then(scalar) {
        return vec![described(Operator::Equal, Expected::One(expected), words)];
    }
    let quoted = |prefix, suffix| words.strip_prefix(prefix)?.strip_suffix(suffix);
    if let Some(pattern) = quoted("'x' matches /", "/") {
        return vec![described(Operator::Matches, pattern.into(), words)];
    }
    if let Some(text) = quoted("'x' is equal to '", "'") {
        return vec![described(Operator::Equal, text.into(), words)];
    }
    vec![Validator::expression(words)]
}

/// The words for a validator that decides; nothing if it says nothing.
pub(super) fn words(validator: &Validator) -> Option<String> {
    if !validator.expression.is_empty() {
        return Some(validator.expression.clone());
    }
    let (operator, expected) = (validator.operator.as_ref()?, validator.expected.as_ref()?);
    Some(match (operator, expected) {
        (Operator::Range, Expected::Numbers(ends)) if ends.len() == 2 => {
            format!("{} <= x <= {}", ends[0], ends[1])
        }
        (Operator::AtLeast, Expected::One(Scalar::Number(low))) => format!("{low} <= x"),
        (Operator::AtMost, Expected::One(Scalar::Number(high))) => format!("x <= {high}"),
        (Operator::Equal, Expected::One(Scalar::Number(number))) => format!("x == {number}"),
        (Operator::Equal, Expected::One(Scalar::Bool(true))) => "x == True".to_owned(),
        (Operator::Equal, Expected::One(Scalar::Bool(false))) => "x == False".to_owned(),
        (Operator::Equal, Expected::One(Scalar::Text(text))) => format!("'x' is equal to '{text}'"),
        (Operator::Matches, Expected::One(Scalar::Text(pattern))) => format!("'x' matches /{pattern}/"),
        (operator, Expected::One(scalar)) => format!("x {} {}", operator.as_str(), scalar_words(scalar)),
        (operator, Expected::Numbers(numbers)) => format!("x {} {numbers:?}", operator.as_str()),
        (operator, Expected::Texts(texts)) => format!("x {} {texts:?}", operator.as_str()),
    })
}

/// The words for a band of its own.
pub(super) fn band_words(limits: Limits, marginal: Limits) -> Option<String> {
    if limits == Limits::default() && marginal == Limits::default() {
        return None;
    }
    let mut parts = Vec::new();
    // A marginal limit has to stand behind a limit, though it be one that nothing reaches.
    if let Some(low) = limits.low.or(marginal.low.map(|_| f64::NEG_INFINITY)) {
        parts.push(low.to_string());
    }
    parts.extend(marginal.low.map(|low| format!("{MARGINAL}{low}")));
    parts.push("x".to_owned());
    parts.extend(marginal.high.map(|high| format!("{MARGINAL}{high}")));
    if let Some(high) = limits.high.or(marginal.high.map(|_| f64::INFINITY)) {
        parts.push(high.to_string());
    }
    Some(parts.join(" <= "))
}

/// The limits that the validators describe together: those that decide, and those that do not.
pub(super) fn limits(validators: &[Validator]) -> (Limits, Limits) {
    let (mut decisive, mut marginal) = (Limits::default(), Limits::default());
    for validator in validators {
        let band = if validator.decides() { &mut decisive } else { &mut marginal };
        match (&validator.operator, &validator.expected) {
            (Some(Operator::Range), Some(Expected::Numbers(ends))) => {
                if let [low, high] = ends[..] {
                    tighten(band, Some(low), Some(high));
                }
            }
            (Some(Operator::AtLeast), Some(Expected::One(Scalar::Number(low)))) => {
                tighten(band, Some(*low), None);
            }
            (Some(Operator::AtMost), Some(Expected::One(Scalar::Number(high)))) => {
                tighten(band, None, Some(*high));
            }
            // No other condition is a band.
            _ => {}
        }
    }
    (decisive, marginal)
}

fn tighten(band: &mut Limits, low: Option<f64>, high: Option<f64>) {
    let tightest = |known: Option<f64>, new: Option<f64>, choose: fn(f64, f64) -> f64| match (known, new) {
        (Some(known), Some(new)) => Some(choose(known, new)),
        (known, new) => known.or(new),
    };
    band.low = tightest(band.low, low, f64::max);
    band.high = tightest(band.high, high, f64::min);
}

struct Band {
    limits: Limits,
    marginal: Limits,
}

impl Band {
    fn validators(self, words: &str, has_custom_expression: bool) -> Vec<Validator> {
        let decisive = comparison(self.limits).map(|(operator, expected)| Validator {
            has_custom_expression,
            ..described(operator, expected, words)
        });
        let marginal = comparison(self.marginal).map(|(operator, expected)| {
            let own = band_words(self.marginal, Limits::default());
            let words = own.filter(|_| decisive.is_some()).unwrap_or_else(|| words.to_owned());
            described(operator, expected, &words).marginal()
        });
        decisive.into_iter().chain(marginal).collect()
    }
}

fn comparison(limits: Limits) -> Option<(Operator, Expected)> {
    match (limits.low, limits.high) {
        (Some(low), Some(high)) => Some((Operator::Range, Expected::Numbers(vec![low, high]))),
        (Some(low), None) => Some((Operator::AtLeast, low.into())),
        (None, Some(high)) => Some((Operator::AtMost, high.into())),
        (None, None) => None,
    }
}

fn described(operator: Operator, expected: Expected, words: &str) -> Validator {
    Validator { expression: words.to_owned(), ..Validator::new(operator, expected) }
}

/// `0 <= Marginal:4 <= x <= Marginal:8 <= 10`, any of it left out but the `x`.
fn band(words: &str) -> Option<Band> {
    let mut parts = words.split(" <= ");
    let mut low = [None, None];
    let mut place = 0;
    loop {
        match parts.next()? {
            "x" => break,
            part => *low.get_mut(place)? = Some(part),
        }
        place += 1;
    }
    let high = [parts.next(), parts.next()];
    if parts.next().is_some() {
        return None;
    }
    // Seen from `x`, the marginal limit is the nearer one.
    let high = if high[1].is_some() { [high[1], high[0]] } else { high };
    let (low, marginal_low) = side(low)?;
    let (high, marginal_high) = side(high)?;
    let finite = |number: &f64| number.is_finite();
    let band = Band {
        limits: Limits { low: low.filter(finite), high: high.filter(finite) },
        marginal: Limits { low: marginal_low.filter(finite), high: marginal_high.filter(finite) },
    };
    (band.limits != Limits::default() || band.marginal != Limits::default()).then_some(band)
}

/// The limit and the marginal limit on one side of the `x`.
fn side([outer, inner]: [Option<&str>; 2]) -> Option<(Option<f64>, Option<f64>)> {
    let limit = outer.map(number);
    let marginal = inner.map(|inner| inner.strip_prefix(MARGINAL).and_then(number));
    if limit == Some(None) || marginal == Some(None) {
        return None;
    }
    Some((limit.flatten(), marginal.flatten()))
}

/// `'x' is within 5% of 10.`, and ` Marginal: 2% of 10` behind it.
fn percentage(words: &str) -> Option<Band> {
    let rest = words.strip_prefix("'x' is within ")?;
    let (decisive, marginal) = match rest.split_once(". Marginal: ") {
        Some((decisive, marginal)) => (decisive, Some(marginal)),
        None => (rest.strip_suffix('.')?, None),
    };
    let around = |words: &str| {
        let (percent, expected) = words.split_once("% of ")?;
        let (percent, expected) = (number(percent)?, number(expected)?);
        let reach = (expected * percent / 100.0).abs();
        let limits = Limits { low: Some(expected - reach), high: Some(expected + reach) };
        reach.is_finite().then_some(limits)
    };
    let marginal = marginal.map_or(Some(Limits::default()), around)?;
    Some(Band { limits: around(decisive)?, marginal })
}

/// A number as Python writes it; NaN is no limit.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

fn scalar(text: &str) -> Option<Scalar> {
    match text {
        "True" => Some(Scalar::Bool(true)),
        "False" => Some(Scalar::Bool(false)),
        text => number(text).map(Scalar::Number),
    }
}

fn scalar_words(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Number(number) => number.to_string(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    /// Operator, expected value, whether it decides.
    fn facts(words: &str) -> Vec<(String, String, bool)> {
        let fact = |validator: &Validator| {
            let operator = validator.operator.as_ref().map_or("", Operator::as_str);
            let expected = validator.expected.as_ref().map_or(String::new(), |expected| match expected {
                Expected::One(scalar) => scalar_words(scalar),
                Expected::Numbers(numbers) => format!("{numbers:?}"),
                Expected::Texts(texts) => format!("{texts:?}"),
            });
            (operator.to_owned(), expected, validator.decides())
        };
        parse(words).iter().map(fact).collect()
    }

    #[rstest]
    #[case("1 <= x <= 4", &[("range", "[1.0, 4.0]", true)])]
    #[case("x <= 1.5", &[("<=", "1.5", true)])]
    #[case("3 <= x", &[(">=", "3", true)])]
    #[case("-inf <= x <= 1e-05", &[("<=", "0.00001", true)])]
    #[case("0 <= Marginal:4 <= x <= Marginal:8 <= 10", &[("range", "[0.0, 10.0]", true), ("range", "[4.0, 8.0]", false)])]
    #[case("0 <= Marginal:4 <= x <= 10", &[("range", "[0.0, 10.0]", true), (">=", "4", false)])]
    #[case("x <= Marginal:8 <= 10", &[("<=", "10", true), ("<=", "8", false)])]
    #[case("x == 5", &[("==", "5", true)])]
    #[case("x == True", &[("==", "true", true)])]
    #[case("'x' matches /^a/b$/", &[("matches", "^a/b$", true)])]
    #[case("'x' is equal to '[1, 'x']'", &[("==", "[1, 'x']", true)])]
    #[case("'x' is within 5% of 10.", &[("range", "[9.5, 10.5]", true)])]
    #[case("'x' is within 10% of -2.5.", &[("range", "[-2.75, -2.25]", true)])]
    #[case("'x' is within 10% of 100. Marginal: 5% of 100", &[("range", "[90.0, 110.0]", true), ("range", "[95.0, 105.0]", false)])]
    #[case("", &[("", "", true)])]
    #[case("x", &[("", "", true)])]
    #[case("1 <= 2 <= 3 <= x", &[("", "", true)])]
    #[case("0 <= 4 <= x", &[("", "", true)])]
    #[case("nan <= x", &[("", "", true)])]
    #[case("{low} <= x", &[("", "", true)])]
    #[case("x == nan", &[("", "", true)])]
    #[case("All values pass: 0 <= x <= 2", &[("", "", true)])]
    #[case("<function f at 0x7f57>", &[("", "", true)])]
    fn words_become_conditions(#[case] words: &str, #[case] expected: &[(&str, &str, bool)]) {
        let expected: Vec<_> =
            expected.iter().map(|(o, e, d)| ((*o).to_owned(), (*e).to_owned(), *d)).collect();
        assert_eq!(facts(words), expected);
        assert_eq!(parse(words)[0].expression, words);
    }

    fn bound() -> impl Strategy<Value = Option<f64>> {
        proptest::option::of(proptest::num::f64::NORMAL | proptest::num::f64::ZERO)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn bands_come_back((low, high, marginal_low, marginal_high) in (bound(), bound(), bound(), bound())) {
            let band = (Limits { low, high }, Limits { low: marginal_low, high: marginal_high });
            let words = band_words(band.0, band.1);
            prop_assert_eq!(words.map_or((Limits::default(), Limits::default()), |words| limits(&parse(&words))), band);
        }

        #[test]
        fn any_words_are_kept(words in "('x' is within |x == |'x' matches /|0 <= |Marginal:|x| <= |5%| of |.){0,6}") {
            prop_assert_eq!(&parse(&words)[0].expression, &words);
        }
    }
}
