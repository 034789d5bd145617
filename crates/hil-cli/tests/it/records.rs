//! Runs are kept when they are over, found again, and sent to a server.

use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;

use crate::program::{Program, Reading, wait_until};

/// A user: whatever the user runs, it has one data directory.
struct User {
    data: String,
    _folder: tempfile::TempDir,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { data: folder.path().to_str().unwrap().to_owned(), _folder: folder }
    }

    fn hil(&self, arguments: &[&str]) -> Program {
        Program::hil().env("XDG_DATA_HOME", &self.data).args(arguments)
    }

    /// A run of one test of the fixture suite.
    fn tests(&self, test: &str) -> Program {
        Program::fixture().env("XDG_DATA_HOME", &self.data).args(&["--exact", test])
    }

    /// The runs that are listed, the latest first.
    fn listed(&self, arguments: &[&str]) -> Vec<Value> {
        let program = self.hil(&["runs", "list", "--json"]).args(arguments);
        let listed: Value = serde_json::from_str(&program.output().code(0).stdout()).unwrap();
        listed["runs"].as_array().unwrap().clone()
    }

    /// The run as it is kept.
    fn shown(&self, id: &str) -> Value {
        serde_json::from_str(&self.hil(&["runs", "show", id, "--json"]).output().code(0).stdout()).unwrap()
    }

    fn waiting(&self, what: &str) -> usize {
        let runs = Path::new(&self.data).join("hil/spool").join(what).join("runs");
        fs::read_dir(runs).map_or(0, Iterator::count)
    }
}

fn id(program: &Program) -> String {
    program.events("run_started")[0]["run_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_finished_run_is_kept_and_found_again() {
    let user = User::new();
    let passed = user.tests("verdicts::passes").args(&["--serial", "SN-1", "--part", "PCB-17"]);
    let ended = passed.run().code(0);
    let id = id(&passed);
    assert!(ended.stdout().contains(&format!("run {id} kept in ")), "{}", ended.stdout());
    // Of a unit that is known nobody need say the part again; one that is not is of an unknown part.
    user.tests("verdicts::passes").args(&["--serial", "SN-3"]).run().code(0);
    assert_eq!(user.listed(&["--part", "unknown"])[0]["serial_number"], "SN-3");
    let failed = user.tests("verdicts::fails").args(&["--serial", "SN-2", "--part", "PCB-17"]);
    failed.run().code(1);

    let runs = user.listed(&["--serial", "sn-1"]);
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0]["id"].as_str(), runs[0]["outcome"].as_str()), (Some(&*id), Some("PASS")));
    assert_eq!(user.listed(&["--outcome", "fail"])[0]["serial_number"], "SN-2");
    assert_eq!(user.listed(&["--part", "pcb-17", "--limit", "1"]).len(), 1);
    assert_eq!(user.listed(&["--since", "1d"]).len(), 3);
    assert_eq!(user.listed(&["--until", "2020-01-01"]).len(), 0);
    assert_eq!(user.listed(&["--serial", "unknown"]), Vec::<Value>::new());

    let table = user.hil(&["runs", "list"]).output().code(0).stdout();
    assert!(table.contains("SN-1") && table.contains("FAIL"), "{table}");
    let text = user.hil(&["runs", "show", &id]).output().code(0).stdout();
    assert!(text.contains("SN-1") && text.contains("verdicts::passes"), "{text}");
    let document = user.hil(&["runs", "show", &id, "--json"]).output().code(0).stdout();
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((document["schema"].as_u64(), document["id"].as_str()), (Some(1), Some(&*id)));
    let page = passed.reports.path().join("run.html");
    user.hil(&["runs", "show", &id, "--html", page.to_str().unwrap()]).output().code(0);
    assert!(fs::read_to_string(page).unwrap().contains("verdicts::passes"));
}

