//! Parameters of a query or a form body, read strictly.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use std::collections::HashMap;

/// Parameters by name, each given once.
#[derive(Debug, Default)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads `name=value&…`. A name given twice is refused (RFC 6749 §3.1); a value that is empty counts as not
    /// given (same place).
    ///
    /// # Errors
    /// What is wrong, in words for an `error_description`.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut fields = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            if value.contains('\u{FFFD}') {
                return Err(format!("{} is not UTF-8", plain(&name)));
            }
            if fields.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(format!("{} is given more than once", plain(&name)));
            }
        }
        fields.retain(|_, value| !value.is_empty());
        Ok(Self(fields))
    }

    /// Reads a request's body, which must be a form.
    ///
    /// # Errors
    /// What is wrong, in words for an `error_description`.
    pub(super) fn of_body(request: &HttpRequest, body: &[u8]) -> Result<Self, String> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err("Content-Type must be application/x-www-form-urlencoded".to_owned());
        }
        Self::parse(body)
    }

    /// The value of `name`, when given and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of `name`, which must be there.
    ///
    /// # Errors
    /// The words "`name` is missing".
    pub(super) fn need(&self, name: &str) -> Result<&str, String> {
        self.get(name).ok_or_else(|| format!("{name} is missing"))
    }
}

/// A parameter's name as it may be shown: what a hostile one holds is cut.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_twice_is_refused_and_an_empty_value_is_none() {
        assert!(Form::parse(b"a=1&b=2&a=3").unwrap_err().contains("more than once"));
        assert!(Form::parse(b"a=%ff").unwrap_err().contains("UTF-8"));
        let form = Form::parse(b"a=&b=x%20y").unwrap();
        assert_eq!((form.get("a"), form.get("b")), (None, Some("x y")));
        assert!(form.need("a").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_read_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&bytes);
        }
    }
}
