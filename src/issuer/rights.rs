//! Rights to file (RFC 9396, type `submission`): given while the company's delegations lead to whoever asks, link by link.

use super::Issuer;
use crate::domain::client::Client;
use crate::domain::filing_right::FilingRight;
use crate::domain::ids::{ClientId, DelegationId};
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::protocol::access_token::{AccessToken, NarrowedDetails};
use crate::protocol::code::INVALID_AUTHORIZATION_DETAILS;
use crate::protocol::token_exchange::Actor;

/// What a client asked for itself, found to be its own to ask for.
pub(super) struct Bound {
    /// As the token carries it.
    pub details: Vec<NarrowedDetails>,
    /// For whom it is, and who acts for them, where it is a right to file.
    pub chain: Option<Chain>,
}

impl Bound {
    /// Binds a token.
    pub fn write_to(self, token: &mut AccessToken) {
        token.authorization_details = Some(self.details);
        if let Some(chain) = self.chain {
            (token.subject, token.act) = (chain.company, Some(chain.act));
        }
    }
}

/// A company, and who acts for it.
pub(super) struct Chain {
    /// 法人番号 of the company: `sub`.
    pub company: String,
    /// Whoever asks, and the office by whose delegation they do, if it is not their own: `act` (RFC 8693 §4.1).
    pub act: Actor,
}

fn refused(words: String, at: &str) -> Refusal {
    Refusal::new(INVALID_AUTHORIZATION_DETAILS, words).at(at)
}

impl Issuer {
    /// Who acts by this right: a company's own client, the office that it delegated the procedures to, or software that the
    /// office let file. Every link is in force now; the engine looks again at each filing.
    ///
    /// # Errors
    /// `invalid_authorization_details` with the place: no delegation in force, or one that does not name every procedure.
    pub(super) async fn chain(&self, right: &FilingRight, client: &Client, now: Timestamp) -> Result<Chain, Failure> {
        let company = right.applicant.to_string();
        let own = Actor { sub: client.id.clone(), act: None };
        if right.applicant == client.corporate_number {
            return Ok(Chain { company, act: own });
        }
        let found = self.parts.store.find_standing_delegation(&right.applicant, &client.id).await?;
        let found = found.filter(|one| one.is_in_force(now)).ok_or_else(|| {
            let words = "the company has no delegation to this client in force: ask it for one, or to let it go on";
            refused(words.to_owned(), "/0/applicant")
        })?;
        if !found.procedures.hold(&right.procedures) {
            let words = format!("the company delegated {} to this client only", found.procedures.names().join(", "));
            return Err(refused(words, "/0/procedures").into());
        }
        let office = match &found.via {
            None => None,
            Some(via) => Some(self.office(via, now).await?),
        };
        Ok(Chain { company, act: Actor { act: office.map(|sub| Box::new(Actor { sub, act: None })), ..own } })
    }

    /// The office whose delegation software files by.
    async fn office(&self, via: &DelegationId, now: Timestamp) -> Result<ClientId, Failure> {
        let found = self.parts.store.find_delegation(via).await?;
        let found = found.ok_or_else(|| Fault::Internal("a delegation that software hangs on is gone".into()))?;
        if found.is_in_force(now) {
            return Ok(found.client);
        }
        let words = "the delegation of the office that let this client file is not in force";
        Err(refused(words.to_owned(), "/0/applicant").into())
    }
}
