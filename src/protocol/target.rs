//! For which protected resource a token is wanted (`resource`, RFC 8707). A token has one audience and no second one.

use super::code::INVALID_TARGET;
use super::form::Form;
use crate::domain::Refusal;
use url::Url;

/// Most resources of one authorization request.
const MOST: usize = 8;
/// Longest resource identifier.
const MOST_BYTES: usize = 2048;

fn refused(public: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_TARGET, public).at("resource")
}

/// Every resource that an authorization request names, each once. Whether there is such a resource is the issuer's
/// question.
///
/// # Errors
/// `invalid_target` when one is no absolute https URI without a fragment (RFC 8707 §2), or there are more than 8.
pub fn all(form: &Form) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for text in form.all("resource") {
        let resource = read(text)?;
        if !found.contains(&resource) {
            found.push(resource);
        }
        if found.len() > MOST {
            return Err(refused("name at most 8 resources"));
        }
    }
    Ok(found)
}

/// For requests whose tokens are for the counter itself and nothing else.
///
/// # Errors
/// `invalid_target` when a resource is named.
pub fn none(form: &Form) -> Result<(), Refusal> {
    if all(form)?.is_empty() {
        Ok(())
    } else {
        Err(refused("tokens asked for here are for this service; name no resource"))
    }
}

/// The one resource that a token request may name.
///
/// # Errors
/// `invalid_target` as [`all`], and when there are two.
pub fn one(form: &Form) -> Result<Option<String>, Refusal> {
    let mut found = all(form)?;
    let first = found.pop();
    if found.is_empty() { Ok(first) } else { Err(refused("a token has one audience: name one resource")) }
}

/// The audience of a token under a grant for `granted` (for `own` when empty).
///
/// # Errors
/// `invalid_target` when `wanted` is not among them, or nothing is wanted and there are several (RFC 8707 §2.2).
pub fn choose<'a>(wanted: Option<&str>, granted: &'a [String], own: &'a str) -> Result<&'a str, Refusal> {
    match (wanted, granted) {
        (None, []) => Ok(own),
        (None, [only]) => Ok(only),
        (None, several) => Err(refused(format!("name one of the resources granted: {}", several.join(" ")))),
        (Some(wanted), []) if wanted == own => Ok(own),
        (Some(wanted), granted) => {
            let found = granted.iter().find(|resource| *resource == wanted);
            found.map(String::as_str).ok_or_else(|| refused("this resource is not one of those granted"))
        }
    }
}

fn read(text: &str) -> Result<String, Refusal> {
    let form = || refused("resource must be an absolute https URI without a fragment");
    if text.len() > MOST_BYTES {
        return Err(form());
    }
    let uri = Url::parse(text).map_err(|_| form())?;
    let is_loopback = matches!(uri.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_secure = uri.scheme() == "https" || (uri.scheme() == "http" && is_loopback);
    // The `#` of an empty fragment counts too.
    if !is_secure || text.contains('#') || !uri.username().is_empty() || uri.password().is_some() {
        return Err(form());
    }
    Ok(plain(text).to_owned())
}

/// A resource identifier as it is compared: many libraries write a host's bare address with a slash at its end.
#[must_use]
pub fn plain(text: &str) -> &str {
    match text.strip_suffix('/') {
        Some(bare) if bare.matches('/').count() == 2 => bare,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(resources: &[&str]) -> Form {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(resources.iter().map(|resource| ("resource", resource)));
        Form::parse(body.finish().as_bytes()).unwrap()
    }

    #[test]
    fn a_resource_is_an_absolute_https_uri() {
        let found = all(&form(&["https://a.example/", "https://a.example", "https://a.example/api/"])).unwrap();
        assert_eq!(found, ["https://a.example", "https://a.example/api/"]);
        assert_eq!(all(&form(&["http://localhost:8080/"])).unwrap(), ["http://localhost:8080"]);
        let long = format!("https://a.example/{}", "x".repeat(2048));
        for bad in [
            "a",
            "/api",
            "https://a.example/#",
            "https://a.example#x",
            "http://a.example",
            "urn:a:b",
            "https://u@a.example",
            &long,
        ] {
            let refusal = all(&form(&[bad])).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), (INVALID_TARGET, Some("resource")), "{bad}");
        }
        let crowd: Vec<String> = (0..9).map(|n| format!("https://a.example/{n}")).collect();
        assert!(all(&form(&crowd.iter().map(String::as_str).collect::<Vec<_>>())).is_err());
    }

    #[test]
    fn a_token_has_one_audience_of_those_granted() {
        let (own, two) = ("https://own.example", ["https://a.example".to_owned(), "https://b.example".to_owned()]);
        let Some((one, _)) = two.split_at_checked(1) else { return };
        for (wanted, granted, expected) in [
            (None, &[][..], Some(own)),
            (Some(own), &[][..], Some(own)),
            (Some("https://a.example"), &[][..], None),
            (None, one, Some("https://a.example")),
            (Some("https://a.example"), one, Some("https://a.example")),
            (Some(own), one, None),
            (None, &two[..], None),
            (Some("https://b.example"), &two[..], Some("https://b.example")),
        ] {
            assert_eq!(choose(wanted, granted, own).ok(), expected, "{wanted:?} of {granted:?}");
        }
        assert!(super::one(&form(&["https://a.example", "https://b.example"])).is_err());
    }
}
