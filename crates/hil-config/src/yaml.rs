//! YAML text to tree.
//!
//! The events come from granit-parser, the parser below serde-saphyr: events keep the text and
//! the quotes of a scalar, which a serde tree loses and which messages need. What a configuration
//! has no use for (anchors, aliases, tags, several documents) is refused at its first occurrence,
//! so nothing is ever expanded. This module is the only one that knows the parser.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, Span, StrInput};

use crate::error::{ConfigError, Problem};
use crate::place::{Place, SourceText};
use crate::scalar::Scalar;
use crate::tree::{Entry, Node, Value};

/// Deepest nesting of sections and lists; the deepest key of the schema is at 5.
const MAX_DEPTH: usize = 32;
/// Most keys and values in one text.
const MAX_NODES: usize = 20_000;

/// Parses all of `source` from the byte `from` on.
///
/// Returns the tree (none for an empty text) and duplicate keys, or the problem that makes the
/// text unreadable. The whole text is parsed before anything is judged, so that a wrong value
/// never hides a syntax error below it.
pub(crate) fn parse(source: &Arc<SourceText>, from: usize) -> Result<(Option<Node>, Vec<Problem>), Problem> {
    let mut options = Options::default();
    options.emit_unresolved_aliases = true;
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut builder = Builder {
        source,
        from,
        parser: Parser::new_from_str_with_options(&source.text[from..], options),
        nodes: 0,
        duplicates: Vec::new(),
    };
    let root = builder.document()?;
    Ok((root, builder.duplicates))
}

struct Builder<'text> {
    source: &'text Arc<SourceText>,
    from: usize,
    parser: Parser<'text, StrInput<'text>>,
    nodes: usize,
    duplicates: Vec<Problem>,
}

impl<'text> Builder<'text> {
    fn document(&mut self) -> Result<Option<Node>, Problem> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                first if root.is_none() => root = Some(self.node(first, span, 0)?),
                _ => {
                    let what = "a second document; keep one document to a file";
                    return Err(self.refuse(span, what));
                }
            }
        }
        Ok(root)
    }

    /// Builds the node that `event` starts. Recursion is bounded by [`MAX_DEPTH`].
    fn node(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Node, Problem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.problem(span, ConfigError::TooManyValues { limit: MAX_NODES }));
        }
        if depth > MAX_DEPTH {
            return Err(self.problem(span, ConfigError::TooDeep { limit: MAX_DEPTH }));
        }
        if event.tag().is_some() {
            return Err(self.refuse(span, "a tag; write the plain value"));
        }
        if event.is_alias() || event.anchor_id().is_some_and(|id| id != 0) {
            return Err(self.refuse(span, "an anchor or alias; write the value out"));
        }
        let value = match event {
            Event::Scalar(text, style, ..) => {
                Value::Scalar(Scalar { text: text.into_owned(), quoted: style != ScalarStyle::Plain })
            }
            Event::SequenceStart(..) => self.list(depth)?,
            Event::MappingStart(..) => self.section(depth)?,
            _ => return Err(self.refuse(span, "this construct")),
        };
        Ok(Node { value, place: self.place(span) })
    }

    fn list(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, span, depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn section(&mut self, depth: usize) -> Result<Value, Problem> {
        let mut entries = Vec::new();
        let mut seen: HashMap<String, Place> = HashMap::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key_node = self.node(event, span, depth + 1)?;
            let Value::Scalar(Scalar { text: key, .. }) = key_node.value else {
                return Err(self.refuse(span, "a list or section as a key"));
            };
            let key_place = key_node.place;
            let Some((event, span)) = self.next()? else {
                break;
            };
            let mut value = self.node(event, span, depth + 1)?;
            if value.place.is_empty() {
                // An absent value has no text of its own to point at.
                value.place = key_place.clone();
            }
            if let Some(first) = seen.get(&key) {
                self.duplicates.push(Problem::duplicate(&key, key_place, first));
            } else {
                seen.insert(key.clone(), key_place.clone());
                entries.push(Entry { key, key_place, value });
            }
        }
        Ok(Value::Section(entries))
    }

    fn next(&mut self) -> Result<Option<(Event<'text>, Span)>, Problem> {
        let Some(event) = self.parser.next_event() else {
            return Ok(None);
        };
        event.map(Some).map_err(|error| {
            // What is missing at the end is shown at the end of the last line, not below it.
            let end = self.source.text.trim_end().len().max(self.from);
            let offset = error.marker().byte_offset();
            let at = offset.map_or(end, |offset| end.min(self.from + offset));
            if let Some(tab) = tab_indentation(&self.source.text, at) {
                let place = Place::new(self.source, tab..tab + 1);
                return Problem::new(place, ConfigError::TabIndentation);
            }
            let place = Place::new(self.source, at..at + 1);
            let error = match error.kind() {
                ErrorKind::RecursionLimitExceeded => ConfigError::TooDeep { limit: MAX_DEPTH },
                kind => ConfigError::Syntax { message: kind.to_string() },
            };
            Problem::new(place, error)
        })
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.source, self.range(span))
    }

    fn range(&self, span: Span) -> Range<usize> {
        let end = self.source.text.len();
        let range = span.byte_range().unwrap_or(end..end);
        (self.from + range.start).min(end)..(self.from + range.end).min(end)
    }

    fn problem(&self, span: Span, error: ConfigError) -> Problem {
        Problem::new(self.place(span), error)
    }

    fn refuse(&self, span: Span, what: &'static str) -> Problem {
        self.problem(span, ConfigError::Refused { what })
    }
}

/// The first tab in the indentation of the line around `at` or of the next one: the scanner stops
/// at either, depending on what the tab would have continued.
fn tab_indentation(text: &str, at: usize) -> Option<usize> {
    let at = text.floor_char_boundary(at);
    let mut line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    for line in text[line_start..].split_inclusive('\n').take(2) {
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indentation].find('\t') {
            return Some(line_start + tab);
        }
        line_start += line.len();
    }
    None
}
