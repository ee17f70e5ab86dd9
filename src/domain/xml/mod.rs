//! XML as agencies exchange it: a small tree, its canonical form, and signatures over it.
//!
//! What for: forms are filled in, signed, and checked; a signature counts for bytes, so the tree is written in one way only.
//! The crates that sign XML say of themselves that they are not ready for use, or bring a second cryptographic library;
//! what agencies use of it is small.
//!
//! How it flows: [`Document::parse`] reads within bounds (`read`); a caller finds elements by name and fills them;
//! `canonical` writes an element as Canonical XML 1.0 wants it; `signature` signs and verifies (XML-Signature Syntax).
//!
//! How to add one more: an algorithm is a line in `signature`'s tables with a known answer of another implementation.
//!
//! What it must never do: read a DTD or an entity that is not predefined; grow without bound; verify a reference by
//! anything but the element that its one ID names.

mod canonical;
#[cfg(test)]
pub(crate) mod made;
mod read;
mod signature;

pub use read::BadXml;
pub use signature::{BadSignature, InvalidSigner, Placing, Target, Verified, XmlSigner, verify};

/// A piece of content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

/// An element: its name and attributes as written, prefixes and all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes, namespace declarations among them, in their order.
    pub attributes: Vec<(String, String)>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The processing instructions before its root: target and the rest.
    pub instructions: Vec<String>,
    /// Its root.
    pub root: Element,
}

/// Where an element is: the place among the children of each level.
pub type Path = Vec<usize>;

impl Element {
    /// An element with text in it.
    #[must_use]
    pub fn with_text(name: &str, text: &str) -> Self {
        let mut element = Self { name: name.to_owned(), ..Self::default() };
        element.set_text(text);
        element
    }

    /// An element with elements in it.
    #[must_use]
    pub fn with_children(name: &str, children: Vec<Self>) -> Self {
        let children = children.into_iter().map(Node::Element).collect();
        Self { name: name.to_owned(), children, ..Self::default() }
    }

    /// The same with an attribute more.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its name without a prefix.
    #[must_use]
    pub fn local_name(&self) -> &str {
        self.name.rsplit_once(':').map_or(self.name.as_str(), |(_, local)| local)
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All text directly in it.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |node: &Node| if let Node::Text(text) = node { Some(text.as_str().to_owned()) } else { None };
        self.children.iter().filter_map(text).collect()
    }

    /// Puts text in place of everything in it.
    pub fn set_text(&mut self, text: &str) {
        self.children = if text.is_empty() { Vec::new() } else { vec![Node::Text(text.to_owned())] };
    }

    /// The elements directly in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| if let Node::Element(element) = node { Some(element) } else { None })
    }

    /// The first element directly in it with this local name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.local_name() == name)
    }

    /// The element at a path.
    #[must_use]
    pub fn at(&self, path: &[usize]) -> Option<&Self> {
        path.iter().try_fold(self, |element, place| match element.children.get(*place)? {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The element at a path, to be changed.
    pub fn at_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter().try_fold(self, |element, place| match element.children.get_mut(*place)? {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Where every element is that is wanted, itself (the empty path) included, in the order of the document.
    pub fn paths(&self, is_wanted: &dyn Fn(&Self) -> bool) -> Vec<Path> {
        let mut found = Vec::new();
        self.collect(&mut Vec::new(), is_wanted, &mut found);
        found
    }

    /// Where the first element with this local name is.
    #[must_use]
    pub fn path_to(&self, name: &str) -> Option<Path> {
        self.paths(&|element| element.local_name() == name).into_iter().next()
    }

    /// The first element with this local name, wherever it is.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.at(&self.path_to(name)?)
    }

    // As deep as a document that was read may be, and no deeper.
    fn collect(&self, here: &mut Path, is_wanted: &dyn Fn(&Self) -> bool, found: &mut Vec<Path>) {
        if is_wanted(self) {
            found.push(here.clone());
        }
        for (place, node) in self.children.iter().enumerate() {
            if let Node::Element(element) = node {
                here.push(place);
                element.collect(here, is_wanted, found);
                here.pop();
            }
        }
    }
}

impl Document {
    /// The bytes of a file: UTF-8 with its declaration.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        for instruction in &self.instructions {
            out.push_str("<?");
            out.push_str(instruction);
            out.push_str("?>\n");
        }
        canonical::write(&self.root, &mut out);
        out.push('\n');
        out.into_bytes()
    }

    /// The canonical form of the document: what stands before its root is part of it (Canonical XML 1.0 §2.3).
    #[must_use]
    pub fn canonical_whole(&self) -> Option<String> {
        let before: Vec<String> = self.instructions.iter().map(|instruction| format!("<?{instruction}?>\n")).collect();
        self.canonical(&[]).map(|root| before.concat() + &root)
    }

    /// The canonical form of the element at a path.
    #[must_use]
    pub fn canonical(&self, path: &[usize]) -> Option<String> {
        canonical::canonical(&self.root, path)
    }
}

#[cfg(test)]
mod tests;
