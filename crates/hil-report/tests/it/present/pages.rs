//! The page of a run, and the pictures on it.

use hil_model::run::{Attachment, MeasuredValue, Measurement, Run};
use hil_report::present::{html, series_svg};
use rstest::rstest;

use super::sample::{bare, rails, regulation, run, warm_up};
use crate::xml;

fn link(file: &Attachment) -> Option<String> {
    (!file.is_report).then(|| format!("attachments/{}", file.digest))
}

/// What is behind the style sheet.
pub(super) fn body(run: &Run) -> String {
    let page = html(run, &link).unwrap();
    page.split_once("</head>").unwrap().1.to_owned()
}

#[test]
fn a_run_as_a_page() {
    insta::assert_snapshot!("run.html", body(&run()));
}

#[rstest]
#[case("warm_up.svg", warm_up())]
#[case("regulation.svg", regulation())]
#[case("rails.svg", rails())]
fn series_as_pictures(#[case] name: &str, #[case] measurement: Measurement) {
    let svg = series_svg(&measurement).unwrap();
    xml::parse(&svg).unwrap();
    insta::assert_snapshot!(name, svg.replace("><", ">\n<"));
}

#[test]
fn no_picture_without_a_series() {
    assert_eq!(series_svg(&Measurement { value: MeasuredValue::Number(1.0), ..Measurement::new("x") }), None);
    assert_eq!(
        series_svg(&Measurement {
            value: MeasuredValue::Series(Default::default()),
            ..Measurement::new("x")
        }),
        None
    );
}

#[test]
fn the_page_needs_nothing_beside_it() {
    let page = html(&run(), &link).unwrap();
    for forbidden in
        ["<script", " style=", "<link", "@import", "url(", "<iframe", "<img", " onclick", " onload"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(
        page.contains("prefers-color-scheme") && page.contains("<div class=\"simulated\">SIMULATED</div>")
    );
}

#[test]
fn attachments_lead_where_the_caller_says_and_nowhere_else() {
    let href = "ab".repeat(32);
    assert!(
        body(&run()).contains(&format!(
            "<a href=\"attachments&#x2f;{href}\">..&#x2f;..&#x2f;scope &lt;1&gt;.png</a>"
        ))
    );
    let evil = html(&run(), &|_| Some("javascript:alert(1)".into())).unwrap();
    assert!(!evil.contains("javascript:") && evil.contains("<td>..&#x2f;..&#x2f;scope"));
}

#[test]
fn a_run_without_phases_is_a_page() {
    assert!(body(&bare("1")).contains("The run has no phases."));
}
