//! Whether a request may change the grant that it names (Grant Management §5.2 and §5.3).

use super::Issuer;
use crate::domain::client::Client;
use crate::domain::consent::{Ask, Consent};
use crate::domain::ids::GrantId;
use crate::domain::refusal::Failure;
use crate::domain::{Refusal, Timestamp};
use crate::hot::tell_grant;
use crate::protocol::authorization_request::{AuthorizationRequest, GrantManagement};
use crate::protocol::code::{INVALID_AUTHORIZATION_DETAILS, INVALID_GRANT_ID, INVALID_TARGET};

impl Issuer {
    /// Checks what can be known before the citizen signs in: that the grant is this client's and in force, and that a
    /// merge makes sense. Whose grant it is, is looked at with the decision.
    ///
    /// # Errors
    /// `invalid_grant_id`; `invalid_authorization_details` or `invalid_target` where a merge would mix what was agreed
    /// to apart; [`crate::domain::Fault`].
    pub(super) async fn check_amendment(
        &self,
        request: &AuthorizationRequest,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(id) = request.grant_management.grant() else { return Ok(()) };
        let grant = self.parts.store.find_grant(id).await?;
        let own = grant.filter(|grant| grant.client == client.id && grant.subject.is_some() && grant.is_in_force(now));
        let unknown = || Refusal::new(INVALID_GRANT_ID, "this client has no such grant in force").at("grant_id");
        let own = own.ok_or_else(unknown)?;
        if matches!(request.grant_management, GrantManagement::Replace { .. }) {
            return Ok(());
        }
        if let (Some(consent), Some(ask)) = (&own.consent, &request.ask) {
            check_merge(consent, ask)?;
        }
        if own.resources.is_empty() != request.resources.is_empty() {
            let public = "name resources as the grant does: the grant was asked for with others, or with none";
            return Err(Refusal::new(INVALID_TARGET, public).at("resource").into());
        }
        Ok(())
    }

    /// Tells every node that a grant stands otherwise now.
    pub(super) async fn tell_changed(&self, id: &GrantId) {
        tell_grant(&*self.parts.hot, id).await;
    }
}

fn check_merge(consent: &Consent, ask: &Ask) -> Result<(), Refusal> {
    let refused =
        |public: String, pointer: String| Err(Refusal::new(INVALID_AUTHORIZATION_DETAILS, public).at(pointer));
    if consent.purpose != ask.purpose {
        let public = "a merge keeps the purpose of the grant; replace the grant, or ask for another one".to_owned();
        return refused(public, "/0/purpose".to_owned());
    }
    for (index, set) in ask.data_sets.iter().enumerate() {
        let is_only_asked = set.items.is_empty();
        if consent.data_set(set.code).is_some_and(|agreed| !agreed.may_merge(set.period, is_only_asked)) {
            let public = format!("a merge keeps the period that was agreed to for {}; replace the grant", set.code);
            return refused(public, format!("/0/data_sets/{index}/period"));
        }
    }
    Ok(())
}
