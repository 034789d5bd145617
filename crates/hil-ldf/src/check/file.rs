//! The file as a whole: header, and the order in which the sections are checked.

use hashbrown::HashMap;

use super::declared::Declared;
use super::version::Language;
use crate::code::Code;
use crate::model::{ByteOrder, Tables};
use crate::pool::List;
use crate::syntax::ast::{File, Header, Name, Text};
use crate::syntax::{Fault, Faults, Span, Symbol};

/// The tables of a file; what they say counts only if nothing in the file is an error. `strings` gets the texts that
/// have escapes; their spans go on behind the end of the source.
pub(crate) fn check(source: &str, file: &File, strings: &mut String, faults: &mut Faults) -> Tables {
    let declared = |kind| Declared::new(kind, source, &file.symbols);
    let mut checker = Checker {
        source,
        file,
        strings,
        faults,
        nodes: declared("node"),
        signals: declared("signal"),
        frames: declared("frame"),
        encodings: declared("encoding type"),
        schedules: declared("schedule table"),
        stems: None,
        tables: Tables::default(),
    };
    let language = checker.header();
    checker.check_nodes(language);
    checker.check_encodings();
    checker.check_signals();
    checker.declare_schedules();
    checker.check_frames();
    checker.check_attributes(language);
    checker.check_schedules();
    checker.check_groups();
    checker.check_represented();
    checker.tables
}

/// The check at work. Names that are declared faultily count as declared, so that their uses are no faults.
pub(super) struct Checker<'a> {
    pub(super) source: &'a str,
    pub(super) file: &'a File,
    strings: &'a mut String,
    pub(super) faults: &'a mut Faults,
    pub(super) nodes: Declared<'a>,
    pub(super) signals: Declared<'a>,
    pub(super) frames: Declared<'a>,
    pub(super) encodings: Declared<'a>,
    pub(super) schedules: Declared<'a>,
    /// Names of slaves without their numbers; worked out when a node is not declared.
    pub(super) stems: Option<HashMap<&'a str, usize>>,
    pub(super) tables: Tables,
}

impl<'a> Checker<'a> {
    /// The characters of a name.
    pub(super) fn text(&self, name: Name) -> &'a str {
        name.span.of(self.source)
    }

    pub(super) fn string(&mut self, text: Text) -> Span {
        if !text.is_escaped {
            return text.span;
        }
        let place = |strings: &str| u32::try_from(self.source.len() + strings.len()).unwrap_or(u32::MAX);
        let start = place(self.strings);
        unescape(text.span.of(self.source), self.strings);
        Span { start, end: place(self.strings) }
    }

    /// Those of `names` that `is_known` lets through, as a list of the tables.
    pub(super) fn list(
        &mut self,
        names: List<Name>,
        mut is_known: impl FnMut(&mut Self, Name) -> bool,
    ) -> List<Symbol> {
        let start = self.tables.names.len();
        for name in names.of(&self.file.names) {
            if is_known(self, *name) {
                self.tables.names.push(name.symbol);
            }
        }
        List::since(start, &self.tables.names)
    }

    fn header(&mut self) -> Language {
        let header = &self.file.header;
        let language = self.language(header);
        self.tables.bitrate = self.bitrate(header);
        self.tables.byte_order =
            if header.big_endian == Some(true) { ByteOrder::BigEndian } else { ByteOrder::LittleEndian };
        self.tables.protocol_version = header.protocol_version.map(|text| self.string(text));
        self.tables.language_version = header.language_version.map(|text| self.string(text));
        self.tables.file_revision = header.file_revision.map(|text| self.string(text));
        self.tables.channel_name = header.channel_name.map(|text| self.string(text));
        language
    }

    fn language(&mut self, header: &Header) -> Language {
        let mut language = Language::Lin2;
        let versions = [
            ("LIN_protocol_version", header.protocol_version),
            ("LIN_language_version", header.language_version),
        ];
        for (keyword, version) in versions {
            match version {
                Some(version) => {
                    language = Language::of(version.span.of(self.source), version.span, self.faults);
                }
                None => self.lacks(&format!("the file has no {keyword}")),
            }
        }
        language
    }

    /// kbit/s to bit/s. The highest rate of LIN is 20 kbit/s; faster buses exist, so this is no limit here.
    fn bitrate(&mut self, header: &Header) -> u32 {
        let Some(speed) = header.speed else {
            self.lacks("the file has no LIN_speed");
            return 0;
        };
        let rate = (speed.value * 1000.0).round();
        if !(1.0..=1e6).contains(&rate) {
            let message = format!("a bit rate of {} kbps is out of range", speed.value);
            let fault = Fault::error(Code::OutOfRange, speed.span, message);
            self.faults.push(fault.expected("0.001 to 1000 kbps"));
            return 0;
        }
        // The range is checked.
        rate as u32
    }

    fn lacks(&mut self, message: &str) {
        let place = self.file.header.span.unwrap_or_default();
        self.faults.push(Fault::warning(Code::MissingHeader, place, message));
    }
}

/// An index into a table, which has fewer rows than the text has bytes.
pub(super) fn index<T>(table: &[T]) -> u32 {
    u32::try_from(table.len()).unwrap_or(u32::MAX)
}

/// `\"` and `\\` are the escapes of the language; any other backslash is text.
fn unescape(text: &str, plain: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&escaped @ ('"' | '\\'))) => {
                plain.push(escaped);
                chars.next();
            }
            _ => plain.push(c),
        }
    }
}
