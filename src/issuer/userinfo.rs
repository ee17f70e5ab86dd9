//! Userinfo (OpenID Connect Core §5.3): the pairwise `sub`, and nothing else, since nothing else is kept.

use super::Issuer;
use super::answer::{Answered, IssuerFailure};
use super::resource::ResourceCall;
use crate::domain::Refusal;
use crate::domain::scope::Scope;
use crate::protocol::code::INSUFFICIENT_SCOPE;

impl Issuer {
    /// The token's `sub`.
    ///
    /// # Errors
    /// `insufficient_scope` without `openid`; those of a token; [`crate::domain::Fault`].
    pub async fn userinfo(&self, call: &ResourceCall<'_>) -> Result<Answered<String>, IssuerFailure> {
        let holder = self.hold(call, "userinfo", self.now()).await?;
        if holder.grant.subject.is_none() || !holder.token.scope.has(Scope::Openid) {
            return Err(Refusal::new(INSUFFICIENT_SCOPE, "the scope openid is needed").into());
        }
        Ok(Answered { value: holder.token.subject, rates: holder.rates })
    }
}
