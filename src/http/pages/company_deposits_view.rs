//! A company's deposits, the references to them, their shares, and disposition notices, in words.

use super::reply::Shell;
use super::wording::{Moment, day, moment};
use crate::catalog::deposits::DepositRules;
use crate::catalog::procedures::Procedures;
use crate::domain::Timestamp;
use crate::domain::Words;
use crate::domain::deposit::{Deposit, DepositState, HeldReference, Outcome, Share};
use crate::domain::disposition::{DispositionState, HeldDisposition};
use crate::domain::ids::{ClientId, DepositId, DepositShareId, DispositionNoticeId};
use std::collections::BTreeMap;

/// One deposit.
pub(super) struct DepositEntry {
    pub(super) id: DepositId,
    pub(super) procedure: String,
    pub(super) agency: String,
    pub(super) state: String,
    pub(super) is_standing: bool,
    /// By whose software it was declared.
    pub(super) client: ClientId,
    pub(super) cloud: String,
    pub(super) declared: Moment,
    pub(super) filed: Option<Moment>,
    pub(super) keep_until: Option<String>,
    /// That the duty to keep it ends soon, or has ended.
    pub(super) duty: Option<String>,
    pub(super) withdrawn: Option<Moment>,
    /// Since when its cloud does not give it, and why, in a sentence.
    pub(super) outage: Option<String>,
}

/// One reference: who, when, what for, which bytes, and what came of it.
pub(super) struct ReferenceEntry {
    pub(super) who: String,
    pub(super) client: ClientId,
    pub(super) purpose: String,
    pub(super) at: Moment,
    pub(super) bytes: String,
    pub(super) outcome: String,
    pub(super) is_failed: bool,
}

/// One share.
pub(super) struct ShareEntry {
    pub(super) id: DepositShareId,
    pub(super) who: String,
    pub(super) client: ClientId,
    pub(super) purpose: String,
    pub(super) since: Moment,
    pub(super) until: Moment,
    pub(super) ended: Option<Moment>,
    pub(super) is_standing: bool,
}

/// One disposition notice.
pub(super) struct NoticeEntry {
    pub(super) id: DispositionNoticeId,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) is_standing: bool,
    /// Whether it soon cannot be fetched any more, and nobody has.
    pub(super) is_ending: bool,
    pub(super) agency: String,
    pub(super) procedure: String,
    pub(super) decided: String,
    pub(super) put: Moment,
    pub(super) delivered: Option<Moment>,
    pub(super) until: Moment,
    pub(super) supersedes: Option<DispositionNoticeId>,
    pub(super) superseded_by: Option<DispositionNoticeId>,
}

/// The name behind a client; its id, once it is not registered any more.
fn who(shell: &Shell<'_>, names: &BTreeMap<ClientId, Words>, client: &ClientId) -> String {
    names.get(client).map_or_else(|| client.to_string(), |name| name.get(shell.lang).to_owned())
}

/// A purpose in words; its code, where the rules do not name it any more.
fn purpose(shell: &Shell<'_>, rules: &DepositRules, code: &str) -> String {
    let known = rules.purposes().iter().find(|one| one.code == code);
    known.map_or_else(|| code.to_owned(), |one| one.words.get(shell.lang).to_owned())
}

/// What is said of the duty to keep one that is filed.
fn duty(rules: &DepositRules, one: &Deposit, now: Timestamp) -> Option<&'static str> {
    let filed = one.filed.as_ref().filter(|_| one.state(now) == DepositState::Filed)?;
    if now >= filed.keep_until {
        return Some("deposit-duty-over");
    }
    (now.plus(rules.warned_before()) >= filed.keep_until).then_some("deposit-duty-ending")
}

