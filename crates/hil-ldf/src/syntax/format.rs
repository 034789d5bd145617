//! The layout of a concrete tree: one statement per line, blocks indented, one blank between words.
//!
//! Nothing but blanks changes: the tokens, comments included, are the same before and after. The author's empty lines
//! are kept, at most one at a time, and comments stay on their line.

use super::lexer::{Kind, Token, is_unit};
use super::tree::{Part, SyntaxTree};

/// Blanks for each block that a line is in.
const INDENT: usize = 2;

/// Blocks deeper than this are not indented further: the language needs three, and the blanks of a thousand braces in
/// each other would be many times the text.
const DEEPEST: usize = 20;

/// Blanks more for a line that continues a statement.
const CONTINUATION: usize = 4;

/// A list is continued in the next line where it would go beyond this column.
const WIDTH: usize = 100;

impl SyntaxTree<'_> {
    /// The text in the standard layout. Formatting it again changes nothing.
    ///
    /// Line ends are those that most lines of the text have; CR CR LF, which some tools write, becomes CR LF. A
    /// comment of several lines keeps its own.
    pub fn format(&self) -> String {
        let text = self.text();
        let mut page = Page { out: String::with_capacity(text.len() + text.len() / 8), column: 0 };
        let line_end = line_end(text);
        let mut previous: Option<Item> = None;
        for item in items(text, self.parts()) {
            let word = item.token.span.of(text);
            match previous.map_or(Gap::None, |previous| gap(&previous, &item, page.column + word.len(), text))
            {
                Gap::None => {}
                Gap::Space => page.write(" "),
                Gap::Line => page.new_line(line_end, 1, item.indent()),
                Gap::Paragraph => page.new_line(line_end, 2, item.indent()),
            }
            page.write(word);
            previous = Some(item);
        }
        // A comment without an end would take the line end for its own.
        if previous.is_some_and(|last| last.token.kind != Kind::OpenComment) {
            page.new_line(line_end, 1, 0);
        }
        page.out
    }
}

/// The text so far.
struct Page {
    out: String,
    /// Bytes in its last line.
    column: usize,
}

impl Page {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn new_line(&mut self, line_end: &str, count: usize, indent: usize) {
        self.out.extend(std::iter::repeat_n(line_end, count));
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }
}

/// What stands between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    Line,
    /// A line end and an empty line.
    Paragraph,
}

/// How a block is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// `{ 0x12, 0x34 }`
    Inline,
    /// A line for each statement.
    Lines,
}

/// A token that is written, and what its place in the tree says about the gap before it.
#[derive(Clone, Copy)]
struct Item {
    token: Token,
    /// Line ends before it in the source.
    breaks: usize,
    /// Blocks of several lines around it.
    depth: usize,
    /// The first of a statement that has a line of its own.
    starts_line: bool,
    /// The second of a statement.
    is_second: bool,
    /// A statement began before it and goes on.
    is_inside: bool,
    /// The statement that begins here has a block of several lines and is in none.
    is_section: bool,
    opens: Option<Block>,
    closes: Option<Block>,
}

impl Item {
    fn is_comment(&self) -> bool {
        self.token.kind == Kind::Comment
    }

    /// What follows would become a part of it on the same line: a line comment, a string without an end.
    fn takes_the_line(&self, text: &str) -> bool {
        match self.token.kind {
            Kind::Comment => self.token.span.of(text).starts_with("//"),
            kind => kind == Kind::OpenString,
        }
    }

    fn indent(&self) -> usize {
        let continued = self.is_inside && self.closes.is_none();
        self.depth.min(DEEPEST) * INDENT + if continued { CONTINUATION } else { 0 }
    }
}

/// The gap before `item`; written behind a blank it would end at column `end`.
fn gap(previous: &Item, item: &Item, end: usize, text: &str) -> Gap {
    let lines = if item.breaks > 1 { Gap::Paragraph } else { Gap::Line };
    let is_behind_section = previous.depth == 0 && previous.closes == Some(Block::Lines);
    let takes_the_line = previous.takes_the_line(text);
    let touches = previous.token.span.end == item.token.span.start;
    if item.is_comment() {
        return match (item.breaks, previous.opens) {
            (0, _) if !takes_the_line => Gap::Space,
            (_, Some(_)) => Gap::Line,
            _ if is_behind_section => Gap::Paragraph,
            _ => lines,
        };
    }
    if item.closes == Some(Block::Lines) {
        return Gap::Line;
    }
    if previous.is_comment() || takes_the_line {
        return if item.breaks == 0 && !takes_the_line { Gap::Space } else { lines };
    }
    if item.starts_line {
        return match previous.opens {
            Some(_) => Gap::Line,
            None if is_behind_section || item.is_section => Gap::Paragraph,
            None => lines,
        };
    }
    match (previous.opens, item.closes, item.token.kind) {
        (Some(_), Some(_), _) | (None, None, Kind::Comma | Kind::Semicolon | Kind::Colon) => Gap::None,
        // One more for the comma or semicolon behind it.
        _ if previous.token.kind == Kind::Comma && end + 2 > WIDTH => Gap::Line,
        // The channel name may lack its semicolon.
        _ if previous.token.kind == Kind::String && item.breaks > 0 => lines,
        _ if touches && !is_set_apart(previous, item, text) => Gap::None,
        _ => Gap::Space,
    }
}

