//! The `hil` command with the suites of this repository.

// Tests register themselves when their crate is linked; naming it is what links it.
use suites as _;

fn main() -> std::process::ExitCode {
    hil_cli::main()
}
