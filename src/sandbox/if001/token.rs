//! IF001-03, the token call: `private_key_jwt` and an assertion that names the person.

use super::super::assertion::Expected;
use super::super::form::Form;
use super::super::oauth_error::OauthError;
use super::super::server::Sandbox;
use super::{Session, TOKEN_LIFE, json};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long the assertion that names the person may live.
const GRANT_SECONDS: i64 = 60;

/// `POST /if001/oauth/token`.
pub(super) async fn token(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    match issue(&sandbox, &request, &body) {
        Ok(token) => {
            let seconds = TOKEN_LIFE.as_secs();
            let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{seconds}}}"#);
            json(StatusCode::OK, body)
        }
        Err(error) => error.answer(),
    }
}

fn issue(sandbox: &Sandbox, request: &HttpRequest, body: &[u8]) -> Result<String, OauthError> {
    let now = sandbox.clock.now();
    let base = &sandbox.addresses.inquiry;
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    if form.need("grant_type").map_err(OauthError::request)? != GRANT_TYPE {
        return Err(OauthError::grant_type(format!("grant_type must be {GRANT_TYPE}")));
    }
    let client_id = form.need("client_id").map_err(OauthError::request)?;
    let unknown = || OauthError::client("client_id is not registered");
    let (place, party) = sandbox.parties.by_inquiry(client_id).ok_or_else(unknown)?;
    sandbox.parties.authenticate(party, (client_id, base), &form, now).map_err(OauthError::client)?;
    let expected = Expected { issuer: client_id, audience: base, longest: GRANT_SECONDS, now };
    let grant = form.need("assertion").map_err(OauthError::request)?;
    let claims = party.keys.verify(grant, &expected).map_err(|flaw| OauthError::grant(format!("assertion {flaw}")))?;
    let unknown = || OauthError::grant("assertion has a sub that is nobody's here");
    let person = party.person(&claims.sub).ok_or_else(unknown)?;
    // Apart from client assertions: one JWT cannot serve as both.
    let family = format!("grant:{client_id}");
    sandbox
        .parties
        .use_once(&family, &claims.jti, now)
        .map_err(|flaw| OauthError::grant(format!("assertion {flaw}")))?;
    let token = sandbox.entropy.handle();
    let session = Session { party: place, person };
    if sandbox.inquiries.tokens.insert(token.clone(), session, now.plus(TOKEN_LIFE), now) {
        Ok(token)
    } else {
        Err(OauthError::busy())
    }
}
