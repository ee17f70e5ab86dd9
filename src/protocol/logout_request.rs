//! A client's wish that the citizen be signed out here (OpenID Connect RP-Initiated Logout 1.0 §2).

use super::code::INVALID_REQUEST;
use crate::domain::profile::Logout;
use crate::domain::{Lang, Refusal};
use url::form_urlencoded;

/// Longest `state`, as at the authorization endpoint.
const MOST_STATE: usize = 4096;
/// Longest value of any other parameter: an id_token with room to spare.
const MOST: usize = 16_384;

/// What a browser was sent to the end-session endpoint with. Nothing in it is believed yet.
///
/// `logout_hint` is not among them: whoever is signed in is known by the browser's cookies, and is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogoutRequest {
    /// `id_token_hint`
    pub id_token_hint: Option<String>,
    /// `client_id`
    pub client_id: Option<String>,
    /// `post_logout_redirect_uri`
    pub post_logout_redirect_uri: Option<String>,
    /// `state`
    pub state: Option<String>,
    /// `ui_locales`, as far as we speak one of them.
    pub lang: Option<Lang>,
}

impl LogoutRequest {
    /// Reads the parameters that `find` gives by name; one without a value counts as left out (RFC 6749 §3.1).
    ///
    /// # Errors
    /// `invalid_request` naming a parameter that is longer than any honest one.
    pub fn read<'f>(find: impl Fn(&str) -> Option<&'f str>) -> Result<Self, Refusal> {
        let text = |name: &str, most: usize| match find(name).filter(|value| !value.is_empty()) {
            Some(value) if value.len() > most => Err(refused(name, &format!("send at most {most} bytes"))),
            value => Ok(value.map(str::to_owned)),
        };
        Ok(Self {
            id_token_hint: text("id_token_hint", MOST)?,
            client_id: text("client_id", MOST)?,
            post_logout_redirect_uri: text("post_logout_redirect_uri", MOST)?,
            state: text("state", MOST_STATE)?,
            lang: find("ui_locales").and_then(Lang::of_locales),
        })
    }

    /// The client that is named, by itself or by the id_token that was issued to `hinted`.
    ///
    /// # Errors
    /// `invalid_request` when the two differ (§2).
    pub fn client<'r>(&'r self, hinted: Option<&'r str>) -> Result<Option<&'r str>, Refusal> {
        match (hinted, self.client_id.as_deref()) {
            (Some(hinted), Some(named)) if hinted != named => {
                Err(refused("client_id", "it is not the client that the id_token_hint was issued to; send one of them"))
            }
            (hinted, named) => Ok(hinted.or(named)),
        }
    }

    /// Where the citizen goes afterwards, `state` included: to an address that this client registered, letter for
    /// letter, and nowhere else (§3).
    ///
    /// # Errors
    /// `invalid_request` when the client is not known, or has not registered the address.
    pub fn location(&self, client: Option<&Logout>) -> Result<Option<String>, Refusal> {
        let name = "post_logout_redirect_uri";
        let Some(uri) = &self.post_logout_redirect_uri else { return Ok(None) };
        let words = "it needs a client to belong to; send id_token_hint or client_id too";
        let client = client.ok_or_else(|| refused(name, words))?;
        if !client.post_logout_redirect_uris.contains(uri) {
            let words = "it must be one that the client registered as post_logout_redirect_uris, letter for letter";
            return Err(refused(name, words));
        }
        let Some(state) = &self.state else { return Ok(Some(uri.clone())) };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
        let joint = if uri.contains('?') { '&' } else { '?' };
        Ok(Some(format!("{uri}{joint}{query}")))
    }

    /// The same request as an address can carry it: by the client's name, without its id_token.
    #[must_use]
    pub fn query(&self, client: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let pairs = [
            ("client_id", client),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri.as_deref()),
            ("state", self.state.as_deref()),
        ];
        query.extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
        query.finish()
    }
}