impl DepositEntry {
    pub(super) fn of(shell: &Shell<'_>, rules: &DepositRules, one: &Deposit, now: Timestamp) -> Self {
        let declared = &one.declared;
        let state = match one.state(now) {
            DepositState::Declared => "deposit-state-declared",
            DepositState::Filed => "deposit-state-filed",
            DepositState::Withdrawn => "deposit-state-withdrawn",
            DepositState::Expired => "deposit-state-expired",
        };
        let at = |at: Timestamp| moment(at, shell.lang);
        let title = rules.procedure(&declared.procedure).map(|one| one.title.get(shell.lang).to_owned());
        Self {
            id: declared.id.clone(),
            procedure: title.unwrap_or_else(|| declared.procedure.clone()),
            agency: declared.agency.clone(),
            state: shell.t(state),
            is_standing: matches!(one.state(now), DepositState::Declared | DepositState::Filed),
            client: declared.client.clone(),
            cloud: declared.origin.clone(),
            declared: at(declared.declared_at),
            filed: one.filed.as_ref().map(|filed| at(filed.at)),
            keep_until: one.filed.as_ref().map(|filed| day(filed.keep_until.date_in_japan(), shell.lang)),
            duty: duty(rules, one, now).map(|id| shell.t(id)),
            withdrawn: one.withdrawn_at.map(at),
            outage: one.outage.map(|outage| {
                let why = shell.t(&format!("reference-{}", outage.because.as_str()));
                shell.with2("deposit-outage", ("since", &at(outage.since).text), ("why", &why))
            }),
        }
    }
}

impl ReferenceEntry {
    pub(super) fn of(
        shell: &Shell<'_>,
        (rules, names): (&DepositRules, &BTreeMap<ClientId, Words>),
        held: &HeldReference,
    ) -> Self {
        let one = &held.reference;
        let outcome = held.end.map_or("begun", |end| end.outcome.as_str());
        Self {
            who: who(shell, names, &one.client),
            client: one.client.clone(),
            purpose: purpose(shell, rules, &one.purpose),
            at: moment(one.at, shell.lang),
            bytes: format!("{}-{}", one.span.first(), one.span.last()),
            outcome: shell.t(&format!("reference-{outcome}")),
            is_failed: matches!(held.end.map(|end| end.outcome), Some(Outcome::Failed(_))),
        }
    }
}

impl ShareEntry {
    pub(super) fn of(
        shell: &Shell<'_>,
        (rules, names): (&DepositRules, &BTreeMap<ClientId, Words>),
        one: &Share,
        now: Timestamp,
    ) -> Self {
        Self {
            id: one.id.clone(),
            who: who(shell, names, &one.client),
            client: one.client.clone(),
            purpose: purpose(shell, rules, &one.purpose),
            since: moment(one.shared_at, shell.lang),
            until: moment(one.expires_at, shell.lang),
            ended: one.ended_at.map(|at| moment(at, shell.lang)),
            is_standing: one.stands(now),
        }
    }
}

impl NoticeEntry {
    pub(super) fn of(
        shell: &Shell<'_>,
        (rules, procedures): (&DepositRules, &Procedures),
        held: &HeldDisposition,
        now: Timestamp,
    ) -> Self {
        let (one, code) = (&held.notice, &held.notice.answered.procedure);
        let title =
            rules.procedure(code).map(|known| &known.title).or_else(|| procedures.get(code).map(|known| &known.title));
        let state = match held.state(now) {
            DispositionState::Available => "disposition-available",
            DispositionState::Delivered => "disposition-delivered",
            DispositionState::Expired => "disposition-expired",
        };
        Self {
            id: one.id.clone(),
            title: one.title.clone(),
            kind: shell.t(&format!("disposition-{}", one.kind.as_str())),
            state: shell.t(state),
            is_standing: held.state(now) != DispositionState::Expired && held.superseded_by.is_none(),
            is_ending: held.is_ending((now, now.plus(rules.notices().warned_before()))),
            agency: one.agency.clone(),
            procedure: title.map_or_else(|| code.clone(), |title| title.get(shell.lang).to_owned()),
            decided: day(one.decided_on, shell.lang),
            put: moment(one.put_at, shell.lang),
            delivered: held.delivered_at.map(|at| moment(at, shell.lang)),
            until: moment(one.expires_at, shell.lang),
            supersedes: one.supersedes.clone(),
            superseded_by: held.superseded_by.clone(),
        }
    }
}
