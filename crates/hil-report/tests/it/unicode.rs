//! Arbitrary text in every field: no report breaks, and JUnit keeps what can be kept.

use hil_model::run::{Measurement, Validator};
use hil_model::*;
use hil_report::RunRecord;
use proptest::prelude::*;

use crate::jenkins;
use crate::junit::junit;
use crate::snapshots::written;
use crate::synthetic::{Synthetic, meta, selected};

/// Text with a fair share of what breaks things.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\0",
        "\u{1b}[31m",
        "\t",
        "\r\n",
        "\n",
        "\r",
        "\u{7f}",
        "\u{85}",
        "\u{9b}1m",
        "\u{fffe}",
        "\u{ffff}",
        "]]>",
        "<!--",
        "&#0;",
        "&",
        "<",
        ">",
        "\"",
        "'",
        "|",
        "`",
        "{{",
        "{%",
        "\u{2028}",
        "\u{202e}",
        "\u{1fffe}",
        "\u{10ffff}",
        "[[ATTACHMENT|x]]",
    ]);
    let piece = prop_oneof![nasty.prop_map(str::to_owned), any::<String>()];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn run(texts: &[String]) -> Vec<Entry> {
    let mut texts = texts.iter().cycle().cloned();
    let mut next = || texts.next().unwrap();
    let mut planned = meta("hardware::mum::a", "", &["REQ-ALM-012"], &["hardware"]);
    planned.description = Description {
        title: next(),
        description: next(),
        expected: next(),
        steps: vec![next()],
        ..planned.description
    };
    (planned.short, planned.class, planned.file) = (next(), next(), next());
    let mut run = Synthetic::start(Simulated::default(), vec![selected(planned)]);
    if let Event::RunStarted(started) = &mut run.entries[0].event {
        (started.bench, started.host, started.version) = (next(), next(), next());
        started.config = vec![(Property::new(next(), next()), next())];
        started.requirements.insert("REQ-X".parse().unwrap(), next());
    }
    run.session(
        SessionPhase::Setup,
        SessionStep::Lin,
        Outcome::Skipped { reason: next() },
        &[(&next(), &next())],
    );
    let path = "hardware::mum::a";
    run.begin(path, 1).step(1, None, &next()).note(&next(), &next()).log(Level::Info, &next());
    run.frame(0x3C, &next(), Direction::Rx, &[0xFF], CheckSeen::Bad(next())).supply(12.5, 0.2).wait(20);
    run.push(Event::Measured(Box::new(Measurement {
        value: next().into(),
        unit: Some(next()),
        validators: vec![Validator::expression(next())],
        docstring: Some(next()),
        ..Measurement::new(next())
    })));
    run.push(Event::Attached(Attachment { name: next(), path: next(), media_type: next(), bytes: 1 }));
    let failure = Failure {
        message: next(),
        expected: Some(next()),
        got: Some(next()),
        location: Some(SourceLocation { file: next(), line: 1 }),
        details: vec![next(), next()],
    };
    run.step_end(1, Some(&next())).end(path, 1, Outcome::Failed(failure), true);
    run.begin(path, 2).wait(1).end(path, 2, Outcome::Errored(Fault::new(FaultKind::Test, next())), false);
    run.push(Event::Interrupted { signal: next() });
    run.push(Event::OutputVerified(OutputVerified {
        confirmed: false,
        rail: None,
        after_ms: 0,
        how: next(),
    }));
    run.entries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_report(texts in prop::collection::vec(text(), 1..40)) {
        let entries = run(&texts);
        let cases = jenkins::read(&junit(&entries)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(cases.len(), 2);
        prop_assert_eq!(cases[1].reruns.len(), 1);
        for (name, content) in written(&RunRecord::fold(&entries)) {
            let text = String::from_utf8(content).map_err(|e| TestCaseError::fail(e.to_string()))?;
            if name.ends_with(".svg") {
                crate::xml::parse(&text).map_err(TestCaseError::fail)?;
            }
        }
    }

    /// Nothing vanishes: printable text comes back as it was.
    #[test]
    fn printable_text_survives_junit(message in "[^\\p{C}\\p{Z}]{0,40}", value in "[^\\p{C}\\p{Z}]{0,40}") {
        let mut run = Synthetic::start(Simulated::default(), vec![]);
        run.begin("a::b", 1).note("key", &value);
        run.end("a::b", 1, Outcome::Failed(Failure::new(message.clone())), false);
        let cases = jenkins::read(&junit(&run.entries)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&cases[0].message, &message);
        prop_assert_eq!(&cases[0].properties["key"], &value);
    }
}
