//! The account behind a token, as its holder may know it: whom it stands for, to whom it was given, and until when.

use crate::gateway::Permit;
use serde::Serialize;
use utoipa::ToSchema;

/// What the calling token stands for. Nothing personal: `sub` is pairwise, and nothing else is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The person, pairwise for the client's sector; the client itself where no person gave the grant.
    #[schema(example = "p~0Jr8eQ3vZ1kq2xYtV9mHc4uWn7bDf5sLa6pGo8iKj2E")]
    pub sub: String,
    /// To whom the grant was given.
    #[schema(example = "loan-bank")]
    pub client_id: String,
    /// The grant.
    #[schema(example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: String,
    /// The scopes that the token allows now.
    #[schema(example = "openid self_information")]
    pub scope: String,
    /// How surely the person was recognised; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "aal3")]
    pub acr: Option<&'static str>,
    /// When the person was recognised (RFC 3339, Japan's time); absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub authenticated_at: Option<String>,
    /// When this token is over.
    #[schema(format = "date-time")]
    pub token_expires_at: String,
    /// When the grant is over, and with it every token.
    #[schema(format = "date-time")]
    pub grant_expires_at: String,
}

/// The account behind `permit`.
#[must_use]
pub fn view(permit: &Permit) -> AccountView {
    let (grant, authentication) = (permit.grant(), permit.authentication());
    AccountView {
        sub: permit.sub().to_owned(),
        client_id: permit.client().id.to_string(),
        grant_id: grant.id.to_string(),
        scope: permit.scope().to_string(),
        acr: authentication.map(|authentication| authentication.acr.as_str()),
        authenticated_at: authentication.map(|authentication| authentication.at.rfc3339()),
        token_expires_at: permit.token_ends_at().rfc3339(),
        grant_expires_at: grant.expires_at.rfc3339(),
    }
}
