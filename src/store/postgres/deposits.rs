//! Deposits, and the references to them.

use super::clients::tell_company;
use super::data_keys::{kept_key, key_of, opened};
use super::delegations::stands;
use super::evidence::queue_events;
use super::submissions::insert_events;
use super::{PostgresStore, ask, is_one};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::deposit::{
    Declaration, Deposit, DepositAct, DepositNews, Ended, HeldReference, Pieces, Reference, ReferenceEnd, Trouble,
};
use crate::domain::evidence::Event;
use crate::domain::ids::{ClientId, DelegationId, DepositId, DepositReferenceId};
use crate::domain::submission::SubmissionEvent;
use crate::domain::{Fault, Timestamp};
use crate::store::deposit::about;
use crate::store::statement::statements;
use crate::store::vault::{self, Vault};
use crate::store::{Before, DepositReferenceStore, DepositStore, FiledDeposit, InsertedDeposit, deposit, record};
use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::sync::Arc;

statements! {
    INSERT = "INSERT INTO deposits (id, client_id, company, agency, key, digest, declared_at, over_at, body,
            delegation_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (client_id, key) DO NOTHING";
    FIND = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE id = $1";
    FIND_BY_KEY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE client_id = $1 AND key = $2";
    FIND_PIECES = "SELECT pieces, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id)
        FROM deposits WHERE id = $1 AND pieces IS NOT NULL";
    LIST_BY_CLIENT = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE client_id = $1 AND (declared_at, id) < ($2, $3)
        ORDER BY declared_at DESC, id DESC LIMIT $4";
    /// Those that others declared for the company.
    LIST_BY_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE company = $1 AND delegation_id IS NOT NULL AND (declared_at, id) < ($2, $3)
        ORDER BY declared_at DESC, id DESC LIMIT $4";
    LIST_OF_COMPANY = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE company = $1 AND (declared_at, id) < ($2, $3)
        ORDER BY declared_at DESC, id DESC LIMIT $4";
    LIST_FILED = "SELECT body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place
        FROM deposits WHERE agency = $1 AND place > $2 ORDER BY place LIMIT $3";
    /// Held until the filing is committed: a later place is committed later.
    TAKE_PLACE = "UPDATE deposit_head SET last = last + 1 WHERE id = 1 RETURNING last";
    FILE = "UPDATE deposits SET filed_at = $2, submission_id = $3, place = $4, over_at = $5, filed = $6, pieces = $7,
            keep_until = $8
        WHERE id = $1 AND filed_at IS NULL AND withdrawn_at IS NULL";
    WITHDRAW = "UPDATE deposits SET withdrawn_at = $3, over_at = $3
        WHERE id = $1 AND (filed_at IS NOT NULL) = $2 AND withdrawn_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    NOTE_OUTAGE = "UPDATE deposits SET outage_since = $2, outage_because = $3
        WHERE id = $1 AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND outage_since IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    NOTE_BACK = "UPDATE deposits SET outage_since = NULL, outage_because = NULL
        WHERE id = $1 AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND outage_since IS NOT NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    WARN = "UPDATE deposits SET warned_at = $1
        WHERE id = (SELECT id FROM deposits
            WHERE filed_at IS NOT NULL AND withdrawn_at IS NULL AND warned_at IS NULL
                AND keep_until <= $2 AND over_at > $1 ORDER BY keep_until LIMIT 1 FOR UPDATE SKIP LOCKED)
            AND filed_at IS NOT NULL AND withdrawn_at IS NULL AND warned_at IS NULL
        RETURNING body, id, id, (SELECT sealed FROM data_keys WHERE data_keys.id = deposits.id),
            filed, withdrawn_at, outage_since, outage_because, place";
    STATE = "SELECT state FROM submissions WHERE id = $1";
    BEGIN = "INSERT INTO deposit_references (id, deposit_id, client_id, purpose, first_byte, last_byte, at)
        SELECT $1, id, $3, $4, $5, $6, $7 FROM deposits
        WHERE id = $2 AND filed_at IS NOT NULL AND withdrawn_at IS NULL";
    END = "UPDATE deposit_references SET outcome = $2, sent = $3, ended_at = $4 WHERE id = $1 AND outcome IS NULL
        RETURNING id, deposit_id, client_id, purpose, first_byte, last_byte, at, outcome, sent, ended_at";
    LIST_REFERENCES = "SELECT id, deposit_id, client_id, purpose, first_byte, last_byte, at, outcome, sent, ended_at
        FROM deposit_references WHERE deposit_id = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4";
}

