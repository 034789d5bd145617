//! `junit.xml`, as pytest, GoogleTest, CTest, Surefire, nextest and `hil` write it.
//!
//! | of the file | becomes |
//! | --- | --- |
//! | `testcase` | a phase, `classname.name`; attempts before the last (`rerun…`, `flaky…`) are phases before it |
//! | `skipped`, else `error`, else `failure` | its outcome, and a log with message and text |
//! | `time`, `timestamp` | its times; without a timestamp it begins where the one before it ended |
//! | `system-out`, `system-err` | a log, INFO or WARNING, of the phase, or of the run where a suite has it |
//! | properties of a suite | what is known of unit and procedure where the name says so (see [`Options`]), else properties |
//! | properties of a case | `title` its docstring, `requirements` the run's, all others a log `name = value` |
//! | an error or failure of a suite without a case | a phase with the name of the suite |
//!
//! Values that a test recorded are texts without limits or units, so they are no measurements.

mod document;
mod run;
mod xml;

pub use run::{Options, Report, read};

/// What errors call the format.
const FORMAT: &str = "JUnit file";
