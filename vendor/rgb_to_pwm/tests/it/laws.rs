//! What holds for every colour.

use proptest::prelude::*;
use rgb_to_pwm::{Calculator, Calibration, Celsius, Intensity, Rgb};

fn rgb() -> impl Strategy<Value = Rgb> {
    any::<[u8; 3]>().prop_map(|[r, g, b]| Rgb::new(r, g, b))
}

/// The built-in calibration with LEDs that are too dim for white, and with blue-green that they cannot mix.
fn narrow() -> Calculator {
    let text = include_str!("../../calibration.yaml")
        .replace("luminance: 0.42", "luminance: 0.10")
        .replace("x: 0.217, y: 0.651", "x: 0.100, y: 0.800");
    Calculator::new(Calibration::from_yaml(&text).unwrap())
}

proptest! {
    #[test]
    fn a_colour_that_can_be_shown_is_shown(rgb in rgb(), intensity: u8) {
        let calculator = Calculator::builtin();
        let duties = calculator.duties(rgb, Intensity(intensity));
        prop_assert!(!duties.out_of_gamut && !duties.saturated);
        let (got, want) = (calculator.xyz(&duties), calculator.requested_xyz(rgb, Intensity(intensity)));
        for (got, want) in got.into_iter().zip(want) {
            prop_assert!((got - want).abs() < 1e-9, "{got} {want}");
        }
    }

    #[test]
    fn duties_lie_between_nothing_and_always(rgb in rgb(), intensity: u8, celsius in -100.0..200.0) {
        for calculator in [Calculator::builtin(), narrow()] {
            let duties = calculator.duties(rgb, Intensity(intensity));
            prop_assert!(duties.channels.iter().all(|duty| (0.0..=1.0).contains(duty)));
            // Saturated implies a channel that is on all the time, before or after compensation. The
            // converse does not hold: an unsaturated duty just below 1 rounds to 65535, too.
            let target = calculator.pwm(rgb, Intensity::FULL, Celsius(celsius));
            let plain = calculator.pwm_without_compensation(rgb, Intensity::FULL);
            let largest = [target.pwm, plain.pwm].map(|pwm| pwm.red.max(pwm.green).max(pwm.blue));
            prop_assert!(!target.saturated || largest.contains(&u16::MAX), "{:?}", largest);
        }
    }

    #[test]
    fn what_is_too_bright_keeps_its_ratios(grey in 0x80u8..) {
        let narrow = narrow();
        let bright = narrow.duties(Rgb::new(grey, grey, grey), Intensity::FULL);
        prop_assert!(bright.saturated);
        let dim = narrow.duties(Rgb::new(1, 1, 1), Intensity::FULL);
        prop_assert!(!dim.saturated);
        let largest = dim.channels.into_iter().fold(0.0, f64::max);
        for (bright, dim) in bright.channels.into_iter().zip(dim.channels) {
            prop_assert!((bright - dim / largest).abs() < 1e-9, "{bright} {dim}");
        }
    }

    #[test]
    fn more_intensity_is_never_less_light(rgb in rgb(), a: u8, b: u8) {
        let calculator = Calculator::builtin();
        let at = |intensity| calculator.pwm_without_compensation(rgb, Intensity(intensity)).pwm;
        let (low, high) = (at(a.min(b)), at(a.max(b)));
        prop_assert!(low.red <= high.red && low.green <= high.green && low.blue <= high.blue);
    }

    #[test]
    fn nothing_is_compensated_at_the_reference(rgb in rgb(), intensity: u8) {
        let calculator = Calculator::builtin();
        let plain = calculator.pwm_without_compensation(rgb, Intensity(intensity));
        prop_assert_eq!(plain, calculator.pwm(rgb, Intensity(intensity), Celsius(25.0)));
    }
}

#[test]
fn white_is_the_white_point() {
    let [x, y, z] = Calculator::builtin().requested_xyz(Rgb::WHITE, Intensity::FULL);
    let sum = x + y + z;
    assert!((y - 1.0).abs() < 1e-12 && (x / sum - 0.3125).abs() < 1e-12 && (y / sum - 0.3320).abs() < 1e-12);
}

#[test]
fn what_cannot_be_shown_is_reported_and_keeps_its_hue() {
    let narrow = narrow();
    assert!(narrow.duties(Rgb::GREEN, Intensity::FULL).out_of_gamut);
    assert!(narrow.pwm(Rgb::GREEN, Intensity::FULL, Celsius(85.0)).out_of_gamut);
    let full = narrow.duties(Rgb::WHITE, Intensity::FULL);
    assert!(full.saturated);
    let [red, green, _] = full.channels;
    assert_eq!(red, 1.0);
    // A fifth of white is within reach, and must have the same ratio of channels.
    let dim = narrow.duties(Rgb::new(38, 38, 38), Intensity::FULL);
    assert!(!dim.saturated);
    assert!((dim.channels[1] / dim.channels[0] - green / red).abs() < 1e-9);
}

#[test]
fn gamma_applies_to_each_channel_before_mixing() {
    let text = include_str!("../../calibration.yaml").replace("gamma: 1.0", "gamma: 2.0");
    let squared = Calculator::new(Calibration::from_yaml(&text).unwrap());
    let white = Calculator::builtin().duties(Rgb::WHITE, Intensity::FULL);
    let grey = squared.duties(Rgb::new(51, 51, 51), Intensity::FULL);
    // 51 is a fifth of 255, and a fifth squared is 0.04.
    for (white, grey) in white.channels.into_iter().zip(grey.channels) {
        assert!((grey - 0.04 * white).abs() < 1e-9, "{grey} {white}");
    }
}

#[test]
fn a_colour_is_shown_in_hexadecimal() {
    assert_eq!(Rgb::new(255, 10, 0).to_string(), "#FF0A00");
}
