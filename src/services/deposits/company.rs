//! Deposits and disposition notices at the company's own page: everything that is its own, whoever's software filed it.
//!
//! The page knows the company from its sign-in, and not from a token: the methods here take its number, which must come from
//! there.

use super::Deposits;
use super::shares::MOST;
use crate::catalog::deposits::DepositRules;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::deposit::{Deposit, HeldReference, Share};
use crate::domain::disposition::HeldDisposition;
use crate::domain::ids::{ClientId, DepositId, DepositReferenceId, DepositShareId, DispositionNoticeId, InvalidId};
use crate::domain::{Failure, Fault, Timestamp, Words};
use crate::services::body::{cut, entry, one_more, place};
use crate::store::Before;
use std::collections::BTreeMap;

/// Entries of one page.
const LISTED: u32 = 20;

/// Some of what is a company's, newest first.
#[derive(Debug)]
pub struct CompanyPage<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins, where there is one.
    pub next: Option<String>,
}

/// One deposit of a company's, with who was given what of it.
#[derive(Debug)]
pub struct CompanyDeposit {
    /// The deposit.
    pub deposit: Deposit,
    /// The references to it, newest first.
    pub references: CompanyPage<HeldReference>,
    /// With whom it is, and was, shared, newest first.
    pub shares: Vec<Share>,
    /// The names of those behind references and shares, while they are registered.
    pub names: BTreeMap<ClientId, Words>,
}

impl Deposits {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The rules, for the names of procedures and purposes.
    #[must_use]
    pub fn rules(&self) -> &DepositRules {
        &self.parts.rules
    }

    /// A company's deposits; from the newest on where `after` is none of ours.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn all_of_company(
        &self,
        company: &CorporateNumber,
        after: Option<&str>,
    ) -> Result<CompanyPage<Deposit>, Fault> {
        let (before, limit) = before(after, DepositId::parse);
        let found = self.parts.store.list_company_deposits(company, &before).await?;
        Ok(page(found, limit, |last| place(last.declared.declared_at, &last.declared.id)))
    }

    /// The disposition notices to a company's filings.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn notices_of_company(
        &self,
        company: &CorporateNumber,
        after: Option<&str>,
    ) -> Result<CompanyPage<HeldDisposition>, Fault> {
        let (before, limit) = before(after, DispositionNoticeId::parse);
        let found = self.parts.store.list_company_dispositions(company, &before).await?;
        Ok(page(found, limit, |last| place(last.notice.put_at, &last.notice.id)))
    }

    /// One of a company's deposits; none when it is another's, or there is none such.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn one_of_company(
        &self,
        company: &CorporateNumber,
        id: &str,
        after: Option<&str>,
    ) -> Result<Option<CompanyDeposit>, Fault> {
        let found = self.any(id).await?.filter(|one| one.declared.company == *company);
        let Some(deposit) = found else { return Ok(None) };
        let (before, limit) = before(after, DepositReferenceId::parse);
        let references = self.parts.store.list_references(&deposit.declared.id, &before).await?;
        let references = page(references, limit, |last| place(last.reference.at, &last.reference.id));
        let shares = self.parts.store.list_shares(&deposit.declared.id, MOST).await?;
        let mut names = BTreeMap::new();
        let clients = references.items.iter().map(|one| &one.reference.client);
        for client in clients.chain(shares.iter().map(|share| &share.client)) {
            if !names.contains_key(client)
                && let Some(known) = self.parts.store.find_client(client).await?
            {
                names.insert(client.clone(), known.name);
            }
        }
        Ok(Some(CompanyDeposit { deposit, references, shares, names }))
    }

    /// Ends a share of one of a company's deposits at once. False when there was nothing to end: none such, another company's,
    /// or over.
    ///
    /// # Errors
    /// `evidence_unavailable`; [`Failure`] when the store is away, and then nothing was ended.
    pub async fn end_share_of_company(
        &self,
        company: &CorporateNumber,
        (id, share): (&str, &str),
    ) -> Result<bool, Failure> {
        let found = self.any(id).await?.filter(|one| one.declared.company == *company);
        let (Some(deposit), Ok(share)) = (found, DepositShareId::parse(share)) else { return Ok(false) };
        self.parts.evidence.intake().admit()?;
        Ok(self.parts.store.end_share(&deposit.declared.id, &share, self.now()).await?)
    }
}

/// The page after what `next` of an earlier one told; the newest where that is none of ours.
fn before<Id>(after: Option<&str>, id_of: fn(&str) -> Result<Id, InvalidId>) -> (Before<Id>, usize) {
    let mut before = Before { entry: after.and_then(|text| entry(text, id_of).ok()), limit: LISTED };
    let limit = one_more(&mut before);
    (before, limit)
}

fn page<T>(mut items: Vec<T>, limit: usize, place: impl FnOnce(&T) -> String) -> CompanyPage<T> {
    let next = cut(&mut items, limit, place);
    CompanyPage { items, next }
}
