//! Files that want to do harm, and files that came to it.

use std::time::{Duration, Instant};

use hil_exchange::openhtf::Given;
use hil_exchange::{junit, openhtf};
use proptest::prelude::*;
use proptest::sample::Index;
use rstest::rstest;

use crate::junit::{FILES, options};
use crate::openhtf::REPORTS;
use crate::sample;

fn read_both(bytes: &[u8]) {
    // Whether it is a run or an error does not matter, and it must be one of them.
    if let Err(error) = openhtf::read(bytes, sample::id(), Given::default()) {
        assert!(error.to_string().chars().count() < 1000, "{error}");
    }
    if let Err(error) = junit::read(bytes, options()) {
        assert!(error.to_string().chars().count() < 1000, "{error}");
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    Repeat(Index, usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..6),
        proptest::sample::select(vec![
            "null",
            "[",
            "{",
            "}",
            "]",
            "\"",
            "\\",
            "-1",
            "1e308",
            "true",
            "NaN",
            "-Infinity",
            "\"\"",
            "<",
            ">",
            "/",
            "&lt;",
            "&#x0;",
            "]]>",
            "<![CDATA[",
            "<testcase>",
            "\u{feff}",
            "\\u0000",
            "\\ud800",
        ])
        .prop_map(|text| text.as_bytes().to_vec())
    ];
    prop_oneof![
        (any::<Index>(), 1..40usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        (any::<Index>(), piece).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        (any::<Index>(), 1..200usize, 2..5usize)
            .prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutations: &[Mutation]) {
    for mutation in mutations {
        let piece = |at: &Index, length: usize, bytes: &[u8]| {
            let start = at.index(bytes.len() + 1);
            start..(start + length).min(bytes.len())
        };
        match mutation {
            Mutation::Remove(at, length) => {
                bytes.drain(piece(at, *length, bytes));
            }
            Mutation::Insert(at, inserted) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, inserted.iter().copied());
            }
            Mutation::Repeat(at, length, times) => {
                let range = piece(at, *length, bytes);
                let repeated = bytes[range.clone()].repeat(*times);
                bytes.splice(range.end..range.end, repeated);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_run_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_both(&bytes);
    }

    #[test]
    fn broken_reports_are_a_run_or_an_error(
        report in proptest::sample::select(&REPORTS[..]),
        mutations in proptest::collection::vec(mutation(), 1..5),
    ) {
        let mut bytes = report.as_bytes().to_vec();
        mutate(&mut bytes, &mutations);
        read_both(&bytes);
    }

    #[test]
    fn broken_junit_files_are_a_run_or_an_error(
        file in proptest::sample::select(&FILES[..]),
        mutations in proptest::collection::vec(mutation(), 1..5),
    ) {
        let mut bytes = file.as_bytes().to_vec();
        mutate(&mut bytes, &mutations);
        read_both(&bytes);
    }
}

/// A report with these phases.
fn report(phases: &str) -> String {
    format!(
        r#"{{"dut_id": "SN", "start_time_millis": 5, "metadata": {{"procedure_id": "FVT1"}}, "phases": [{phases}]}}"#
    )
}

fn phase(fields: &str) -> String {
    report(&format!(r#"{{"name": "p", "outcome": "PASS", {fields}}}"#))
}

#[rstest]
#[case::deep_value(phase(&format!(r#""measurements": {{"m": {{"measured_value": {}}}}}"#, "[".repeat(1_000_000))))]
#[case::deep_nothing(format!(r#"{{"ignored": {}"#, "[{\"a\":".repeat(1_000_000)))]
#[case::deep_metadata(format!(r#"{{"metadata": {}"#, "{\"a\":".repeat(1_000_000)))]
#[case::long_key(format!(r#"{{"phases": [{{"measurements": {{"{}": 1}}}}]}}"#, "k".repeat(10_000_000)))]
#[case::long_serial(format!(r#"{{"dut_id": "{}", "start_time_millis": 1, "metadata": {{"procedure_id": "a"}}}}"#, "k".repeat(10_000_000)))]
#[case::long_outcome(report(&format!(r#"{{"name": "p", "outcome": "{}"}}"#, "k".repeat(10_000_000))))]
#[case::long_number(phase(&format!(r#""measurements": {{"m": {{"measured_value": {}}}}}"#, "9".repeat(1_000_000))))]
#[case::deep_xml("<testsuite>".repeat(1_000_000))]
#[case::billion_laughs("<!DOCTYPE t [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><testsuite name=\"&b;\"/>".to_owned())]
#[case::external_entity("<!DOCTYPE t [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><testsuite><system-out>&a;</system-out></testsuite>".to_owned())]
fn harm_is_refused(#[case] text: String) {
    let start = Instant::now();
    let (report, file) = (
        openhtf::read(text.as_bytes(), sample::id(), Given::default()),
        junit::read(text.as_bytes(), options()),
    );
    assert!(report.unwrap_err().to_string().len() < 2000);
    assert!(file.unwrap_err().to_string().len() < 2000);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[rstest]
#[case::phases(report(&vec![r#"{"name":"p","outcome":"PASS"}"#; 300_000].join(",")), 300_000)]
#[case::rows(phase(&format!(r#""measurements": {{"m": {{"dimensions": [{{"name": "s"}}], "measured_value": [{}]}}}}"#, vec!["[1,NaN]"; 300_000].join(","))), 1)]
#[case::subtests(format!(
    r#"{}, "subtests": [{}]}}"#,
    report(&vec![r#"{"name":"p","outcome":"PASS","subtest_name":"s"}"#; 100_000].join(",")).trim_end_matches('}'),
    vec![r#"{"name": "s"}"#; 100_000].join(",")
), 100_000)]
#[case::long_text(phase(&format!(r#""measurements": {{"m": {{"measured_value": "{}"}}}}"#, "é".repeat(5_000_000))), 1)]
#[case::long_validator(phase(&format!(r#""measurements": {{"m": {{"validators": ["{}"]}}}}"#, "1 <= ".repeat(2_000_000))), 1)]
fn large_reports_are_read_in_linear_time(#[case] json: String, #[case] phases: usize) {
    let start = Instant::now();
    let run = openhtf::read(json.as_bytes(), sample::id(), Given::default()).unwrap().run;
    assert_eq!(run.phases.len(), phases);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[rstest]
#[case::cases("<testcase name='a'/>".repeat(300_000), 300_000)]
#[case::attributes(format!("<testcase {}/>", (0..200_000).map(|i| format!("a{i}='' ")).collect::<String>()), 1)]
#[case::reruns(format!("<testcase name='a'>{}</testcase>", "<rerunFailure/>".repeat(200_000)), 200_001)]
#[case::traces(format!("<testcase name='a'><failure>{}</failure></testcase>", (0..200_000).map(|i| format!("<stackTrace>{i}</stackTrace>")).collect::<String>()), 1)]
#[case::properties(format!("<properties>{}</properties><testcase/>", "<property name='a' value='b'/>".repeat(200_000)), 1)]
#[case::elements("<x><y/></x>".repeat(300_000) + "<testcase/>", 1)]
fn large_junit_files_are_read_in_linear_time(#[case] body: String, #[case] phases: usize) {
    let start = Instant::now();
    let run = junit::read(format!("<testsuite>{body}</testsuite>").as_bytes(), options()).unwrap().run;
    assert_eq!(run.phases.len(), phases);
    assert!(start.elapsed() < Duration::from_secs(20));
}
