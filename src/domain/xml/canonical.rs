//! Canonical XML 1.0 (without comments), and writing a tree as it is.

use super::{Element, Node};
use std::collections::BTreeMap;

/// The namespace of `xml:`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Namespaces in scope by prefix; the default one by "".
type Scope = BTreeMap<String, String>;

/// The canonical form of the element at a path of `root`, with the namespaces and `xml:` attributes that it inherits (§2.4).
pub(super) fn canonical(root: &Element, path: &[usize]) -> Option<String> {
    let (mut scope, mut inherited) = (Scope::new(), BTreeMap::new());
    let mut element = root;
    for place in path {
        declare(element, &mut scope);
        for (name, value) in element.attributes.iter().filter(|(name, _)| name.starts_with("xml:")) {
            inherited.insert(name.clone(), value.clone());
        }
        let Node::Element(next) = element.children.get(*place)? else { return None };
        element = next;
    }
    let mut apex = element.clone();
    for (name, value) in inherited {
        if apex.get(&name).is_none() {
            apex.attributes.push((name, value));
        }
    }
    let mut out = String::new();
    render(&apex, (&scope, &Scope::new()), &mut out);
    Some(out)
}

/// The prefix that an attribute declares.
fn declared(name: &str) -> Option<&str> {
    if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") }
}

fn declare(element: &Element, scope: &mut Scope) {
    for (name, uri) in &element.attributes {
        if let Some(prefix) = declared(name) {
            scope.insert(prefix.to_owned(), uri.clone());
        }
    }
}

fn render(element: &Element, (outer, rendered): (&Scope, &Scope), out: &mut String) {
    let mut scope = outer.clone();
    declare(element, &mut scope);
    out.push('<');
    out.push_str(&element.name);
    for (prefix, uri) in &scope {
        // `xmlns=""` is said only where a default namespace ends (§2.3).
        let before = rendered.get(prefix).map_or("", String::as_str);
        let is_news = if prefix.is_empty() { before != uri } else { rendered.get(prefix) != Some(uri) };
        if is_news && !(prefix == "xml" && uri == XML) {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            attribute(&name, uri, out);
        }
    }
    let mut plain: Vec<(&str, &str, &str, &str)> = Vec::new();
    for (name, value) in element.attributes.iter().filter(|(name, _)| declared(name).is_none()) {
        let (uri, local) = match name.split_once(':') {
            None => ("", name.as_str()),
            Some(("xml", local)) => (XML, local),
            Some((prefix, local)) => (scope.get(prefix).map_or("", String::as_str), local),
        };
        plain.push((uri, local, name, value));
    }
    plain.sort_unstable();
    for (_, _, name, value) in plain {
        attribute(name, value, out);
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Element(child) => render(child, (&scope, &scope), out),
            Node::Text(value) => text(value, out),
        }
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

/// The tree as it is.
pub(super) fn write(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (name, value) in &element.attributes {
        attribute(name, value, out);
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Element(child) => write(child, out),
            Node::Text(value) => text(value, out),
        }
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for one in value.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            one => out.push(one),
        }
    }
    out.push('"');
}

fn text(value: &str, out: &mut String) {
    for one in value.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            one => out.push(one),
        }
    }
}