#[test]
fn runs_are_compared_counted_and_exported() {
    let user = User::new();
    let (one, other) = (user.tests("verdicts::passes"), user.tests("verdicts::fails"));
    one.run().code(0);
    other.run().code(1);
    let (first, second) = (id(&one), id(&other));
    user.hil(&["runs", "compare", &first, &first]).output().code(0);
    let text = user.hil(&["runs", "compare", &first, &second]).output().code(1).stdout();
    assert!(text.contains("verdicts::passes") && text.contains("verdicts::fails"), "{text}");

    let counted = user.hil(&["runs", "stats"]).output().code(0).stdout();
    assert!(counted.contains("First-pass yield") && counted.contains("100.0 %"), "{counted}");
    let yields = user.hil(&["runs", "stats", "yield", "--json"]).output().code(0).stdout();
    assert_eq!(serde_json::from_str::<Value>(&yields).unwrap()[0]["units"], 1);
    user.hil(&["runs", "stats", "trend"]).output().code(4);

    let out = one.reports.path().join("runs.csv");
    let csv = ["runs", "export", "--format", "csv", "--out", out.to_str().unwrap()];
    user.hil(&csv).output().code(0);
    assert!(fs::read_to_string(&out).unwrap().contains(&second));
    assert!(!out.with_extension("csv.part").exists());

    // What comes out goes in again, elsewhere, and once.
    let exported = one.reports.path().join("runs.json");
    fs::write(&exported, user.hil(&["runs", "export"]).output().code(0).stdout()).unwrap();
    let elsewhere = User::new();
    for _ in 0..2 {
        elsewhere.hil(&["runs", "import", exported.to_str().unwrap()]).output().code(0);
    }
    assert_eq!(elsewhere.listed(&[]).len(), 2);
}

#[test]
fn files_of_others_become_runs() {
    let user = User::new();
    let ran = user.tests("verdicts::passes").args(&["--store", "none"]);
    ran.run().code(0);
    assert_eq!(user.listed(&[]).len(), 0, "none means none");
    let file = |name: &str| ran.reports.path().join(name).to_str().unwrap().to_owned();

    user.hil(&["runs", "import", &file("events.jsonl")]).output().code(0);
    assert_eq!(user.listed(&[])[0]["id"].as_str(), Some(&*id(&ran)));
    let junit = file("junit.xml");
    let what = ["--serial", "SN-J", "--part", "P", "--procedure", "unit tests"];
    for _ in 0..2 {
        user.hil(&["runs", "import", &junit]).args(&what).output().code(0);
    }
    let runs = user.listed(&["--procedure", "Unit Tests"]);
    assert_eq!((runs.len(), runs[0]["serial_number"].as_str()), (1, Some("SN-J")));

    // One that cannot be read does not keep the others from it.
    fs::write(ran.reports.path().join("nonsense"), "nonsense").unwrap();
    let ended = user.hil(&["runs", "import", &file("nonsense"), &junit]).args(&what).output().code(1);
    assert!(ended.stderr().contains("nonsense: it is no OpenHTF report"), "{}", ended.stderr());
    assert!(ended.stdout().contains("junit.xml"));
}

#[rstest]
#[case(&["list", "--serial", ""], "serial number must not be empty")]
#[case(&["list", "--outcome", "GOOD"], "expected one of PASS")]
#[case(&["list", "--since", "yesterday"], "expected a date")]
#[case(&["show", "0193c0de-0000-7000-8000-000000000000"], "no run has an id that begins so")]
#[case(&["show", "0193"], "at least 8 characters")]
#[case(&["show", "../../etc"], "this is no run's id")]
#[case(&["export", "--format", "xml"], "no export format")]
#[case(&["list", "--store", "mysql://db"], "is no store")]
#[case(&["list", "--server", "http://127.0.0.1:1"], "no key for the server")]
fn what_cannot_be_meant_is_a_usage_error(#[case] arguments: &[&str], #[case] why: &str) {
    let ended = User::new().hil(&["runs"]).args(arguments).output().code(4);
    assert!(ended.stderr().contains(why), "{}", ended.stderr());
}