/// A no that names the parameter.
pub(crate) fn refused(name: &str, words: &str) -> Refusal {
    Refusal::new(INVALID_REQUEST, format!("{name}: {words}")).at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, state: Option<&str>) -> LogoutRequest {
        LogoutRequest {
            post_logout_redirect_uri: Some(uri.into()),
            state: state.map(str::to_owned),
            ..LogoutRequest::default()
        }
    }

    #[test]
    fn parameters_are_read_within_bounds() {
        let read = |pairs: &[(&str, &str)]| {
            let find = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            LogoutRequest::read(find)
        };
        assert_eq!(read(&[]).unwrap(), LogoutRequest::default());
        assert_eq!(read(&[("client_id", ""), ("state", ""), ("logout_hint", "x")]).unwrap(), LogoutRequest::default());
        assert_eq!(read(&[("ui_locales", "fr en-GB ja")]).unwrap().lang, Some(Lang::En));
        let long = "s".repeat(4097);
        assert_eq!(read(&[("state", &long)]).unwrap_err().pointer.as_deref(), Some("state"));
        assert!(read(&[("state", &long[1..])]).is_ok());
        let long = "s".repeat(16_385);
        assert_eq!(read(&[("id_token_hint", &long)]).unwrap_err().pointer.as_deref(), Some("id_token_hint"));
    }

    #[test]
    fn hint_and_client_id_must_agree() {
        let named = LogoutRequest { client_id: Some("bank".into()), ..LogoutRequest::default() };
        assert_eq!(named.client(None).unwrap(), Some("bank"));
        assert_eq!(named.client(Some("bank")).unwrap(), Some("bank"));
        assert_eq!(named.client(Some("app")).unwrap_err().pointer.as_deref(), Some("client_id"));
        assert_eq!(LogoutRequest::default().client(Some("app")).unwrap(), Some("app"));
        assert_eq!(LogoutRequest::default().client(None).unwrap(), None);
    }

    #[test]
    fn only_a_registered_address_is_gone_to_and_state_is_added_to_it() {
        let registered = ["https://a.example/bye", "https://a.example/bye?a=1"].map(str::to_owned).to_vec();
        let client = Logout { post_logout_redirect_uris: registered, backchannel_logout_uri: None };
        for (uri, state, location) in [
            ("https://a.example/bye", None, "https://a.example/bye"),
            ("https://a.example/bye", Some("x y&z=1"), "https://a.example/bye?state=x+y%26z%3D1"),
            ("https://a.example/bye?a=1", Some("s"), "https://a.example/bye?a=1&state=s"),
        ] {
            assert_eq!(request(uri, state).location(Some(&client)).unwrap().as_deref(), Some(location));
            let nobody = request(uri, state).location(None).unwrap_err();
            assert_eq!(nobody.pointer.as_deref(), Some("post_logout_redirect_uri"));
        }
        for uri in [
            "https://a.example/bye/",
            "https://a.example/by",
            "https://A.example/bye",
            "https://a.example/bye?a=2",
            "https://a.example/bye#x",
            "https://a.example@evil.example/bye",
            "https://evil.example/https://a.example/bye",
            "//a.example/bye",
            "javascript:alert(1)",
        ] {
            assert!(request(uri, None).location(Some(&client)).is_err(), "{uri}");
        }
        assert_eq!(LogoutRequest::default().location(None).unwrap(), None);
    }

    #[test]
    fn the_way_on_carries_no_token() {
        let all =
            LogoutRequest { id_token_hint: Some("a.b.c".into()), ..request("https://a.example/bye", Some("s&t")) };
        let query = all.query(Some("bank"));
        assert_eq!(query, "client_id=bank&post_logout_redirect_uri=https%3A%2F%2Fa.example%2Fbye&state=s%26t");
        assert_eq!(LogoutRequest::default().query(None), "");
    }
}
