//! Distinguished names, compared as RFC 4517 §4.2.15 says, whether RFC 4514 or DER wrote them.
//!
//! Characters are compared without case and with white space run together (caseIgnoreMatch); Unicode is not normalised
//! further, so at most an honest name is refused.

use x509_parser::asn1_rs::{Any, FromDer as _, Tag};
use x509_parser::x509::X509Name;

/// The attribute types of RFC 4514 §3, and those that certificates of organisations carry besides.
const TYPES: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("C", "2.5.4.6"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("SN", "2.5.4.4"),
    ("GN", "2.5.4.42"),
    ("serialNumber", "2.5.4.5"),
    ("title", "2.5.4.12"),
    ("businessCategory", "2.5.4.15"),
    ("postalCode", "2.5.4.17"),
    ("organizationIdentifier", "2.5.4.97"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("jurisdictionL", "1.3.6.1.4.1.311.60.2.1.1"),
    ("jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2"),
    ("jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"),
];

/// Longest name read.
const MOST: usize = 2048;

/// A name: relative names as DER orders them, each a set of attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName(Vec<Vec<(String, Value)>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Characters, ready to compare.
    Text(String),
    /// Anything else: its tag and its bytes.
    Other(u32, Vec<u8>),
}

impl DistinguishedName {
    /// Reads RFC 4514, e.g. `CN=client,O=見本銀行,C=JP`; white space around separators does not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() || text.len() > MOST {
            return None;
        }
        // RFC 4514 §2.1: the last relative name comes first.
        let names = split(text, ',').into_iter().rev().map(|name| {
            let attributes = split(name, '+').into_iter().map(attribute).collect::<Option<Vec<_>>>();
            attributes.map(sorted)
        });
        names.collect::<Option<_>>().map(Self)
    }

    /// The name as a certificate has it.
    #[must_use]
    pub fn of(name: &X509Name<'_>) -> Option<Self> {
        let names = name.iter_rdn().map(|relative| {
            let attributes = relative.iter().map(|one| (one.attr_type().to_id_string(), Value::of(one.attr_value())));
            sorted(attributes.collect())
        });
        let names: Vec<_> = names.collect();
        (!names.is_empty()).then_some(Self(names))
    }
}

/// The attributes of one relative name have no order (RFC 4514 §2.2).
fn sorted(mut attributes: Vec<(String, Value)>) -> Vec<(String, Value)> {
    attributes.sort();
    attributes
}

/// Splits at every `by` that is not escaped.
fn split(text: &str, by: char) -> Vec<&str> {
    let (mut parts, mut begin, mut is_escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if !is_escaped && c == by {
            parts.extend(text.get(begin..at));
            begin = at + c.len_utf8();
        }
        is_escaped = !is_escaped && c == '\\';
    }
    parts.extend(text.get(begin..));
    parts
}

fn attribute(text: &str) -> Option<(String, Value)> {
    let (kind, value) = text.split_once('=')?;
    let kind = kind.trim();
    let known = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).map(|(_, oid)| (*oid).to_owned());
    let oid = known.or_else(|| is_oid(kind).then(|| kind.to_owned()))?;
    let value = match value.trim_start().strip_prefix('#') {
        Some(hex) => Value::of(&Any::from_der(&bytes_of(hex.trim_end())?).ok().filter(|(rest, _)| rest.is_empty())?.1),
        None => Value::Text(comparable(&unescaped(value)?)),
    };
    Some((oid, value))
}

fn is_oid(text: &str) -> bool {
    text.contains('.') && text.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
}

/// RFC 4514 §3: `\` before a special character stands for it, before two hexadecimal digits for that byte.
fn unescaped(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => {
                let next = rest.next()?;
                if b" \"#+,;<=>\\".contains(&next) {
                    out.push(next);
                } else {
                    out.push(hex(next)? << 4 | hex(rest.next()?)?);
                }
            }
            b'"' | b';' | b'<' | b'>' | 0 => return None,
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { Some(hex(*high)? << 4 | hex(*low)?) } else { None }).collect()
}

/// RFC 4518: case folded, white space at the ends dropped and inside run together.
fn comparable(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Value {
    fn of(any: &Any<'_>) -> Self {
        let ascii =
            || Some(any.data).filter(|data| data.is_ascii()).and_then(|data| String::from_utf8(data.into()).ok());
        let text = match any.tag() {
            Tag::Utf8String => String::from_utf8(any.data.into()).ok(),
            Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString | Tag::T61String => ascii(),
            Tag::BmpString => {
                let units = any.data.chunks(2);
                let units = units.map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes));
                units.collect::<Option<Vec<_>>>().and_then(|units| String::from_utf16(&units).ok())
            }
            _ => None,
        };
        text.map_or_else(|| Self::Other(any.tag().0, any.data.into()), |text| Self::Text(comparable(&text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(left: &str, right: &str) -> bool {
        DistinguishedName::parse(left).unwrap() == DistinguishedName::parse(right).unwrap()
    }

    #[test]
    fn names_are_compared_by_what_they_say() {
        for (left, right, expected) in [
            ("CN=client,O=Mihon Bank,C=JP", "cn=Client, o=mihon  bank , c=jp", true),
            ("CN=client,O=見本銀行,C=JP", "2.5.4.3=client,2.5.4.10=見本銀行,2.5.4.6=JP", true),
            // RFC 4514 §4, its own examples of escapes.
            (r"CN=James \22Jim\22 Smith\, III", r#"CN=James \"Jim\" Smith\2C III"#, true),
            ("CN=client", "CN=#0C06636C69656E74", true),
            ("CN=a+OU=b,O=c", "OU=b+CN=a,O=c", true),
            (r"CN=Lu\C4\8Di\C4\87", "CN=Lučić", true),
            (r"CN=a\ ", "CN=a", true),
            ("CN=a,O=c", "O=c,CN=a", false),
            ("CN=client", "CN=client2", false),
            ("CN=client,O=x", "CN=client", false),
            ("CN=a,CN=b", "CN=a+CN=b", false),
            ("CN=client", "OU=client", false),
        ] {
            assert_eq!(same(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn what_is_no_name_does_not_read() {
        for bad in [
            "",
            " ",
            "client",
            "CN",
            "XX=a",
            "CN=a,",
            ",CN=a",
            "CN=a+",
            "CN=\"a\"",
            "CN=a;O=b",
            r"CN=a\",
            r"CN=a\z",
            r"CN=a\2",
            "CN=#0",
            "CN=#zz",
            "CN=#0C06636C",
            "1..2=a",
            "CN=<a>",
        ] {
            assert_eq!(DistinguishedName::parse(bad), None, "{bad}");
        }
        assert_eq!(DistinguishedName::parse(&format!("CN={}", "a".repeat(MOST))), None);
    }
}
