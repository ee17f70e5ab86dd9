//! What a registered gateway signs: client assertions (RFC 7523 §2.2) and authorization grants (§2.1), verified for
//! real against its registered keys.

use crate::domain::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::collections::HashMap;

/// How far a signer's clock may be ahead of ours.
const SKEW_SECONDS: i64 = 10;
/// Longer texts are no assertion.
const LONGEST: usize = 8 * 1024;

/// A gateway's registered public keys, parsed once.
pub(super) struct Keys(Vec<(String, Algorithm, DecodingKey)>);

/// The claims that both kinds of assertion have.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    /// Who signed.
    pub(super) iss: String,
    /// Whom it is about.
    pub(super) sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    /// Counts once.
    pub(super) jti: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What an assertion must say to be taken.
pub(super) struct Expected<'a> {
    /// The client that must have signed it.
    pub(super) issuer: &'a str,
    /// Ourselves.
    pub(super) audience: &'a str,
    /// The longest life in seconds, from now to `exp`.
    pub(super) longest: i64,
    /// The present moment.
    pub(super) now: Timestamp,
}

impl Keys {
    /// Reads a JWK set (RFC 7517 §5). Each key needs a `kid`, is for signing, and is P-256, RSA or Ed25519.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(jwks: &serde_json::Value) -> Result<Self, String> {
        let keys = jwks.get("keys").and_then(|k| k.as_array()).ok_or("jwks must be {\"keys\": […]}")?;
        let mut by_kid = HashMap::new();
        for (n, raw) in keys.iter().enumerate() {
            if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|member| raw.get(member).is_some()) {
                return Err(format!("jwks key {n} holds a private member"));
            }
            if raw.get("use").is_some_and(|u| u != "sig") {
                return Err(format!("jwks key {n} is not for signing"));
            }
            let jwk: Jwk = serde_json::from_value(raw.clone()).map_err(|e| format!("jwks key {n}: {e}"))?;
            let kid = jwk.common.key_id.clone().ok_or(format!("jwks key {n} has no kid"))?;
            let algorithm = match &jwk.algorithm {
                AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
                AlgorithmParameters::RSA(_) => Algorithm::PS256,
                AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
                _ => return Err(format!("jwks key {n} must be P-256, RSA or Ed25519")),
            };
            let key = DecodingKey::from_jwk(&jwk).map_err(|e| format!("jwks key {n}: {e}"))?;
            if by_kid.insert(kid.clone(), (algorithm, key)).is_some() {
                return Err(format!("jwks has two keys with kid {kid}"));
            }
        }
        if by_kid.is_empty() {
            return Err("jwks holds no key".to_owned());
        }
        Ok(Self(by_kid.into_iter().map(|(kid, (algorithm, key))| (kid, algorithm, key)).collect()))
    }

    /// Verifies an assertion's form and signature, then what it says. Whether its `jti` was seen is the caller's to
    /// ask, after this.
    ///
    /// # Errors
    /// What is wrong, in words for an `error_description`.
    pub(super) fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<Claims, &'static str> {
        if token.len() > LONGEST {
            return Err("is too long");
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| "is not a JWT")?;
        // RFC 7515 §4.1.11: an extension we do not know must be refused, and we know none.
        if header.crit.is_some() {
            return Err("has a crit header");
        }
        if header.typ.as_deref().is_some_and(|t| !matches!(t, "JWT" | "client-authentication+jwt")) {
            return Err("has a typ other than JWT");
        }
        let (_, algorithm, key) = match (&header.kid, self.0.as_slice()) {
            (Some(kid), keys) => {
                keys.iter().find(|(known, ..)| known == kid).ok_or("names a kid that is not registered")?
            }
            (None, [only]) => only,
            (None, _) => return Err("needs a kid, for several keys are registered"),
        };
        if header.alg != *algorithm {
            return Err("has an alg that is not the registered key's");
        }
        // Time is compared below, with the clock that was passed in.
        let mut validation = Validation::new(*algorithm);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation)
            .map_err(|_| "has a bad signature, or lacks one of iss, sub, aud, exp, jti")?
            .claims;
        check(&claims, expected)?;
        Ok(claims)
    }
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), &'static str> {
    let now = expected.now.seconds();
    if claims.iss != expected.issuer {
        return Err("has an iss other than the client_id");
    }
    let is_for_us = match &claims.aud {
        Audience::One(one) => one == expected.audience,
        Audience::Many(many) => matches!(many.as_slice(), [one] if one == expected.audience),
    };
    if !is_for_us {
        return Err("has an aud other than this endpoint's");
    }
    if claims.exp <= now {
        return Err("has expired");
    }
    if claims.exp > now.saturating_add(expected.longest).saturating_add(SKEW_SECONDS) {
        return Err("has an exp too far away");
    }
    if claims.iat.is_some_and(|iat| iat > now + SKEW_SECONDS) || claims.nbf.is_some_and(|nbf| nbf > now + SKEW_SECONDS)
    {
        return Err("is from the future");
    }
    if claims.jti.is_empty() || claims.jti.len() > 255 {
        return Err("needs a jti of 1 to 255 characters");
    }
    Ok(())
}
