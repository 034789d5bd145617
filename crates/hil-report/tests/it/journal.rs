//! The journal on disk: what a kill leaves, and what a damaged file is.

use std::fs;
use std::path::{Path, PathBuf};

use hil_model::run::MeasurementOutcome;
use hil_model::{Entry, Limits, Subject};
use hil_report::{JournalError, RunRecord, Writer, read};
use rstest::rstest;

use crate::synthetic::every_outcome;

fn written(folder: &Path, entries: &[Entry]) -> PathBuf {
    let path = folder.join("events.jsonl");
    let mut writer = Writer::create(&path).unwrap();
    for entry in entries {
        writer.append(entry).unwrap();
    }
    writer.flush().unwrap();
    path
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let entries = every_outcome();
    let journal = read(written(folder.path(), &entries)).unwrap();
    assert_eq!(journal.entries, entries);
    assert!(!journal.torn);
}

#[test]
fn a_kill_at_any_byte_costs_the_last_line_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let entries: Vec<_> = every_outcome().into_iter().take(12).collect();
    let path = written(folder.path(), &entries);
    let bytes = fs::read(&path).unwrap();
    let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for end in first..bytes.len() {
        fs::write(&path, &bytes[..end]).unwrap();
        let journal = read(&path).unwrap();
        let whole = bytes[..end].iter().filter(|byte| **byte == b'\n').count();
        // A last line that lacks nothing but its line feed counts.
        let complete = if bytes[end] == b'\n' { whole + 1 } else { whole };
        assert_eq!(journal.entries, entries[..complete], "cut at {end}");
        assert_eq!(journal.torn, bytes[end] != b'\n' && bytes[end - 1] != b'\n', "cut at {end}");
    }
}

#[rstest]
#[case::damaged(|lines: &mut Vec<String>| lines[3] = "{\"seq\":4,".into(), "line 4 of")]
#[case::damaged_at_the_end(|lines: &mut Vec<String>| lines.last_mut().unwrap().truncate(9), "is not an entry")]
#[case::missing(|lines: &mut Vec<String>| { lines.remove(3); }, "line 4 of")]
#[case::headless(|lines: &mut Vec<String>| { lines.drain(..1); }, "is entry 2, expected entry 1")]
#[case::empty(|lines: &mut Vec<String>| lines.clear(), "does not begin with the start of a run")]
#[case::newer(|lines: &mut Vec<String>| lines[0] = lines[0].replace("\"schema\":4", "\"schema\":7").replace("bench", "place"), "has format 7, this version of hil reads up to 4")]
fn a_damaged_journal_is_refused(#[case] damage: fn(&mut Vec<String>), #[case] expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &every_outcome());
    let mut lines: Vec<_> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    damage(&mut lines);
    fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_missing_journal_is_named() {
    let error = read("/nowhere/events.jsonl").unwrap_err();
    assert!(matches!(error, JournalError::Read { .. }));
    assert_eq!(error.to_string(), "cannot read the journal /nowhere/events.jsonl");
}

/// A journal that version 2 wrote of one test on the simulated bench, its plan and configuration cut short. Versions 1 and
/// 3 wrote the same, but for the version.
#[rstest]
#[case::version_1("\"schema\":1")]
#[case::version_2("\"schema\":2")]
#[case::version_3("\"schema\":3")]
fn journals_of_older_versions_are_read(#[case] schema: &str) {
    let text = include_str!("../fixtures/v2.jsonl").replace("\"schema\":2", schema);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let journal = read(file.path()).unwrap();
    let record = RunRecord::fold(&journal.entries);
    let test = record.tests[0].last();
    assert!(matches!(test.outcome, hil_model::Outcome::Passed));
    let rail = &test.evidence.measurements[0].what;
    assert_eq!((rail.value.number(), rail.unit.as_deref()), (Some(12.0), Some("V")));
    assert_eq!(rail.outcome, MeasurementOutcome::Pass);
    assert_eq!(rail.limits, Limits::within(11.9, 12.1));
    assert_eq!(record.run.unwrap().subject, Subject::default());
}
