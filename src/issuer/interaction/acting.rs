//! Deciding for another: which registrations allow it, and what becomes of the decision.

use super::record::Progress;
use super::{InteractionError, Interactions};
use crate::domain::consent::{Choice, ChoiceError};
use crate::domain::grant::Grant;
use crate::domain::ids::SubjectId;
use crate::domain::representation::Representation;
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::{Fault, Timestamp};
use crate::protocol::authorization_request::AuthorizationRequest;

/// Most registrations of one representative that are looked at.
const MOST: u32 = 100;
/// What can be allowed about somebody else: who they are is not a representative's to prove, so no id_token and no
/// userinfo (`openid`) comes of it.
const ABOUT_OTHERS: [Scope; 2] = [Scope::SelfInformation, Scope::OfflineAccess];

/// The part of `scope` that a representative can allow.
pub(super) fn about_another(scope: ScopeSet) -> ScopeSet {
    scope.narrowed_to(ScopeSet::of(&ABOUT_OTHERS))
}

/// Whether `person` gave the grant: for themselves, or as a representative.
pub(super) fn is_given_by(grant: &Grant, person: &SubjectId) -> bool {
    match &grant.acting {
        None => grant.subject.as_ref() == Some(person),
        Some(acting) => acting.representative == *person,
    }
}

impl Interactions {
    /// By which registrations the person who signed in may decide this for another, newest first.
    pub(super) async fn represented(
        &self,
        request: &AuthorizationRequest,
        progress: &Progress,
    ) -> Result<Vec<Representation>, Fault> {
        let (Progress::Deciding { subject, .. }, Some(ask)) = (progress, &request.ask) else { return Ok(Vec::new()) };
        if ask.terms.on_behalf_of.decided(true).is_none() {
            return Ok(Vec::new());
        }
        let mut found = self.0.store.list_represented(subject, MOST).await?;
        let now = self.0.clock.now();
        found.retain(|one| self.may_decide(one, request, now));
        Ok(found)
    }

    /// The registration that the choice names, if it stands and covers everything asked for; none where the person
    /// decides for themselves. The decision's own write looks once more.
    pub(super) async fn acting(
        &self,
        request: &AuthorizationRequest,
        representative: &SubjectId,
        choice: &Choice,
    ) -> Result<Option<Representation>, InteractionError> {
        let Some(id) = &choice.acting else { return Ok(None) };
        let found = self.0.store.find_representation(id).await?;
        let now = self.0.clock.now();
        let is_theirs = |one: &Representation| one.representative == *representative;
        let found = found.filter(|one| is_theirs(one) && self.may_decide(one, request, now));
        found.map(Some).ok_or(InteractionError::Choice(ChoiceError::OnBehalf))
    }

    fn may_decide(&self, one: &Representation, request: &AuthorizationRequest, now: Timestamp) -> bool {
        let rules = self.0.policies.now();
        let mut asked = request.ask.iter().flat_map(|ask| &ask.data_sets);
        one.is_in_force(now)
            && asked.all(|asked| {
                let set = self.0.catalog.data_set(asked.code);
                set.is_some_and(|set| rules.may_represent(one.kind, &set.group))
            })
    }
}
