//! A call that a gateway signs and that names a person by an assertion (RFC 7523 §2.1), as more than one system takes it.

use super::assertion::Expected;
use super::form::Form;
use super::oauth_error::OauthError;
use super::people::Person;
use super::server::Sandbox;
use actix_web::HttpRequest;

/// How long the assertion that names the person may live.
const GRANT_SECONDS: i64 = 60;

/// The form of a right call, and the person that it names, at the system under `path` whose assertions are used up as
/// `family`'s.
pub(super) fn asserted<'s>(
    sandbox: &'s Sandbox,
    (family, path): (&str, &str),
    (request, body): (&HttpRequest, &[u8]),
) -> Result<(Form, &'s Person), OauthError> {
    let now = sandbox.clock.now();
    let base = format!("{}{path}", sandbox.addresses.origin);
    let form = Form::of_body(request, body).map_err(OauthError::request)?;
    let client_id = form.need("client_id").map_err(OauthError::request)?;
    let unknown = || OauthError::client("client_id is not registered");
    let (_, party) = sandbox.parties.by_inquiry(client_id).ok_or_else(unknown)?;
    sandbox.parties.authenticate(party, (client_id, &base), &form, now).map_err(OauthError::client)?;
    let expected = Expected { issuer: client_id, audience: &base, longest: GRANT_SECONDS, now };
    let grant = form.need("assertion").map_err(OauthError::request)?;
    let claims = party.keys.verify(grant, &expected).map_err(|flaw| OauthError::grant(format!("assertion {flaw}")))?;
    let nobody = || OauthError::grant("assertion has a sub that is nobody's here");
    let person = party.person(&claims.sub).and_then(|place| sandbox.people.get(place)).ok_or_else(nobody)?;
    let once = sandbox.parties.use_once(&format!("{family}:{client_id}"), &claims.jti, now);
    once.map_err(|flaw| OauthError::grant(format!("assertion {flaw}")))?;
    Ok((form, person))
}
