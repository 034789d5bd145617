//! A recorded run, translated. `fixtures/run.jsonl` is the journal of a run of the fixture's tests on the simulated
//! bench, whose LDF lies in `vendor`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hil_model::{Entry, Event};
use hil_realtime::{Message, Payload};
use serde_json::{Value, json};

use super::Translator;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn recorded() -> Vec<Entry> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/run.jsonl");
    hil_report::read(path).unwrap().entries
}

fn translator(root: PathBuf) -> Translator {
    Translator::new("job".parse().unwrap(), "simulated".to_owned(), root)
}

/// The messages of `entries`, as if the server's clock were the bench's.
fn translated(translator: &mut Translator, entries: &[Entry]) -> Vec<Message> {
    entries
        .iter()
        .flat_map(|entry| translator.entry(entry, Duration::from_micros(entry.at.as_micros())))
        .collect()
}

/// A message on a line.
fn line(message: &Message) -> String {
    let payload = match &message.payload {
        Payload::Frame(payload) => serde_json::to_value(payload),
        Payload::PartialResult(payload) => serde_json::to_value(payload),
        Payload::Progress(payload) => serde_json::to_value(payload),
        Payload::PluginStatus(payload) => serde_json::to_value(payload),
        Payload::Warning(payload) => serde_json::to_value(payload),
        Payload::Error(payload) => serde_json::to_value(payload),
        Payload::Metadata(payload) => serde_json::to_value(payload),
        Payload::Ping(payload) => serde_json::to_value(payload),
    };
    let json = json!({ "event": message.event, "payload": payload.unwrap() });
    format!("{:14} {json}\n", message.payload.kind().word())
}

#[test]
fn a_run_is_told_as_it_was() {
    let mut translator = translator(root());
    let entries = recorded();
    let messages = translated(&mut translator, &entries);
    // Frames and samples are many and alike: the first of each kind stands for the others.
    let mut seen = Vec::new();
    let shown: String = messages
        .iter()
        .filter(|message| match &message.payload {
            Payload::Frame(frame) => {
                let kind = (frame.frame_id.clone(), frame.plugin.clone(), frame.data.get("check").cloned());
                let is_new = !seen.contains(&kind);
                seen.push(kind);
                is_new
            }
            _ => true,
        })
        .map(line)
        .collect();
    insta::assert_snapshot!("run", shown);
    let frames = messages.iter().filter(|message| matches!(message.payload, Payload::Frame(_))).count();
    let sent = |entry: &&Entry| matches!(entry.event, Event::Frame(_) | Event::Supply(_));
    assert_eq!(frames, entries.iter().filter(sent).count());
    assert_eq!((translator.exit(), translator.output()), (Some(1), Some(true)));
}

/// Wherever the journal breaks off, every plugin that began is said to have ended, and progress never goes back.
#[test]
fn every_plugin_ends_wherever_the_run_breaks_off() {
    let entries = recorded();
    for cut in 0..=entries.len() {
        let mut translator = translator(root());
        let mut messages = translated(&mut translator, &entries[..cut]);
        messages.extend(translator.broke_off("it was killed", Duration::from_secs(100)));
        let (mut open, mut last) = (Vec::new(), 0);
        for message in &messages {
            match &message.payload {
                Payload::PluginStatus(status) => {
                    let status = serde_json::to_value(status).unwrap();
                    match status["status"].as_str().unwrap() {
                        "started" => open.push(status["plugin"].clone()),
                        "running" => assert!(open.contains(&status["plugin"])),
                        _ => assert_eq!(open.pop(), Some(status["plugin"].clone()), "cut at {cut}"),
                    }
                    assert!(open.len() <= 1, "cut at {cut}");
                }
                Payload::Progress(progress) => {
                    assert!((1..=99).contains(&progress.progress.get()) && progress.progress.get() >= last);
                    last = progress.progress.get();
                }
                _ => {}
            }
        }
        assert_eq!(open, [Value::Null; 0], "cut at {cut}");
    }
}

#[test]
fn a_description_file_that_cannot_be_read_costs_the_signals_and_nothing_else() {
    let mut translator = translator(PathBuf::from("/nowhere"));
    let messages = translated(&mut translator, &recorded());
    let warned = messages.iter().filter(|message| line(message).contains("signals are not shown"));
    assert_eq!(warned.count(), 1);
    let frames: Vec<&Message> = messages
        .iter()
        .filter(|message| matches!(&message.payload, Payload::Frame(frame) if frame.data["kind"] == "lin"))
        .collect();
    assert!(!frames.is_empty());
    assert!(frames.iter().all(|message| line(message).contains("\"signals\":{}")));
}
