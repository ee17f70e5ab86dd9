//! Reading a document within bounds.

use super::{Document, Element, Node};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Most bytes of a document.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How deep elements may stand in each other.
const DEEPEST: usize = 64;
/// Most elements, attributes and texts of a document.
const MOST_NODES: usize = 200_000;

/// A document that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadXml {
    /// Not well-formed, or in another encoding than UTF-8.
    #[error("this is no well-formed XML in UTF-8")]
    Malformed,
    /// A document type, or an entity that is not predefined.
    #[error("document types and entities of one's own are not read")]
    Entity,
    /// Larger or deeper than any honest one.
    #[error("the document is too large or too deep")]
    TooLarge,
}

impl Document {
    /// Reads a document; comments are dropped.
    ///
    /// # Errors
    /// [`BadXml`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadXml> {
        if bytes.len() > MOST_BYTES {
            return Err(BadXml::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| BadXml::Malformed)?;
        let mut reading = Reading { instructions: Vec::new(), open: Vec::new(), root: None, left: MOST_NODES };
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        reader.config_mut().check_comments = true;
        loop {
            match reader.read_event().map_err(|_| BadXml::Malformed)? {
                Event::Eof => break,
                event => reading.take(event)?,
            }
        }
        let root = reading.root.filter(|_| reading.open.is_empty()).ok_or(BadXml::Malformed)?;
        Ok(Self { instructions: reading.instructions, root })
    }
}

struct Reading {
    instructions: Vec<String>,
    open: Vec<Element>,
    root: Option<Element>,
    left: usize,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) -> Result<(), BadXml> {
        match event {
            Event::Start(start) => {
                let element = self.element(&start)?;
                if self.open.len() >= DEEPEST || self.root.is_some() {
                    return Err(BadXml::TooLarge);
                }
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(&start)?;
                self.close(element)?;
            }
            Event::End(_) => {
                let element = self.open.pop().ok_or(BadXml::Malformed)?;
                self.close(element)?;
            }
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().map_err(|_| BadXml::Malformed)? {
                    Some(one) if is_allowed(one) => one.to_string(),
                    Some(_) => return Err(BadXml::Malformed),
                    None => match &*reference.xml10_content() {
                        "lt" => "<".to_owned(),
                        "gt" => ">".to_owned(),
                        "amp" => "&".to_owned(),
                        "apos" => "'".to_owned(),
                        "quot" => "\"".to_owned(),
                        _ => return Err(BadXml::Entity),
                    },
                };
                self.text(&text)?;
            }
            // Those in the root and after it are part of the canonical form, too; no form has any.
            Event::PI(instruction) if self.open.is_empty() && self.root.is_none() => {
                self.count()?;
                self.instructions.push(instruction.into_inner().into_owned());
            }
            Event::PI(_) => return Err(BadXml::Malformed),
            Event::DocType(_) => return Err(BadXml::Entity),
            Event::Decl(declaration) => {
                let is_utf8 = declaration
                    .encoding()
                    .is_none_or(|encoding| encoding.is_ok_and(|encoding| encoding.eq_ignore_ascii_case("utf-8")));
                if !is_utf8 {
                    return Err(BadXml::Malformed);
                }
            }
            Event::Comment(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), BadXml> {
        self.left = self.left.checked_sub(1).ok_or(BadXml::TooLarge)?;
        Ok(())
    }

    fn element(&mut self, start: &BytesStart<'_>) -> Result<Element, BadXml> {
        self.count()?;
        let name = start.name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            self.count()?;
            // Names that come twice are refused by the reader.
            let attribute = attribute.map_err(|_| BadXml::Malformed)?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| BadXml::Entity)?;
            if !value.chars().all(is_allowed) {
                return Err(BadXml::Malformed);
            }
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(Element { name, attributes, children: Vec::new() })
    }

    fn close(&mut self, element: Element) -> Result<(), BadXml> {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None if self.root.is_none() => self.root = Some(element),
            None => return Err(BadXml::Malformed),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), BadXml> {
        self.count()?;
        if !text.chars().all(is_allowed) {
            return Err(BadXml::Malformed);
        }
        let Some(parent) = self.open.last_mut() else {
            return if text.trim().is_empty() { Ok(()) } else { Err(BadXml::Malformed) };
        };
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => parent.children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }
}

/// XML 1.0 §2.2.
fn is_allowed(one: char) -> bool {
    matches!(one, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
