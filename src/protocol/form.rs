//! A form body (`application/x-www-form-urlencoded`), read strictly.

use super::code::INVALID_REQUEST;
use crate::domain::Refusal;
use std::fmt;

/// Most parameters looked at.
const MOST: usize = 64;

/// What may come more than once (RFC 8707 §2).
const REPEATABLE: [&str; 1] = ["resource"];

/// The parameters of a request, each once. Values hold secrets, so it never prints itself.
#[derive(Clone)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `body`. Parameters without a value count as left out (RFC 6749 §3.1); unknown ones are kept and ignored by
    /// whoever asks for others.
    ///
    /// # Errors
    /// `invalid_request` when the body is no UTF-8 after decoding, an escape is broken, a parameter other than `resource`
    /// comes twice (RFC 6749 §3.1), or there are more than 64.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut pairs: Vec<(String, String)> = Vec::with_capacity(12);
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if pairs.len() >= MOST {
                return Err(Refusal::new(INVALID_REQUEST, "the body has more than 64 parameters"));
            }
            if !REPEATABLE.contains(&name.as_str()) && pairs.iter().any(|(known, _)| *known == name) {
                let shown: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
                let public = format!("the parameter {shown} comes more than once; send it once");
                return Err(Refusal::new(INVALID_REQUEST, public).at(shown));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The same from parameters that came in another envelope, each name once.
    ///
    /// # Errors
    /// `invalid_request` when there are more than 64.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        if pairs.len() > MOST {
            return Err(Refusal::new(INVALID_REQUEST, "the request has more than 64 parameters"));
        }
        Ok(Self(pairs))
    }

    /// The parameter's value, unless it was left out or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Every value of a parameter that may come more than once, in order; empty ones count as left out.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let values = self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str());
        values.filter(|value| !value.is_empty())
    }

    /// The parameter's value.
    ///
    /// # Errors
    /// `invalid_request` naming it when it is missing or empty.
    pub fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::new(INVALID_REQUEST, format!("the parameter {name} is missing")).at(name))
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Percent-decoding that refuses what lenient readers guess at.
fn decode(text: &[u8]) -> Result<String, Refusal> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = (rest.next().copied().and_then(hex), rest.next().copied().and_then(hex));
                let (Some(high), Some(low)) = digits else {
                    return Err(Refusal::new(INVALID_REQUEST, "the body has a broken percent escape"));
                };
                high << 4 | low
            }
            other => *other,
        });
    }
    String::from_utf8(out).map_err(|_| Refusal::new(INVALID_REQUEST, "the body is not UTF-8"))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_parameter_counts_once_and_empty_is_left_out() {
        let form = Form::parse(b"a=1&b=&c=x+y%20z%26&d").unwrap();
        assert_eq!(form.get("a"), Some("1"));
        assert_eq!(form.get("b"), None);
        assert_eq!(form.get("c"), Some("x y z&"));
        assert_eq!(form.get("d"), None);
        let resources = Form::parse(b"resource=x&resource=&resource=y").unwrap();
        assert_eq!(resources.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(form.require("b").unwrap_err().pointer.as_deref(), Some("b"));
        assert_eq!(format!("{form:?}"), r#"["a", "b", "c", "d"]"#);
    }

    #[test]
    fn doubled_and_broken_bodies_are_refused() {
        let many = "x=1&".repeat(2) + "y=2";
        let crowd = (0..65).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        for bad in [many.as_str(), "a=1&b=2&a=", "a=%", "a=%4", "a=%zz", "a=%ff", "%ff=1", "a=1&%61=2", &crowd] {
            assert_eq!(Form::parse(bad.as_bytes()).unwrap_err().code, INVALID_REQUEST, "{bad}");
        }
        assert!(Form::parse(&[b'a', b'=', 0xff]).is_err());
    }

    proptest! {
        #[test]
        fn what_url_writes_reads_back(pairs in proptest::collection::btree_map("[a-z]{1,8}", "\\PC{0,20}", 0..8)) {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let form = Form::parse(body.as_bytes()).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(form.get(name).unwrap_or_default(), value);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&body);
        }
    }
}
