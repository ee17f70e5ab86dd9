//! A client's request that the citizen be signed out (RP-Initiated Logout §2). Reading it ends nothing.

use crate::domain::Refusal;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, SubjectId};
use crate::domain::refusal::Failure;
use crate::issuer::Issuer;
use crate::protocol::code::UNAUTHORIZED_CLIENT;
use crate::protocol::id_token_hint::IdTokenHint;
use crate::protocol::logout_request::{LogoutRequest, refused};

/// A request that may be followed once the citizen agreed. Made by [`Issuer::check_logout`] only.
#[derive(Clone, Debug)]
pub struct CheckedLogout {
    client: Option<Client>,
    location: Option<String>,
    subject: Option<String>,
}

impl CheckedLogout {
    /// Who sent the browser, if that was said.
    #[must_use]
    pub fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// Where the browser goes back to: an address that this client registered, with its `state`.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl Issuer {
    /// Checks a request. Nothing is ended by it.
    ///
    /// # Errors
    /// `invalid_request` naming what cannot be used, `unauthorized_client` for a client that may not act: then no address
    /// of it is trusted, and the citizen is told on a page; [`crate::domain::Fault`].
    pub async fn check_logout(&self, request: &LogoutRequest) -> Result<CheckedLogout, Failure> {
        let hint = match &request.id_token_hint {
            None => None,
            Some(token) => Some(self.own_hint(token)?),
        };
        let client = match request.client(hint.as_ref().map(|hint| hint.audience.as_str()))? {
            None => None,
            Some(id) => Some(self.client_that_asks(id).await?),
        };
        let location = request.location(client.as_ref().map(|client| &client.profile.logout))?;
        Ok(CheckedLogout { client, location, subject: hint.map(|hint| hint.subject) })
    }

    /// Whether the request is about somebody who is none of `present`. It can only be said where it came with an
    /// id_token; the citizen decides all the same.
    #[must_use]
    pub fn is_about_another<'s>(
        &self,
        checked: &CheckedLogout,
        mut present: impl Iterator<Item = &'s SubjectId>,
    ) -> bool {
        match (&checked.client, &checked.subject) {
            (Some(client), Some(sub)) => !present.any(|person| self.pairwise.subject(&client.sector, person) == *sub),
            _ => false,
        }
    }

    fn own_hint(&self, token: &str) -> Result<IdTokenHint, Refusal> {
        let name = "id_token_hint";
        let hint = IdTokenHint::read(token, &self.keys.published());
        let hint =
            hint.map_err(|error| refused(name, &format!("it {error}; leave it out and send client_id instead")))?;
        if hint.issuer == self.public_url { Ok(hint) } else { Err(refused(name, "it was issued by another issuer")) }
    }

    async fn client_that_asks(&self, id: &str) -> Result<Client, Failure> {
        let unknown = || refused("client_id", "no such client is registered");
        let id = ClientId::parse(id).map_err(|_| unknown())?;
        let client = self.parts.store.find_client(&id).await?.ok_or_else(unknown)?;
        if !client.status.may_act_in(self.environment) {
            return Err(Refusal::new(UNAUTHORIZED_CLIENT, "the client may not act at present").at("client_id").into());
        }
        Ok(client)
    }
}
