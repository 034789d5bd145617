//! The charter of live tests: each row of its tables, walked, and its tables compared with the code.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use hil_model::{Entity, ExitStatus, FaultKind, Mutation, Operation, SmokeEnd};
use hil_runner::Missing;
use rstest::rstest;

use crate::adapters;
use crate::fake_server::{Manner, nowhere, start};
use crate::imitation::Imitation;
use crate::program::{Ended, Program, root};

/// A key that must be seen nowhere.
const KEY: &str = "hil_0123456789abcdef0123456789abcdef";

/// Nothing that the run wrote or said has the key.
#[track_caller]
fn keeps_the_secret(program: &Program, ended: &Ended) {
    let mut texts = vec![ended.stdout(), ended.stderr()];
    for name in ["events.jsonl", "junit.xml", "summary.md", "report.html", "third-party.log"] {
        texts.push(program.read(name));
    }
    for text in texts {
        assert!(!text.contains(KEY), "{text}");
    }
}

/// The rows of the table under the heading `heading`, cells without back-quotes.
fn table(heading: &str) -> Vec<Vec<String>> {
    let charter = std::fs::read_to_string(root().join("docs/live-charter.md")).unwrap();
    let (_, below) = charter.split_once(&format!("# {heading}\n")).unwrap();
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim_matches('|');
        line.split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let rows =
        below.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(cells).collect()
}

fn column(heading: &str, at: usize) -> Vec<String> {
    table(heading).into_iter().map(|row| row[at].clone()).collect()
}

#[test]
fn the_charters_tables_are_the_codes() {
    assert_eq!(column("What a test may change", 0), Mutation::ALL.map(Mutation::word));
    assert_eq!(column("What the start-up context says", 0), Entity::ALL.map(Entity::name));
    let codes: Vec<(String, String)> =
        table("A run's exit code").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(codes, ExitStatus::ALL.map(|of| (of.code().to_string(), of.meaning().to_owned())));
    assert_eq!(column("Why a test skipped", 0), Missing::CODES);
    let words = [FaultKind::Bench, FaultKind::Test, FaultKind::Timeout, FaultKind::Interrupted];
    let words: Vec<&str> = ["failed"].into_iter().chain(words.map(FaultKind::word)).collect();
    assert_eq!(column("How a test went red", 0), words);
    let ends: BTreeSet<(String, String)> =
        table("How smoke ended").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let expected = SmokeEnd::ALL.map(|end| (end.code().to_string(), end.meaning().to_owned()));
    assert_eq!(ends, BTreeSet::from(expected));
    assert_eq!(column("What the live suite covers", 0), Operation::ALL.map(Operation::word));
}

#[test]
fn the_charter_names_every_variable() {
    let said: String = column("What the start-up context says", 1).join(" ");
    for (variable, key) in hil_config::VARIABLES {
        assert!(said.contains(variable) && said.contains(key), "{variable} {key}");
    }
}

/// The fixture on a bench with a real adapter that is not there.
fn real() -> Program {
    let fixture = Program::fixture();
    // Locks of real benches are the machine's, and these tests run side by side.
    let machine = fixture.data.path().to_str().unwrap().to_owned();
    fixture
        .set("interface.type=uart")
        .set("interface.port=/dev/does-not-exist")
        .set("power_supply.enabled=false")
        .env("TMPDIR", &machine)
}

#[test]
fn with_the_switch_off_everything_skips_and_says_so() {
    let fixture = real().args(&["bench::answers", "verdicts::passes"]);
    let ended = fixture.run().code(5);
    let told = "live running is off: set HIL_RUN_LIVE=1, or name the suite with --suite";
    for test in ["bench::answers", "verdicts::passes"] {
        assert_eq!(fixture.message(test), told);
    }
    let said = ended.stdout();
    assert!(said.contains("live running was off: this run says nothing about the bench"), "{said}");
    assert!(said.contains("live running       off: no test may touch the bench"), "{said}");
    assert!(said.contains("HIL_RUN_LIVE=1 or --suite NAME"), "{said}");
    assert!(fixture.read("summary.md").contains("**Live running was off**"));
    assert!(fixture.read("report.html").contains("Live running was off"));
    assert!(
        fixture
            .read("junit.xml")
            .contains("name=\"live_running\" value=\"off: no test may touch the bench\"")
    );
    // Nothing was opened.
    assert!(fixture.events("session_step_started").iter().all(|step| step["step"] != "lin"));
}

