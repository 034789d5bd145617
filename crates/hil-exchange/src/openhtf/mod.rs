//! The report of OpenHTF 1.6, as `OutputToJSON` writes it.
//!
//! | of the report | becomes |
//! | --- | --- |
//! | `dut_id`, `station_id`, `outcome`, times, `code_info.docstring` | the same of the run |
//! | `metadata`: `procedure_id`, `procedure_version`, `part_number`, `revision`, `batch_number`, `sub_units` | procedure, unit and sub-units |
//! | the rest of `metadata`, `outcome_details`, `subtests`, `diagnoses` | properties, as far as there is room |
//! | `phases`, `trigger_phase` too | phases; attempts at one phase count up |
//! | `validators` | validators, and limits where they describe a band |
//! | `conditional_validators` that were not applied | validators that nobody asked |
//! | `measured_value` with `dimensions` | a series, one axis a dimension and one for the value |
//! | `"nan"`, `"inf"`, `"-inf"`, and the bare tokens of Python | numbers |
//! | `log_records` | the logs of the run |
//!
//! OpenHTF writes NaN as the text `"nan"`: a text measurement of that content cannot be told from it, and becomes a
//! number too, unless a validator compares it with a text.

mod measurement;
mod metadata;
mod read;
mod validator;
mod value;
mod wire;
mod write;

pub use read::{Embedded, Given, Report, read};
pub use write::write;

/// What errors call the format.
const FORMAT: &str = "OpenHTF report";
