//! What the devices answer, in all their accents (hardware reference 5.2).

use hil_model::{Amps, Volts, Watts};

use crate::{Mode, Output, Reading};

/// What a device says when it does not understand or does not want to.
pub(super) const REFUSAL: &str = "ERR";

/// A number.
pub(super) fn number(line: &str) -> Option<f64> {
    line.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// `ON` and `OFF`, or `1` and `0`.
pub(crate) fn output(line: &str) -> Option<Output> {
    match line.trim().to_ascii_uppercase().as_str() {
        "ON" | "1" => Some(Output::On),
        "OFF" | "0" => Some(Output::Off),
        _ => None,
    }
}

/// The fields of a list, separated by commas or blanks.
fn fields(line: &str) -> Vec<&str> {
    line.split(|c: char| c == ',' || c.is_whitespace()).filter(|field| !field.is_empty()).collect()
}

/// The seven fields of `MEAS:ALL:INFO?`: V, I, P, OVP, OCP, OTP, mode.
pub(super) fn all_info(line: &str) -> Option<Reading> {
    let fields = fields(line);
    let [volts, amps, watts, ovp, ocp, otp, mode] = fields.as_slice() else { return None };
    let tripped = [ovp, ocp, otp].into_iter().map(|flag| output(flag)).collect::<Option<Vec<_>>>()?;
    let mode = match *mode {
        "0" => Mode::Standby,
        "1" => Mode::Voltage,
        "2" => Mode::Current,
        "3" => Mode::Fault,
        _ => return None,
    };
    Some(Reading {
        volts: Volts::new(number(volts)?),
        amps: Amps::new(number(amps)?),
        watts: Some(Watts::new(number(watts)?)),
        mode: Some(mode),
        tripped: Some(tripped.contains(&Output::On)),
    })
}

/// The two or three fields of `MEAS:ALL?`: V, I and perhaps P.
pub(super) fn all(line: &str) -> Option<Reading> {
    let fields = fields(line);
    let (volts, amps, watts) = match fields.as_slice() {
        [volts, amps] => (volts, amps, None),
        [volts, amps, watts] => (volts, amps, Some(Watts::new(number(watts)?))),
        _ => return None,
    };
    let (volts, amps) = (Volts::new(number(volts)?), Amps::new(number(amps)?));
    Some(Reading { volts, amps, watts, mode: None, tripped: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::commas("51.500,2.730,140.595,OFF,OFF,OFF,2", Some((51.5, 2.73, Mode::Current, false)))]
    #[case::blanks("2.000 5.000 10.000 0 0 0 1", Some((2.0, 5.0, Mode::Voltage, false)))]
    #[case::tripped("0.000,0.000,0.000,ON,OFF,OFF,3", Some((0.0, 0.0, Mode::Fault, true)))]
    #[case::short("51.500,2.730,140.595", None)]
    #[case::garbled("51.5x0,2.730,140.595,OFF,OFF,OFF,2", None)]
    #[case::unknown_mode("1,2,3,OFF,OFF,OFF,9", None)]
    #[case::not_a_number("nan,2,3,OFF,OFF,OFF,1", None)]
    fn all_info_is_read_in_both_accents(
        #[case] line: &str,
        #[case] expected: Option<(f64, f64, Mode, bool)>,
    ) {
        let got = all_info(line).map(|reading| {
            (reading.volts.get(), reading.amps.get(), reading.mode.unwrap(), reading.tripped.unwrap())
        });
        assert_eq!(got, expected);
    }

    #[rstest]
    #[case("12.0,0.5", Some(None))]
    #[case("12.0,0.5,6.0", Some(Some(6.0)))]
    #[case("12.0", None)]
    fn all_has_two_or_three_fields(#[case] line: &str, #[case] watts: Option<Option<f64>>) {
        assert_eq!(all(line).map(|reading| reading.watts.map(Watts::get)), watts);
    }

    #[rstest]
    #[case("ON", Some(Output::On))]
    #[case("off", Some(Output::Off))]
    #[case("1", Some(Output::On))]
    #[case("ERR", None)]
    fn outputs_are_read_in_both_accents(#[case] line: &str, #[case] expected: Option<Output>) {
        assert_eq!(output(line), expected);
    }
}
