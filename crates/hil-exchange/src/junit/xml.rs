//! From XML to what the file holds.
//!
//! Document type declarations are refused, and with them every entity but the five that XML has. Elements that nobody
//! knows are passed over. Nothing recurses, and elements may be nested no deeper than a sane file nests them.

use chrono::{DateTime, NaiveDateTime};
use hil_model::WallTime;
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::FORMAT;
use super::document::{Case, Document, Kind, Output, Suite, Verdict};
use crate::error::excerpt;
use crate::{ExchangeError, Result, time};

/// How deep elements may be nested.
const MAX_DEPTH: usize = 64;

/// The longest time that a file may claim, in milliseconds: a year.
const MAX_TIME: f64 = 365.0 * 86_400_000.0;

/// Reads the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Document> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(bytes, error.valid_up_to(), "not UTF-8".to_owned()))?;
    let mut reader = Reader::from_str(text);
    let mut builder = Builder::default();
    loop {
        let before = position(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            malformed(bytes, position(reader.error_position()), excerpt(&error.to_string()))
        })?;
        let is_end = matches!(event, Event::Eof);
        builder.take(event).map_err(|problem| malformed(bytes, before, problem))?;
        if is_end {
            return Ok(builder.document);
        }
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// An error at a byte of the file.
fn malformed(bytes: &[u8], offset: usize, problem: String) -> ExchangeError {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.split(|&byte| byte == b'\n').count();
    let column = before.rsplit(|&byte| byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
    ExchangeError::Malformed { format: FORMAT, path: String::new(), line, column, problem }
}

/// What an open element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Suites,
    /// A suite, at its place in the document.
    Suite(usize),
    Case,
    Verdict,
    StackTrace,
    Out,
    Err,
    Properties,
    Property,
    Unknown,
}

/// What is under way: the elements that are open, and what they hold so far.
#[derive(Default)]
struct Builder {
    document: Document,
    open: Vec<Element>,
    has_root: bool,
    case: Option<Case>,
    verdict: Option<Verdict>,
    /// The name and the value of the property that is open.
    property: Option<(String, Option<String>)>,
    text: String,
}

