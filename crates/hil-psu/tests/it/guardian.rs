//! The guardian on scripted devices, in this process: what it writes, and when it writes nothing.

use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Write, pipe};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread::JoinHandle;

use hil_psu::SerialParams;
use hil_psu::guardian::{Charge, Note, notes, watch};
use rstest::rstest;
use tempfile::TempDir;

use crate::device::{Device, OWON, Reply};

const ARMED: &str = r#"{"armed":{"identity":"OWON,SPE6103,24371986,FV:V5.2.0","eol":"Lf"}}"#;

/// A guardian, and the harness's ends of its pipes.
struct Watch {
    lifeline: PipeWriter,
    answers: BufReader<PipeReader>,
    guardian: JoinHandle<Option<Note>>,
    folder: TempDir,
}

impl Watch {
    fn over(port: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let charge = Charge {
            bench: "here".to_owned(),
            port: port.to_owned(),
            params: SerialParams::default(),
            folder: folder.path().to_owned(),
            harness: 7,
        };
        let (heard, mut lifeline) = pipe().unwrap();
        let (answers, answering) = pipe().unwrap();
        let guardian = std::thread::spawn(move || watch(heard, answering));
        writeln!(lifeline, "{{\"charge\":{}}}", serde_json::to_string(&charge).unwrap()).unwrap();
        Self { lifeline, answers: BufReader::new(answers), guardian, folder }
    }

