//! `hil serve` as foreign clients see it: TofuPilot's Python package and OpenHTF, unmodified, in two releases.

use crate::python_suite;

#[test]
#[ignore = "minutes of real processes; CI and `just test-clients` run it"]
fn unmodified_clients_work_against_the_server() {
    python_suite::is_green("tests/clients");
}
