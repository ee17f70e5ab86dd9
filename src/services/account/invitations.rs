//! Inviting a representative: a person makes another one theirs, without the operator, once both have signed in.

use super::{Account, CitizenSession};
use crate::domain::ids::RepresentationId;
use crate::domain::invitation::{Invitation, InvitationCode, OPEN_FOR};
use crate::domain::representation::{Representation, RepresentationKind, RepresentationProof, RepresentationStatus};
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use chrono::NaiveDate;
use std::time::Duration;

/// Most open invitations of one person.
const MOST_OPEN: u32 = 10;
/// Who registers, where it was nobody at the counter.
const THEMSELVES: &str = "both persons";

impl Account {
    /// Makes an invitation; its code is shown now and never again.
    ///
    /// # Errors
    /// `invalid_request` for what the rules do not allow, `conflict` with too many open ones; [`Failure`] when the store is
    /// away.
    pub async fn invite(
        &self,
        session: &CitizenSession,
        kind: RepresentationKind,
        until: NaiveDate,
    ) -> Result<(Invitation, InvitationCode), Failure> {
        let now = self.clock.now();
        self.allow(kind, until, now)?;
        let end = until.succ_opt().and_then(Timestamp::of_day_in_japan);
        let until = end.ok_or_else(|| Refusal::new("invalid_request", "until: is no day that the counter knows"))?;
        let code = InvitationCode::generate(&*self.entropy);
        let new = Invitation {
            id: RepresentationId::generate(&*self.entropy),
            principal: session.subject().clone(),
            kind,
            until,
            created_at: now,
            expires_at: now.plus(OPEN_FOR),
        };
        if self.store.insert_invitation(&new, code.digest(), MOST_OPEN).await? {
            return Ok((new, code));
        }
        Err(Refusal::new("conflict", format!("There are {MOST_OPEN} open invitations: withdraw one first.")).into())
    }

    fn allow(&self, kind: RepresentationKind, until: NaiveDate, now: Timestamp) -> Result<(), Refusal> {
        let refused = |words: String| Refusal::new("invalid_request", words);
        let rules = self.invitable.as_ref();
        let rules = rules.ok_or_else(|| refused("kind: the rules here let nobody be invited".to_owned()))?;
        rules(kind, (now.date_in_japan(), until)).map_err(refused)
    }

    /// The person's open invitations, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn invitations(&self, session: &CitizenSession) -> Result<Vec<Invitation>, Fault> {
        self.store.list_invitations(session.subject(), self.clock.now(), MOST_OPEN).await
    }

    /// Withdraws one of the person's open invitations. False when there was nothing to withdraw.
    ///
    /// # Errors
    /// [`Fault`] when the store is away; then nothing was withdrawn.
    pub async fn withdraw_invitation(&self, session: &CitizenSession, id: &RepresentationId) -> Result<bool, Fault> {
        self.store.withdraw_invitation(id, session.subject(), self.clock.now()).await
    }

    /// The open invitation with this code; none for the one who made it.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn invitation(
        &self,
        session: &CitizenSession,
        code: &InvitationCode,
    ) -> Result<Option<Invitation>, Fault> {
        let found = self.store.find_invitation(code.digest(), self.clock.now()).await?;
        Ok(found.filter(|one| one.principal != *session.subject()))
    }

    /// Takes an invitation: from now on the person acts for who made it. False when it is over, taken, withdrawn or their
    /// own, and when they act for the same person on the same ground already.
    ///
    /// # Errors
    /// `invalid_request` where the rules do not allow it any more; [`Failure`] when the store is away.
    pub async fn accept(&self, session: &CitizenSession, code: &InvitationCode) -> Result<bool, Failure> {
        let Some(found) = self.invitation(session, code).await? else { return Ok(false) };
        let now = self.clock.now();
        self.allow(found.kind, found.until.minus(Duration::from_millis(1)).date_in_japan(), now)?;
        let opened = Representation {
            id: found.id,
            principal: found.principal,
            representative: session.subject().clone(),
            kind: found.kind,
            proof: RepresentationProof::OwnSignIn,
            registered_by: THEMSELVES.to_owned(),
            created_at: now,
            expires_at: found.until,
            status: RepresentationStatus::Active,
        };
        Ok(self.store.take_invitation(code.digest(), &opened).await?)
    }
}