    fn armed(port: &Path) -> Self {
        let mut watch = Self::over(port);
        assert_eq!(watch.answer(), "\"ready\"");
        writeln!(watch.lifeline, "{ARMED}").unwrap();
        assert_eq!(watch.answer(), "\"armed\"");
        watch
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Says `last`, and is gone. The note that the guardian leaves is the one that it returns.
    fn dies(self, last: &str) -> Option<Note> {
        let Self { mut lifeline, answers, guardian, folder } = self;
        lifeline.write_all(last.as_bytes()).unwrap();
        drop((lifeline, answers));
        let note = guardian.join().unwrap();
        assert_eq!(notes(folder.path()), note.clone().into_iter().collect::<Vec<_>>());
        note
    }
}

/// An Owon whose output is on until the `heard`th command that switches it off.
fn on_until(heard: u32) -> Device {
    let mut offs = 0;
    Device::owon(move |line| match line {
        "OUTP?" => Reply::Says(if offs < heard { "ON\r\n" } else { "OFF\r\n" }),
        _ => {
            offs += 1;
            Reply::Silence
        }
    })
}

fn heard(device: &Device) -> Vec<String> {
    device.heard().iter().map(|line| line.trim().to_owned()).collect()
}

/// Whatever is not the word to go home means that the harness is not well.
#[rstest]
#[case::end("")]
#[case::torn_disarm("\"disar")]
#[case::disarm_without_its_end("\"disarm\"")]
#[case::garbage("\u{0}\u{1}\n")]
#[case::another_word("{\"armed\":{\"identity\":\"\",\"eol\":\"Lf\"}}\n")]
fn whatever_is_not_disarm_switches_off(#[case] last: &str) {
    let device = on_until(1);
    let note = Watch::armed(Path::new(device.port())).dies(last).unwrap();
    assert!(note.verified, "{note}");
    assert_eq!((note.bench.as_str(), note.harness), ("here", 7));
    assert_eq!(heard(&device), ["output 0", "OUTP OFF", "OUTP?"]);
}

#[test]
fn a_disarmed_guardian_writes_nothing() {
    let device = on_until(1);
    assert_eq!(Watch::armed(Path::new(device.port())).dies("\"disarm\"\n"), None);
    assert_eq!(device.heard(), [""; 0]);
}

#[rstest]
#[case::end("")]
#[case::garbage("garbage\n")]
#[case::disarm("\"disarm\"\n")]
fn a_guardian_that_was_not_armed_writes_nothing(#[case] last: &str) {
    let device = on_until(1);
    let mut watch = Watch::over(Path::new(device.port()));
    assert_eq!(watch.answer(), "\"ready\"");
    assert_eq!(watch.dies(last), None);
    assert_eq!(device.heard(), [""; 0]);
}

#[test]
fn a_guardian_without_a_port_refuses() {
    let mut watch = Watch::over(Path::new("/dev/does-not-exist"));
    assert!(watch.answer().starts_with("{\"refused\":\"it cannot open"), "{}", watch.answer());
}

#[test]
fn there_is_one_guardian_to_a_bench_at_a_time() {
    let device = on_until(1);
    let first = Watch::armed(Path::new(device.port()));
    let clock = hil_sim::SimClock::new(hil_sim::Pace::Jump);
    let waits = || hil_psu::guardian::wait_for_turn(first.folder.path(), "here", &*clock);
    assert!(waits().unwrap_err().to_string().contains("still at work"));
    let folder = first.folder.path().to_owned();
    // Dropping the folder ends the test's claim to it, not the lock.
    assert_eq!(first.dies("\"disarm\"\n"), None);
    std::fs::create_dir(&folder).unwrap();
    hil_psu::guardian::wait_for_turn(&folder, "here", &*clock).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[rstest]
#[case::loses_the_first(2, true, 3)]
#[case::loses_two(3, true, 5)]
#[case::stays_on(9, false, 5)]
fn off_is_repeated_and_read_back(#[case] offs: u32, #[case] verified: bool, #[case] least: usize) {
    let device = on_until(offs);
    let note = Watch::armed(Path::new(device.port())).dies("").unwrap();
    assert_eq!(note.verified, verified, "{note}");
    let heard = heard(&device);
    assert!(heard.len() >= least, "{heard:?}");
    let switching = heard.iter().filter(|line| *line != "OUTP?").count();
    assert!(switching <= 3 && heard.iter().all(|line| !line.contains("ON")), "{heard:?}");
}

/// Off goes out first, and nobody waits for ever.
#[rstest]
#[case::silent(Reply::Silence)]
#[case::flooding(Reply::Floods("12.000,"))]
#[case::flooding_lines(Reply::Floods("12.000\r\n"))]
#[case::refusing(Reply::Says("ERR\r\n"))]
fn a_device_that_makes_no_sense_still_hears_off(#[case] reply: Reply) {
    let device = Device::owon(move |_| reply.clone());
    let note = Watch::armed(Path::new(device.port())).dies("").unwrap();
    assert!(!note.verified, "{note}");
    assert_eq!(heard(&device)[0], "output 0");
}

/// The device is plugged in again under the same name, perhaps another one.
#[rstest]
#[case::itself(OWON, true)]
#[case::another_of_its_kind("OWON,SPE6103,99999999,FV:V5.2.0\r\n", false)]
#[case::another_make("RIGOL TECHNOLOGIES,DP832,DP8A000000,00.01.16\r\n", false)]
fn a_device_that_comes_back_is_asked_who_it_is(#[case] identity: &'static str, #[case] verified: bool) {
    let place = tempfile::tempdir().unwrap();
    let port = place.path().join("psu");
    let before = on_until(1);
    symlink(before.port(), &port).unwrap();
    let watch = Watch::armed(&port);
    drop(before);
    let after = Device::new(move |line| match line.trim() {
        "*IDN?" => Reply::Says(identity),
        "OUTP?" => Reply::Says("OFF\r\n"),
        _ => Reply::Silence,
    });
    std::fs::remove_file(&port).unwrap();
    symlink(after.port(), &port).unwrap();
    let note = watch.dies("").unwrap();
    assert_eq!(note.verified, verified, "{note}");
    let heard = heard(&after);
    assert_eq!(heard[0], "*IDN?");
    assert_eq!(heard.iter().any(|line| line != "*IDN?"), verified, "{heard:?}");
}

#[test]
fn a_device_that_is_gone_is_told() {
    let device = on_until(1);
    let watch = Watch::armed(Path::new(device.port()));
    drop(device);
    let note = watch.dies("").unwrap();
    assert!(!note.verified && note.how.starts_with("the port is lost"), "{note}");
}