#[test]
fn a_run_that_was_killed_is_kept_by_the_next_one() {
    let user = User::new();
    let program = Program::fixture().env("XDG_DATA_HOME", &user.data);
    let program = program.args(&["bench::answers", "waits_long"]).set("simulation.realtime=true");
    let mut running = program.start();
    wait_until("the long test to begin", || {
        program.read("events.jsonl").contains("waits_long\",\"attempt\":1")
    });
    running.signal_group(Signal::SIGKILL);
    running.wait();
    let killed = id(&program);
    let next = user.tests("verdicts::passes").args(&["--reports", program.reports.path().to_str().unwrap()]);
    let ended = next.output().code(0);
    assert!(ended.stdout().contains(&format!("run {killed} kept in ")), "{}", ended.stdout());
    let runs = user.listed(&["--outcome", "aborted"]);
    assert_eq!((runs.len(), runs[0]["id"].as_str()), (1, Some(&*killed)));
    assert_eq!(user.listed(&[]).len(), 2);
}

#[test]
fn a_store_that_cannot_be_reached_changes_no_verdict_and_loses_no_run() {
    let user = User::new();
    let program = user.tests("verdicts::passes").args(&["--store", "postgres://hil:secret@127.0.0.1:1/lab"]);
    let ended = program.run().code(0);
    assert!(ended.stdout().contains("waits in "), "{}", ended.stdout());
    assert!(!(ended.stdout() + &ended.stderr()).contains("secret"));
    assert_eq!((user.waiting("store"), user.listed(&[]).len()), (1, 0));
    let next = user.tests("verdicts::fails");
    next.run().code(1);
    let ids: Vec<_> = user.listed(&[]).iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, [id(&next), id(&program)]);
    assert_eq!(user.waiting("store"), 0);
}

#[test]
fn a_run_that_is_killed_before_it_is_kept_is_kept_by_the_next_one() {
    let user = User::new();
    // Somebody takes the connection, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let program =
        user.tests("verdicts::passes").args(&["--store", &format!("postgres://x@127.0.0.1:{port}/x")]);
    let mut running = program.start();
    wait_until("the run to end", || !program.events("run_finished").is_empty());
    wait_until("the run to wait", || user.waiting("store") == 1);
    // As long as it is not kept, its folder is its own. It waits no longer than it has patience, so it stands still.
    running.signal(Signal::SIGSTOP);
    let reports = program.reports.path().to_str().unwrap().to_owned();
    let other = user.tests("verdicts::fails").args(&["--reports", &reports]);
    let refused = other.output().code(6);
    assert!(refused.stderr().contains("is in use by process "), "{}", refused.stderr());
    let first = id(&program);
    running.signal(Signal::SIGKILL);
    running.wait();

    let ended = other.output().code(1);
    assert!(ended.stdout().contains(&format!("run {first} kept in ")), "{}", ended.stdout());
    let runs = user.listed(&[]);
    assert_eq!(
        (runs.len(), runs[1]["id"].as_str(), runs[1]["outcome"].as_str()),
        (2, Some(&*first), Some("PASS"))
    );
    assert_eq!(user.waiting("store"), 0);
}

#[test]
fn a_finished_run_that_nothing_took_is_kept_by_the_next_one_without_what_is_lost_of_it() {
    let program = Program::fixture().args(&["--exact", "records::attaches"]);
    // No directory can be made below a file.
    let file = program.reports.path().join("file");
    fs::write(&file, "").unwrap();
    let program = program.env("XDG_DATA_HOME", file.to_str().unwrap());
    let ended = program.run().code(1);
    assert!(ended.stdout().contains("IS KEPT NOWHERE"), "{}", ended.stdout());
    let attached = program.events("attached");
    assert_eq!(attached.len(), 4);
    let path = |index: usize| program.reports.path().join(attached[index]["path"].as_str().unwrap());
    fs::remove_file(path(0)).unwrap();
    fs::write(path(1), "shorter").unwrap();

    let (user, first) = (User::new(), id(&program));
    let reports = program.reports.path().to_str().unwrap().to_owned();
    let next = user.tests("verdicts::passes").args(&["--reports", &reports]);
    let text = next.output().code(0).stdout();
    assert_eq!(text.matches(&format!("run {first} is kept without attachment")).count(), 2, "{text}");
    let kept = user.shown(&first);
    assert_eq!(kept["attachments"].as_array().unwrap().len(), 2);
    let logs = kept["logs"].to_string();
    assert!(logs.contains("../trace.csv") && logs.contains("is not kept: it has 7 bytes now"), "{logs}");

    // What is kept is not kept again, and what nobody wanted is not either.
    let third = user.tests("verdicts::passes").args(&["--reports", &reports, "--store", "none"]);
    let text = third.output().code(0).stdout();
    assert!(!text.contains("kept in"), "{text}");
    let fourth = user.tests("verdicts::passes").args(&["--reports", &reports]);
    assert_eq!(fourth.output().code(0).stdout().matches("kept in").count(), 1);
    assert_eq!(user.listed(&[]).len(), 3);
}

