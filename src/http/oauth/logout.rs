//! The end-session endpoint in the API's description. What answers is a page ([`crate::http::pages`]): browsers come
//! here, not clients.

use utoipa::IntoParams;

/// What a third party sends a citizen's browser with (OpenID Connect RP-Initiated Logout 1.0 §2).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read parameter by parameter")]
pub struct LogoutQuery {
    /// An id_token of ours, of the client that sends the browser; it may be over, and must not be encrypted.
    id_token_hint: Option<String>,
    /// Whoever uses the browser is known by its cookies and is asked, so this changes nothing.
    logout_hint: Option<String>,
    /// The client, where no id_token says so; where one does, it must be the same.
    #[param(example = "bank")]
    client_id: Option<String>,
    /// Where the browser goes afterwards: one of the registered ones, letter for letter.
    #[param(example = "https://bank.example/bye")]
    post_logout_redirect_uri: Option<String>,
    /// Given back with it; at most 4096 bytes.
    state: Option<String>,
    /// The languages of the page, as far as the citizen chose none.
    #[param(example = "ja en")]
    ui_locales: Option<String>,
}

/// Asks the citizen whether to sign out here; where nobody is signed in, goes back at once. A form may be posted to the
/// same address. Clients that registered `backchannel_logout_uri` are told of what ended by a `logout_token`, again and
/// again for a day until they answer 200.
#[utoipa::path(
    get, path = "/oauth/logout", operation_id = "end_session", tag = "authorization",
    params(LogoutQuery),
    responses(
        (status = 200, description = "The page that asks; only its form ends anything.", content_type = "text/html", body = String),
        (status = 303, description = "To `post_logout_redirect_uri` with `state`, or to the home page."),
        (status = 400, description = "A page that names the parameter that cannot be used.", content_type = "text/html", body = String),
    )
)]
#[expect(dead_code, reason = "describes an address that a page answers at")]
pub(super) fn end_session() {}