type Problem = String;

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), Problem> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|error| error.to_string())?;
                if self.open.is_empty() && !text.trim().is_empty() {
                    return Err("text outside of the root element".to_owned());
                }
                self.text(&text);
                Ok(())
            }
            Event::CData(text) => {
                self.text(&text.xml10_content().map_err(|error| error.to_string())?);
                Ok(())
            }
            Event::GeneralRef(reference) => {
                if let Some(char) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
                    self.text(char.encode_utf8(&mut [0; 4]));
                    return Ok(());
                }
                let name = reference.decode().map_err(|error| error.to_string())?;
                let text = resolve_predefined_entity(&name)
                    .ok_or_else(|| format!("the entity &{}; is not known", excerpt(&name)))?;
                self.text(text);
                Ok(())
            }
            Event::DocType(_) => Err("a document type declaration is not accepted".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
            Event::Eof if !self.open.is_empty() => Err("the file ends inside an element".to_owned()),
            Event::Eof if !self.has_root => Err("there is no element".to_owned()),
            Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        let name = start.name();
        let parent = self.open.last().copied();
        let element = match (name.as_ref(), parent) {
            (b"testsuites", None) => Element::Suites,
            (b"testsuite", None | Some(Element::Suites | Element::Suite(_))) => {
                Element::Suite(self.document.suites.len())
            }
            (name, None) => {
                return Err(format!(
                    "the root is <{}>, not <testsuites>",
                    excerpt(&String::from_utf8_lossy(name))
                ));
            }
            (b"testcase", Some(Element::Suites | Element::Suite(_))) => Element::Case,
            (b"properties", Some(Element::Suites | Element::Suite(_) | Element::Case)) => Element::Properties,
            (b"property", Some(Element::Properties)) => Element::Property,
            (b"system-out", Some(Element::Suite(_) | Element::Case | Element::Verdict)) => Element::Out,
            (b"system-err", Some(Element::Suite(_) | Element::Case | Element::Verdict)) => Element::Err,
            (b"stackTrace", Some(Element::Verdict)) => Element::StackTrace,
            (name, Some(Element::Suite(_) | Element::Case)) if Kind::of(name).is_some() => Element::Verdict,
            (_, Some(_)) => Element::Unknown,
        };
        if parent.is_none() && self.has_root {
            return Err("there is a second root element".to_owned());
        }
        if self.open.len() == MAX_DEPTH {
            return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
        }
        self.has_root = true;
        match element {
            Element::Suites => self.start_suites(start)?,
            Element::Suite(_) => self.start_suite(start)?,
            Element::Case => {
                if self.document.suites.is_empty() {
                    self.document.suites.push(Suite::default());
                }
                self.case = Some(case(start)?);
            }
            Element::Verdict => {
                if let Some(kind) = Kind::of(name.as_ref()) {
                    self.verdict = Some(verdict(kind, start)?);
                }
                self.text.clear();
            }
            Element::Property => {
                let (mut name, mut value) = (String::new(), None);
                attributes(start, |key, text| match key {
                    b"name" => name = text,
                    b"value" => value = Some(text),
                    _ => {}
                })?;
                self.property = Some((name, value));
                self.text.clear();
            }
            // The text of a verdict goes on behind the output that it may hold.
            Element::Out | Element::Err if self.verdict.is_some() => self.keep_verdict_text(),
            Element::StackTrace => self.keep_verdict_text(),
            Element::Out | Element::Err => self.text.clear(),
            Element::Properties | Element::Unknown => {}
        }
        self.open.push(element);
        Ok(())
    }

    fn start_suites(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        let document = &mut self.document;
        attributes(start, |key, text| match key {
            b"name" => document.name = text,
            b"timestamp" => document.timestamp = timestamp(&text),
            b"time" => document.time = duration(&text),
            _ => {}
        })
    }

    fn start_suite(&mut self, start: &BytesStart<'_>) -> Result<(), Problem> {
        let mut suite = Suite::default();
        attributes(start, |key, text| match key {
            b"name" => suite.name = text,
            b"timestamp" => suite.timestamp = timestamp(&text),
            b"hostname" => suite.hostname = Some(text),
            _ => {}
        })?;
        self.document.suites.push(suite);
        Ok(())
    }

    fn keep_verdict_text(&mut self) {
        if let Some(verdict) = &mut self.verdict {
            verdict.text.push_str(&self.text);
        }
        self.text.clear();
    }

    fn text(&mut self, text: &str) {
        match self.open.last() {
            Some(
                Element::Verdict | Element::StackTrace | Element::Out | Element::Err | Element::Property,
            ) => self.text.push_str(text),
            Some(
                Element::Suites | Element::Suite(_) | Element::Case | Element::Properties | Element::Unknown,
            )
            | None => {}
        }
    }

    /// The suite that is open around what ends.
    fn suite(&mut self) -> Option<&mut Suite> {
        let place = self.open.iter().rev().find_map(|element| match element {
            Element::Suite(place) => Some(*place),
            _ => None,
        });
        self.document.suites.get_mut(place.unwrap_or(0))
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match element {
            Element::Case => {
                if let (Some(case), Some(suite)) = (self.case.take(), self.suite()) {
                    suite.cases.push(case);
                }
            }
            Element::Verdict => {
                self.keep_verdict_text();
                if let Some(verdict) = self.verdict.take() {
                    if let Some(case) = &mut self.case {
                        case.verdicts.push(verdict);
                    } else if let Some(suite) = self.suite() {
                        suite.verdicts.push(verdict);
                    }
                }
            }
            // nextest and `hil` write the same text twice, for two readers.
            Element::StackTrace => {
                let text = std::mem::take(&mut self.text);
                if let Some(verdict) = &mut self.verdict
                    && verdict.text.trim() != text.trim()
                {
                    verdict.text.push_str(&text);
                }
            }
            Element::Out | Element::Err => {
                let text = std::mem::take(&mut self.text);
                if let Some(output) = self.output() {
                    let stream = if element == Element::Out { &mut output.out } else { &mut output.err };
                    stream.push_str(&text);
                }
            }
            Element::Property => {
                let text = std::mem::take(&mut self.text);
                if let Some((name, value)) = self.property.take() {
                    let property = (name, value.unwrap_or(text));
                    if let Some(case) = &mut self.case {
                        case.properties.push(property);
                    } else if let Some(suite) = self.property_suite() {
                        suite.properties.push(property);
                    }
                }
            }
            Element::Suites | Element::Suite(_) | Element::Properties | Element::Unknown => {}
        }
    }

    /// The suite that a property belongs to; those of the whole file belong to one without a name.
    fn property_suite(&mut self) -> Option<&mut Suite> {
        if self.document.suites.is_empty() {
            self.document.suites.push(Suite::default());
        }
        self.suite()
    }

    fn output(&mut self) -> Option<&mut Output> {
        if self.verdict.is_some() {
            return self.verdict.as_mut().map(|verdict| &mut verdict.output);
        }
        if self.case.is_some() {
            return self.case.as_mut().map(|case| &mut case.output);
        }
        self.suite().map(|suite| &mut suite.output)
    }
}

fn case(start: &BytesStart<'_>) -> Result<Case, Problem> {
    let mut case = Case::default();
    attributes(start, |key, text| match key {
        b"name" => case.name = text,
        b"classname" => case.class = text,
        b"timestamp" => case.timestamp = timestamp(&text),
        b"time" => case.time = duration(&text),
        b"file" => case.file = text,
        b"line" => case.line = text.trim().parse().unwrap_or(0),
        b"status" => case.not_run |= matches!(text.as_str(), "notrun" | "disabled"),
        b"result" => case.not_run |= matches!(text.as_str(), "skipped" | "suppressed"),
        _ => {}
    })?;
    Ok(case)
}