#[test]
fn a_password_is_shown_nowhere() {
    let user = User::new();
    let url = "postgres://lab:hunter2@127.0.0.1:1/x?password=hunter2";
    let set = format!("record.store={url}");
    let server = "record.server=http://lab:hunter2@127.0.0.1:1";
    let program = user.tests("verdicts::passes").set(&set).set(server).env("HIL_API_KEY", "hil_x");
    let ended = program.run().code(0);
    for name in ["events.jsonl", "report.html", "summary.md", "junit.xml", ".lock"] {
        let text = program.read(name);
        assert!(!text.is_empty() && !text.contains("hunter2"), "{name}: {text}");
    }
    let shown = user.hil(&["config", "show"]).set(&set).set(server).output().code(0);
    assert!(shown.stdout().contains("postgres://127.0.0.1:1/x"), "{}", shown.stdout());
    let wrong = "postgres://lab/x?password=hunter2&nope=1";
    let serve = user.hil(&["serve", "--listen", "127.0.0.1:0", "--store", wrong]).output();
    for text in [ended.stdout(), ended.stderr(), shown.stdout(), serve.stdout(), serve.stderr()] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(serve.stderr().contains("postgres://lab/x"), "{}", serve.stderr());
}

#[test]
fn an_export_is_imported_run_by_run() {
    let user = User::new();
    let (first, second, third) =
        (user.tests("verdicts::passes"), user.tests("records::attaches"), user.tests("verdicts::fails"));
    first.run().code(0);
    second.run().code(1);
    third.run().code(1);
    let ids = [id(&first), id(&second), id(&third)];
    let exported = first.reports.path().join("runs.json");
    fs::write(&exported, user.hil(&["runs", "export"]).output().code(0).stdout()).unwrap();
    let exported = exported.to_str().unwrap();

    let elsewhere = User::new();
    let ended = elsewhere.hil(&["runs", "import", exported]).output().code(1);
    assert!(ended.stdout().contains(&ids[0]) && ended.stdout().contains(&ids[2]), "{}", ended.stdout());
    let said = ended.stderr();
    assert!(
        said.contains(&ids[1]) && said.contains("trace.csv") && said.contains("--contents DIR"),
        "{said}"
    );
    assert_eq!(elsewhere.listed(&[]).len(), 2);

    // The contents of the store that they come from, or the files that a run left.
    let contents = [Path::new(&user.data).to_owned(), second.reports.path().join("attachments")];
    for folder in contents {
        let elsewhere = User::new();
        let with = ["runs", "import", exported, "--contents", folder.to_str().unwrap()];
        assert_eq!(elsewhere.hil(&with).output().code(0).stdout().lines().count(), 3);
        assert_eq!(elsewhere.shown(&ids[1])["attachments"], user.shown(&ids[1])["attachments"]);
    }

    let ended = elsewhere.hil(&["runs", "import", exported, "--without-contents"]).output().code(0);
    assert!(ended.stderr().contains(&format!("run {} is imported without", ids[1])), "{}", ended.stderr());
    let kept = elsewhere.shown(&ids[1]);
    assert!(kept["attachments"].as_array().is_none_or(Vec::is_empty), "{kept}");
    assert!(kept["logs"].to_string().contains("its content"), "{kept}");
}