/// Whether two tokens that touch in the source are two words of the language. Others may be parts of one word, such as
/// `ISO17987:2015` without quotes or whatever a section holds that the language does not have.
fn is_set_apart(previous: &Item, item: &Item, text: &str) -> bool {
    match (previous.token.kind, item.token.kind) {
        (_, Kind::OpenBrace | Kind::CloseBrace | Kind::Equals) => true,
        (Kind::Comma | Kind::Equals | Kind::OpenBrace | Kind::CloseBrace, _) => true,
        (Kind::Colon, _) => previous.is_second,
        (Kind::Integer | Kind::Real, _) => is_unit(item.token.span.of(text)),
        _ => false,
    }
}

fn items(text: &str, parts: &[Part]) -> Vec<Item> {
    let mut blocks = blocks(parts).into_iter();
    let mut items: Vec<Item> = Vec::with_capacity(parts.len());
    let mut open: Vec<Block> = Vec::new();
    // Whether a statement is under way, for each level.
    let mut under_way = vec![false];
    let mut section = None;
    let (mut breaks, mut depth, mut starts, mut closes) = (0, 0, false, None);
    for part in parts {
        match part {
            Part::StatementStart => {
                starts = true;
                if open.is_empty() {
                    section = Some(items.len());
                }
            }
            Part::StatementEnd => {
                if let Some(level) = under_way.last_mut() {
                    *level = false;
                }
            }
            Part::BlockStart => {
                let block = blocks.next().unwrap_or(Block::Lines);
                if let Some(last) = items.last_mut() {
                    last.opens = Some(block);
                }
                if block == Block::Lines {
                    depth += 1;
                    if let Some(first) = section.take().and_then(|first| items.get_mut(first)) {
                        first.is_section = true;
                    }
                }
                open.push(block);
                under_way.push(block == Block::Inline);
            }
            Part::BlockEnd => {
                closes = open.pop();
                under_way.pop();
                if closes == Some(Block::Lines) {
                    depth -= 1;
                }
            }
            Part::Token(token) if token.kind == Kind::Blank => breaks += line_breaks(token.span.of(text)),
            Part::Token(token) => {
                let is_inline = open.last() == Some(&Block::Inline);
                items.push(Item {
                    token: *token,
                    breaks: std::mem::take(&mut breaks),
                    depth,
                    starts_line: starts && !is_inline && token.kind != Kind::Comment,
                    is_second: items.last().is_some_and(|last| last.starts_line),
                    is_inside: under_way.last() == Some(&true),
                    is_section: false,
                    opens: None,
                    closes: closes.take(),
                });
                if std::mem::take(&mut starts)
                    && let Some(level) = under_way.last_mut()
                {
                    *level = true;
                }
            }
        }
    }
    items
}

/// The layout of each block, in the order in which they open. What has no statements of its own stays in its line.
fn blocks(parts: &[Part]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for part in parts {
        match part {
            Part::BlockStart => {
                if let Some(outer) = open.last().and_then(|outer| blocks.get_mut(*outer)) {
                    *outer = Block::Lines;
                }
                open.push(blocks.len());
                blocks.push(Block::Inline);
            }
            Part::BlockEnd => {
                open.pop();
            }
            Part::Token(Token { kind: Kind::Semicolon | Kind::Comment, .. }) => {
                if let Some(block) = open.last().and_then(|block| blocks.get_mut(*block)) {
                    *block = Block::Lines;
                }
            }
            Part::Token(_) | Part::StatementStart | Part::StatementEnd => {}
        }
    }
    blocks
}

/// A run of CR that ends in LF is one line end, any other CR or LF is one by itself.
fn line_breaks(blank: &str) -> usize {
    let blank = blank.as_bytes();
    let feeds = blank.iter().filter(|byte| **byte == b'\n').count();
    let mut returns = 0;
    let mut run = 0;
    for byte in blank {
        match byte {
            b'\r' => run += 1,
            b'\n' => run = 0,
            _ => returns += std::mem::take(&mut run),
        }
    }
    feeds + returns + run
}

