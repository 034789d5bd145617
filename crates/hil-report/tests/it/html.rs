//! What the page may not contain, and what it must say.

use hil_model::{Outcome, Simulated};
use hil_report::{RunRecord, render_single_file};
use rstest::rstest;

use crate::snapshots::written;
use crate::synthetic::{Synthetic, every_outcome, failure, meta, selected, trivial};

fn report(record: &RunRecord) -> String {
    String::from_utf8(written(record).remove("report.html").unwrap()).unwrap()
}

/// Jenkins' default policy drops all of these (jenkins.md, section 9).
#[test]
fn nothing_that_a_strict_policy_drops() {
    for (name, content) in written(&RunRecord::fold(&trivial(1000)))
        .into_iter()
        .chain(written(&RunRecord::fold(&every_outcome())))
    {
        let text = String::from_utf8(content).unwrap();
        if name.ends_with(".html") || name.ends_with(".svg") {
            for forbidden in ["<script", " style=", "<style", "data:", "javascript:", " onclick", "@import"] {
                assert!(!text.contains(forbidden), "{name} has {forbidden}");
            }
        }
    }
}

#[test]
fn elements_are_closed_in_order() {
    let page = report(&RunRecord::fold(&every_outcome()));
    let void = ["meta", "link", "img", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1).map(|rest| &rest[..rest.find('>').unwrap()]) {
        let name = tag.split([' ', '\n']).next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !void.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn text_from_outside_is_never_markup() {
    let evil = "<script>alert(1)</script>\" onload='x";
    let mut run = Synthetic::start(Simulated::default(), vec![selected(meta("a::b", evil, &[], &[]))]);
    run.begin("a::b", 1).step(1, None, evil).note(evil, evil).log(hil_model::Level::Info, evil);
    run.frame(1, evil, hil_model::Direction::Rx, &[1], hil_model::CheckSeen::Bad(evil.into()));
    let failure = hil_model::Failure {
        message: evil.into(),
        expected: Some(evil.into()),
        details: vec![evil.into()],
        ..failure()
    };
    run.step_end(1, Some(evil)).end("a::b", 1, Outcome::Failed(failure), false);
    let record = RunRecord::fold(&run.entries);
    for page in [report(&record), render_single_file(&record).unwrap()] {
        assert!(!page.contains("<script") && !page.contains("onload='x"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }
}

#[rstest]
#[case(Simulated { lin: true, psu: false, clock: false }, true)]
#[case(Simulated::default(), false)]
fn a_simulated_run_says_so_everywhere(#[case] simulated: Simulated, #[case] expected: bool) {
    let mut run = Synthetic::start(simulated, vec![]);
    run.setup()
        .begin("a::b", 1)
        .end("a::b", 1, Outcome::Passed, false)
        .teardown(hil_model::ExitStatus::Passed);
    for (name, content) in written(&RunRecord::fold(&run.entries)) {
        let text = String::from_utf8(content).unwrap();
        let says = match name.as_str() {
            "junit.xml" => text.contains("name=\"simulated\" value=\"true\""),
            "summary.md" => text.contains("SIMULATED"),
            "requirements_coverage.json" => text.contains("\"simulated\": true"),
            "report.html" => text.contains("<div class=\"simulated\">SIMULATED</div>"),
            _ => continue,
        };
        assert_eq!(says, expected, "{name}");
    }
}

#[test]
fn the_failed_branch_is_open_and_the_good_one_is_not() {
    let page = report(&RunRecord::fold(&every_outcome()));
    assert!(page.contains("<details class=\"step broken\" open>"));
    assert!(page.contains("<details class=\"test failed\" open>"));
    assert!(page.contains("<details class=\"test passed\">"));
}

#[test]
fn the_end_of_the_run_is_proven_or_missed_loudly() {
    let entries = every_outcome();
    assert!(report(&RunRecord::fold(&entries)).contains("Left safe: output off"));
    let killed = report(&RunRecord::fold(&entries[..entries.len() - 20]));
    assert!(killed.contains("OUTPUT NOT CONFIRMED OFF") && killed.contains("cut short"));
}

#[test]
fn the_single_file_needs_nothing_beside_it() {
    let page = render_single_file(&RunRecord::fold(&trivial(300))).unwrap();
    assert!(!page.contains("report.css") && !page.contains("report-2.html"));
    assert!(page.contains("prefers-color-scheme") && page.contains("id=\"t300\""));
}

/// A device may answer anything, and a bench may run for years.
#[rstest]
#[case(&[1e300, -1e300, f64::MAX])]
#[case(&[f64::NAN, f64::INFINITY])]
#[case(&[0.0, -0.0, 1e-300])]
#[case(&[12.5])]
fn odd_readings_do_not_break_the_pictures(#[case] readings: &[f64]) {
    let mut run = Synthetic::start(Simulated::default(), vec![]);
    run.wait(u64::from(u32::MAX) * 1000).begin("a::b", 1);
    for reading in readings {
        run.supply(*reading, *reading).measure(
            "x",
            *reading,
            hil_model::Unit::VOLT,
            Some(-1e300),
            Some(*reading),
        );
    }
    run.end("a::b", 1, Outcome::Failed(failure()), false);
    let page = report(&RunRecord::fold(&run.entries));
    let drawn: Vec<_> =
        page.split("<svg").skip(1).map(|rest| &rest[..rest.find("</svg>").unwrap()]).collect();
    assert!(!drawn.is_empty());
    for picture in drawn {
        for coordinates in picture.split(" d=\"").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]) {
            assert!(!coordinates.contains("NaN") && !coordinates.contains("inf"), "{picture}");
        }
    }
}

/// A journal may nest steps as deep as it likes; templates recurse.
#[test]
fn deep_steps_do_not_break_the_page() {
    let mut run = Synthetic::start(Simulated::default(), vec![]);
    run.begin("a::b", 1);
    for depth in 1..=400 {
        run.step(depth, (depth > 1).then(|| depth - 1), "deeper");
    }
    run.end("a::b", 1, Outcome::Failed(failure()), false);
    assert!(report(&RunRecord::fold(&run.entries)).matches("deeper").count() == 400);
}