#[test]
fn a_file_of_others_is_kept_beside_its_run_and_what_is_cut_is_told() {
    let user = User::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let properties: String = (0..300).map(|i| format!("<property name='p{i}' value='{i}'/>")).collect();
    let junit = format!("<testsuite><properties>{properties}</properties><testcase name='a'/></testsuite>");
    let junit = file("junit.xml", &junit);
    let report = file(
        "report.json",
        r#"{"start_time_millis": 1700000000000, "metadata": {}, "phases": [{"name": "a"}]}"#,
    );
    let said = ["--serial", "SN-9", "--part", "P", "--procedure", "unit tests"];
    let ended = user.hil(&["runs", "import", &junit, &report]).args(&said).output().code(0);
    assert!(ended.stderr().contains("100 are left out"), "{}", ended.stderr());
    let mut names: Vec<_> = user
        .listed(&["--serial", "sn-9", "--procedure", "unit tests"])
        .iter()
        .map(|run| user.shown(run["id"].as_str().unwrap())["attachments"].clone())
        .map(|files| {
            (files[0]["name"].as_str().unwrap().to_owned(), files[0]["is_report"].as_bool().unwrap())
        })
        .collect();
    names.sort();
    assert_eq!(names, [("junit.xml".to_owned(), true), ("report.json".to_owned(), true)]);

    // A file that is too large for the store costs itself.
    let tight = User::new();
    let import = tight.hil(&["runs", "import", &junit]).args(&said).set("record.max_attachment_bytes=100");
    let ended = import.output().code(0);
    assert!(ended.stderr().contains("too large to be kept beside run"), "{}", ended.stderr());
    assert_eq!(tight.listed(&[]).len(), 1);
}

#[test]
fn a_run_is_found_by_the_beginning_of_an_id_in_large_letters() {
    let (user, other) = (User::new(), User::new());
    let program = user.tests("verdicts::passes");
    program.run().code(0);
    let small = id(&program);
    user.hil(&["runs", "show", &small[..20].to_uppercase()]).output().code(0);
    // That of another program may have been written so.
    let large = small.to_uppercase();
    let document = user.hil(&["runs", "show", &small, "--json"]).output().code(0).stdout();
    let path = program.reports.path().join("large.json");
    fs::write(&path, document.replace(&small, &large)).unwrap();
    other.hil(&["runs", "import", path.to_str().unwrap()]).output().code(0);
    for text in [&large[..20], &small[..20], &large] {
        let shown = other.hil(&["runs", "show", text, "--json"]).output().code(0).stdout();
        assert!(shown.contains(&large), "{shown}");
    }
}

#[test]
fn a_run_that_nothing_can_take_is_said_loudly_and_changes_no_verdict() {
    let program = User::new().tests("verdicts::passes");
    // No directory can be made below a file.
    let file = program.reports.path().join("file");
    fs::write(&file, "").unwrap();
    let program = program.env("XDG_DATA_HOME", file.to_str().unwrap());
    let ended = program.run().code(0);
    let text = ended.stdout();
    assert!(text.contains("IS KEPT NOWHERE but in its journal") && text.contains("events.jsonl"), "{text}");
}

/// A server of a lab, with a key for a user.
struct Lab {
    server: Reading,
    url: String,
    key: String,
    folder: tempfile::TempDir,
}

impl Lab {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("lab.sqlite").to_str().unwrap().to_owned();
        let user = ["key", "create", "--user", "ada@example.com", "--store", &store];
        let key = Program::hil().args(&user).output().code(0).stdout().trim().to_owned();
        let serve = Program::hil().args(&["serve", "--listen", "127.0.0.1:0", "--store", &store]);
        let mut server = serve.start_reading();
        let line = server.line_with("listening on ");
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { server, url, key, folder }
    }

    /// The runs of the server, the latest first, as `hil` lists them from afar.
    fn listed(&self) -> Vec<String> {
        let program = Program::hil().env("HIL_API_KEY", &self.key);
        let list = program.args(&["runs", "list", "--json", "--server", &self.url]).output().code(0);
        let listed: Value = serde_json::from_str(&list.stdout()).unwrap();
        listed["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
    }

    fn close(self) {
        self.server.signal(Signal::SIGTERM);
        assert_eq!(self.server.end().0, Some(0));
        drop(self.folder);
    }
}

