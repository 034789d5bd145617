//! Formatting loses nothing: the database, the warnings, the comments and every other token stay as they are.

use std::fs;
use std::path::{Path, PathBuf};

use hil_ldf::{Element, FormatError, SyntaxTree, TokenKind, format_bytes, parse_bytes};
use rstest::rstest;

use crate::described::describe;
use crate::shared::ldf_folder;

/// The files of this repository and, where they are, the public and the synthetic ones.
fn files(test: &str) -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![here.join("tests/fixtures"), here.join("../../vendor")];
    folders.extend(
        ldf_folder(test).into_iter().flat_map(|shared| ["corpus", "synthetic"].map(|f| shared.join(f))),
    );
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ldf"))
        .collect()
}

/// All tokens but blanks.
fn tokens(text: &str) -> Vec<(TokenKind, &str)> {
    let elements = SyntaxTree::of(text);
    let tokens = elements.elements().filter_map(|element| match element {
        Element::Token { kind, text } => Some((kind, text)),
        Element::StatementStart | Element::StatementEnd | Element::BlockStart | Element::BlockEnd => None,
    });
    tokens.filter(|(kind, _)| *kind != TokenKind::Blank).collect()
}

#[test]
fn a_tree_is_its_text() {
    for path in files("a_tree_is_its_text") {
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(SyntaxTree::of(&text).to_string(), text, "{}", path.display());
    }
}

#[test]
fn formatting_changes_nothing_but_blanks() {
    let mut formatted_files = 0;
    for path in files("formatting_changes_nothing_but_blanks") {
        let bytes = fs::read(&path).unwrap();
        let name = path.display();
        let before = match parse_bytes(&bytes) {
            Ok(before) => before,
            Err(_) => {
                assert!(matches!(format_bytes(&bytes), Err(FormatError::Invalid(_))), "{name}");
                continue;
            }
        };
        let formatted = format_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let after = parse_bytes(&formatted).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(after.encoding, before.encoding, "{name}");
        assert_eq!(describe(&after.database), describe(&before.database), "{name}");
        let said = |warnings: &[hil_ldf::Diagnostic]| {
            warnings.iter().map(|warning| (warning.code(), warning.message().to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(said(&after.warnings), said(&before.warnings), "{name}");
        if let (Ok(before), Ok(after)) = (std::str::from_utf8(&bytes), std::str::from_utf8(&formatted)) {
            assert_eq!(tokens(after), tokens(before), "{name}");
        }
        assert_eq!(format_bytes(&formatted).unwrap(), formatted, "{name}: formatted twice");
        formatted_files += 1;
    }
    assert!(formatted_files >= 2);
}

#[test]
fn the_standard_layout() {
    let formatted = format_bytes(include_bytes!("../fixtures/full.ldf")).unwrap();
    insta::assert_snapshot!(String::from_utf8(formatted).unwrap());
}

const SMALL: &str = "LIN_description_file;LIN_protocol_version=\"2.1\";LIN_language_version=\"2.1\";LIN_speed=19.2kbps;\
    Channel_name=\"Größe\";Nodes{Master:M,5ms,0ms;Slaves:;}";

#[rstest]
#[case::utf8(SMALL.as_bytes().to_vec())]
#[case::mark([b"\xEF\xBB\xBF", SMALL.as_bytes()].concat())]
#[case::latin1(SMALL.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect())]
#[case::utf16le([vec![0xFF, 0xFE], SMALL.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat())]
#[case::utf16be([vec![0xFE, 0xFF], SMALL.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat())]
fn the_encoding_stays(#[case] bytes: Vec<u8>) {
    let formatted = format_bytes(&bytes).unwrap();
    assert_eq!(formatted[..2], bytes[..2]);
    let (before, after) = (parse_bytes(&bytes).unwrap(), parse_bytes(&formatted).unwrap());
    assert_eq!(before.encoding, after.encoding);
    assert_eq!(after.database.channel_name(), Some("Größe"));
}

#[test]
fn broken_characters_are_not_rewritten() {
    let mut bytes: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(SMALL.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    bytes.push(b'\n');
    assert!(matches!(format_bytes(&bytes), Err(FormatError::Lossy { .. })));
}

#[test]
fn a_blank_that_shows_the_encoding_is_not_dropped() {
    let small = SMALL.replace("Größe", "x");
    assert_ne!(small, SMALL);
    for (name, is_told) in [(&b"\xC3\xA4"[..], false), (b"\xE4", true), (b"a", true)] {
        let bytes = [small.as_bytes(), b"// ", name, b"\n\xA0"].concat();
        let formatted = format_bytes(&bytes);
        assert_eq!(formatted.is_ok(), is_told, "{name:02X?}");
        assert!(is_told || matches!(formatted, Err(FormatError::Ambiguous { .. })), "{name:02X?}");
    }
}

/// A version without quotes is one word, but not with a unit behind it: the layout sets units apart.
#[rstest]
#[case::number("2.1", true)]
#[case::words("ISO17987:2015", true)]
#[case::letters("2.1x", true)]
#[case::unit("2.1ms", false)]
#[case::unit_behind_a_colon("ISO17987:2015ms", false)]
#[case::unit_in_a_word("LIN-ms", true)]
fn bare_versions(#[case] version: &str, #[case] is_valid: bool) {
    let full = include_str!("../fixtures/full.ldf");
    let text = full.replacen("LIN_protocol = \"2.1\"", &format!("LIN_protocol = {version}"), 1);
    assert_ne!(text, full);
    match format_bytes(text.as_bytes()) {
        Ok(formatted) => assert!(is_valid && parse_bytes(&formatted).is_ok(), "{version}"),
        Err(error) => assert!(!is_valid, "{version}: {error}"),
    }
}