/// None where its key was destroyed.
fn held(row: &PgRow, vault: &Vault) -> Result<Option<Deposit>, Fault> {
    let Some(body) = opened(row, vault, "deposit", 1)? else { return Ok(None) };
    let (id, key): (&str, _) = (row.try_get(1)?, kept_key(row, vault, 2)?);
    let filed = row.try_get::<Option<String>, _>(4)?;
    let filed = filed.map(|filed| vault::open(key.as_ref(), &deposit::filed_name(id), filed)).transpose()?.flatten();
    let (since, because) = (row.try_get(6)?, row.try_get::<Option<String>, _>(7)?);
    deposit::read((&body, filed.as_deref()), row.try_get(5)?, (since, because), row.try_get(8)?).map(Some)
}

fn reference(row: &PgRow) -> Result<HeldReference, Fault> {
    let ids = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let end = (row.try_get(7)?, row.try_get(8)?, row.try_get(9)?);
    deposit::reference(ids, (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?), end)
}

async fn queue(
    connection: &mut PgConnection,
    one: &Declaration,
    (act, at): (DepositAct<'_>, Timestamp),
    vault: &Vault,
) -> Result<(), Fault> {
    queue_events(connection, &[Event::Deposit { one, act, at }], vault).await
}

/// What was declared, where it still opens.
pub(super) async fn declaration(
    connection: &mut PgConnection,
    id: &DepositId,
    vault: &Vault,
) -> Result<Option<Declaration>, Fault> {
    let row = ask(FIND).bind(id.as_str()).fetch_optional(connection).await?;
    Ok(row.map(|row| held(&row, vault)).transpose()?.flatten().map(|one| one.declared))
}

/// Within the transaction of its filing: false when it is not declared any more.
pub(super) async fn file(connection: &mut PgConnection, new: &FiledDeposit, vault: &Vault) -> Result<bool, Fault> {
    let (id, filed) = (new.declared.id.as_str(), &new.filed);
    let key = key_of(connection, vault, id).await?;
    let sealed = vault.seal(&key, &deposit::filed_name(id), filed)?;
    let pieces = vault.seal_text(&key, &format!("deposit pieces:{id}"), &deposit::pieces(&new.pieces))?;
    let place: i64 = ask(TAKE_PLACE).fetch_one(&mut *connection).await?.try_get(0)?;
    let file = ask(FILE).bind(id).bind(filed.at.millis()).bind(filed.submission.as_str()).bind(place);
    let file = file.bind(filed.expires_at.millis()).bind(sealed).bind(pieces).bind(filed.keep_until.millis());
    if !is_one(file, connection).await? {
        return Ok(false);
    }
    queue(connection, &new.declared, (DepositAct::Filed(filed.holding.digest), filed.at), vault).await?;
    Ok(true)
}

async fn taken(
    connection: &mut PgConnection,
    new: &Declaration,
    vault: &Vault,
) -> Result<Option<InsertedDeposit>, Fault> {
    let find = ask(FIND_BY_KEY).bind(new.client.as_str()).bind(new.key.key.as_bytes().as_slice());
    let Some(row) = find.fetch_optional(connection).await? else { return Ok(None) };
    Ok(Some(match held(&row, vault)? {
        Some(earlier) if earlier.declared.key == new.key => InsertedDeposit::Same(Box::new(earlier)),
        // Another one's, or one that does not open any more.
        _ => InsertedDeposit::KeyReused,
    }))
}

/// None when its key is taken.
async fn insert(
    connection: &mut PgConnection,
    new: &Declaration,
    vault: &Vault,
) -> Result<Option<InsertedDeposit>, Fault> {
    let id = new.id.as_str();
    if let Some(delegation) = &new.delegation
        && !stands(connection, (delegation, &new.company, &new.client), new.declared_at).await?
    {
        return Ok(Some(InsertedDeposit::NotDelegated));
    }
    let key = key_of(connection, vault, id).await?;
    let body = vault.seal(&key, &format!("deposit:{id}"), new)?;
    let insert = ask(INSERT).bind(id).bind(new.client.as_str()).bind(new.company.as_str()).bind(&new.agency);
    let insert = insert.bind(new.key.key.as_bytes().as_slice()).bind(new.key.body.as_bytes().as_slice());
    let insert = insert.bind(new.declared_at.millis()).bind(new.waits_until().millis()).bind(&body);
    let insert = insert.bind(new.delegation.as_ref().map(DelegationId::as_str));
    if !is_one(insert, connection).await? {
        return Ok(None);
    }
    queue(connection, new, (DepositAct::Declared, new.declared_at), vault).await?;
    Ok(Some(InsertedDeposit::New))
}

async fn note(
    connection: &mut PgConnection,
    (id, trouble, at): (&DepositId, Option<Trouble>, Timestamp),
    vault: &Vault,
) -> Result<bool, Fault> {
    let (asked, news) = match trouble {
        Some(trouble) => {
            let asked = ask(NOTE_OUTAGE).bind(id.as_str()).bind(at.millis()).bind(trouble.as_str());
            (asked, DepositNews::CloudFailed)
        }
        None => (ask(NOTE_BACK).bind(id.as_str()), DepositNews::CloudBack),
    };
    let row = asked.fetch_optional(&mut *connection).await?;
    let Some(one) = row.map(|row| held(&row, vault)).transpose()?.flatten() else { return Ok(false) };
    let Some(event) = event(connection, &one, (news, at)).await? else { return Ok(false) };
    let events = [record::write(&event)?];
    insert_events(connection, (&one.declared.client, about(&event)), (at, &events), vault).await?;
    Ok(true)
}

/// What is told of one; none of what is not filed.
async fn event(
    connection: &mut PgConnection,
    one: &Deposit,
    (news, at): (DepositNews, Timestamp),
) -> Result<Option<SubmissionEvent>, Fault> {
    let Some(filed) = &one.filed else { return Ok(None) };
    let state = ask(STATE).bind(filed.submission.as_str()).fetch_optional(connection).await?;
    let state = deposit::state_of_filing(state.as_ref().map(super::body).transpose()?)?;
    Ok(Some(SubmissionEvent::of_deposit((&one.declared, &filed.submission), news, state, at)))
}

#[async_trait]
impl DepositStore for PostgresStore {
    async fn insert_deposit(&self, new: &Declaration) -> Result<InsertedDeposit, Fault> {
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let (one, vault) = (new.clone(), Arc::clone(&self.vault));
        let inserted = self.transact(async move |mut transaction| {
            let inserted = insert(&mut transaction, &one, &vault).await?;
            match inserted {
                Some(InsertedDeposit::New) => transaction.commit().await?,
                // Its key goes with it.
                _ => transaction.rollback().await?,
            }
            Ok(inserted)
        });
        if let Some(inserted) = inserted.await? {
            return Ok(inserted);
        }
        // Another call was first, and has committed by now.
        let earlier = taken(&mut *self.pool.acquire().await?, new, &self.vault).await?;
        Ok(earlier.unwrap_or(InsertedDeposit::KeyReused))
    }

    async fn find_deposit(&self, id: &DepositId) -> Result<Option<Deposit>, Fault> {
        let found = ask(FIND).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(found.as_ref().map(|row| held(row, &self.vault)).transpose()?.flatten())
    }

    async fn find_pieces(&self, id: &DepositId) -> Result<Option<Pieces>, Fault> {
        let found = ask(FIND_PIECES).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let text = found.as_ref().map(|row| opened(row, &self.vault, "deposit pieces", 1)).transpose()?.flatten();
        text.map(|text| deposit::read_pieces(&text)).transpose()
    }

    async fn list_deposits(
        &self,
        (client, company): (&ClientId, &CorporateNumber),
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault> {
        let (at, id) = before.bound();
        let mut found = Vec::new();
        for (statement, of) in [(LIST_BY_CLIENT, client.as_str()), (LIST_BY_COMPANY, company.as_str())] {
            let list = ask(statement).bind(of).bind(at).bind(id).bind(i64::from(before.limit));
            for row in list.fetch_all(&self.pool).await? {
                found.extend(held(&row, &self.vault)?);
            }
        }
        Ok(record::newest(found, before.limit, |one| (one.declared.declared_at, one.declared.id.clone())))
    }

    async fn list_company_deposits(
        &self,
        company: &CorporateNumber,
        before: &Before<DepositId>,
    ) -> Result<Vec<Deposit>, Fault> {
        let (at, id) = before.bound();
        let list = ask(LIST_OF_COMPANY).bind(company.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn list_filed_deposits(&self, agency: &str, after: u64, limit: u32) -> Result<Vec<Deposit>, Fault> {
        let list = ask(LIST_FILED).bind(agency).bind(record::column(after)?).bind(i64::from(limit));
        let rows = list.fetch_all(&self.pool).await?;
        rows.iter().filter_map(|row| held(row, &self.vault).transpose()).collect()
    }

    async fn withdraw_deposit(&self, id: &DepositId, is_filed: bool, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let withdraw = ask(WITHDRAW).bind(id.as_str()).bind(is_filed).bind(at.millis());
            let row = withdraw.fetch_optional(&mut *transaction).await?;
            let Some(one) = row.map(|row| held(&row, &vault)).transpose()?.flatten() else { return Ok(false) };
            queue(&mut transaction, &one.declared, (DepositAct::Withdrawn, at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn warn_of_duty(&self, now: Timestamp, by: Timestamp) -> Result<bool, Fault> {
        let vault = Arc::clone(&self.vault);
        self.transact(async move |mut transaction| {
            let warn = ask(WARN).bind(now.millis()).bind(by.millis());
            let Some(row) = warn.fetch_optional(&mut *transaction).await? else { return Ok(false) };
            // One that does not open any more is about nobody: it is passed over for good.
            if let Some(one) = held(&row, &vault)?
                && let Some(event) = event(&mut transaction, &one, (DepositNews::DutyEnding, now)).await?
            {
                let whom = (&one.declared.company, Some(&one.declared.client));
                tell_company(&mut transaction, whom, (about(&event), &event), &vault).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn note_outage(&self, id: &DepositId, trouble: Option<Trouble>, at: Timestamp) -> Result<bool, Fault> {
        let (id, vault) = (id.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let is_first = note(&mut transaction, (&id, trouble, at), &vault).await?;
            if is_first {
                transaction.commit().await?;
            }
            Ok(is_first)
        })
        .await
    }
}

#[async_trait]
impl DepositReferenceStore for PostgresStore {
    async fn begin_reference(&self, new: &Reference) -> Result<bool, Fault> {
        let (new, vault) = (new.clone(), Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let (first, last) = (record::column(new.span.first())?, record::column(new.span.last())?);
            let begin = ask(BEGIN).bind(new.id.as_str()).bind(new.deposit.as_str()).bind(new.client.as_str());
            let begin = begin.bind(&new.purpose).bind(first).bind(last).bind(new.at.millis());
            if !is_one(begin, &mut transaction).await? {
                return Ok(false);
            }
            let row = ask(FIND).bind(new.deposit.as_str()).fetch_optional(&mut *transaction).await?;
            let Some(one) = row.map(|row| held(&row, &vault)).transpose()?.flatten() else { return Ok(false) };
            queue(&mut transaction, &one.declared, (DepositAct::Referenced(&new), new.at), &vault).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn end_reference(&self, id: &DepositReferenceId, end: &ReferenceEnd) -> Result<bool, Fault> {
        let (id, end, sent, vault) = (id.clone(), *end, record::column(end.sent)?, Arc::clone(&self.vault));
        self.transact(async move |mut transaction| {
            let ended = ask(END).bind(id.as_str()).bind(end.outcome.as_str()).bind(sent).bind(end.at.millis());
            let row = ended.fetch_optional(&mut *transaction).await?;
            let Some(ended) = row.as_ref().map(reference).transpose()? else { return Ok(false) };
            let found = ask(FIND).bind(ended.reference.deposit.as_str()).fetch_optional(&mut *transaction).await?;
            if let Some(one) = found.map(|row| held(&row, &vault)).transpose()?.flatten() {
                let (reference, is_whole) = (&ended.reference, one.is_whole(ended.reference.span));
                let act = DepositAct::Ended(Ended { reference, end, is_whole });
                queue(&mut transaction, &one.declared, (act, end.at), &vault).await?;
            }
            transaction.commit().await?;
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
        let list = ask(LIST_REFERENCES).bind(of.as_str()).bind(at).bind(id).bind(i64::from(before.limit));
        list.fetch_all(&self.pool).await?.iter().map(reference).collect()
    }
}