#[test]
fn runs_go_to_a_server_by_hand_or_by_themselves() {
    let (user, lab) = (User::new(), Lab::open());
    let one = user.tests("verdicts::passes");
    one.run().code(0);
    let upload = |arguments: &[&str]| {
        user.hil(&["upload", "--server", &lab.url]).env("HIL_API_KEY", &lab.key).args(arguments).output()
    };
    // Nothing waits, and nothing was asked for.
    assert_eq!(upload(&[]).code(0).stdout(), "0 sent, 0 refused\n");
    for _ in 0..2 {
        upload(&[&id(&one)[..20]]).code(0);
    }
    assert_eq!(lab.listed(), [id(&one)]);

    // Where a server is configured, a run goes there by itself.
    let server = format!("record.server={}", lab.url);
    let two = user.tests("verdicts::fails").set(&server).env("HIL_API_KEY", &lab.key);
    let ended = two.run().code(1);
    assert!(ended.stdout().contains(&format!("run {} sent to {}", id(&two), lab.url)), "{}", ended.stdout());
    assert_eq!(lab.listed(), [id(&two), id(&one)]);

    let shown = user.hil(&["runs", "show", &id(&two), "--server", &lab.url]).env("HIL_API_KEY", &lab.key);
    assert!(shown.output().code(0).stdout().contains("verdicts::fails"));
    let text = upload(&["--all"]).code(0);
    assert!(text.stdout().ends_with("2 sent, 0 refused\n"), "{}", text.stdout());
    assert!(!(text.stdout() + &text.stderr()).contains(&lab.key));
    lab.close();
}

#[test]
fn a_run_waits_for_its_server_and_keeps_its_time() {
    let user = User::new();
    // Nobody listens there.
    let one =
        user.tests("verdicts::passes").set("record.server=http://127.0.0.1:1").env("HIL_API_KEY", "hil_x");
    let ended = one.run().code(0);
    assert!(ended.stdout().contains("go on waiting"), "{}", ended.stdout());
    let two = user.tests("verdicts::fails").set("record.server=http://127.0.0.1:1");
    let ended = two.run().code(1);
    assert!(ended.stdout().contains("no key for the server"), "{}", ended.stdout());
    assert_eq!(user.waiting("server"), 2);

    let unreachable = user.hil(&["upload", "--server", "http://127.0.0.1:1"]).env("HIL_API_KEY", "hil_x");
    let ended = unreachable.output().code(3);
    assert!(ended.stderr().contains("2 runs go on waiting"), "{}", ended.stderr());
    assert!(ended.stderr().contains("cannot be reached"), "{}", ended.stderr());

    let lab = Lab::open();
    let wrong = user.hil(&["upload", "--server", &lab.url]).env("HIL_API_KEY", "hil_wrong").output().code(3);
    assert!(wrong.stderr().contains("does not take the key"), "{}", wrong.stderr());
    assert!(!wrong.stderr().contains("hil_wrong"));
    let key = user.hil(&[]).reports;
    let file = key.path().join("key");
    fs::write(&file, format!("{}\n", lab.key)).unwrap();
    let upload = ["upload", "--server", &lab.url, "--key-file", file.to_str().unwrap()];
    let ended = user.hil(&upload).output().code(0);
    assert!(ended.stdout().ends_with("2 sent, 0 refused\n"), "{}", ended.stdout());
    assert_eq!(user.waiting("server"), 0);
    // The first run began first, whenever it was sent.
    assert_eq!(lab.listed(), [id(&two), id(&one)]);
    lab.close();
}
