//! Whether there is a Python for the imitations that are written in it. One file for the tests of three crates.

use std::process::Command;
use std::sync::LazyLock;

/// Whether a test that needs Python shows nothing here, which it then says. Fails where `CI` is set: there must
/// be one.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn is_missing() -> bool {
    static WORKS: LazyLock<bool> = LazyLock::new(|| {
        let run = Command::new("python3").args(["-c", "import ctypes, json, select, socket, tty"]).output();
        run.is_ok_and(|output| output.status.success())
    });
    if !*WORKS {
        assert!(std::env::var_os("CI").is_none(), "CI is set, and there is no working python3 for this test");
        eprintln!("skipped: there is no working python3, which runs the imitation for this test");
    }
    !*WORKS
}
