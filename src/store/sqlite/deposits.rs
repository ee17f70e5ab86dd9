//! Deposits, and the references to them.

use super::SqliteStore;
use super::clients::tell_company;
use super::data_keys::{kept_key, key_of, opened};
use super::database::Database;
use super::delegations::stands;
use super::evidence::queue_event;
use super::submissions::insert_event;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::deposit::{
    Declaration, Deposit, DepositAct, DepositNews, Ended, HeldReference, Pieces, Reference, ReferenceEnd, Trouble,
};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId, DepositId, DepositReferenceId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Fault, Timestamp};
use crate::store::deposit::about;
use crate::store::statement::{Statement, statements};
use crate::store::vault::{self, Vault};
use crate::store::{Before, DepositReferenceStore, DepositStore, FiledDeposit, InsertedDeposit, deposit, record};
use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO deposits (id, client_id, company, agency, key, digest, declared_at, over_at, body,
            delegation_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE id = ?1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE client_id = ?1 AND key = ?2";
    FIND_PIECES = "SELECT pieces, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id)
        FROM deposits WHERE id = ?1 AND pieces IS NOT NULL";
    LIST_BY_CLIENT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE client_id = ?1 AND (declared_at, id) < (?2, ?3)
        ORDER BY declared_at DESC, id DESC LIMIT ?4";
    /// Those that others declared for the company.
    LIST_BY_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE company = ?1 AND delegation_id IS NOT NULL AND (declared_at, id) < (?2, ?3)
        ORDER BY declared_at DESC, id DESC LIMIT ?4";
    LIST_OF_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE company = ?1 AND (declared_at, id) < (?2, ?3)
        ORDER BY declared_at DESC, id DESC LIMIT ?4";
    LIST_FILED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE agency = ?1 AND place > ?2 ORDER BY place LIMIT ?3";
    /// Held until the filing is committed: a later place is committed later.
    TAKE_PLACE = "UPDATE deposit_head SET last = last + 1 WHERE id = 1 RETURNING last";
    FILE = "UPDATE deposits SET filed_at = ?2, submission_id = ?3, place = ?4, over_at = ?5, filed = ?6, pieces = ?7,
            keep_until = ?8
        WHERE id = ?1 AND filed_at IS NULL AND withdrawn_at IS NULL";
    WITHDRAW = "UPDATE deposits SET withdrawn_at = ?3, over_at = ?3
        WHERE id = ?1 AND (filed_at IS NOT NULL) = ?2 AND withdrawn_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    NOTE_OUTAGE = "UPDATE deposits SET outage_since = ?2, outage_because = ?3
        WHERE id = ?1 AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND outage_since IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    NOTE_BACK = "UPDATE deposits SET outage_since = NULL, outage_because = NULL
        WHERE id = ?1 AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND outage_since IS NOT NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    WARN = "UPDATE deposits SET warned_at = ?1
        WHERE id = (SELECT id FROM deposits
            WHERE filed_at IS NOT NULL AND withdrawn_at IS NULL AND warned_at IS NULL
                AND keep_until <= ?2 AND over_at > ?1 ORDER BY keep_until LIMIT 1)
            AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND warned_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    STATE = "SELECT state FROM submissions WHERE id = ?1";
    BEGIN = "INSERT INTO deposit_references (id, deposit_id, client_id, purpose, first_byte, last_byte, at)
        SELECT ?1, id, ?3, ?4, ?5, ?6, ?7 FROM deposits
        WHERE id = ?2 AND filed_at IS NOT NULL AND withdrawn_at IS NULL";
    END = "UPDATE deposit_references SET outcome = ?2, sent = ?3, ended_at = ?4 WHERE id = ?1 AND outcome IS NULL
        RETURNING id, deposit_id, client_id, purpose, first_byte, last_byte, at, outcome, sent, ended_at";
    LIST_REFERENCES = "SELECT id, deposit_id, client_id, purpose, first_byte, last_byte, at, outcome, sent, ended_at
        FROM deposit_references WHERE deposit_id = ?1 AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";
}

/// None where its key was destroyed.
fn held(row: &Row<'_>, vault: &Vault) -> Result<Option<Deposit>, Fault> {
    let Some(body) = opened(row, vault, "deposit", 1)? else { return Ok(None) };
    let (id, key): (String, _) = (row.get(1)?, kept_key(row, vault, 2)?);
    let filed = row.get::<_, Option<String>>(4)?;
    let filed = filed.map(|filed| vault::open(key.as_ref(), &deposit::filed_name(&id), filed)).transpose()?.flatten();
    let (since, because) = (row.get(6)?, row.get::<_, Option<String>>(7)?);
    deposit::read((&body, filed.as_deref()), row.get(5)?, (since, because), row.get(8)?).map(Some)
}

fn reference(row: &Row<'_>) -> Result<HeldReference, Fault> {
    let ids = (row.get(0)?, row.get(1)?, row.get(2)?);
    let end = (row.get(7)?, row.get(8)?, row.get(9)?);
    deposit::reference(ids, (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?), end)
}

