//! Calibration files that cannot be used say why.

use rgb_to_pwm::Calibration;
use rstest::rstest;

#[rstest]
#[case("gamma: 1.0", "gamma: 0", "gamma is 0, not greater than 0")]
#[case("luminance: 0.42", "luminance: -1", "leds: a luminance is -1, not greater than 0")]
#[case(
    "{x: 0.670, y: 0.308}",
    "{x: 0.670, y: 0}",
    "gamut.red: x = 0.67, y = 0 is no colour (x ≥ 0, y > 0, x + y ≤ 1)"
)]
#[case("{x: 0.217, y: 0.651}", "{x: 0.670, y: 0.308}", "the primaries of `gamut` lie on a line")]
#[case(
    "{x: 0.3125, y: 0.3320}",
    "{x: 0.7, y: 0.1}",
    "the white point is not a mixture of the primaries of `gamut`"
)]
#[case("{x: 0.7028, y: 0.2972,", "{x: 0.1435, y: 0.7259,", "the primaries of `leds` lie on a line")]
#[case(
    "{x: 0.1520, y: 0.0275,",
    "{x: 0.9, y: 0.2,",
    "leds.blue: x = 0.9, y = 0.2 is no colour (x ≥ 0, y > 0, x + y ≤ 1)"
)]
#[case("red: 0.630", "red: 0", "temperature.points: a flux is 0, not greater than 0")]
#[case("celsius: -40.0", "celsius: -.inf", "temperature.points: a temperature is -inf, not a temperature")]
#[case("reference: 25.0", "reference: .nan", "temperature.reference is NaN, not a temperature")]
#[case("celsius:   0.0", "celsius: -50.0", "temperature.points: -50 °C does not come after -40 °C")]
#[case(
    "reference: 25.0",
    "reference: 60.0",
    "temperature: the flux of red is 0.78 at the reference of 60 °C, not 1"
)]
#[case("reference: 25.0", "referenz: 25.0", "the calibration cannot be read")]
fn a_broken_calibration_is_refused(#[case] from: &str, #[case] to: &str, #[case] message: &str) {
    let good = include_str!("../../calibration.yaml");
    assert!(good.contains(from), "the case does not change anything");
    assert_eq!(Calibration::from_yaml(&good.replace(from, to)).unwrap_err().to_string(), message);
}

#[test]
fn a_calibration_without_temperatures_is_refused() {
    let good = include_str!("../../calibration.yaml");
    let (colours, _) = good.split_once("temperature:\n").unwrap();
    let text = format!("{colours}temperature: {{reference: 25.0, points: []}}\n");
    assert_eq!(Calibration::from_yaml(&text).unwrap_err().to_string(), "temperature.points is empty");
}

#[test]
fn a_misspelt_key_is_named() {
    let text = include_str!("../../calibration.yaml").replace("reference: 25.0", "referenz: 25.0");
    let error = Calibration::from_yaml(&text).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("referenz"), "{source}");
}
