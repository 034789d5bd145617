//! Jobs and the live stream of `hil serve` from outside, requirement by requirement.

use crate::python_suite;

#[test]
#[ignore = "minutes of real processes; CI and `just test-realtime` run it"]
fn jobs_and_the_live_stream_keep_their_promises() {
    python_suite::is_green("tests/realtime");
}
