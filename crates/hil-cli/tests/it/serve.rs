//! `hil serve` and the keys that it asks for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use nix::sys::signal::Signal;
use rstest::rstest;

use crate::program::{Program, Reading};

fn hil(folder: &Path, arguments: &[&str]) -> Program {
    Program::hil().args(arguments).env("HIL_STORE", folder.join("runs.sqlite").to_str().unwrap())
}

fn serve(folder: &Path) -> (Reading, String) {
    let mut server = hil(folder, &["serve", "--listen", "127.0.0.1:0"]).start_reading();
    let line = server.line();
    let address =
        line.strip_prefix("listening on http://").expect("the address on the first line").to_owned();
    (server, address)
}

/// The status of a request with that key.
fn ask(address: &str, key: &str) -> String {
    answer(address, "GET /api/v1/runs?serial_number=x", &format!("Authorization: Bearer {key}\r\n")).0
}

/// The status of the answer, and its body.
fn answer(address: &str, what: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
}

#[rstest]
#[case(Signal::SIGTERM)]
#[case(Signal::SIGINT)]
fn a_server_answers_until_it_is_told_to_end(#[case] signal: Signal) {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = serve(folder.path());
    assert_eq!(ask(&address, "invalid-key-000"), "401");
    server.signal(signal);
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn a_key_is_good_until_it_is_revoked_or_its_owner_banned() {
    let folder = tempfile::tempdir().unwrap();
    let make = |arguments: &[&str]| {
        let made = hil(folder.path(), &[&["key", "create"], arguments].concat()).output().code(0);
        let key = made.stdout().strip_suffix('\n').expect("the key alone on its line").to_owned();
        assert!(!made.stderr().contains(&key));
        (key, made.stderr())
    };
    let (user, _) = make(&["--user", "ada@example.com", "--name", "Ada"]);
    let (station, said) = make(&["--station", "bench-3", "--expires", "90d"]);
    let (again, _) = make(&["--station", "BENCH-3"]);
    let id = said.split_whitespace().nth(1).unwrap();

    let (_server, address) = serve(folder.path());
    for key in [&user, &station, &again] {
        assert_eq!(ask(&address, key), "200");
    }
    let listed = hil(folder.path(), &["key", "list"]).output().code(0).stdout();
    assert_eq!(listed.matches("  station bench-3\n").count(), 2, "{listed}");
    assert!(![&user, &station, &again].into_iter().any(|key| listed.contains(key)));

    hil(folder.path(), &["key", "revoke", id]).output().code(0);
    assert_eq!([&station, &again].map(|key| ask(&address, key)), ["401", "200"]);
    hil(folder.path(), &["user", "ban", "ADA@example.com"]).output().code(0);
    assert_eq!(ask(&address, &user), "401");
    hil(folder.path(), &["user", "unban", "ada@example.com"]).output().code(0);
    assert_eq!(ask(&address, &user), "200");
}

#[rstest]
#[case(&["serve", "--serial-pattern", "("], "the serial-number pattern is not a regular expression")]
#[case(&["serve", "--serial-pattern", "x"], "no group named part, revision or batch")]
#[case(&["serve", "--set", "server.listen=here"], "server.listen: \"here\"")]
#[case(&["serve", "--public-url", "ftp://x"], "is not the URL of a server")]
#[case(&["serve", "--insecure-local", "--public-url", "https://hil.lab"], "behind a proxy everybody may seem to be local")]
#[case(&["serve", "--insecure-local", "--trust-proxy"], "behind a proxy everybody may seem to be local")]
#[case(&["serve", "--max-upload", "10MB"], "expected a size, such as 10MiB")]
#[case(&["serve", "--listen", "192.0.2.1:1"], "cannot listen at 192.0.2.1:1")]
#[case(&["serve", "--ping-interval", "2", "--pong-timeout", "1"], "must be longer than the ping interval")]
#[case(&["serve", "--set", "server.pong_timeout=30"], "must be longer than the ping interval")]
#[case(&["serve", "--write-deadline", "0"], "expected a number of seconds above 0")]
#[case(&["serve", "--store", "http://x"], "is no store")]
#[case(&["serve", "--store", "postgres://a:secret@127.0.0.1:1/x"], "cannot")]
#[case(&["key", "create"], "--user <EMAIL>|--station <NAME>")]
#[case(&["key", "create", "--user", "ada"], "is not an address")]
#[case(&["key", "revoke", "01a1ff13-8728-7111-a8e9-c6f48db3576f"], "there is no key")]
#[case(&["user", "ban", "eve@example.com"], "nobody is known as eve@example.com")]
fn what_cannot_be_meant_is_a_usage_error(#[case] arguments: &[&str], #[case] message: &str) {
    let folder = tempfile::tempdir().unwrap();
    let said = hil(folder.path(), arguments).output().code(4).stderr();
    assert!(said.contains(message), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn a_key_may_be_good_for_looking_only() {
    let folder = tempfile::tempdir().unwrap();
    let made = hil(folder.path(), &["key", "create", "--user", "wall@example.com", "--read-only"]);
    let key = made.output().code(0).stdout().trim_end().to_owned();
    let listed = hil(folder.path(), &["key", "list"]).output().code(0).stdout();
    assert!(listed.ends_with("  user wall@example.com  read only\n"), "{listed}");
    let (_server, address) = serve(folder.path());
    let with = format!("Authorization: Bearer {key}\r\n");
    assert_eq!(
        answer(&address, "GET /v1/session", &with).1,
        r#"{"may":["watch"],"who":{"kind":"user","name":"wall@example.com"}}"#
    );
    assert_eq!(answer(&address, "POST /v1/realtime/emit", &with).0, "403");
}

#[test]
fn whoever_sits_at_the_machine_may_be_let_in_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = serve(folder.path());
    assert_eq!(answer(&address, "GET /v1/realtime/stats", "").0, "401");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--insecure-local", "--max-connections", "3"];
    let mut server = hil(folder.path(), &arguments).env("HIL_PING_INTERVAL", "0.5").start_reading();
    let line = server.line();
    let address = line.strip_prefix("listening on http://").unwrap();
    assert_eq!(answer(address, "GET /v1/realtime/stats", "").0, "200");
}

#[test]
fn help_does_not_show_the_store_of_the_environment() {
    let program = Program::hil().args(&["serve", "--help"]).env("HIL_STORE", "postgres://a:secret@h/x");
    assert!(!program.output().code(0).stdout().contains("secret"));
}
