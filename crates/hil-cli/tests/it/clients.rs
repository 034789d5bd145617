//! `hil serve` as foreign clients see it: TofuPilot's Python package and OpenHTF, unmodified, in two releases.
//!
//! The tests are written in Python, `tests/clients`. They want packages from a registry.

#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::process::{Command, Stdio};

use crate::program::root;
use crate::python;

/// What the runner ends with where it cannot install the packages.
const NO_ENVIRONMENT: i32 = 77;

#[test]
#[ignore = "minutes of real processes; CI and `just test-clients` run it"]
fn unmodified_clients_work_against_the_server() {
    if python::is_missing() {
        return;
    }
    let status = Command::new("python3")
        .arg("tests/clients/run.py")
        .current_dir(root())
        .env("HIL_BINARY", env!("CARGO_BIN_EXE_hil"))
        .stdin(Stdio::null())
        .status()
        .unwrap();
    if status.code() == Some(NO_ENVIRONMENT) {
        assert!(std::env::var_os("CI").is_none(), "CI is set, and the clients cannot be installed");
        eprintln!("skipped: pip cannot install the clients; its reason is above");
        return;
    }
    assert!(status.success(), "tests/clients failed: {status}");
}
