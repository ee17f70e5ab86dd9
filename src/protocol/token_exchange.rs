//! A token exchange (RFC 8693 §2.1): a token that the caller was given or was called with, for a smaller one of its own.

use super::code::{INVALID_REQUEST, INVALID_TARGET};
use super::form::Form;
use super::{target, token_request};
use crate::domain::Refusal;
use crate::domain::ids::ClientId;
use crate::domain::scope::ScopeSet;
use serde::{Deserialize, Serialize};

/// The only kind of token that goes in and comes out (RFC 8693 §3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The longest chain of actors: each delegation says who acts for whom, and nobody reads further.
const MOST_ACTORS: usize = 4;

/// `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`.
#[derive(Debug)]
pub struct ExchangeGrant<'a> {
    /// An access token of ours.
    pub subject_token: &'a str,
    /// Less than that token's scope, if wanted.
    pub scope: Option<ScopeSet>,
    /// Where the new token is to be used, if not where the old one is.
    pub resource: Option<String>,
    /// The file that the new token is to be bound to, if wanted (RFC 9396 §6).
    pub details: Option<&'a str>,
}

impl<'a> ExchangeGrant<'a> {
    /// Reads a form.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_scope` or `invalid_target`, naming the parameter.
    pub fn parse(form: &'a Form) -> Result<Self, Refusal> {
        let refused = |public: &str, at: &str| Refusal::new(INVALID_REQUEST, public).at(at);
        let subject_token = form.require("subject_token")?;
        if form.require("subject_token_type")? != ACCESS_TOKEN_TYPE {
            return Err(refused(&format!("subject_token_type must be {ACCESS_TOKEN_TYPE}"), "subject_token_type"));
        }
        if form.get("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN_TYPE) {
            return Err(refused(&format!("requested_token_type must be {ACCESS_TOKEN_TYPE}"), "requested_token_type"));
        }
        // Whoever authenticated here is the actor: another's token would only say the same thing less surely.
        if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
            return Err(refused("the actor is the authenticated client; send no actor_token", "actor_token"));
        }
        if form.get("audience").is_some() {
            let public = "name the target by resource (RFC 8707); audience is not taken";
            return Err(Refusal::new(INVALID_TARGET, public).at("audience"));
        }
        let details = form.get("authorization_details");
        Ok(Self { subject_token, scope: token_request::scope(form)?, resource: target::one(form)?, details })
    }
}

/// Who acts for the token's subject (`act`, RFC 8693 §4.1), and for whom they act in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(no_recursion)]
pub struct Actor {
    /// The client that acts.
    #[schema(value_type = String, example = "prefecture-desk")]
    pub sub: ClientId,
    /// Who acted before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// `client` acts, after whoever acted before; none when the chain grows too long.
    #[must_use]
    pub fn after(client: &ClientId, before: Option<&Self>) -> Option<Self> {
        let length = std::iter::successors(before, |actor| actor.act.as_deref()).take(MOST_ACTORS).count();
        let act = before.cloned().map(Box::new);
        (length < MOST_ACTORS).then(|| Self { sub: client.clone(), act })
    }
}

/// Who may act for the token's subject (`may_act`, RFC 8693 §4.4): with it, nobody else may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MayAct {
    /// The client that may.
    pub sub: ClientId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_access_tokens_go_in_and_come_out() {
        let right = format!("subject_token=x&subject_token_type={ACCESS_TOKEN_TYPE}");
        assert!(ExchangeGrant::parse(&Form::parse(right.as_bytes()).unwrap()).is_ok());
        for (more, code, pointer) in [
            (
                "&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token",
                INVALID_REQUEST,
                "requested_token_type",
            ),
            (
                "&requested_token_type=urn:ietf:params:oauth:token-type:id_token",
                INVALID_REQUEST,
                "requested_token_type",
            ),
            ("&actor_token=y&actor_token_type=z", INVALID_REQUEST, "actor_token"),
            ("&audience=other", INVALID_TARGET, "audience"),
            ("&scope=admin", "invalid_scope", "scope"),
        ] {
            let body = format!("{right}{more}");
            let refusal = ExchangeGrant::parse(&Form::parse(body.as_bytes()).unwrap()).unwrap_err();
            assert_eq!((refusal.code, refusal.pointer.as_deref()), (code, Some(pointer)), "{more}");
        }
        for wrong in ["subject_token=x", "subject_token=x&subject_token_type=urn:ietf:params:oauth:token-type:jwt"] {
            let refusal = ExchangeGrant::parse(&Form::parse(wrong.as_bytes()).unwrap()).unwrap_err();
            assert_eq!(refusal.pointer.as_deref(), Some("subject_token_type"));
        }
    }

    #[test]
    fn a_chain_of_actors_says_who_came_first_and_ends() {
        let client = |n: usize| ClientId::parse(&format!("c{n}")).unwrap();
        let mut chain = None;
        for n in 0..MOST_ACTORS {
            chain = Actor::after(&client(n), chain.as_ref());
            assert!(chain.is_some());
        }
        let text = serde_json::to_value(&chain).unwrap();
        assert_eq!(text["sub"], "c3");
        assert_eq!(text["act"]["act"]["act"]["sub"], "c0");
        assert_eq!(Actor::after(&client(9), chain.as_ref()), None);
    }
}
