//! Deposits as agencies see them: those that were filed to them, and nothing else.

use super::view::{AgencyDeposit, AgencyDepositPage};
use super::{Deposits, Given, Right, body};
use crate::domain::deposit::{Deposit, DepositState};
use crate::domain::{Digest, Failure, Refusal};
use crate::gateway::Permit;
use crate::services::body::feed;

/// What is asked for of a deposit.
#[derive(Clone, Copy, Debug)]
pub struct ContentAsked<'a> {
    /// Its id.
    pub id: &'a str,
    /// The query, with the purpose.
    pub query: &'a str,
    /// `Range`.
    pub range: Option<&'a str>,
    /// `If-Range`.
    pub if_range: Option<&'a str>,
}

/// Why nothing is given.
#[derive(Debug)]
pub struct NotGiven {
    /// Why.
    pub failure: Failure,
    /// How large it is, where the range begins after its end.
    pub size: Option<u64>,
}

impl<T: Into<Failure>> From<T> for NotGiven {
    fn from(failure: T) -> Self {
        Self { failure: failure.into(), size: None }
    }
}

impl Deposits {
    /// What was filed to the agency behind this client, in order.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value` naming the parameter.
    pub async fn filed(&self, permit: &Permit, query: &str) -> Result<AgencyDepositPage, Failure> {
        self.parts.gateway.clear_reference(permit).await?;
        let (after, limit) = feed(query)?;
        let mut found = Vec::new();
        for agency in self.agencies_of(permit) {
            found.extend(self.parts.store.list_filed_deposits(agency, after, limit).await?);
        }
        found.sort_by_key(|one| one.place);
        found.truncate(limit as usize);
        let now = self.parts.clock.now();
        let next = found.last().and_then(|one| one.place).unwrap_or(after);
        Ok(AgencyDepositPage { items: found.iter().filter_map(|one| AgencyDeposit::of(one, now)).collect(), next })
    }

    /// One that was filed to the agency behind this client.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another's, too.
    pub async fn filed_one(&self, permit: &Permit, id: &str) -> Result<AgencyDeposit, Failure> {
        let found = self.to_agency(permit, id).await?;
        Ok(AgencyDeposit::of(&found, self.parts.clock.now()).ok_or_else(nothing)?)
    }

    /// Gives an agency some of what was filed to it, or all.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found`, `result_gone`; `invalid_value` for the purpose, `range_not_satisfiable`;
    /// `cloud_unreachable`, `cloud_refused`, `digest_mismatch`; `evidence_unavailable`.
    pub async fn filed_content(&self, permit: &Permit, asked: ContentAsked<'_>) -> Result<Given, NotGiven> {
        let found = self.to_agency(permit, asked.id).await?;
        self.give(permit, (&found, Right::Agency), asked).await
    }

    pub(super) async fn give(
        &self,
        permit: &Permit,
        (one, right): (&Deposit, Right),
        asked: ContentAsked<'_>,
    ) -> Result<Given, NotGiven> {
        let gone = || Refusal::new("result_gone", "It was withdrawn, or has expired: nobody can reference it.");
        let filed = one.filed.as_ref().filter(|_| one.state(self.parts.clock.now()) == DepositState::Filed);
        let holding = &filed.ok_or_else(gone)?.holding;
        let purpose = body::purpose(&self.parts.rules, asked.query)?;
        let tag = tag(&holding.digest);
        let part = body::span((asked.range, asked.if_range), (holding.size, &tag))
            .map_err(|refusal| NotGiven { failure: refusal.into(), size: Some(holding.size) })?;
        self.parts.evidence.intake().admit()?;
        Ok(self.fetcher.give(permit, (one, right), (purpose, part)).await?)
    }

    /// The names of the agencies that are this client's: those that are configured with its corporate number.
    pub(super) fn agencies_of<'a>(&'a self, permit: &'a Permit) -> impl Iterator<Item = &'a str> {
        let number = &permit.client().corporate_number;
        let agencies = self.parts.engine.agencies();
        agencies.filter(move |agency| agency.corporate_number.as_ref() == Some(number)).map(|agency| &*agency.name)
    }

    async fn to_agency(&self, permit: &Permit, id: &str) -> Result<Deposit, Failure> {
        let found = self
            .any(id)
            .await?
            .filter(|one| one.filed.is_some() && self.agencies_of(permit).any(|agency| agency == one.declared.agency));
        let found = found.ok_or_else(nothing)?;
        self.parts.gateway.clear_reference(permit).await?;
        Ok(found)
    }
}

/// The `ETag` of a content: strong, since it is its digest.
#[must_use]
pub fn tag(digest: &Digest) -> String {
    format!("\"{}\"", digest.base64url())
}

fn nothing() -> Refusal {
    Refusal::new("not_found", "Nothing with this id was filed to you.").at("id")
}
