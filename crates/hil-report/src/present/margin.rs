//! How far a value is from the nearest limit.

use hil_model::Limits;

use super::number;

/// The distance to the nearest limit; below zero outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Margin {
    /// Between two limits: in percent of the band, 50 in its middle.
    OfBand(f64),
    /// With one limit there is no band: the distance itself, in the value's unit.
    Distance(f64),
}

impl Margin {
    /// The margin of a value; nothing without limits, or where either is no finite number.
    pub(super) fn of(value: f64, bounds: Limits) -> Option<Self> {
        let finite = |distance: f64| distance.is_finite().then_some(distance);
        // Whoever writes an infinite limit means none.
        let [low, high] = [bounds.low, bounds.high].map(|end| end.filter(|end| end.is_finite()));
        match (low, high) {
            (Some(low), Some(high)) if low < high => {
                let nearest = (value - low).min(high - value);
                finite(nearest / (high - low) * 100.0).filter(|_| value.is_finite()).map(Self::OfBand)
            }
            (Some(_), Some(_)) | (None, None) => None,
            (Some(low), None) => finite(value - low).map(Self::Distance),
            (None, Some(high)) => finite(high - value).map(Self::Distance),
        }
    }

    /// `12 %`, or `0.25 V`.
    pub(super) fn text(self, unit: &str) -> String {
        match self {
            // On which side of the limit is all that is left to say.
            Self::OfBand(percent) if percent != 0.0 && percent.abs() < 0.01 => {
                if percent > 0.0 { "> 0 %" } else { "< 0 %" }.to_owned()
            }
            Self::OfBand(percent) if percent.abs() < 10.0 => format!("{} %", number::rounded(percent, 2)),
            // How far outside a value lies that is nowhere near, its limits say themselves.
            Self::OfBand(percent) if percent < -1000.0 => "< -1000 %".to_owned(),
            Self::OfBand(percent) => format!("{percent:.0} %"),
            Self::Distance(distance) => {
                let distance = number::rounded(distance, 3);
                if unit.is_empty() { distance } else { format!("{distance} {unit}") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::middle(5.0, Some(0.0), Some(10.0), "50 %")]
    #[case::near_the_high_end(9.75, Some(0.0), Some(10.0), "2.5 %")]
    #[case::on_the_limit(10.0, Some(0.0), Some(10.0), "0 %")]
    #[case::just_outside(10.000_000_1, Some(0.0), Some(10.0), "< 0 %")]
    #[case::just_inside(1e-9, Some(0.0), Some(10.0), "> 0 %")]
    #[case::outside(12.0, Some(0.0), Some(10.0), "-20 %")]
    #[case::far_outside(1e12, Some(0.0), Some(10.0), "< -1000 %")]
    #[case::one_limit(4.8, Some(4.5), None, "0.3 V")]
    #[case::above_the_only_limit(5.25, None, Some(5.0), "-0.25 V")]
    #[case::no_limit(5.0, None, None, "")]
    #[case::no_band(5.0, Some(5.0), Some(5.0), "")]
    #[case::nan(f64::NAN, Some(0.0), Some(10.0), "")]
    #[case::infinite(f64::INFINITY, Some(0.0), None, "")]
    #[case::infinite_limit(1.0, Some(0.0), Some(f64::INFINITY), "1 V")]
    fn margins(
        #[case] value: f64,
        #[case] low: Option<f64>,
        #[case] high: Option<f64>,
        #[case] expected: &str,
    ) {
        let margin = Margin::of(value, Limits { low, high });
        assert_eq!(margin.map(|margin| margin.text("V")).unwrap_or_default(), expected);
    }
}
