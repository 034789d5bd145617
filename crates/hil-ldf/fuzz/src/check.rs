//! What must hold for any bytes that are taken for a file.

use std::hint::black_box;

use hil_ldf::{Database, Diagnostic, Element, Severity, SyntaxTree, TokenKind, format_bytes, parse_bytes};

use crate::last::remember;
use crate::round_trip::{Source, round_trip};

/// Parses `bytes` and uses what comes out. Panics where a promise of hil-ldf is broken.
pub fn check(bytes: &[u8]) {
    remember(bytes);
    laid_out(bytes);
    match parse_bytes(bytes) {
        Ok(parsed) => {
            rendered(parsed.warnings.iter());
            assert!(parsed.warnings.iter().all(|found| found.severity() == Severity::Warning));
            lookups(&parsed.database, bytes);
            let mut source = Source::new(bytes);
            for frame in parsed.database.frames() {
                round_trip(&parsed.database, frame.name(), &mut source);
            }
        }
        Err(diagnostics) => {
            rendered(diagnostics.iter());
            assert!(diagnostics.errors().count() > 0, "a file was refused without an error");
            black_box(diagnostics.to_string());
        }
    }
}

/// The concrete tree is the text, and its standard layout changes nothing but blanks.
fn laid_out(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let tree = SyntaxTree::of(&text);
    assert_eq!(tree.to_string(), text);
    let formatted = tree.format();
    let again = SyntaxTree::of(&formatted);
    assert!(tokens(&tree).eq(tokens(&again)), "the layout has other tokens");
    assert_eq!(again.format(), formatted, "a second layout differs from the first");
    if let Ok(formatted) = format_bytes(bytes) {
        assert!(parse_bytes(&formatted).is_ok(), "a valid file is invalid in the standard layout");
    }
}

fn tokens<'t>(tree: &SyntaxTree<'t>) -> impl Iterator<Item = (TokenKind, &'t str)> {
    tree.elements().filter_map(|element| match element {
        Element::Token { kind: TokenKind::Blank, .. } => None,
        Element::Token { kind, text } => Some((kind, text)),
        Element::StatementStart | Element::StatementEnd | Element::BlockStart | Element::BlockEnd => None,
    })
}

/// Every finding has a place in the file and can be shown; they come in the order of the file.
fn rendered<'d>(diagnostics: impl Iterator<Item = &'d Diagnostic>) {
    let mut last = (1, 1);
    for found in diagnostics {
        let place = (found.line(), found.column());
        assert!(last <= place, "a finding at {place:?} is behind one at {last:?}");
        last = place;
        assert!(!found.message().is_empty());
        assert!(found.notes().iter().all(|note| note.line() > 0 && note.column() > 0));
        assert!(found.to_string().starts_with(&format!("{}:{}: ", place.0, place.1)));
    }
}

/// What has a name is found by it; what has not gets an error that can be shown.
fn lookups(database: &Database, bytes: &[u8]) {
    for signal in database.signals() {
        let found = database.signal(signal.name()).expect("a listed signal is found");
        assert_eq!(found.width(), signal.width());
        assert!((1..=64).contains(&signal.width()), "{} has {} bits", signal.name(), signal.width());
    }
    for frame in database.frames() {
        let found = database.frame(frame.name()).expect("a listed frame is found");
        assert_eq!(found.id(), frame.id());
        if let Some(id) = frame.id() {
            let found = database.frame_by_id(id.get()).expect("a listed frame is found by its id");
            assert_eq!(found.name(), frame.name());
        }
    }
    for table in database.schedule_tables() {
        assert!(database.schedule_table(table.name()).is_ok());
        black_box(table.period());
    }
    for encoding in database.encodings() {
        assert!(database.encoding(encoding.name()).is_ok());
    }
    black_box(database.nodes().count());
    // No name has a blank in it.
    let head = bytes.get(..bytes.len().min(40)).unwrap_or_default();
    let name = format!("{} ", String::from_utf8_lossy(head));
    let errors = [
        database.signal(&name).err(),
        database.frame(&name).err(),
        database.schedule_table(&name).err(),
        database.slave(&name).err(),
        database.encoding(&name).err(),
    ];
    for error in errors {
        black_box(error.expect("no such name").to_string());
    }
}
