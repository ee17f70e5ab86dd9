//! What browsers send, read strictly: queries and forms, each name once unless it is a list.

use actix_web::HttpRequest;
use actix_web::http::header;
use std::collections::HashMap;
use url::{Url, form_urlencoded};

/// A form or query that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A name that may come once came again.
    #[error("{0} is there more than once")]
    Twice(String),
    /// Not `application/x-www-form-urlencoded`.
    #[error("the body is no application/x-www-form-urlencoded form")]
    NotAForm,
    /// Bytes that are no UTF-8.
    #[error("the form is no UTF-8")]
    NotUtf8,
    /// Sent from another site.
    #[error("the form was sent from another site")]
    Foreign,
}

/// Names and values of a form or query.
#[derive(Debug, Default)]
pub struct Form {
    single: HashMap<String, String>,
    listed: Vec<String>,
}

impl Form {
    /// Reads urlencoded text, in which only `list` may come more than once. Names that nobody asks for are ignored,
    /// as RFC 6749 §3.1 wants.
    ///
    /// # Errors
    /// [`FormError::Twice`] and [`FormError::NotUtf8`].
    pub fn read(text: &[u8], list: &str) -> Result<Self, FormError> {
        let mut form = Self::default();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            let value = decoded(halves.next().unwrap_or_default())?;
            if name == list {
                form.listed.push(value);
            } else if form.single.insert(name.clone(), value).is_some() {
                return Err(FormError::Twice(name.chars().take(64).collect()));
            }
        }
        Ok(form)
    }

    /// Reads a posted form that must come from a page of ours.
    ///
    /// # Errors
    /// [`FormError`] when it is none, does not read, or was sent from another site.
    pub fn posted(request: &HttpRequest, body: &[u8], list: &str, public_url: &Url) -> Result<Self, FormError> {
        if !is_from_here(request, public_url) {
            return Err(FormError::Foreign);
        }
        Self::any_posted(request, body, list)
    }

    /// Reads a posted form that may come from anywhere.
    ///
    /// # Errors
    /// [`FormError`] when it is none or does not read.
    pub fn any_posted(request: &HttpRequest, body: &[u8], list: &str) -> Result<Self, FormError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|value| value.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(FormError::NotAForm);
        }
        Self::read(body, list)
    }

    /// The value with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.single.get(name).map(String::as_str)
    }

    /// The values of the list.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        &self.listed
    }
}

fn decoded(bytes: &[u8]) -> Result<String, FormError> {
    // `form_urlencoded` replaces what is no UTF-8 with U+FFFD; what was sent so must not be taken for something else.
    let pair = [b"x=", bytes].concat();
    let text = form_urlencoded::parse(&pair).next().map(|(_, text)| text.into_owned()).unwrap_or_default();
    if text.contains(char::REPLACEMENT_CHARACTER) { Err(FormError::NotUtf8) } else { Ok(text) }
}

/// Whether a form was sent from our own pages, as far as the browser says. The form's own token decides in the end;
/// this stops a foreign form earlier. Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own
/// forms too, so `null` alone proves nothing.
fn is_from_here(request: &HttpRequest, public_url: &Url) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_same_site = header("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let ours = public_url.origin().ascii_serialization();
    is_same_site && header("origin").is_none_or(|origin| origin == "null" || origin == ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_name_comes_once_and_the_list_as_often_as_it_likes() {
        let form = Form::read(b"a=1&item=x&item=y%3Az&b=%E7%AA%93+1&", "item").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), Some("窓 1"), None));
        assert_eq!(form.listed(), ["x", "y:z"]);
        assert_eq!(Form::read(b"state=a=b", "item").unwrap().get("state"), Some("a=b"));
        assert_eq!(Form::read(b"a=1&a=1", "item").unwrap_err(), FormError::Twice("a".into()));
        assert_eq!(Form::read(b"a=%FF", "item").unwrap_err(), FormError::NotUtf8);
        assert_eq!(Form::read(b"\xff=1", "item").unwrap_err(), FormError::NotUtf8);
    }

    #[test]
    fn a_form_from_elsewhere_is_told_by_its_headers() {
        let here = Url::parse("https://counter.example").unwrap();
        let cases: [(&[(&str, &str)], bool); 7] = [
            (&[], true),
            (&[("origin", "https://counter.example"), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", "null"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "http://counter.example")], false),
            (&[("sec-fetch-site", "same-site")], false),
        ];
        for (headers, wanted) in cases {
            let mut request = TestRequest::post();
            for header in headers {
                request = request.insert_header(*header);
            }
            assert_eq!(is_from_here(&request.to_http_request(), &here), wanted, "{headers:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_reading(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = Form::read(&bytes, "item");
        }
    }
}
