//! Sharing what was deposited: with a 士業 office or a bank, on the company's own consent, for one purpose and until a day.

use super::share_view::{DepositShare, DepositShareList, SharedDeposit, SharedDepositPage};
use super::{ContentAsked, Deposits, Given, NotGiven, Right, body};
use crate::domain::deposit::{Deposit, DepositState, Share};
use crate::domain::ids::{ClientId, DepositShareId};
use crate::domain::scope::Scope;
use crate::domain::{Failure, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{cut, day, one_more, page_after, place, read};
use serde::Deserialize;
use utoipa::ToSchema;

/// Most shares of one deposit that are shown, and most that stand.
pub(super) const MOST: u32 = 100;

/// With whom something is to be shared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    /// The client id of their software, as they tell it.
    #[schema(example = "loan-bank")]
    pub client: String,
    /// What for: a purpose of `GET /v1/deposits/procedures`. They can reference it for nothing else.
    #[schema(example = "loan_examination")]
    pub purpose: String,
    /// The last day in Japan.
    #[schema(format = "date", example = "2027-03-31")]
    pub until: String,
}

impl Deposits {
    /// Shares one of this company's.
    ///
    /// # Errors
    /// `not_found`; `not_delegated` for another than the company's own software; `invalid_value` naming the field; `conflict`
    /// when it is not filed, or is shared with them already; `evidence_unavailable`.
    pub async fn share(&self, permit: &Permit, id: &str, bytes: &[u8]) -> Result<DepositShare, Failure> {
        let request: ShareRequest = read(bytes)?;
        let one = self.of_company(permit, id).await?;
        let now = self.parts.clock.now();
        let not_filed =
            || Refusal::new("conflict", "Only what is filed, and neither withdrawn nor expired, is shared.");
        let filed = one.filed.as_ref().filter(|_| one.state(now) == DepositState::Filed).ok_or_else(not_filed)?;
        let share = Share {
            id: DepositShareId::generate(&*self.parts.entropy),
            deposit: one.declared.id.clone(),
            client: self.grantee(permit, &request.client).await?,
            purpose: self.purpose(&request.purpose)?,
            shared_by: permit.client().id.clone(),
            shared_at: now,
            expires_at: until(&request.until, (now, filed.expires_at))?,
            ended_at: None,
        };
        let shares = self.parts.store.list_shares(&one.declared.id, MOST).await?;
        if shares.len() >= MOST as usize {
            return Err(Refusal::new("conflict", format!("A deposit is shared {MOST} times at most.")).into());
        }
        self.parts.evidence.intake().admit()?;
        if !self.parts.store.insert_share(&share).await? {
            let words = "It is shared with them already: end that share first.";
            return Err(Refusal::new("conflict", words).at("/client").into());
        }
        Ok(DepositShare::of(&share, now))
    }

    /// Every share of one of this company's, newest first: those that ended, too.
    ///
    /// # Errors
    /// `not_found`; `not_delegated` for another than the company's own software.
    pub async fn shares(&self, permit: &Permit, id: &str) -> Result<DepositShareList, Failure> {
        let one = self.of_company(permit, id).await?;
        let found = self.parts.store.list_shares(&one.declared.id, MOST).await?;
        let now = self.parts.clock.now();
        Ok(DepositShareList { items: found.iter().map(|share| DepositShare::of(share, now)).collect() })
    }

    /// Ends a share at once, also for who is reading just now.
    ///
    /// # Errors
    /// `not_found`; `not_delegated` for another than the company's own software; `conflict` when it ended before;
    /// `evidence_unavailable`.
    pub async fn end_share(&self, permit: &Permit, (id, share): (&str, &str)) -> Result<(), Failure> {
        let one = self.of_company(permit, id).await?;
        let nothing = || Refusal::new("not_found", "This deposit has no share with this id.").at("share");
        let share = DepositShareId::parse(share).map_err(|_| nothing())?;
        let found = self.parts.store.list_shares(&one.declared.id, MOST).await?;
        found.iter().find(|known| known.id == share).ok_or_else(nothing)?;
        self.parts.evidence.intake().admit()?;
        let now = self.parts.clock.now();
        let is_ended = self.parts.store.end_share(&one.declared.id, &share, now).await?;
        if is_ended { Ok(()) } else { Err(Refusal::new("conflict", "It has ended.").into()) }
    }

