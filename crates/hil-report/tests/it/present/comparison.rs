//! `hil runs compare`.

use hil_report::present::{Comparison, Terminal};

use super::sample::{bare, other_run, run};

#[test]
fn two_runs_on_a_terminal() {
    let comparison = Comparison::of(&[&run(), &other_run()]);
    assert!(comparison.differs());
    insta::assert_snapshot!("comparison.txt", comparison.text(&Terminal::plain(140)));
}

#[test]
fn two_runs_as_a_page() {
    let page = Comparison::of(&[&run(), &other_run()]).html().unwrap();
    insta::assert_snapshot!("comparison.html", page.split_once("</head>").unwrap().1);
}

#[test]
fn a_run_does_not_differ_from_itself() {
    let comparison = Comparison::of(&[&run(), &run()]);
    assert!(!comparison.differs());
    assert!(!comparison.text(&Terminal::plain(140)).contains('≠'));
    assert!(comparison.html().unwrap().contains("0 differences"));
}

/// On a narrow terminal the first run stands beside the others in turn.
#[test]
fn many_runs_take_turns() {
    let runs = [run(), other_run(), run(), other_run()];
    let comparison = Comparison::of(&runs.iter().collect::<Vec<_>>());
    let text = comparison.text(&Terminal::plain(120));
    let heads: Vec<_> = text.lines().filter(|line| line.contains("SIMULATED")).collect();
    assert!(heads.len() > 1 && heads.iter().all(|head| head.contains("A FAIL")), "{heads:?}");
    assert!(["B PASS", "C FAIL", "D PASS"].iter().all(|label| text.contains(label)));
}

#[test]
fn nothing_and_one_run_can_be_compared() {
    assert_eq!(Comparison::of(&[]).text(&Terminal::plain(80)), "\n");
    assert!(Comparison::of(&[]).html().unwrap().contains("None of the runs has a phase."));
    assert!(!Comparison::of(&[&bare("1")]).differs());
}
