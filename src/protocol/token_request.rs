//! A token request (RFC 6749 §4.1.3, §4.4.2, §6, and the grant types that extend it): one type per grant, each with just what that grant needs.

use super::code::{INVALID_SCOPE, UNSUPPORTED_GRANT_TYPE};
use super::form::Form;
use super::target;
use super::token_exchange::ExchangeGrant;
use crate::domain::profile::GrantType;
use crate::domain::scope::ScopeSet;
use crate::domain::{Digest, Refusal};

/// What a client wants tokens for.
#[derive(Debug)]
pub enum TokenRequest<'a> {
    /// A code, from the citizen's decision.
    Code(CodeGrant<'a>),
    /// A refresh token.
    Refresh(RefreshGrant<'a>),
    /// Nothing but itself.
    ClientCredentials(ClientCredentialsGrant<'a>),
    /// What a citizen answered away from the client.
    Decoupled(DecoupledGrant<'a>),
    /// Another token.
    Exchange(ExchangeGrant<'a>),
}

/// `grant_type=authorization_code`.
#[derive(Debug)]
pub struct CodeGrant<'a> {
    /// The code.
    pub code: &'a str,
    /// The same as in the authorization request.
    pub redirect_uri: &'a str,
    /// PKCE verifier; that it must be there is said by [`super::pkce::check`], with the code already used up.
    pub code_verifier: Option<&'a str>,
    /// What the token is for, if said (RFC 8707 §2.2).
    pub target: Option<String>,
}

/// `grant_type=refresh_token`.
#[derive(Debug)]
pub struct RefreshGrant<'a> {
    /// The refresh token.
    pub refresh_token: &'a str,
    /// Less than the grant's scope, if wanted.
    pub scope: Option<ScopeSet>,
    /// What the token is for, if said (RFC 8707 §2.2).
    pub target: Option<String>,
    /// Less than was agreed to, if wanted (RFC 9396 §6).
    pub details: Option<&'a str>,
}

/// `grant_type=client_credentials`.
#[derive(Debug)]
pub struct ClientCredentialsGrant<'a> {
    /// What is wanted; everything possible when absent.
    pub scope: Option<ScopeSet>,
    /// What the token is for, if said (RFC 8707 §2.2).
    pub target: Option<String>,
    /// The file that it is to be bound to, if wanted (RFC 9396 §6).
    pub details: Option<&'a str>,
}

/// `grant_type` of RFC 8628 with its `device_code`, or of CIBA with its `auth_req_id`.
#[derive(Debug)]
pub struct DecoupledGrant<'a> {
    /// Which of the two.
    pub grant_type: GrantType,
    /// What the client was given to ask with.
    pub handle: &'a str,
}

impl DecoupledGrant<'_> {
    /// What is kept of the handle. The grant type is in it, so that one is never taken for the other.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&format!("{}\n{}", self.grant_type.as_str(), self.handle))
    }
}

impl<'a> TokenRequest<'a> {
    /// Reads a form.
    ///
    /// # Errors
    /// `invalid_request` naming a missing parameter, `unsupported_grant_type`, `invalid_scope`.
    pub fn parse(form: &'a Form) -> Result<Self, Refusal> {
        let sent = form.require("grant_type")?;
        let Some(grant_type) = GrantType::ALL.into_iter().find(|known| known.as_str() == sent) else {
            let public = format!("grant_type must be one of {}", GrantType::ALL.map(GrantType::as_str).join(" "));
            return Err(Refusal::new(UNSUPPORTED_GRANT_TYPE, public).at("grant_type"));
        };
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::Code(CodeGrant {
                code: form.require("code")?,
                redirect_uri: form.require("redirect_uri")?,
                code_verifier: form.get("code_verifier"),
                target: target::one(form)?,
            }),
            GrantType::RefreshToken => Self::Refresh(RefreshGrant {
                refresh_token: form.require("refresh_token")?,
                scope: scope(form)?,
                target: target::one(form)?,
                details: form.get("authorization_details"),
            }),
            GrantType::ClientCredentials => Self::ClientCredentials(ClientCredentialsGrant {
                scope: scope(form)?,
                target: target::one(form)?,
                details: form.get("authorization_details"),
            }),
            GrantType::DeviceCode => {
                Self::Decoupled(DecoupledGrant { grant_type, handle: form.require("device_code")? })
            }
            GrantType::Ciba => Self::Decoupled(DecoupledGrant { grant_type, handle: form.require("auth_req_id")? }),
            GrantType::TokenExchange => Self::Exchange(ExchangeGrant::parse(form)?),
        })
    }

    /// The way to tokens that was taken.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::Code(_) => GrantType::AuthorizationCode,
            Self::Refresh(_) => GrantType::RefreshToken,
            Self::ClientCredentials(_) => GrantType::ClientCredentials,
            Self::Decoupled(decoupled) => decoupled.grant_type,
            Self::Exchange(_) => GrantType::TokenExchange,
        }
    }
}

/// The `scope` parameter, if sent.
///
/// # Errors
/// `invalid_scope` naming the first unknown one.
pub fn scope(form: &Form) -> Result<Option<ScopeSet>, Refusal> {
    let parsed = form.get("scope").map(ScopeSet::parse).transpose();
    parsed.map_err(|error| Refusal::new(INVALID_SCOPE, error.to_string()).at("scope"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_grant_type_asks_for_its_own_parameters() {
        for (body, code, pointer) in [
            ("", "invalid_request", "grant_type"),
            ("grant_type=password&username=a&password=b", "unsupported_grant_type", "grant_type"),
            ("grant_type=implicit", "unsupported_grant_type", "grant_type"),
            ("grant_type=authorization_code&redirect_uri=x", "invalid_request", "code"),
            ("grant_type=authorization_code&code=x", "invalid_request", "redirect_uri"),
            ("grant_type=refresh_token", "invalid_request", "refresh_token"),
            ("grant_type=refresh_token&refresh_token=x&scope=admin", "invalid_scope", "scope"),
            ("grant_type=client_credentials&scope=admin", "invalid_scope", "scope"),
            ("grant_type=client_credentials&resource=x", "invalid_target", "resource"),
            (
                "grant_type=client_credentials&resource=https://a.example&resource=https://b.example",
                "invalid_target",
                "resource",
            ),
            ("grant_type=urn:ietf:params:oauth:grant-type:device_code", "invalid_request", "device_code"),
            ("grant_type=urn:openid:params:grant-type:ciba&device_code=x", "invalid_request", "auth_req_id"),
            ("grant_type=urn:ietf:params:oauth:grant-type:token-exchange", "invalid_request", "subject_token"),
        ] {
            let form = Form::parse(body.as_bytes()).unwrap();
            let refusal = TokenRequest::parse(&form).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{body}");
        }
    }

    #[test]
    fn a_device_code_is_no_auth_req_id() {
        let of = |grant_type| DecoupledGrant { grant_type, handle: "x" }.digest();
        assert_ne!(of(GrantType::DeviceCode), of(GrantType::Ciba));
    }
}
