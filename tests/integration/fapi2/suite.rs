//! A scripted client that does what the suite's does, over real HTTP: every step by itself, so that any can be done
//! wrongly.

use super::keys::{Key, handle};
use super::variant::Variant;
use crate::support::calls::{ASSERTION_TYPE, Told};
use crate::support::installation::Installation;
use crate::support::mutual::Mutual;
use crate::support::registered::registration;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::profile::{CertificateSubject, ClientAuthentication, TokenBinding};
use madoguchi::domain::{Clock, Digest};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Where the suite takes its answers.
pub const HOST: &str = "suite.example";
/// The protected resource that any token of the scope `catalog` opens.
pub const RESOURCE: &str = "/v1/data-sets";

pub type Pairs = Vec<(String, String)>;

/// One of the suite's two clients.
pub struct Client {
    pub id: String,
    pub redirect_uri: String,
    pub scope: String,
    pub key: Key,
    pub dpop: Key,
    pub http: reqwest::Client,
    nonce: Mutex<Option<String>>,
}

/// A run of one module in one variant.
pub struct Suite {
    pub installation: Arc<Installation>,
    pub variant: Variant,
    pub metadata: Value,
    pub jwks: Value,
    pub client: Client,
    pub client2: Client,
    /// The first client's own.
    pub http: reqwest::Client,
    /// One that shows no certificate.
    pub bare: reqwest::Client,
}

/// Runs a module in each of `variants`, on one installation.
pub async fn each(variants: Vec<Variant>, module: impl AsyncFn(Suite)) {
    let installation = Arc::new(Installation::start_mutual().await);
    for (number, variant) in variants.into_iter().enumerate() {
        let suite = Suite::open(&installation, variant, number).await;
        module(suite).await;
    }
}

