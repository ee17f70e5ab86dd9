//! What it asks of the counter, and how it believes the answers (OpenID Connect Core, RFC 9126, RFC 7636, RFC 9449).

use super::super::form::Form;
use super::super::pages::Lang;
use super::super::server::Sandbox;
use super::super::text::is_printable;
use super::{PATH, Pending, TaxSiteSettings, Visitor};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The event of a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Most bytes of an answer.
const MOST_BYTES: usize = 64 * 1024;
/// How far the counter's clock may be from ours, and how old an id_token may be.
const LEEWAY: i64 = 10;
const OLDEST: i64 = 120;

/// Why nobody is let in, in words for a page.
#[derive(Debug)]
pub(super) struct Trouble(pub(super) String);

impl From<&str> for Trouble {
    fn from(words: &str) -> Self {
        Self(words.to_owned())
    }
}

/// Where the counter's endpoints are.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    pushed_authorization_request_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

/// What an id_token says.
#[derive(Deserialize)]
struct Identity {
    iss: String,
    aud: String,
    sub: String,
    nonce: String,
    exp: i64,
    iat: i64,
    auth_time: i64,
    acr: String,
    #[serde(default)]
    sid: Option<String>,
}

/// What a logout token says (§2.4). A nonce is forbidden: an id_token is none.
#[derive(Deserialize)]
struct Logout {
    iss: String,
    aud: String,
    sub: String,
    #[serde(default)]
    sid: Option<String>,
    iat: i64,
    exp: i64,
    events: serde_json::Map<String, Value>,
    #[serde(default)]
    nonce: Option<Value>,
}

/// Pushes a request; gives the address to send the browser to.
pub(super) async fn push(
    sandbox: &Sandbox,
    settings: &TaxSiteSettings,
    pending: &Pending,
    (hint, lang): (Option<&str>, Lang),
) -> Result<String, Trouble> {
    let metadata = metadata(sandbox, settings).await?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, pending.verifier.as_bytes()));
    let redirect_uri = redirect_uri(sandbox);
    let mut form = vec![
        ("response_type", "code"),
        ("redirect_uri", &redirect_uri),
        ("scope", "openid"),
        ("state", &pending.state),
        ("nonce", &pending.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("ui_locales", lang.tag()),
    ];
    form.extend(hint.map(|hint| ("login_hint", hint)));
    let answer = post(sandbox, settings, (&metadata.pushed_authorization_request_endpoint, None), &form).await?;
    let Some(request_uri) = answer.get("request_uri").and_then(Value::as_str).filter(|uri| is_printable(uri, 255))
    else {
        return Err(Trouble(format!("the counter takes no request: {}", error_of(&answer))));
    };
    let mut url = metadata.authorization_endpoint;
    url.query_pairs_mut().append_pair("client_id", &settings.client_id).append_pair("request_uri", request_uri);
    Ok(url.into())
}

/// Who came back with this answer.
pub(super) async fn finish(
    sandbox: &Sandbox,
    settings: &TaxSiteSettings,
    pending: &Pending,
    form: &Form,
) -> Result<Visitor, Trouble> {
    if form.get("state") != Some(pending.state.as_str()) || form.get("iss") != Some(settings.issuer.as_str()) {
        return Err("state or iss (RFC 9207) is not that of the request".into());
    }
    let Some(code) = form.get("code") else { return Err("nobody was signed in at the counter".into()) };
    let metadata = metadata(sandbox, settings).await?;
    let redirect_uri = redirect_uri(sandbox);
    let endpoint = &metadata.token_endpoint;
    let proof = json!({
        "jti": sandbox.entropy.handle(), "htm": "POST", "htu": endpoint.as_str(), "iat": sandbox.clock.now().seconds(),
    });
    let proof = sandbox.tax_site.binding.sign_proof(&proof).ok_or("a key failed")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &pending.verifier),
    ];
    let answer = post(sandbox, settings, (endpoint, Some(&proof)), &form).await?;
    let Some(token) = answer.get("id_token").and_then(Value::as_str) else {
        return Err(Trouble(format!("the counter gives no id_token: {}", error_of(&answer))));
    };
    let claims: Identity = verified(sandbox, &metadata, token, "JWT").await?;
    let now = sandbox.clock.now().seconds();
    let is_of_now = claims.exp > now - LEEWAY && (now - OLDEST..=now + LEEWAY).contains(&claims.iat);
    if claims.iss != settings.issuer || claims.aud != settings.client_id || claims.nonce != pending.nonce || !is_of_now
    {
        return Err("the id_token is not for this sign-in".into());
    }
    Ok(Visitor { subject: claims.sub, sid: claims.sid, acr: claims.acr, auth_time: claims.auth_time })
}

