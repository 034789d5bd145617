//! Texts that are meant to hurt: refused without expanding, recursing or flooding the terminal.

use hil_config::ConfigError;
use proptest::prelude::proptest;
use rstest::rstest;

use crate::bench::Bench;

/// Nine levels of ten aliases each: a billion values if anything were expanded.
fn laughs() -> String {
    let level = |level: u32| {
        let below = format!("*l{}", level - 1);
        format!("l{level}: &l{level} [{}]\n", [below.as_str(); 10].join(", "))
    };
    let ground = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    std::iter::once(ground).chain((1..10).map(level)).collect()
}

fn stairs() -> String {
    (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()
}

#[rstest]
#[case::billion_laughs(laughs(), "not accepted here: an anchor or alias; write the value out")]
#[case::alias_to_itself("a: &a [*a]\n".to_owned(), "not accepted here: an anchor or alias; write the value out")]
#[case::open_brackets("[".repeat(100_000), "nested deeper than 32 levels")]
#[case::open_braces("{a: ".repeat(100_000), "nested deeper than 32 levels")]
#[case::dashes("- ".repeat(100_000), "nested deeper than 32 levels")]
#[case::stairs(stairs(), "nested deeper than 32 levels")]
#[case::many_values(format!("a: [{}]\n", "1,".repeat(100_000)), "more than 20000 keys and values")]
#[case::large_file("# \n".repeat(400_000), "the file is larger than 1048576 bytes")]
fn a_bomb_is_one_short_error(#[case] text: String, #[case] expected: &str) {
    let errors = Bench::with(text).load().unwrap_err();
    let [problem] = errors.problems() else {
        panic!("{} problems", errors.problems().len());
    };
    assert_eq!(problem.error().to_string(), expected);
    assert!(errors.to_string().len() < 1000, "{errors}");
}

#[test]
fn many_errors_are_counted_and_not_all_shown() {
    let text: String = (0..9000).map(|index| format!("key_{index}: 1\n")).collect();
    let errors = Bench::with(text).load().unwrap_err();
    assert_eq!(errors.problems().len(), 9000);
    let shown = errors.to_string();
    assert!(shown.ends_with("\n\nand 8970 more errors"), "{shown}");
    assert_eq!(shown.matches(": error: ").count(), 30);
}

#[test]
fn a_long_line_is_not_repeated() {
    let errors = Bench::with(format!("bench:\n  name: {}\n", "/".repeat(50_000))).load().unwrap_err();
    assert!(matches!(errors.problems()[0].error(), ConfigError::InvalidValue { .. }));
    assert!(errors.to_string().len() < 1000, "{errors}");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let errors = Bench::with("bench:\n  name: \"\\e[2J\"\n\"\\e[31m\": 1\n\u{1b}[0m: 2\n").errors();
    assert!(!errors.contains('\u{1b}'), "{errors:?}");
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"([a-z_]{1,5}|[-:,?&*!|>%@#'"\[\]{}~]|[ \n\t]|0x|[0-9]|é|\r){0,60}"#) {
        let bench = Bench::with(&text).set(&text).set(&format!("bench.name={text}"));
        if let Err(errors) = bench.load() {
            assert!(!errors.to_string().is_empty());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        if let Err(errors) = Bench::with(&bytes).load() {
            assert!(!errors.to_string().is_empty());
        }
    }
}
