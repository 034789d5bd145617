//! `hil smoke`: each way that it can end.

use std::fs::File;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rstest::rstest;

use crate::adapters;
use crate::fake_server::{Manner, nowhere, start, told};
use crate::program::{Ended, Program, root};

/// A key that must be seen nowhere.
const KEY: &str = "hil_0123456789abcdef0123456789abcdef";

fn smoke() -> Program {
    Program::hil().args(&["smoke"])
}

fn to_server(url: &str) -> Program {
    smoke().env("HIL_SERVER_URL", url).env("HIL_API_KEY", KEY)
}

#[track_caller]
fn says(ended: &Ended, texts: &[&str]) {
    let said = ended.stdout();
    for text in texts {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(!said.contains(KEY) && !ended.stderr().contains(KEY), "{said}");
}

#[test]
fn the_simulated_bench_is_proven() {
    let ended = smoke().run().code(0);
    says(&ended, &["is COMPLETED in", "the write path is proven (exit code 0)", "start-up"]);
    assert!(!ended.stdout().contains("::notice::"));
}

/// Not even a process begins in a microsecond, whatever the bench is like.
#[test]
fn what_comes_too_late_is_one() {
    let late = smoke().args(&["--timeout", "0.000001"]).run().code(1);
    says(&late, &["the record did not reach COMPLETED in time (exit code 1): the time limit is 0.000001 s"]);
}

/// The bench takes its time here, and needs more than is given: the supply alone settles for longer.
#[test]
fn the_time_limit_ends_the_run() {
    let slow = smoke().set("simulation.realtime=true").args(&["--timeout", "0.2"]).run().code(1);
    says(&slow, &["the time limit: it ends in order", "the record did not reach COMPLETED in time"]);
}

#[test]
fn waiting_for_a_bench_in_use_ends_at_the_time_limit() {
    let reports = tempfile::tempdir().unwrap();
    let held = File::create(reports.path().join(".lock")).unwrap();
    held.lock().unwrap();
    let arguments = ["--wait", "--timeout", "0.5", "--reports", reports.path().to_str().unwrap()];
    says(&smoke().args(&arguments).output().code(1), &["the reports folder", "is in use"]);
}

#[test]
fn a_server_without_a_key_is_one_and_names_it() {
    let ended = smoke().env("HIL_SERVER_URL", &nowhere()).run().code(1);
    says(
        &ended,
        &[
            "the server does not take the key (exit code 1)",
            "no key for the server: neither HIL_API_KEY nor record.key_file is set",
        ],
    );
}

#[rstest]
#[case(&["smoke", "--nope"], 1)]
#[case(&["--config", "x.yaml", "smoke", "--timeout", "soon"], 1)]
#[case(&["smoke", "--help"], 0)]
#[case(&["run", "--nope"], 4)]
#[case(&["--nope"], 4)]
fn a_wrong_command_line_of_smoke_is_one(#[case] arguments: &[&str], #[case] code: i32) {
    Program::hil().args(arguments).output().code(code);
}

#[test]
fn verbose_tells_what_was_found() {
    let ended = smoke().args(&["--verbose"]).run().code(0);
    says(&ended, &["psu_idn OWON", "ldf_sha256", "smoke::the_light_goes_on_and_off"]);
}

#[test]
fn a_silent_node_is_red_and_named() {
    let ended = smoke().set("simulation.faults=[{ecu: {kind: dead}}]").run().code(1);
    says(&ended, &["the bench answers, but not as it should", "smoke::the_module_answers", "no response"]);
}

#[test]
fn a_silent_supply_is_not_a_ready_bench() {
    let ended = smoke().set("simulation.faults=[{psu: {kind: silent}}]").run().code(1);
    says(&ended, &["(exit code 1)", "psu"]);
}

#[test]
fn an_adapter_that_is_not_there_is_unreachable() {
    let smoke = smoke();
    // Locks of real benches are the machine's.
    let machine = smoke.data.path().to_str().unwrap().to_owned();
    let ended = smoke
        .set("interface.type=uart")
        .set("interface.port=/dev/does-not-exist")
        .set("power_supply.enabled=false")
        .env("TMPDIR", &machine)
        .run()
        .code(1);
    says(&ended, &["the bench cannot be reached", "/dev/does-not-exist"]);
}

/// A node is there, but the LDF has nothing of what smoke writes.
#[test]
fn nothing_to_write_to_is_two_with_notices() {
    let described = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("less.ldf");
    std::fs::write(&path, described.replace("ALM_Req_A", "ALM_Req_B")).unwrap();
    let ended = smoke().set(&format!("interface.ldf_path={}", path.display())).run().code(2);
    says(
        &ended,
        &[
            "::notice::nothing to write to: the LDF has no frame ALM_Req_A\n",
            "the bench answers, but there is nothing to write to (exit code 2)",
        ],
    );
}

/// Adapter, supply and unit are good, and the LDF is missing or another product's.
#[rstest]
#[case::simulated_without_ldf("", "interface.ldf_path=null", "interface.ldf_path is not set (HIL_LDF)")]
#[case::without_ldf("uart", "interface.ldf_path=null", "interface.ldf_path is not set (HIL_LDF)")]
#[case::another_product("uart", "interface.ldf_path=OTHER", "no node is the one of the LDF (supplier ")]
fn a_bench_that_answers_with_nothing_eligible_is_two(
    #[case] imitated: &str,
    #[case] set: &str,
    #[case] notice: &str,
) {
    let described = std::fs::read_to_string(root().join("vendor/alm.ldf")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.ldf");
    std::fs::write(&path, described.replace("product_id = 0x7FFE", "product_id = 0x1234")).unwrap();
    let set = set.replace("OTHER", path.to_str().unwrap());
    let imitation = (!imitated.is_empty()).then(|| adapters::Imitation::start(imitated));
    let hil = imitation.as_ref().map_or_else(Program::hil, adapters::Imitation::hil);
    let ended = hil.args(&["smoke"]).set(&set).run().code(2);
    says(
        &ended,
        &[
            &format!("::notice::{notice}"),
            "the bench answers, but there is nothing to write to (exit code 2)",
        ],
    );
}

#[test]
fn nowhere_for_the_record_is_two_with_a_notice() {
    let ended = smoke().env("HIL_STORE", "none").run().code(2);
    says(
        &ended,
        &["::notice::no server: neither HIL_SERVER_URL nor record.server is set, and record.store is none"],
    );
}

#[rstest]
#[case::nobody(None, &["the record was not taken", "cannot be reached"])]
#[case::key(Some(Manner::Refuses(401, "who are you,")), &["the server does not take the key", "who are you, …"])]
#[case::forbidden(Some(Manner::Refuses(403, "not you,")), &["the server does not take the key", "not you, …"])]
#[case::broken(Some(Manner::Refuses(500, "<html>the database is down</html>")), &["the record was not taken", "(500)", "the database is down"])]
#[case::forgetful(Some(Manner::Forgets), &["the record did not reach COMPLETED in time"])]
fn a_server_that_does_not_take_the_record_is_red(#[case] manner: Option<Manner>, #[case] texts: &[&str]) {
    let ended = to_server(&manner.map_or_else(nowhere, start)).args(&["--timeout", "4"]).run().code(1);
    says(&ended, texts);
}

/// Each of its bytes comes in time, and the whole never does.
#[test]
fn a_server_that_drips_its_answer_is_left_at_the_time_limit() {
    let began = Instant::now();
    let ended = to_server(&start(Manner::Drips)).args(&["--timeout", "4"]).run().code(1);
    says(&ended, &["the record did not reach COMPLETED in time (exit code 1): the time limit is 4 s"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_signal_ends_the_wait_for_the_server() {
    let (asked, url) = told(Manner::Drips);
    let reports = tempfile::tempdir().unwrap();
    let arguments = ["--timeout", "50", "--reports", reports.path().to_str().unwrap()];
    let running = to_server(&url).args(&arguments).start_reading();
    asked.recv().unwrap();
    running.signal(Signal::SIGTERM);
    let (code, said) = running.end();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("smoke could not be run (exit code 1): interrupted by SIGTERM"), "{said}");
}

#[rstest]
#[case::url("localhost:1", KEY, "the server's URL is not http://HOST[:PORT]")]
#[case::scheme("ftp://localhost:1", KEY, "the server's URL is not http://HOST[:PORT]")]
#[case::key("http://localhost:1", "no key", "the API key is empty, or has characters that no key has")]
fn a_server_that_cannot_be_meant_is_found_before_anything_is_powered(
    #[case] url: &str,
    #[case] key: &str,
    #[case] told: &str,
) {
    let ended = smoke().env("HIL_SERVER_URL", url).env("HIL_API_KEY", key).run().code(1);
    says(&ended, &["smoke could not be run", told]);
    assert!(!ended.stdout().contains("start-up"), "{}", ended.stdout());
}

#[test]
fn without_a_home_there_is_no_data_directory_for_the_record() {
    let ended = smoke().env("HOME", "").env("XDG_DATA_HOME", "").run().code(2);
    says(&ended, &["::notice::no server: ", "because neither HOME nor XDG_DATA_HOME is set"]);
}

#[test]
fn a_configuration_that_is_wrong_is_one() {
    let ended = smoke().set("interface.nad=0").run().code(1);
    says(&ended, &["smoke could not be run"]);
    let unclear = smoke().env("HIL_ALLOW_MUTATION", "maybe").run().code(1);
    says(&unclear, &["smoke could not be run", "HIL_ALLOW_MUTATION"]);
}
