//! The `claims` parameter (OpenID Connect Core §5.5), read for what the counter can honour.
//!
//! An id_token has `acr` and `auth_time` always and never anything personal, so all that a request can change is how
//! surely the person must be recognised: an essential `acr`. Every other claim is voluntary, or unknown here, and
//! ignored, as §5.5.1 says.

use super::code::{INVALID_REQUEST, UNMET_AUTHENTICATION_REQUIREMENTS};
use super::form::Form;
use crate::domain::Refusal;
use crate::domain::acr::Acr;
use serde_json::Value;

/// Longest value.
const MOST_BYTES: usize = 8192;

/// The assurance that an essential `acr` of the id_token asks for; the highest of its values, since levels are ordered
/// and a higher one is never less.
///
/// # Errors
/// `invalid_request` when the parameter is no JSON object of objects; `unmet_authentication_requirements` when an
/// essential `acr` names no level that is offered.
pub fn essential_acr(form: &Form) -> Result<Option<Acr>, Refusal> {
    let Some(text) = form.get("claims") else { return Ok(None) };
    let wrong = || Refusal::new(INVALID_REQUEST, "claims must be a JSON object (OpenID Connect Core 5.5)").at("claims");
    if text.len() > MOST_BYTES {
        return Err(wrong());
    }
    let claims: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let members = claims.as_object().ok_or_else(wrong)?;
    if !members.iter().all(|(name, value)| value.is_object() || !matches!(name.as_str(), "id_token" | "userinfo")) {
        return Err(wrong());
    }
    let Some(acr) = claims.pointer("/id_token/acr").filter(|acr| !acr.is_null()) else { return Ok(None) };
    let acr = acr.as_object().ok_or_else(wrong)?;
    let values = acr.get("values").and_then(Value::as_array).into_iter().flatten().chain(acr.get("value"));
    let asked: Vec<&str> = values.filter_map(Value::as_str).collect();
    let known = asked.iter().filter_map(|text| Acr::parse(text)).max();
    let is_essential = acr.get("essential") == Some(&Value::Bool(true));
    if is_essential && known.is_none() && !asked.is_empty() {
        let public = "no sign-in here is any of the acr values that were demanded; see acr_values_supported";
        return Err(Refusal::new(UNMET_AUTHENTICATION_REQUIREMENTS, public).at("claims"));
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: &str) -> Result<Option<Acr>, &'static str> {
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("claims", claims).finish();
        essential_acr(&Form::parse(body.as_bytes()).unwrap()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn an_essential_acr_is_honoured_and_all_else_is_ignored() {
        for (claims, expected) in [
            (json!({}), Ok(None)),
            (json!({"id_token": {"auth_time": {"essential": true}}}), Ok(None)),
            (json!({"userinfo": {"name": {"essential": true}}, "id_token": {"email": null}}), Ok(None)),
            (json!({"id_token": {"acr": null}}), Ok(None)),
            (json!({"id_token": {"acr": {"essential": true}}}), Ok(None)),
            (json!({"id_token": {"acr": {"essential": true, "value": "aal3"}}}), Ok(Some(Acr::Aal3))),
            (json!({"id_token": {"acr": {"essential": true, "values": ["urn:x", "aal2"]}}}), Ok(Some(Acr::Aal2))),
            (json!({"id_token": {"acr": {"values": ["urn:x"]}}}), Ok(None)),
            (
                json!({"id_token": {"acr": {"essential": true, "values": ["urn:x"]}}}),
                Err(UNMET_AUTHENTICATION_REQUIREMENTS),
            ),
            (json!({"id_token": {"acr": 1}}), Err(INVALID_REQUEST)),
            (json!({"id_token": 1}), Err(INVALID_REQUEST)),
            (json!({"userinfo": []}), Err(INVALID_REQUEST)),
            (json!([]), Err(INVALID_REQUEST)),
        ] {
            assert_eq!(read(&claims.to_string()), expected, "{claims}");
        }
        assert_eq!(read("{"), Err(INVALID_REQUEST));
        assert_eq!(read(&"[".repeat(9000)), Err(INVALID_REQUEST));
    }
}
