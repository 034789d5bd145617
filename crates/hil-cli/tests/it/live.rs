//! The live suite: every kind of operation has a test, and every test of the server works with our server.

use std::collections::{BTreeMap, BTreeSet};

use hil_model::Operation;

use crate::program::Program;

/// The kinds that each selected test covers.
fn covered(hil: &Program) -> BTreeMap<String, BTreeSet<String>> {
    let planned = hil.events("planned").remove(0);
    let mut covered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for test in planned.as_array().unwrap().iter().filter(|planned| planned["decision"] == "selected") {
        let name = test["test"]["name"].as_str().unwrap();
        for kind in test["test"]["covers"].as_array().into_iter().flatten() {
            covered.entry(kind.as_str().unwrap().to_owned()).or_default().insert(name.to_owned());
        }
    }
    covered
}

/// With a server, all that the suite covers is shown to work on the simulated bench, but for flashing, which the
/// configuration does not ask for.
#[test]
fn every_kind_of_operation_is_covered_and_works() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("runs.sqlite");
    let on_store = |program: Program| program.env("HIL_STORE", store.to_str().unwrap());
    let key =
        on_store(Program::hil().args(&["key", "create", "--user", "nightly@example.com"])).output().code(0);
    let mut server = on_store(Program::hil().args(&["serve", "--listen", "127.0.0.1:0"])).start_reading();
    let url = server.line().replace("listening on ", "");

    let hil = Program::hil()
        .args(&["--suite", "hardware", "--allow-mutation"])
        .env("HIL_SERVER_URL", &url)
        .env("HIL_API_KEY", key.stdout().trim());
    hil.run().code(0);
    let (covered, outcomes) = (covered(&hil), hil.outcomes());
    for operation in Operation::ALL {
        let tests = covered.get(operation.word()).cloned().unwrap_or_default();
        assert!(!tests.is_empty(), "no test of the hardware suite covers {operation}");
        let passed = tests.iter().any(|test| outcomes[test] == "passed");
        let excused = |test: &String| hil.message(test).starts_with("flash.enabled is not set");
        assert!(passed || tests.iter().all(excused), "{operation}: {tests:?}");
    }
    drop(server);
}

/// Flashing is shown where the configuration asks for it; see also `flash.rs`.
#[test]
fn what_changes_the_bench_says_so() {
    let hil = Program::hil().args(&["--suite", "hardware", "--list"]);
    hil.output().code(0);
    let why = Program::hil().args(&["diagnostics::assign_nad"]);
    why.run().code(0);
    let journal = why.reports.path().join("events.jsonl");
    let said = Program::hil()
        .args(&["why", "assign_nad", "--journal", journal.to_str().unwrap()])
        .output()
        .code(0)
        .stdout();
    assert!(said.contains("ran and passed") && said.contains("it configures the node"), "{said}");
}
