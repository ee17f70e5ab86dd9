//! Userinfo (OpenID Connect Core §5.3): the pairwise `sub`, and nothing else, since nothing else is kept.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::envelope::{Message, recipient};
use super::resource::ResourceCall;
use crate::domain::Refusal;
use crate::domain::scope::Scope;
use crate::protocol::code::{INSUFFICIENT_SCOPE, INVALID_TOKEN};
use serde_json::json;

/// What userinfo answers, by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserInfo {
    /// The `sub`, to be sent as JSON.
    Sub(String),
    /// A JWT, signed or encrypted or both as the client registered (OpenID Connect Core §5.3.2).
    Jwt(String),
}

impl Issuer {
    /// Who the token's person is to its client.
    ///
    /// # Errors
    /// `insufficient_scope` without `openid`; `unauthorized_client` when there is no key to encrypt to; those of a
    /// token; [`crate::domain::Fault`].
    pub async fn userinfo(&self, call: &ResourceCall<'_>) -> Result<Answered<UserInfo>, IssuerFailure> {
        let now = self.now();
        let holder = self.hold(call, "userinfo", now).await?;
        if !holder.grant.is_in_force(now) {
            return Err(Refusal::new(INVALID_TOKEN, "the citizen has paused the grant").into());
        }
        if holder.grant.subject.is_none() || !holder.token.scope.has(Scope::Openid) {
            return Err(Refusal::new(INSUFFICIENT_SCOPE, "the scope openid is needed").into());
        }
        let (known, sub) = (&holder.known, holder.token.subject);
        let messages = &known.client.profile.messages;
        let is_encrypted = recipient(known, messages.userinfo_encryption)?.is_some();
        let value = if messages.sign_userinfo {
            let claims = json!({ "iss": self.public_url, "aud": known.client.id.as_str(), "sub": sub });
            let signed = Message::Signed(self.sign_message("JWT", &claims)?);
            UserInfo::Jwt(self.seal_for(known, messages.userinfo_encryption, signed)?)
        } else if is_encrypted {
            let plain = Message::Plain(json!({ "sub": sub }).to_string());
            UserInfo::Jwt(self.seal_for(known, messages.userinfo_encryption, plain)?)
        } else {
            UserInfo::Sub(sub)
        };
        Ok(Answered { value, rates: holder.rates })
    }
}