/// The line end that most lines of the text have.
fn line_end(text: &str) -> &'static str {
    let text = text.as_bytes();
    let feeds = text.iter().filter(|byte| **byte == b'\n').count();
    let pairs = text.windows(2).filter(|pair| *pair == b"\r\n").count();
    let returns = text.iter().filter(|byte| **byte == b'\r').count();
    if returns > feeds && feeds == 0 {
        "\r"
    } else if pairs * 2 > feeds {
        "\r\n"
    } else {
        "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::lex;
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn format(text: &str) -> String {
        SyntaxTree::of(text).format()
    }

    #[rstest]
    #[case::header("LIN_speed=19.2kbps ;", "LIN_speed = 19.2 kbps;\n")]
    #[case::block("Signals{A:8,0,M;B:1,0,M;}", "Signals {\n  A: 8, 0, M;\n  B: 1, 0, M;\n}\n")]
    #[case::lists("S{A:16,{1,2},M;}", "S {\n  A: 16, { 1, 2 }, M;\n}\n")]
    #[case::command("T{AssignNAD{N}delay 10ms;}", "T {\n  AssignNAD { N } delay 10 ms;\n}\n")]
    #[case::nested("F{A:1,M,2{s,0;}}", "F {\n  A: 1, M, 2 {\n    s, 0;\n  }\n}\n")]
    #[case::empty("Frames { }\nF2 {\n\n}", "Frames {}\nF2 {}\n")]
    #[case::sections("A { b; }\nC { d; }", "A {\n  b;\n}\n\nC {\n  d;\n}\n")]
    #[case::one_empty_line("a;\n\n\n\nb;\nc;", "a;\n\nb;\nc;\n")]
    #[case::no_empty_line_in_braces("A {\n\n  b;\n\n}", "A {\n  b;\n}\n")]
    #[case::trailing_comment("a;// x\nb; /* y */\nc;", "a; // x\nb; /* y */\nc;\n")]
    #[case::comment_of_its_own("A {\n// x\nb;\n\n/* y */ c;\n}", "A {\n  // x\n  b;\n\n  /* y */ c;\n}\n")]
    #[case::comment_inside("A: 8, // x\n0, /* y */ M;", "A: 8, // x\n    0, /* y */ M;\n")]
    #[case::comment_before_a_brace("A { b; // x\n}", "A {\n  b; // x\n}\n")]
    #[case::comment_behind_a_section("A { b; }\n// x\nC { d; }", "A {\n  b;\n}\n\n// x\nC {\n  d;\n}\n")]
    #[case::comment_lines("a;\n/* 1\r\n   2 */\nb;", "a;\n/* 1\r\n   2 */\nb;\n")]
    #[case::crlf("a;\r\nb;\r\n", "a;\r\nb;\r\n")]
    #[case::crcrlf("a;\r\r\n\r\r\nb;\r\r\n", "a;\r\n\r\nb;\r\n")]
    #[case::cr("a;\rb;\r", "a;\rb;\r")]
    #[case::open_comment("a; /* b", "a;\n/* b")]
    #[case::bare_words(
        "LIN_protocol=ISO17987:2015;x = J2602_1_1.0 ;",
        "LIN_protocol = ISO17987:2015;\nx = J2602_1_1.0;\n"
    )]
    #[case::foreign(
        "X { a->b \"x\"\"y\" 12:30:05 1.2.3-rc1; }",
        "X {\n  a->b \"x\"\"y\" 12:30:05 1.2.3-rc1;\n}\n"
    )]
    #[case::channel("Channel_name = \"DB\"\nNodes { a; }", "Channel_name = \"DB\"\n    Nodes {\n  a;\n}\n")]
    #[case::percent("M,5ms,24bits,30%;", "M, 5 ms, 24 bits, 30 %;\n")]
    #[case::nothing(" \n", "")]
    fn layouts(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(format(text), expected);
        assert_eq!(format(expected), expected, "formatted again");
    }

    #[test]
    fn long_lists_go_on_in_the_next_line() {
        let text = format!("T: {};", ["Signal_of_20_letters"; 9].join(", "));
        let formatted = format(&text);
        assert!(formatted.lines().all(|line| line.len() <= WIDTH), "{formatted}");
        assert_eq!(formatted.lines().nth(1).unwrap().find('S'), Some(CONTINUATION));
        assert_eq!(format(&formatted), formatted);
    }

    fn words(text: &str) -> Vec<&str> {
        lex(text).filter(|token| token.kind != Kind::Blank).map(|token| token.span.of(text)).collect()
    }

    proptest! {
        #[test]
        fn only_blanks_change(text in "([{};:,=%a-c0-9\" \r\n/*+.-]|//|/\\*x\\*/|delay 1|°){0,80}") {
            let formatted = format(&text);
            prop_assert_eq!(words(&formatted), words(&text));
            prop_assert_eq!(&format(&formatted), &formatted);
        }
    }
}
