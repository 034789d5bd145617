//! A strict reader of XML 1.0 into a small tree.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

#[derive(Clone, Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: HashMap<String, String>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(crate) fn one(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// Reads a document; the message says why it is none.
pub(crate) fn parse(text: &str) -> Result<Element, String> {
    if let Some(char) = text.chars().find(|char| !is_xml_char(*char)) {
        return Err(format!("{char:?} is outside XML 1.0"));
    }
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut stack = vec![Element::default()];
    loop {
        match reader.read_event().map_err(said)? {
            Event::Start(start) => stack.push(element(&start)?),
            Event::End(_) => {
                let done = stack.pop().ok_or("an end without a start")?;
                stack.last_mut().ok_or("an end too many")?.children.push(done);
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(said)?;
                stack.last_mut().ok_or("text outside")?.text.push_str(&text);
            }
            Event::CData(text) => {
                let text = text.xml10_content().map_err(said)?;
                stack.last_mut().ok_or("text outside")?.text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let char = match reference.resolve_char_ref().map_err(said)? {
                    Some(char) => char,
                    None => match &*reference.decode().map_err(said)? {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        other => return Err(format!("unknown entity {other}")),
                    },
                };
                if !is_xml_char(char) {
                    return Err(format!("a reference to {char:?}"));
                }
                stack.last_mut().ok_or("text outside")?.text.push(char);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => return Err(format!("unexpected {other:?}")),
        }
    }
    match stack.as_slice() {
        [root] if root.children.len() == 1 => Ok(root.children[0].clone()),
        _ => Err("not one root element, or elements left open".to_owned()),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element { name: text(start.name().as_ref()), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(said)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(said)?;
        element.attributes.insert(text(attribute.key.as_ref()), value.into_owned());
    }
    Ok(element)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const fn is_xml_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
