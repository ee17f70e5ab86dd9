//! What an office does with the delegations that companies gave it: it sees them, lets software file by a part of one
//! (復委任), and gives up what it does not want. Nothing here widens or prolongs anything.

use super::Submissions;
use crate::domain::delegation::{Delegation, DelegationStatus, Procedures};
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::representation::RepresentationEnd;
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::store::Before;
use chrono::NaiveDate;

/// Most of an office's software that is shown.
const SHOWN: u32 = 100;

/// Which software an office lets file by a delegation.
#[derive(Clone, Debug)]
pub struct Software {
    /// Its id here.
    pub client: String,
    /// Which procedures; those of the delegation when empty.
    pub procedures: Vec<String>,
    /// The last day; that of the delegation when absent.
    pub until: Option<NaiveDate>,
}

impl Submissions {
    /// The delegations by which a client may file for other companies, or might once, newest first.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn delegations(
        &self,
        client: &ClientId,
        before: &Before<DelegationId>,
    ) -> Result<Vec<Delegation>, Fault> {
        self.parts.store.list_delegations_to(client, before).await
    }

    /// The software that an office let file by one of its delegations, newest first, whatever its state.
    ///
    /// # Errors
    /// `not_found` for what is not the office's.
    pub async fn software(&self, office: &ClientId, id: &str) -> Result<Vec<Delegation>, Failure> {
        let own = self.own_delegation(office, id).await?;
        Ok(self.parts.store.list_software(&own.id, SHOWN).await?)
    }

    /// Lets software file by a part of an office's delegation.
    ///
    /// # Errors
    /// `not_found` for what is not the office's; `not_delegated` where it is not in force; `invalid_value` naming what is
    /// more than the office may, or no software's; `conflict` while the same software files for the company already.
    pub async fn let_software_file(
        &self,
        office: &ClientId,
        id: &str,
        wanted: &Software,
    ) -> Result<Delegation, Failure> {
        let now = self.parts.clock.now();
        let own = self.own_delegation(office, id).await?;
        if own.via.is_some() {
            let words = "Software lets no other software file: the office whose delegation it is does, or the company.";
            return Err(Refusal::new("not_delegated", words).at("id").into());
        }
        in_force(&own, now)?;
        let new = self.narrowed(&own, wanted, now).await?;
        if self.parts.store.insert_delegation(&new).await? {
            return Ok(new);
        }
        // It changed since the look above, or another stands.
        in_force(&self.own_delegation(office, id).await?, now)?;
        let words = "This software has a delegation of this company already: end that one first.";
        Err(Refusal::new("conflict", words).at("/client").into())
    }

    async fn narrowed(&self, own: &Delegation, wanted: &Software, now: Timestamp) -> Result<Delegation, Failure> {
        let refused = |at: &str, words: String| Failure::from(Refusal::new("invalid_value", words).at(at));
        let unknown = || refused("/client", "No software is registered here under this id.".to_owned());
        let client = ClientId::parse(&wanted.client).map_err(|_| unknown())?;
        let known = self.parts.store.find_client(&client).await?.ok_or_else(unknown)?;
        if known.id == own.client || known.corporate_number == own.company {
            return Err(refused(
                "/client",
                "It is your own, or the company's: it needs no delegation of yours.".into(),
            ));
        }
        let procedures = match &wanted.procedures[..] {
            [] => own.procedures.clone(),
            some => {
                Procedures::parse(some.to_vec()).map_err(|error| refused("/procedures", format!("They {error}.")))?
            }
        };
        if !own.procedures.hold(&procedures) {
            return Err(refused("/procedures", format!("You may file {} only.", own.procedures.names().join(", "))));
        }
        let end = match wanted.until {
            None => Some(own.expires_at),
            Some(day) => day.succ_opt().and_then(Timestamp::of_day_in_japan),
        };
        let end = end.filter(|end| now < *end && *end <= own.expires_at);
        let end = end.ok_or_else(|| {
            refused("/until", format!("It must be a day from today on that is over by {}.", own.expires_at.rfc3339()))
        })?;
        Ok(Delegation {
            id: DelegationId::generate(&*self.parts.entropy),
            company: own.company.clone(),
            client,
            kind: own.kind,
            proof: own.proof,
            procedures,
            registered_by: None,
            via: Some(own.id.clone()),
            created_at: now,
            expires_at: end,
            status: DelegationStatus::Active,
        })
    }

    /// Gives up an office's delegation, or ends what it gave its software, at once and for good.
    ///
    /// # Errors
    /// `not_found` for what is neither; `conflict` when it is over.
    pub async fn give_up(&self, office: &ClientId, id: &str) -> Result<(), Failure> {
        let found = self.any_delegation(id).await?;
        let is_own = match &found.via {
            _ if found.client == *office => true,
            Some(via) => self.parts.store.find_delegation(via).await?.is_some_and(|one| one.client == *office),
            None => false,
        };
        if !is_own {
            return Err(none_such().into());
        }
        let by = RepresentationEnd::Representative;
        if self.parts.store.end_delegation(&found.id, by, None, self.parts.clock.now()).await? {
            return Ok(());
        }
        Err(Refusal::new("conflict", "This delegation is over already.").into())
    }

    async fn own_delegation(&self, office: &ClientId, id: &str) -> Result<Delegation, Failure> {
        let found = self.any_delegation(id).await?;
        if found.client == *office { Ok(found) } else { Err(none_such().into()) }
    }

    async fn any_delegation(&self, id: &str) -> Result<Delegation, Failure> {
        let id = DelegationId::parse(id).map_err(|_| none_such())?;
        Ok(self.parts.store.find_delegation(&id).await?.ok_or_else(none_such)?)
    }
}

fn none_such() -> Refusal {
    Refusal::new("not_found", "You hold no delegation with this id.")
}

fn in_force(one: &Delegation, now: Timestamp) -> Result<(), Refusal> {
    if one.is_in_force(now) {
        return Ok(());
    }
    Err(super::accept::why_not(&one.company, Some(one), now).at("id"))
}