#[rstest]
#[case::variable(&[], Some("1"), "on (HIL_RUN_LIVE)")]
#[case::word(&[], Some("Yes"), "on (HIL_RUN_LIVE)")]
#[case::suite(&["--suite", "bench"], None, "on (--suite)")]
fn with_the_switch_on_what_is_not_there_is_named(
    #[case] arguments: &[&str],
    #[case] variable: Option<&str>,
    #[case] said: &str,
) {
    let mut fixture = real().args(&["bench::answers"]).args(arguments);
    if let Some(variable) = variable {
        fixture = fixture.env("HIL_RUN_LIVE", variable);
    }
    let ended = fixture.run().code(5);
    let why = fixture.message("bench::answers");
    assert!(why.contains("/dev/does-not-exist") && !why.contains("live running"), "{why}");
    assert!(ended.stdout().contains(said), "{}", ended.stdout());
}

#[rstest]
#[case("HIL_RUN_LIVE", "on")]
#[case("HIL_ALLOW_MUTATION", "please")]
fn a_switch_that_is_unclear_is_a_usage_error(#[case] variable: &'static str, #[case] text: &str) {
    let ended = Program::fixture().args(&["verdicts::passes"]).env(variable, text).run().code(4);
    let told = format!("{variable} is {text:?}; expected 1, true or yes, or 0, false or no");
    assert!(ended.stderr().contains(&told), "{}", ended.stderr());
}

#[test]
fn a_simulated_bench_needs_no_switch_and_says_so() {
    let fixture = Program::fixture().args(&["bench::fails_away_from_nominal", "verdicts::passes"]);
    let said = fixture.run().code(1).stdout();
    assert!(said.contains("not live: the bench is simulated, and needs no switch"), "{said}");
    assert!(said.contains("allowed: the bench is simulated"), "{said}");
    assert_eq!(fixture.outcomes()["bench::fails_away_from_nominal"], "failed");
    let started = fixture.events("run_started")[0].clone();
    assert_eq!(started["start_up"]["live"], "simulated");
}

/// The bench needs no switch, the server does; and `--allow-empty` makes no evidence of that.
#[rstest]
#[case::only_the_server(&[SUBMITS], 5)]
#[case::allowed_to_be_empty(&[SUBMITS, "--allow-empty"], 5)]
#[case::with_the_bench(&[SUBMITS, "smoke::the_module_answers"], 0)]
fn a_server_needs_the_switch_on_a_simulated_bench_too(#[case] arguments: &[&str], #[case] code: i32) {
    let hil = Program::hil().args(arguments).env("HIL_SERVER_URL", &nowhere()).env("HIL_API_KEY", KEY);
    let said = hil.run().code(code).stdout();
    assert_eq!(
        hil.message(SUBMITS),
        "live running is off: set HIL_RUN_LIVE=1, or name the suite with --suite"
    );
    assert!(said.contains("the simulated bench needs no switch; tests of the server skip"), "{said}");
    assert!(said.contains("live running was off: this run says nothing about the server"), "{said}");
}

#[test]
fn nothing_held_back_is_no_note() {
    let hil = Program::hil().args(&["smoke::the_module_answers"]).env("HIL_SERVER_URL", &nowhere());
    let said = hil.run().code(0).stdout();
    assert!(!said.contains("live running was off"), "{said}");
}

#[test]
fn what_is_held_back_is_no_empty_run() {
    real().args(&["bench::answers", "--allow-empty"]).run().code(5);
}

/// Standard output is libtest's.
#[rstest]
#[case("terse")]
#[case("json")]
fn the_start_up_context_is_said_in_every_format(#[case] format: &str) {
    let ended = Program::fixture().args(&["verdicts::passes", "--format", format]).run().code(0);
    assert!(ended.stderr().contains("live running"), "{}", ended.stderr());
    assert!(!ended.stdout().contains("live running"), "{}", ended.stdout());
}

/// What a newcomer sees who has said nothing at all.
#[test]
fn the_start_up_context_tells_what_would_be_needed() {
    let said = Program::hil().args(&["unit::"]).run().code(0).stdout();
    let needed = [
        "interface.type (mum, mcm, uart)",
        "HIL_LIN_HOST",
        "HIL_PSU_PORT",
        "HIL_RUN_LIVE=1 or --suite NAME",
        "HIL_ALLOW_MUTATION=1",
        "HIL_SERVER_URL and HIL_API_KEY",
        "docs/benches.md",
    ];
    for text in needed {
        assert!(said.contains(text), "{text}: {said}");
    }
}