/// Whose sign-in is over, and which; every one of theirs where it is not said.
pub(super) async fn ended(
    sandbox: &Sandbox,
    settings: &TaxSiteSettings,
    token: &str,
) -> Result<(String, Option<String>), Trouble> {
    let metadata = metadata(sandbox, settings).await?;
    let claims: Logout = verified(sandbox, &metadata, token, "logout+jwt").await?;
    let now = sandbox.clock.now().seconds();
    let is_of_now = claims.exp > now - LEEWAY && (now - OLDEST..=now + LEEWAY).contains(&claims.iat);
    let is_ours = claims.iss == settings.issuer && claims.aud == settings.client_id && is_of_now;
    if is_ours && claims.events.contains_key(LOGOUT) && claims.nonce.is_none() {
        return Ok((claims.sub, claims.sid));
    }
    Err("this is no logout token for this site".into())
}

fn redirect_uri(sandbox: &Sandbox) -> String {
    format!("{}{PATH}/callback", sandbox.addresses.origin)
}

/// The stable word of a refusal; nothing else of an answer is shown.
fn error_of(answer: &Value) -> &str {
    let word = answer.get("error").and_then(Value::as_str).unwrap_or("no reason");
    if word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') { word } else { "?" }
}

async fn metadata(sandbox: &Sandbox, settings: &TaxSiteSettings) -> Result<Metadata, Trouble> {
    let url = format!("{}/.well-known/openid-configuration", settings.issuer);
    let read = |value| serde_json::from_value::<Metadata>(value).map_err(|_| Trouble::from("the counter's metadata"));
    let metadata = read(json_of(sandbox.tax_site.http.get(url)).await?)?;
    // OpenID Connect Discovery §4.3.
    if metadata.issuer == settings.issuer { Ok(metadata) } else { Err("the counter calls itself otherwise".into()) }
}

/// A form with a fresh assertion of ours (RFC 7523 §2.2).
async fn post(
    sandbox: &Sandbox,
    settings: &TaxSiteSettings,
    (endpoint, proof): (&Url, Option<&str>),
    fields: &[(&str, &str)],
) -> Result<Value, Trouble> {
    let now = sandbox.clock.now().seconds();
    let claims = json!({
        "iss": settings.client_id, "sub": settings.client_id, "aud": settings.issuer,
        "jti": sandbox.entropy.handle(), "iat": now, "exp": now + 60,
    });
    let assertion = sandbox.tax_site.key.sign(&claims).ok_or("a key failed")?;
    let mut form = fields.to_vec();
    form.push(("client_id", &settings.client_id));
    form.push(("client_assertion_type", ASSERTION_TYPE));
    form.push(("client_assertion", &assertion));
    let body = serde_urlencoded::to_string(form).map_err(|_| "a form")?;
    let call = sandbox.tax_site.http.post(endpoint.clone());
    let call = call.header("content-type", "application/x-www-form-urlencoded").body(body);
    json_of(match proof {
        Some(proof) => call.header("dpop", proof),
        None => call,
    })
    .await
}

async fn json_of(call: reqwest::RequestBuilder) -> Result<Value, Trouble> {
    let away = |_| Trouble::from("the counter cannot be reached");
    let mut answer = call.send().await.map_err(away)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(away)? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err("the counter answers too much".into());
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).map_err(|_| "the counter answers something that is no JSON".into())
}

/// The claims of a JWS of the counter's, by the key that it names.
async fn verified<T: serde::de::DeserializeOwned>(
    sandbox: &Sandbox,
    metadata: &Metadata,
    token: &str,
    typ: &str,
) -> Result<T, Trouble> {
    let wrong = || Trouble::from("a token of the counter's does not hold");
    let header = jsonwebtoken::decode_header(token).map_err(|_| wrong())?;
    let is_typ = header.typ.as_deref().is_none_or(|said| said == typ);
    // A logout token names its typ (§2.4), so that no id_token is taken for one.
    let is_named = typ == "JWT" || header.typ.is_some();
    if header.alg != Algorithm::ES256 || header.crit.is_some() || !is_typ || !is_named {
        return Err(wrong());
    }
    let set = json_of(sandbox.tax_site.http.get(metadata.jwks_uri.clone())).await?;
    let set: JwkSet = serde_json::from_value(set).map_err(|_| wrong())?;
    let key: &Jwk = header.kid.as_deref().and_then(|kid| set.find(kid)).ok_or_else(wrong)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| wrong())?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Times and audience are judged by our own clock, and by the caller.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    Ok(jsonwebtoken::decode::<T>(token, &key, &validation).map_err(|_| wrong())?.claims)
}
