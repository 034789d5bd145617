//! The table of an independent program.

use rgb_to_pwm::{Calculator, Celsius, Intensity, Pwm16, Rgb};

#[test]
fn the_calculator_agrees_with_an_independent_program() {
    let calculator = Calculator::builtin();
    let table = include_str!("../fixtures/golden.csv");
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let fields: Vec<f64> = row.split(',').map(|field| field.parse().unwrap()).collect();
        let byte = |at: usize| fields[at] as u8;
        let word = |at: usize| fields[at] as u16;
        let (rgb, intensity) = (Rgb::new(byte(0), byte(1), byte(2)), Intensity(byte(3)));
        let plain = calculator.pwm_without_compensation(rgb, intensity);
        let target = calculator.pwm(rgb, intensity, Celsius(fields[4]));
        assert_eq!(plain.pwm, Pwm16 { red: word(5), green: word(6), blue: word(7) }, "{row}");
        assert_eq!(target.pwm, Pwm16 { red: word(8), green: word(9), blue: word(10) }, "{row}");
        assert_eq!([target.out_of_gamut, target.saturated], [fields[11] == 1.0, fields[12] == 1.0], "{row}");
        rows += 1;
    }
    assert_eq!(rows, 168);
}
