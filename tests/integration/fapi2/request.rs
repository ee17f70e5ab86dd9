//! An authorization request from its making to the tokens that it ends in, with the checks that the suite makes on the
//! way.

use super::keys::{handle, verified};
use super::suite::{Client, Pairs, Suite, edited, exchange_form};
use super::user::{Landed, User};
use crate::support::calls::Told;
use madoguchi::domain::Digest;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

/// What a client asks for, not sent yet.
#[derive(Clone, Debug)]
pub struct Request {
    pub params: Map<String, Value>,
    pub verifier: String,
    /// Changes to the header of the signed request object.
    pub header: Value,
    /// Changes to its claims that are no parameters.
    pub claims: Value,
}

/// What a client holds after a flow.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub id_token: Option<Value>,
}

impl Request {
    /// The same with one parameter replaced, added, or taken away.
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.params.insert(name.to_owned(), json!(value)),
            None => self.params.remove(name),
        };
        self
    }

    /// The same with changes to the request object's own claims.
    pub fn claiming(mut self, claims: Value) -> Self {
        self.claims = claims;
        self
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Suite {
    /// A right request.
    pub fn request(&self, client: &Client) -> Request {
        let verifier = handle();
        let mut params = json!({
            "client_id": client.id,
            "response_type": "code",
            "redirect_uri": client.redirect_uri,
            "scope": client.scope,
            "state": handle(),
            "code_challenge": Digest::of(&verifier).base64url(),
            "code_challenge_method": "S256",
        });
        if self.variant.is_openid {
            params["nonce"] = json!(handle());
        }
        if self.variant.is_signed {
            params["response_mode"] = json!("jwt");
        }
        let Value::Object(params) = params else { unreachable!("it was written as an object") };
        Request { params, verifier, header: json!({}), claims: json!({}) }
    }

    /// The request object of a request (RFC 9101, Message Signing §5.3.2).
    pub fn request_object(&self, client: &Client, request: &Request) -> String {
        let now = self.now();
        let mut claims = Value::Object(request.params.clone());
        for (name, value) in
            [("iss", json!(client.id)), ("aud", json!(self.issuer())), ("nbf", json!(now)), ("exp", json!(now + 300))]
        {
            claims[name] = value;
        }
        let mut header = json!({"alg": client.key.alg, "kid": client.key.kid});
        if client.id == self.client2.id {
            claims["iat"] = json!(now);
            header["typ"] = json!("oauth-authz-req+jwt");
        }
        client.key.sign(&edited(header, request.header.clone()), &edited(claims, request.claims.clone()))
    }

    /// The form by which a request is pushed, without authentication.
    pub fn pushed_form(&self, client: &Client, request: &Request) -> Pairs {
        if self.variant.is_signed {
            return vec![
                ("client_id".into(), client.id.clone()),
                ("request".into(), self.request_object(client, request)),
            ];
        }
        plain_form(request)
    }

    /// Pushes a request (RFC 9126).
    pub async fn push(&self, client: &Client, request: &Request) -> Told {
        let form = self.pushed_form(client, request);
        self.call(client, &self.endpoint("pushed_authorization_request_endpoint"), &form, false).await
    }

    /// Pushes a request that must be taken; gives the address for the browser.
    pub async fn pushed(&self, client: &Client, request: &Request) -> String {
        let told = self.push(client, request).await;
        self.address(client, &told)
    }

    /// The address for the browser, from an answer that must be right.
    #[track_caller]
    pub fn address(&self, client: &Client, pushed: &Told) -> String {
        assert_eq!(pushed.status, 201, "{pushed:?}");
        assert!(pushed.header("cache-control").contains("no-store"), "{pushed:?}");
        let expires_in = pushed.body["expires_in"].as_u64().expect("expires_in");
        assert!((5..600).contains(&expires_in), "FAPI 2.0 SP §5.3.2.2-12: {expires_in}");
        let uri = pushed.body["request_uri"].as_str().expect("request_uri");
        let mut address = Url::parse(&self.endpoint("authorization_endpoint")).unwrap();
        address.query_pairs_mut().append_pair("client_id", &client.id).append_pair("request_uri", uri);
        address.into()
    }

    /// Pushes a right request and lets the user answer.
    pub async fn authorized(&self, client: &Client, request: &Request, decision: &str) -> Landed {
        let address = self.pushed(client, request).await;
        User::of(self).go(&address, decision).await
    }

    /// Checks an answer at the client, and gives its parameters: plain ones with `iss` (RFC 9207), or those in the one
    /// signed `response` (JARM).
    #[track_caller]
    pub fn answer(&self, client: &Client, request: &Request, landed: Landed) -> BTreeMap<String, String> {
        let url = landed.back();
        assert!(url.as_str().starts_with(&client.redirect_uri), "{url}");
        assert_eq!(url.fragment(), None, "{url}");
        let mut query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        if client.redirect_uri.contains('?') {
            assert_eq!(query.remove("dummy1").as_deref(), Some("lorem"), "the registered query is kept: {url}");
            assert_eq!(query.remove("dummy2").as_deref(), Some("ipsum"), "the registered query is kept: {url}");
        }
        let answer = if self.variant.is_signed { self.signed_answer(client, &query) } else { query };
        assert_eq!(answer.get("iss").map(String::as_str), Some(self.issuer()), "{url}");
        let state = Some(request.get("state")).filter(|state| !state.is_empty());
        assert_eq!(answer.get("state").map(String::as_str), state, "{url}");
        answer
    }

    /// JARM §2.4.
    #[track_caller]
    fn signed_answer(&self, client: &Client, query: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        assert_eq!(query.keys().collect::<Vec<_>>(), ["response"], "nothing may stand beside the signed response");
        let (_, claims) = verified(&query["response"], &self.jwks);
        assert_eq!(claims["aud"], client.id, "{claims}");
        let life = claims["exp"].as_i64().expect("exp") - self.now();
        assert!((1..=600).contains(&life), "JARM §2.1 recommends ten minutes at most: {life}");
        let texts = claims.as_object().unwrap().iter();
        texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// The code of a request that the user agrees to.
    pub async fn code(&self, client: &Client, request: &Request) -> String {
        let landed = self.authorized(client, request, "agree").await;
        self.code_of(client, request, landed)
    }

    /// The code in an answer, which must be one of success.
    #[track_caller]
    pub fn code_of(&self, client: &Client, request: &Request, landed: Landed) -> String {
        let answer = self.answer(client, request, landed);
        assert!(!answer.contains_key("error"), "{answer:?}");
        let code = answer.get("code").expect("a code").clone();
        assert!(code.len() >= 22, "FAPI 2.0 SP §5.4.1-4 asks for 128 bits of entropy: {code}");
        code
    }

    /// Exchanges a code.
    pub async fn exchange(&self, client: &Client, request: &Request, code: &str) -> Told {
        self.token(client, &exchange_form(client, &request.verifier, code)).await
    }

    /// Checks a token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.7).
    #[track_caller]
    pub fn tokens(&self, client: &Client, request: &Request, told: &Told) -> Tokens {
        assert_eq!(told.status, 200, "{told:?}");
        assert!(told.header("content-type").starts_with("application/json"), "{told:?}");
        assert!(told.header("cache-control").contains("no-store"), "{told:?}");
        let body = &told.body;
        let token_type = if self.variant.uses_dpop() { "DPoP" } else { "Bearer" };
        assert_eq!(body["token_type"], token_type, "{body}");
        assert!(body["expires_in"].as_i64().is_some_and(|span| span > 0), "{body}");
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let (access, refresh) = (text("access_token").expect("a token"), text("refresh_token").unwrap_or_default());
        let id_token = text("id_token").map(|jwt| verified(&jwt, &self.jwks));
        assert_eq!(id_token.is_some(), self.variant.is_openid, "an id_token comes if and only if openid was asked");
        let id_token = id_token.map(|(header, claims)| {
            assert!(header["kid"].is_string(), "{header}");
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(self.issuer()), &json!(client.id)), "{claims}");
            assert_eq!(claims["nonce"].as_str().unwrap_or_default(), request.get("nonce"), "{claims}");
            assert!(claims["exp"].as_i64().unwrap() > self.now() && claims["iat"].as_i64().unwrap() <= self.now());
            claims
        });
        Tokens { access, refresh, id_token }
    }

    /// The tokens of a right flow.
    pub async fn flow(&self, client: &Client) -> Tokens {
        let request = self.request(client);
        let code = self.code(client, &request).await;
        let told = self.exchange(client, &request, &code).await;
        self.tokens(client, &request, &told)
    }

    /// The rest of a flow whose authorization response is there: exchange and a call of the resource.
    pub async fn finish(&self, client: &Client, request: &Request, landed: Landed) -> Tokens {
        let code = self.code_of(client, request, landed);
        let told = self.exchange(client, request, &code).await;
        let tokens = self.tokens(client, request, &told);
        let resource = self.resource(client, &tokens.access).await;
        assert_eq!(resource.status, 200, "{resource:?}");
        tokens
    }
}

/// The form by which a request is pushed unsigned, whatever the variant.
pub fn plain_form(request: &Request) -> Pairs {
    request.params.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// An OAuth error at a back-channel endpoint, as the suite accepts it: status, code, JSON, and a description within
/// RFC 6749 §5.2's characters.
#[track_caller]
pub fn assert_refused(told: &Told, statuses: &[u16], codes: &[&str]) {
    assert!(statuses.contains(&told.status) && codes.contains(&told.code()), "{statuses:?} {codes:?}: {told:?}");
    assert!(told.header("content-type").starts_with("application/json"), "{told:?}");
    let description = told.body["error_description"].as_str().expect("a description");
    assert!(description.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'), "{description}");
}
