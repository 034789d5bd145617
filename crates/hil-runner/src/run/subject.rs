//! What a run is about: what the command line says, else what the configuration does.

use std::str::FromStr;

use hil_config::Config;
use hil_model::Subject;
use hil_model::run::FieldError;

use super::RunError;

/// `given`, with what it lacks from the configuration.
///
/// # Errors
///
/// [`RunError::Subject`], which names the key whose text cannot be taken.
pub(super) fn complete(given: Subject, config: &Config) -> Result<Subject, RunError> {
    let (unit, record) = (&config.unit, &config.record);
    Ok(Subject {
        serial_number: or(given.serial_number, "unit.serial_number", unit.serial_number.as_deref())?,
        part_number: or(given.part_number, "unit.part_number", unit.part_number.as_deref())?,
        part_name: or(given.part_name, "unit.part_name", unit.part_name.as_deref())?,
        revision: or(given.revision, "unit.revision", unit.revision.as_deref())?,
        batch: or(given.batch, "unit.batch", unit.batch.as_deref())?,
        sub_units: given.sub_units,
        procedure: or(given.procedure, "record.procedure", record.procedure.as_deref())?,
        procedure_version: or(
            given.procedure_version,
            "record.procedure_version",
            record.procedure_version.as_deref(),
        )?,
        operator: or(given.operator, "record.operator", record.operator.as_deref())?,
    })
}

/// A text of the configuration is looked at even where the command line hides it: a mistake there is a mistake.
fn or<T: FromStr<Err = FieldError>>(
    given: Option<T>,
    key: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, RunError> {
    let configured = text.map(str::parse).transpose().map_err(|source| RunError::Subject { key, source })?;
    Ok(given.or(configured))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn config(serial: Option<&str>, batch: Option<&str>) -> Config {
        let mut config = Config::default();
        config.unit.serial_number = serial.map(str::to_owned);
        config.unit.batch = batch.map(str::to_owned);
        config
    }

    #[rstest]
    #[case(None, None, None)]
    #[case(None, Some("SN-1"), Some("SN-1"))]
    #[case(Some("SN-2"), Some("SN-1"), Some("SN-2"))]
    #[case(Some("SN-2"), None, Some("SN-2"))]
    fn the_command_line_wins(
        #[case] given: Option<&str>,
        #[case] configured: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        let given = Subject { serial_number: given.map(|text| text.parse().unwrap()), ..Subject::default() };
        let subject = complete(given, &config(configured, None)).unwrap();
        assert_eq!(subject.serial_number.as_ref().map(|serial| serial.as_str()), expected);
    }

    #[test]
    fn a_text_that_cannot_be_taken_is_named_by_its_key() {
        let error = complete(Subject::default(), &config(None, Some("LOT 1"))).unwrap_err();
        let told = hil_model::chain(&error);
        assert_eq!(told, "unit.batch: batch number must not contain ' '");
    }
}