fn verdict(kind: Kind, start: &BytesStart<'_>) -> Result<Verdict, Problem> {
    let mut verdict = Verdict {
        kind,
        message: String::new(),
        class: String::new(),
        text: String::new(),
        timestamp: None,
        time: 0,
        output: Output::default(),
    };
    attributes(start, |key, text| match key {
        b"message" => verdict.message = text,
        b"type" => verdict.class = text,
        b"timestamp" => verdict.timestamp = timestamp(&text),
        b"time" => verdict.time = duration(&text),
        _ => {}
    })?;
    Ok(verdict)
}

/// Hands name and value of each attribute to `sink`.
fn attributes(start: &BytesStart<'_>, mut sink: impl FnMut(&[u8], String)) -> Result<(), Problem> {
    // To look for the same name twice takes time that grows with the square of their number.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| excerpt(&error.to_string()))?;
        sink(attribute.key.as_ref(), value.into_owned());
    }
    Ok(())
}

/// ISO 8601; without an offset it is read as UTC. What cannot be read says nothing.
fn timestamp(text: &str) -> Option<WallTime> {
    let text = text.trim();
    let millis = match DateTime::parse_from_rfc3339(text) {
        Ok(moment) => moment.timestamp_millis(),
        Err(_) => {
            let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
            naive.ok()?.and_utc().timestamp_millis()
        }
    };
    time::checked(millis)
}

/// Seconds as milliseconds. Surefire sets commas between the thousands.
fn duration(text: &str) -> i64 {
    let seconds: f64 = text.trim().replace(',', "").parse().unwrap_or(0.0);
    let millis = (seconds * 1000.0).round();
    if millis.is_nan() { 0 } else { millis.clamp(0.0, MAX_TIME) as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-11-21T04:30:00.000+01:00", Some(1_795_231_800_000))]
    #[case("2026-11-21T04:30:00Z", Some(1_795_235_400_000))]
    #[case("2026-11-21T04:30:00", Some(1_795_235_400_000))]
    #[case("2026-11-21T04:30:00.25", Some(1_795_235_400_250))]
    #[case("2026-11-21 04:30:00", Some(1_795_235_400_000))]
    #[case("21.11.2026", None)]
    #[case("-9999-11-21T04:30:00", None)]
    fn timestamps_are_iso_8601(#[case] text: &str, #[case] millis: Option<i64>) {
        assert_eq!(timestamp(text), millis.map(WallTime::from_unix_millis));
    }

    #[rstest]
    #[case("0.0015", 2)]
    #[case("1,234.5", 1_234_500)]
    #[case("-1", 0)]
    #[case("NaN", 0)]
    #[case("1e300", 31_536_000_000)]
    #[case("soon", 0)]
    fn durations_are_seconds(#[case] text: &str, #[case] millis: i64) {
        assert_eq!(duration(text), millis);
    }

    #[rstest]
    #[case("", "line 1, column 1: there is no element")]
    #[case("<html/>", "line 1, column 1: the root is <html>, not <testsuites>")]
    #[case("<testsuites>\n <testsuite>", "line 2, column 13: the file ends inside an element")]
    #[case(
        "<testsuites></testsuite>",
        "line 1, column 13: ill-formed document: expected `</testsuites>`, but `</testsuite>` was found"
    )]
    #[case(
        "<!DOCTYPE a [<!ENTITY b \"c\">]><testsuites/>",
        "line 1, column 1: a document type declaration is not accepted"
    )]
    #[case(
        "<testsuite><system-out>&lol;</system-out></testsuite>",
        "line 1, column 24: the entity &lol; is not known"
    )]
    #[case("<testsuite name='&lol;'/>", "line 1, column 1: at 1..4: unrecognized entity `lol`")]
    #[case("<testsuites/><testsuites/>", "line 1, column 14: there is a second root element")]
    #[case("hello", "line 1, column 1: text outside of the root element")]
    fn what_is_no_junit_file_is_refused(#[case] xml: &str, #[case] expected: &str) {
        assert_eq!(parse(xml.as_bytes()).unwrap_err().to_string(), format!("JUnit file, {expected}"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_where_they_stand() {
        let error = parse(b"<testsuites>\n\xff</testsuites>").unwrap_err();
        assert_eq!(error.to_string(), "JUnit file, line 2, column 1: not UTF-8");
    }

    #[test]
    fn elements_are_not_nested_for_ever() {
        let error = parse("<testsuite>".repeat(100).as_bytes()).unwrap_err();
        assert!(error.to_string().ends_with("elements are nested more than 64 deep"), "{error}");
    }
}