/// `base` with the members of `edits`; `null` takes one away.
pub fn edited(mut base: Value, edits: Value) -> Value {
    let (Value::Object(members), Value::Object(edits)) = (&mut base, edits) else { return base };
    for (name, value) in edits {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    base
}

/// Parameters with one replaced, added, or taken away.
pub fn with(mut pairs: Pairs, name: &str, value: Option<&str>) -> Pairs {
    pairs.retain(|(known, _)| known != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    pairs
}

/// The two parameters of an assertion.
pub fn asserted(assertion: &str) -> Pairs {
    vec![("client_assertion_type".into(), ASSERTION_TYPE.into()), ("client_assertion".into(), assertion.to_owned())]
}

/// The form of a refresh.
pub fn refresh_form(refresh_token: &str) -> Pairs {
    vec![("grant_type".into(), "refresh_token".into()), ("refresh_token".into(), refresh_token.to_owned())]
}

/// The form of a right code exchange.
pub fn exchange_form(client: &Client, verifier: &str, code: &str) -> Pairs {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &client.redirect_uri),
        ("code_verifier", verifier),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

impl Client {
    async fn register(suite: (&Installation, Variant), id: String, keys: (Key, Key), query: &str) -> Self {
        let (installation, variant) = suite;
        let (key, dpop) = keys;
        let mutual = installation.mutual.as_ref().expect("a second door");
        let redirect_uri = format!("https://{HOST}/test/a/madoguchi/callback{query}");
        let mut client = registration(&id, ClientClass::Bank, &key.jwk());
        client.sector = HOST.into();
        client.redirect_uris = vec![redirect_uri.clone()];
        let profile = &mut client.profile;
        profile.messages.require_signed_request_object = variant.is_signed;
        profile.binding = if variant.uses_dpop() { TokenBinding::Dpop } else { TokenBinding::Certificate };
        // One client is known by its subject, the other by its key.
        let is_first = query.is_empty();
        let shown = if is_first { mutual.vouched(&id) } else { Mutual::own(&id) };
        if !variant.uses_assertions() {
            let subject = CertificateSubject::SubjectDn(format!("CN={id},O=見本銀行"));
            let by_subject = ClientAuthentication::TlsClientAuth(subject);
            profile.authentication = if is_first { by_subject } else { ClientAuthentication::SelfSignedTlsClientAuth };
            client.jwks = json!({"keys": [key.jwk(), shown.jwk()]});
        }
        installation.store.store.put_client(&client, installation.clock.now()).await.expect("a registration");
        let scope = if variant.is_openid { "openid catalog offline_access" } else { "catalog offline_access" };
        let http = mutual.http(Some(&shown).filter(|_| variant.uses_certificates()));
        Self { id, redirect_uri, scope: scope.into(), key, dpop, http, nonce: Mutex::new(None) }
    }
}

impl Suite {
    /// Two registered clients: one with an RSA key, one with an elliptic key and a redirect URI that has a query.
    async fn open(installation: &Arc<Installation>, variant: Variant, number: usize) -> Self {
        let bare = installation.mutual.as_ref().expect("a second door").http(None);
        let fetch = async |path: &str| -> Value {
            let response = bare.get(format!("{}{path}", installation.public_url)).send().await.expect("an answer");
            response.json().await.expect("JSON")
        };
        let metadata = fetch("/.well-known/openid-configuration").await;
        let jwks = fetch("/oauth/jwks").await;
        let at = (&**installation, variant);
        let client = Client::register(at, format!("suite-{number}-1"), (Key::ps256(0), Key::es256()), "").await;
        let query = "?dummy1=lorem&dummy2=ipsum";
        let client2 = Client::register(at, format!("suite-{number}-2"), (Key::es256(), Key::ed25519()), query).await;
        let (installation, http) = (Arc::clone(installation), client.http.clone());
        Self { installation, variant, metadata, jwks, client, client2, http, bare }
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.installation.public_url
    }

    /// The present moment of the installation, in seconds.
    pub fn now(&self) -> i64 {
        self.installation.clock.now().seconds()
    }

    /// An endpoint by its name in the metadata; its alias for callers with certificates (RFC 8705 §5).
    pub fn endpoint(&self, name: &str) -> String {
        let alias = &self.metadata["mtls_endpoint_aliases"][name];
        let alias = alias.as_str().filter(|_| self.variant.uses_certificates());
        alias.or(self.metadata[name].as_str()).expect(name).to_owned()
    }

    /// A client assertion (RFC 7523), with changes to its claims.
    pub fn assertion(&self, client: &Client, edits: &Value) -> String {
        let now = self.now();
        let claims = json!({
            "iss": client.id, "sub": client.id, "aud": self.issuer(), "jti": handle(), "iat": now, "exp": now + 60,
        });
        client.key.sign(&json!({"alg": client.key.alg, "kid": client.key.kid}), &edited(claims, edits.clone()))
    }

    /// What a client adds to a form to prove itself.
    pub fn authentication(&self, client: &Client) -> Pairs {
        if self.variant.uses_assertions() {
            asserted(&self.assertion(client, &json!({})))
        } else {
            vec![("client_id".into(), client.id.clone())]
        }
    }

    /// A DPoP proof (RFC 9449 §4.2), with changes to its header and claims.
    pub fn proof(&self, key: &Key, (method, url): (&str, &str), token: Option<&str>, edits: (Value, Value)) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": key.alg, "jwk": key.members()});
        let mut claims = json!({"jti": handle(), "htm": method, "htu": url, "iat": self.now()});
        if let Some(token) = token {
            claims["ath"] = json!(Digest::of(token).base64url());
        }
        key.sign(&edited(header, edits.0), &edited(claims, edits.1))
    }

    /// Posts a form as it is.
    pub async fn post(&self, url: &str, form: &Pairs, proof: Option<String>) -> Told {
        self.post_by(&self.http, url, form, proof).await
    }

    /// The same by another HTTP client.
    pub async fn post_by(&self, http: &reqwest::Client, url: &str, form: &Pairs, proof: Option<String>) -> Told {
        let mut request = http.post(url).form(form);
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        Told::by(request).await
    }

    /// Posts a form with the client's authentication, and with a proof where `has_proof`; answers `use_dpop_nonce`
    /// once (RFC 9449 §8).
    pub async fn call(&self, client: &Client, url: &str, form: &Pairs, has_proof: bool) -> Told {
        let mut told = self.call_once(client, url, form, has_proof).await;
        if told.code() == "use_dpop_nonce" {
            *client.nonce.lock().unwrap() = Some(told.header("dpop-nonce").to_owned());
            told = self.call_once(client, url, form, has_proof).await;
        }
        told
    }

    async fn call_once(&self, client: &Client, url: &str, form: &Pairs, has_proof: bool) -> Told {
        let nonce = client.nonce.lock().unwrap().clone();
        let claims = nonce.map_or_else(|| json!({}), |nonce| json!({"nonce": nonce}));
        let proof = has_proof.then(|| self.proof(&client.dpop, ("POST", url), None, (json!({}), claims)));
        let mut form = form.clone();
        for (name, value) in self.authentication(client) {
            if !form.iter().any(|(known, _)| *known == name) {
                form.push((name, value));
            }
        }
        self.post_by(&client.http, url, &form, proof).await
    }

    /// A call of the token endpoint with everything that the variant wants.
    pub async fn token(&self, client: &Client, form: &Pairs) -> Told {
        self.call(client, &self.endpoint("token_endpoint"), form, self.variant.uses_dpop()).await
    }

    /// The protected resource's address.
    pub fn resource_url(&self) -> String {
        // What a certificate opens is at the door where it can be shown.
        let door = self.installation.mutual.as_ref().filter(|_| !self.variant.uses_dpop());
        format!("{}{RESOURCE}", door.map_or(self.issuer(), |door| &door.public_url))
    }

    /// Calls the protected resource rightly.
    pub async fn resource(&self, client: &Client, token: &str) -> Told {
        let told = self.resource_once(client, token, &json!({})).await;
        if told.code() == "use_dpop_nonce" {
            let nonce = json!({"nonce": told.header("dpop-nonce")});
            return self.resource_once(client, token, &nonce).await;
        }
        told
    }

    async fn resource_once(&self, client: &Client, token: &str, claims: &Value) -> Told {
        let url = self.resource_url();
        Told::by(self.presented_with(client.http.get(&url), client, token, (&url, claims))).await
    }

    /// A GET of the protected resource, with the token as the variant presents it.
    pub fn presented(&self, request: RequestBuilder, client: &Client, token: &str) -> RequestBuilder {
        self.presented_at(request, client, token, &self.resource_url())
    }

    /// The same for another resource.
    pub fn presented_at(&self, request: RequestBuilder, client: &Client, token: &str, url: &str) -> RequestBuilder {
        self.presented_with(request, client, token, (url, &json!({})))
    }

    fn presented_with(
        &self,
        request: RequestBuilder,
        client: &Client,
        token: &str,
        (url, claims): (&str, &Value),
    ) -> RequestBuilder {
        if !self.variant.uses_dpop() {
            return request.header("authorization", format!("Bearer {token}"));
        }
        let proof = self.proof(&client.dpop, ("GET", url), Some(token), (json!({}), claims.clone()));
        request.header("authorization", format!("DPoP {token}")).header("DPoP", proof)
    }
}
