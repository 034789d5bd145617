//! Suites that are written in Python and run against the built program. They want packages from a registry.

#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::process::{Command, Stdio};

use crate::program::root;
use crate::python;

/// What the runner ends with where it cannot install the packages.
const NO_ENVIRONMENT: i32 = 77;

/// Runs the suite in this folder. It must be green; where `CI` is set, it must also be there.
pub(crate) fn is_green(folder: &str) {
    if python::is_missing() {
        return;
    }
    let status = Command::new("python3")
        .arg(format!("{folder}/run.py"))
        .current_dir(root())
        .env("HIL_BINARY", env!("CARGO_BIN_EXE_hil"))
        .env_remove("HIL_BIN")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    if status.code() == Some(NO_ENVIRONMENT) {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI is set, and the packages of {folder} cannot be installed"
        );
        eprintln!("skipped: pip cannot install the packages of {folder}; its reason is above");
        return;
    }
    assert!(status.success(), "{folder} failed: {status}");
}