fn queue(
    database: Database<'_>,
    one: &Declaration,
    (act, at): (DepositAct<'_>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_event(database, &Event::Deposit { one, act, at }, vault)
}

/// What was declared, where it still opens.
pub(super) fn declaration(database: Database<'_>, id: &DepositId, vault: &Vault) -> Result<Option<Declaration>, Fault> {
    Ok(database.find_readable(FIND, [id.as_str()], |row| held(row, vault))?.map(|one| one.declared))
}

/// Within the write of its filing: false when it is not declared any more.
pub(super) fn file(database: Database<'_>, new: &FiledDeposit, vault: &Vault) -> Result<bool, Fault> {
    let (id, filed) = (new.declared.id.as_str(), &new.filed);
    let key = key_of(database, vault, id)?;
    let sealed = vault.seal(&key, &deposit::filed_name(id), filed)?;
    let pieces = vault.seal_text(&key, &format!("deposit pieces:{id}"), &deposit::pieces(&new.pieces))?;
    let place = database.find(TAKE_PLACE, [], |row| Ok(row.get::<_, i64>(0)?))?;
    let (submission, over) = (filed.submission.as_str(), filed.expires_at.millis());
    let values = params![id, filed.at.millis(), submission, place, over, sealed, pieces, filed.keep_until.millis()];
    if database.execute(FILE, values)? != 1 {
        return Ok(false);
    }
    queue(database, &new.declared, (DepositAct::Filed(filed.holding.digest), filed.at), vault)?;
    Ok(true)
}

fn insert(database: Database<'_>, new: &Declaration, vault: &Vault) -> Result<InsertedDeposit, Fault> {
    let (id, client, key) = (new.id.as_str(), new.client.as_str(), new.key.key.as_bytes());
    if let Some(earlier) = database.find_readable(FIND_BY_KEY, params![client, key], |row| held(row, vault))? {
        let is_same = earlier.declared.key == new.key;
        return Ok(if is_same { InsertedDeposit::Same(Box::new(earlier)) } else { InsertedDeposit::KeyReused });
    }
    if let Some(delegation) = &new.delegation
        && !stands(database, (delegation, &new.company, &new.client), new.declared_at)?
    {
        return Ok(InsertedDeposit::NotDelegated);
    }
    let body = vault.seal(&key_of(database, vault, id)?, &format!("deposit:{id}"), new)?;
    let (at, over) = (new.declared_at.millis(), new.waits_until().millis());
    let (digest, delegation) = (new.key.body.as_bytes(), new.delegation.as_ref().map(DelegationId::as_str));
    let values = params![id, client, new.company.as_str(), new.agency, key, digest, at, over, body, delegation];
    // One writer: a key whose deposit does not open any more stays taken.
    if database.execute(INSERT, values)? != 1 {
        return Ok(InsertedDeposit::KeyReused);
    }
    queue(database, new, (DepositAct::Declared, new.declared_at), vault)?;
    Ok(InsertedDeposit::New)
}

/// Tells the company of what changed, where something did.
fn note(
    database: Database<'_>,
    (statement, values): (Statement, Vec<Value>),
    (news, at): (DepositNews, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let values = rusqlite::params_from_iter(values);
    let Some(one) = database.find_readable(statement, values, |row| held(row, vault))? else { return Ok(false) };
    let Some(event) = event(database, &one, (news, at))? else { return Ok(false) };
    insert_event(database, (&one.declared.client, about(&event)), (at, &record::write(&event)?), vault)?;
    Ok(true)
}

/// What is told of one; none of what is not filed.
fn event(
    database: Database<'_>,
    one: &Deposit,
    (news, at): (DepositNews, Timestamp),
) -> Result<Option<SubmissionEvent>, Fault> {
    let Some(filed) = &one.filed else { return Ok(None) };
    let state = database.find(STATE, [filed.submission.as_str()], |row| Ok(row.get::<_, String>(0)?))?;
    let state = deposit::state_of_filing(state.as_deref())?;
    Ok(Some(SubmissionEvent::of_deposit((&one.declared, &filed.submission), news, state, at)))
}

#[async_trait]
impl DepositStore for SqliteStore {
    async fn insert_deposit(&self, new: &Declaration) -> Result<InsertedDeposit, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.write(move |database| insert(database, &new, &vault)).await
    }

    async fn find_deposit(&self, id: &DepositId) -> Result<Option<Deposit>, Fault> {
        self.read(|database| database.find_readable(FIND, [id.as_str()], |row| held(row, &self.vault)))
    }

    async fn find_pieces(&self, id: &DepositId) -> Result<Option<Pieces>, Fault> {
        let text = |row: &Row<'_>| opened(row, &self.vault, "deposit pieces", 1);
        let text = self.read(|database| database.find_readable(FIND_PIECES, [id.as_str()], text))?;
        text.map(|text| deposit::read_pieces(&text)).transpose()
    }

    async fn list_deposits(
        &self,
        (client, company): (&ClientId, &CorporateNumber),
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault> {
        let (at, id) = before.bound();
        self.read(|database| {
            let mut found = Vec::new();
            for (statement, of) in [(LIST_BY_CLIENT, client.as_str()), (LIST_BY_COMPANY, company.as_str())] {
                let values = params![of, at, id, before.limit];
                found.extend(database.list_readable(statement, values, |row| held(row, &self.vault))?);
            }
            Ok(record::newest(found, before.limit, |one| (one.declared.declared_at, one.declared.id.clone())))
        })
    }

    async fn list_company_deposits(
        &self,
        company: &CorporateNumber,
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault> {
        let (at, id) = before.bound();
        let values = params![company.as_str(), at, id, before.limit];
        self.read(|database| database.list_readable(LIST_OF_COMPANY, values, |row| held(row, &self.vault)))
    }

    async fn list_filed_deposits(&self, agency: &str, after: u64, limit: u32) -> Result<Vec<Deposit>, Fault> {
        let values = params![agency, record::column(after)?, limit];
        self.read(|database| database.list_readable(LIST_FILED, values, |row| held(row, &self.vault)))
    }

    async fn withdraw_deposit(&self, id: &DepositId, is_filed: bool, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let values = params![id.as_str(), is_filed, at.millis()];
            let withdrawn = database.find_readable(WITHDRAW, values, |row| held(row, &vault))?;
            let Some(one) = withdrawn else { return Ok(false) };
            queue(database, &one.declared, (DepositAct::Withdrawn, at), &vault)?;
            Ok(true)
        })
        .await
    }

    async fn warn_of_duty(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault> {
        let vault = Arc::clone(&self.vault);
        self.take(move |database| {
            let values = params![now.millis(), by.millis()];
            let Some(found) = database.find(WARN, values, |row| held(row, &vault))? else { return Ok(false) };
            // One that does not open any more is about nobody: it is passed over for good.
            let Some(one) = found else { return Ok(true) };
            if let Some(event) = event(database, &one, (DepositNews::DutyEnding, now))? {
                let whom = (&one.declared.company, Some(&one.declared.client));
                tell_company(database, whom, (about(&event), &event), &vault)?;
            }
            Ok(true)
        })
        .await
    }

    async fn note_outage(&self, id: &DepositId, trouble: Option<Trouble>, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (Value::from(id.as_str().to_owned()), Arc::clone(&self.vault));
        let (asked, news) = match trouble {
            Some(trouble) => {
                let values = vec![id, at.millis().into(), trouble.as_str().to_owned().into()];
                ((NOTE_OUTAGE, values), DepositNews::CloudFailed)
            }
            None => ((NOTE_BACK, vec![id]), DepositNews::CloudBack),
        };
        self.take(move |database| note(database, asked, (news, at), &vault)).await
    }
}

#[async_trait]
impl DepositReferenceStore for SqliteStore {
    async fn begin_reference(&self, new: &Reference) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.take(move |database| {
            let (id, of, client) = (new.id.as_str(), new.deposit.as_str(), new.client.as_str());
            let (first, last) = (record::column(new.span.first())?, record::column(new.span.last())?);
            if database.execute(BEGIN, params![id, of, client, new.purpose, first, last, new.at.millis()])? != 1 {
                return Ok(false);
            }
            let Some(one) = database.find_readable(FIND, [of], |row| held(row, &vault))? else { return Ok(false) };
            queue(database, &one.declared, (DepositAct::Referenced(&new), new.at), &vault)?;
            Ok(true)
        })
        .await
    }

    async fn end_reference(&self, id: &DepositReferenceId, end: &ReferenceEnd) -> Result<bool, Fault> {
        let (id, end, sent, vault) = (id.clone(), *end, record::column(end.sent)?, Arc::clone(&self.vault));
        self.take(move |database| {
            let values = params![id.as_str(), end.outcome.as_str(), sent, end.at.millis()];
            let Some(ended) = database.find(END, values, reference)? else { return Ok(false) };
            let id = ended.reference.deposit.as_str();
            if let Some(one) = database.find_readable(FIND, [id], |row| held(row, &vault))? {
                let (reference, is_whole) = (&ended.reference, one.is_whole(ended.reference.span));
                let act = DepositAct::Ended(Ended { reference, end, is_whole });
                queue(database, &one.declared, (act, end.at), &vault)?;
            }
            Ok(true)
        })
        .await
    }

    async fn list_references(
        &self,
        of: &DepositId,
        before: &Before<DepositReferenceId>,
    ) -> Result<Vec<HeldReference>, Fault> {
        let (at, id) = before.bound();
        self.read(|database| database.list(LIST_REFERENCES, params![of.as_str(), at, id, before.limit], reference))
    }
}
