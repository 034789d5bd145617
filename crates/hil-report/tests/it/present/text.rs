//! `hil runs show`.

use hil_report::present::{Emphasis, Logs, Terminal, text};
use unicode_width::UnicodeWidthStr;

use super::sample::{bare, number, run};

#[test]
fn a_run_on_a_terminal() {
    insta::assert_snapshot!("run.txt", text(&run(), Logs::Listed, &Terminal::plain(110)));
}

#[test]
fn a_run_of_nothing() {
    insta::assert_snapshot!(text(&bare("1"), Logs::Counted, &Terminal::plain(80)), @"
      outcome  PASS
          run  1
         unit  SN-0001
    procedure  FVT1
      started  2026-11-21 04:30:00 UTC
     duration  12.3 s
       phases  none
    ");
}

#[test]
fn emphasis_is_the_callers_business() {
    let paint = |emphasis: Emphasis, text: &str| format!("{emphasis:?}({text})");
    let text = text(&run(), Logs::Counted, &Terminal::painted(110, &paint));
    assert!(
        text.contains("Bad(FAIL)") && text.contains("Odd(MARGINAL)") && text.contains("Strong(SIMULATED)")
    );
}

/// Tables end where the terminal ends, however long names are.
#[test]
fn tables_fit_the_terminal() {
    let mut run = run();
    run.phases[0].measurements.push(number(
        &"very long name ".repeat(9),
        1.0,
        "V",
        Some(0.0),
        Some(1e-9 + 1.0),
    ));
    for width in [80, 100, 200] {
        let text = text(&run, Logs::Counted, &Terminal::plain(width));
        // The facts in front of the first phase and behind the last are whole.
        let tables = text.split_once("\n\n").unwrap().1.rsplit_once("\n\n").unwrap().0;
        for line in tables.lines() {
            assert!(line.width() <= width, "{width}: {line:?}");
        }
    }
}