#[test]
fn what_is_pinned_is_named_with_who_said_it() {
    let said = Program::hil()
        .args(&["unit::"])
        .env("HIL_NAD", "0x05")
        .env("HIL_SERVER_URL", "https://ada:secret@hil.example.com/base?key=secret")
        .env("HIL_API_KEY", KEY)
        .run()
        .code(0)
        .stdout();
    assert!(said.contains("0x05 (pinned: HIL_NAD)"), "{said}");
    assert!(said.contains("https://hil.example.com/base (pinned: HIL_SERVER_URL)"), "{said}");
    assert!(!said.contains("secret") && !said.contains(KEY), "{said}");
}

#[test]
fn without_permission_what_mutates_skips() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let tests = ["bench::is_at_nominal", "bench::fails_away_from_nominal"];
    let fixture = imitation.program(&tests).env("HIL_ALLOW_MUTATION", "0");
    let said = fixture.run().code(0).stdout();
    assert_eq!(
        fixture.message("bench::fails_away_from_nominal"),
        "it takes the rail outside its nominal band, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, or say --allow-mutation"
    );
    assert_eq!(fixture.outcomes()["bench::is_at_nominal"], "passed");
    assert!(said.contains("not allowed: tests that mutate skip"), "{said}");
    let heard = imitation.commands();
    assert!(!heard.iter().any(|command| command.starts_with("VOLT 15")), "{heard:?}");

    let allowed = imitation.program(&tests[1..]).env("HIL_ALLOW_MUTATION", "0").args(&["--allow-mutation"]);
    allowed.run().code(1);
    assert_eq!(allowed.outcomes()["bench::fails_away_from_nominal"], "failed");
}

/// A bus in another process, whose node nobody named, with and without something in the way.
#[rstest]
#[case::there(&[], 0, "passed")]
#[case::shorted(&["--set", "simulation.faults=[{lin: {kind: bus_short}}]"], 6, "bench-fault")]
fn the_node_is_looked_for(#[case] options: &[&str], #[case] code: i32, #[case] ended: &str) {
    let imitation = adapters::Imitation::start_with("uart", &[&["--no-supply"], options].concat());
    let hil = imitation.hil().args(&["smoke::the_module_answers"]);
    hil.run().code(code);
    let steps = hil.events("session_step_finished");
    let node = steps.iter().find(|step| step["step"] == "node").unwrap();
    if ended == "passed" {
        assert_eq!(hil.outcomes()["smoke::the_module_answers"], "passed");
        assert_eq!(node["facts"][0]["value"], "0x01");
    } else {
        let why = node["outcome"]["errored"]["message"].as_str().unwrap();
        assert!(why.contains("while 0x01 was asked who it is: the bus is shorted to ground"), "{why}");
        assert!(hil.outcomes().is_empty(), "no test was begun");
    }
    // Said, it is not looked for.
    let pinned = imitation.hil().args(&["smoke::the_module_answers"]).env("HIL_NAD", "0x01");
    pinned.run();
    assert!(pinned.events("session_step_finished").iter().all(|step| step["step"] != "node"));
}

/// A test that does not say what it does cannot do it, so that it cannot be held back in vain.
#[test]
fn what_is_not_declared_is_refused() {
    let fixture = Program::fixture().args(&["bench::moves_the_rail_undeclared"]);
    fixture.run().code(1);
    assert_eq!(fixture.outcomes()["bench::moves_the_rail_undeclared"], "test");
    let told = fixture.message("bench::moves_the_rail_undeclared");
    assert!(told.contains("`mutates` lacks voltage_outside_nominal"), "{told}");
}

/// The test of the server that submits a run.
const SUBMITS: &str = "hardware::server::a_run_is_taken_and_given_back";

fn submits(url: &str) -> Program {
    Program::hil().args(&["--suite", "hardware", SUBMITS]).env("HIL_SERVER_URL", url).env("HIL_API_KEY", KEY)
}