    /// What others share with this client now, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn shared(&self, permit: &Permit, query: &str) -> Result<SharedDepositPage, Failure> {
        let mut before = page_after(query, DepositShareId::parse)?;
        let limit = one_more(&mut before);
        let now = self.parts.clock.now();
        let mut found = self.parts.store.list_shares_with(&permit.client().id, now, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.shared_at, &last.id));
        let mut items = Vec::with_capacity(found.len());
        for share in &found {
            let one = self.parts.store.find_deposit(&share.deposit).await?;
            items.extend(one.and_then(|one| SharedDeposit::of(&one, share, now)));
        }
        Ok(SharedDepositPage { items, next })
    }

    /// Gives this client some of what is shared with it, or all.
    ///
    /// # Errors
    /// `not_found` for what is not shared with it (any more); else as
    /// [`filed_content`](Deposits::filed_content).
    pub async fn shared_content(&self, permit: &Permit, asked: ContentAsked<'_>) -> Result<Given, NotGiven> {
        let (client, now) = (permit.client(), self.parts.clock.now());
        let nothing = || Refusal::new("not_found", "Nothing with this id is shared with you.").at("id");
        let one = self.any(asked.id).await?.ok_or_else(nothing)?;
        let share = self.parts.store.find_share(&one.declared.id, &client.id, now).await?.ok_or_else(nothing)?;
        if body::purpose(&self.parts.rules, asked.query)? != share.purpose {
            let words = format!("It is shared with you for {} alone.", share.purpose);
            return Err(Refusal::new("invalid_value", words).at("purpose").into());
        }
        self.give(permit, (&one, Right::Share(client.id.clone())), asked).await
    }

    /// One of this client's own company, however it was declared: nobody else consents for it.
    async fn of_company(&self, permit: &Permit, id: &str) -> Result<Deposit, Failure> {
        let one = self.own(permit, id).await?;
        if one.declared.company != permit.client().corporate_number {
            let words = "Only the company's own software shares its data.";
            return Err(Refusal::new("not_delegated", words).into());
        }
        Ok(one)
    }

    fn purpose(&self, code: &str) -> Result<String, Refusal> {
        let known = self.parts.rules.purposes();
        let wrong = || {
            let codes = known.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
            Refusal::new("invalid_value", format!("It must be one of: {codes}.")).at("/purpose")
        };
        known.iter().find(|one| one.code == code).map(|one| one.code.clone()).ok_or_else(wrong)
    }

    async fn grantee(&self, permit: &Permit, id: &str) -> Result<ClientId, Failure> {
        let wrong = || {
            let words = "There is no other client of this id that reads deposits.";
            Refusal::new("invalid_value", words).at("/client")
        };
        let id = ClientId::parse(id).map_err(|_| wrong())?;
        let found = self.parts.store.find_client(&id).await?;
        let fits = found.filter(|client| client.scope.has(Scope::Deposits) && client.id != permit.client().id);
        Ok(fits.ok_or_else(wrong)?.id)
    }
}

/// The end of this day in Japan, which is neither over nor after the deposit's own end.
fn until(text: &str, (now, last): (Timestamp, Timestamp)) -> Result<Timestamp, Refusal> {
    let wrong = || {
        let words = format!("It must be a day from today on, no later than {}.", last.date_in_japan());
        Refusal::new("invalid_value", words).at("/until")
    };
    let end = day(text).and_then(|day| day.succ_opt()).and_then(Timestamp::of_day_in_japan);
    end.filter(|end| *end > now && *end <= last).ok_or_else(wrong)
}