#[test]
fn a_server_is_never_simulated() {
    let fixture = submits(&nowhere());
    let ended = fixture.run().code(5);
    assert_eq!(
        fixture.message(SUBMITS),
        "it submits records, and mutation is not allowed: set HIL_ALLOW_MUTATION=1, or say --allow-mutation"
    );
    assert!(ended.stdout().contains("tests that submit records to the server skip"), "{}", ended.stdout());
    keeps_the_secret(&fixture, &ended);
}

#[rstest]
#[case::nobody(None, "bench", 6, &["cannot be reached"])]
#[case::key(Some(Manner::Refuses(401, "who are you,")), "bench", 6, &["does not take the key", "who are you, …"])]
#[case::broken(Some(Manner::Refuses(500, "<html>the database is down</html>")), "failed", 1, &["(500)", "the database is down"])]
#[case::forgetful(Some(Manner::Forgets), "failed", 1, &["(404)", "there is no such run"])]
fn an_error_of_the_server_is_told_with_its_answer(
    #[case] manner: Option<Manner>,
    #[case] outcome: &str,
    #[case] code: i32,
    #[case] told: &[&str],
) {
    let fixture = submits(&manner.map_or_else(nowhere, start)).args(&["--allow-mutation"]);
    let ended = fixture.run().code(code);
    assert_eq!(fixture.outcomes()[SUBMITS], outcome);
    let message = fixture.message(SUBMITS);
    for text in told {
        assert!(message.contains(text), "{text}: {message}");
    }
    // The test's own line, and not one of ours.
    let finished = fixture.events("test_finished")[0]["outcome"].to_string();
    assert!(finished.contains("tests/hardware/server.rs"), "{finished}");
    keeps_the_secret(&fixture, &ended);
}

#[rstest]
#[case::scheme("ftp://localhost:1", KEY, "the server's URL")]
#[case::host("http://", KEY, "the server's URL")]
#[case::password("http://ada:secret@localhost:1", KEY, "the server's URL")]
#[case::query("http://localhost:1?key=secret", KEY, "the server's URL")]
#[case::key("http://localhost:1", "no key", "the key for the server")]
fn a_server_that_cannot_be_meant_is_a_usage_error(#[case] url: &str, #[case] key: &str, #[case] told: &str) {
    let hil = submits(url).env("HIL_API_KEY", key).args(&["--allow-mutation"]);
    let ended = hil.run().code(4);
    assert!(ended.stderr().contains(told) && !ended.stderr().contains("secret"), "{}", ended.stderr());
    assert!(hil.journal().is_empty(), "nothing was opened");
}

/// A configured port that is there and may not be used is no absence (LIV-05); one that is not there is.
#[rstest]
#[case::not_permitted(true, 6)]
#[case::not_there(false, 5)]
fn a_configured_port_that_may_not_be_opened_is_a_fault(#[case] is_there: bool, #[case] code: i32) {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    if is_there {
        File::create(&port).unwrap().set_permissions(Permissions::from_mode(0o0)).unwrap();
        if File::open(&port).is_ok() {
            // Nothing is forbidden to root.
            return;
        }
    }
    let fixture = Program::fixture().args(&["bench::is_at_nominal"]).env("HIL_RUN_LIVE", "1");
    let machine = fixture.data.path().to_str().unwrap().to_owned();
    let fixture = fixture.set(&format!("power_supply.port={}", port.display())).env("TMPDIR", &machine);
    fixture.run().code(code);
    let steps = fixture.events("session_step_finished");
    let outcome = steps.iter().find(|step| step["step"] == "psu").unwrap()["outcome"].to_string();
    let word = if is_there { "power_supply.port is" } else { "no power supply was reached" };
    assert!(outcome.contains(word), "{outcome}");
}

#[rstest]
#[case::no_server(None, "no server: neither HIL_SERVER_URL nor record.server is set")]
#[case::no_key(
    Some("http://127.0.0.1:9"),
    "no key for the server: neither HIL_API_KEY nor record.key_file is set"
)]
fn a_server_that_nobody_names_is_a_skip(#[case] url: Option<&str>, #[case] reason: &str) {
    let mut fixture = Program::hil().args(&["--suite", "hardware", SUBMITS, "--allow-mutation"]);
    if let Some(url) = url {
        fixture = fixture.env("HIL_SERVER_URL", url);
    }
    fixture.run().code(5);
    assert_eq!(fixture.message(SUBMITS), reason);
}
