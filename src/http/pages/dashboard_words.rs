//! Grants and lines of the access history, put into words.

use super::Pages;
use super::consent_view::period;
use super::questions_view::words;
use super::reply::Shell;
use super::wording::{Moment, acting, moment, span};
use crate::domain::access::Disposition;
use crate::domain::client::Client;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::grant::{GrantStatus, RevokedBy};
use crate::domain::predicate::Predicate;
use crate::domain::representation::RepresentationKind;
use crate::domain::retrieval::OutcomeKind;
use crate::domain::scope::Scope;
use crate::services::account::{ListedAccess, ListedGrant};

/// A grant on its card.
pub(super) struct GrantView {
    pub href: String,
    pub client: String,
    pub purpose: Option<String>,
    pub sets: Vec<String>,
    pub since: Moment,
    pub until: Moment,
    pub ended: Option<Moment>,
    pub state: String,
    pub is_in_force: bool,
    /// In force, or only paused.
    pub is_standing: bool,
    /// Held still with its representation: the person cannot resume it alone.
    pub is_held: bool,
    /// Who decided, where it was a representative.
    pub by: Option<String>,
}

/// One data set of a line of the history.
pub(super) struct LineView {
    pub set: String,
    pub outcome: String,
    pub items: Option<String>,
    /// The questions that were asked about it.
    pub questions: Vec<String>,
    /// How many items came and were held back.
    pub held_back: Option<String>,
    pub is_shared: bool,
}

/// Why a call was refused.
pub(super) struct RefusedView {
    /// In plain words.
    pub why: String,
    /// The decision of the operator's rules, for whoever asks the operator about it.
    pub decision: Option<String>,
}

/// A line of the history.
pub(super) struct AccessView {
    pub at: Moment,
    pub client: String,
    pub purpose: String,
    pub lines: Vec<LineView>,
    pub refused: Option<RefusedView>,
    pub receipt: String,
    /// Who had decided, where it was a representative.
    pub by: Option<String>,
}

/// One data set agreed to.
pub(super) struct SetView {
    pub name: String,
    pub period: String,
    pub agreed: Vec<String>,
    pub refused: Vec<String>,
}

/// Puts nouns into words.
pub(super) struct Words<'w> {
    pub pages: &'w Pages,
    pub shell: &'w Shell<'w>,
}

impl Words<'_> {
    pub fn client(&self, client: Option<&Client>) -> String {
        client.map_or_else(|| self.shell.t("grant-unknown-client"), |c| c.name.get(self.shell.lang).to_owned())
    }

    /// That a representative decided, in words.
    fn acting(&self, kind: RepresentationKind) -> String {
        if kind == RepresentationKind::Emergency {
            return self.shell.t("representation-emergency");
        }
        self.shell.with("grant-by-representative", "kind", &acting(self.shell, kind))
    }

    fn set_name(&self, code: DataSetCode) -> String {
        let set = self.pages.catalog.data_set(code);
        set.map_or_else(|| code.to_string(), |set| set.name.get(self.shell.lang).to_owned())
    }

    fn item_name(&self, set: DataSetCode, item: ItemCode) -> String {
        let found = self.pages.catalog.data_set(set).and_then(|set| set.item(item));
        found.map_or_else(|| item.to_string(), |item| item.name.get(self.shell.lang).to_owned())
    }

    pub fn grant(&self, listed: &ListedGrant) -> GrantView {
        let (grant, lang) = (&listed.grant, self.shell.lang);
        let (state, ended) = match grant.status {
            GrantStatus::Revoked { at, by } => {
                let state = match by {
                    RevokedBy::Citizen => "grant-revoked-citizen",
                    RevokedBy::Client => "grant-revoked-client",
                    RevokedBy::CodeReplay => "grant-revoked-code_replay",
                    RevokedBy::NotTakenUp => "grant-revoked-not_taken_up",
                    RevokedBy::Exposed => "grant-revoked-exposed",
                    RevokedBy::Operator => "grant-revoked-operator",
                    RevokedBy::VisitOver => "grant-revoked-visit_over",
                    RevokedBy::Representative => "grant-revoked-representative",
                };
                (self.shell.t(state), Some(moment(at, lang)))
            }
            GrantStatus::Paused { .. } if listed.is_standing => (self.shell.t("grant-paused"), None),
            GrantStatus::Held { .. } if listed.is_standing => (self.shell.t("grant-held"), None),
            GrantStatus::Superseded { at } => (self.shell.t("grant-superseded"), Some(moment(at, lang))),
            GrantStatus::Active if listed.is_in_force => (self.shell.t("grant-active"), None),
            GrantStatus::Active | GrantStatus::Paused { .. } | GrantStatus::Held { .. } => {
                (self.shell.t("grant-expired"), Some(moment(grant.expires_at, lang)))
            }
        };
        let consent = grant.consent.as_ref();
        let sets = consent.iter().flat_map(|c| &c.data_sets).map(|set| self.set_name(set.code));
        let records = grant.scope.has(Scope::ProvisionRecords).then(|| self.shell.t("grant-records"));
        let insurance = grant.scope.has(Scope::HealthInsurance).then(|| self.shell.t("grant-insurance"));
        let notices = grant.scope.has(Scope::Notices).then(|| self.shell.t("grant-notices"));
        let documents = grant.scope.has(Scope::PrivateDocuments).then(|| self.shell.t("grant-documents"));
        let links = grant.scope.has(Scope::LinkedServices).then(|| self.shell.t("grant-links"));
        GrantView {
            href: format!("/dashboard/grants/{}", grant.id),
            client: self.client(listed.client.as_deref()),
            purpose: consent.map(|consent| consent.purpose_words.get(lang).to_owned()),
            sets: sets.chain(records).chain(insurance).chain(notices).chain(documents).chain(links).collect(),
            since: moment(grant.created_at, lang),
            until: moment(grant.expires_at, lang),
            ended,
            state,
            is_in_force: listed.is_in_force,
            is_standing: listed.is_standing,
            is_held: matches!(grant.status, GrantStatus::Held { .. }),
            by: grant.acting.as_ref().map(|acting| self.acting(acting.kind)),
        }
    }

    pub fn set(&self, set: &ConsentedDataSet) -> SetView {
        let names = |items: &[ItemCode], predicates: &[Predicate]| {
            let items = items.iter().map(|item| self.item_name(set.code, *item));
            items.chain(self.questions(predicates)).collect()
        };
        let is_only_asked = set.items.is_empty() && set.refused.is_empty() && !set.predicates.is_empty();
        SetView {
            name: self.set_name(set.code),
            period: if is_only_asked {
                self.shell.t("consent-period-question")
            } else {
                period(self.shell, set.period.as_ref())
            },
            agreed: names(&set.items, &set.predicates),
            refused: names(&set.refused, &set.refused_predicates),
        }
    }

    /// Questions in words, each said to be one.
    fn questions(&self, predicates: &[Predicate]) -> Vec<String> {
        let tag = self.shell.t("consent-question-tag");
        let one = |predicate| format!("{} {tag}", words(self.pages, self.shell, predicate));
        predicates.iter().map(one).collect()
    }

    pub fn retention(&self, consent: &Consent) -> String {
        match consent.retention_days {
            0 => self.shell.t("consent-retention-none"),
            days => self.shell.with("consent-retention-text", "span", &span(self.shell, days)),
        }
    }

    pub fn access(&self, listed: &ListedAccess) -> AccessView {
        let access = &listed.access;
        let purpose = listed.client.as_ref().and_then(|client| client.purpose(&access.purpose));
        let refused = match &access.disposition {
            Disposition::Answered => None,
            Disposition::Refused { code, decision } => {
                Some(RefusedView { why: self.refusal(code), decision: decision.as_ref().map(ToString::to_string) })
            }
        };
        let is_answered = refused.is_none();
        let lines = access.data_sets.iter().map(|set| LineView {
            set: self.set_name(set.code),
            outcome: self.shell.t(&format!("outcome-{}", set.outcome.as_str())),
            items: (set.items > 0).then(|| self.shell.count("access-items", set.items)),
            questions: self.questions(&set.predicates),
            held_back: set.cut.map(|cut| self.shell.count("access-held-back", cut.count)),
            is_shared: is_answered && matches!(set.outcome, OutcomeKind::Ok | OutcomeKind::Answered),
        });
        let line = |set: String, outcome: String| LineView {
            set,
            outcome,
            items: None,
            questions: Vec::new(),
            held_back: None,
            is_shared: true,
        };
        let many = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (shown, read) = (many(access.notices.len()), many(access.private_documents.len()));
        let told = access.records.map(|count| self.shell.count("access-records", count));
        let records = told.map(|outcome| line(self.shell.t("grant-records"), outcome));
        let notices =
            (shown > 0).then(|| line(self.shell.t("grant-notices"), self.shell.count("access-notices", shown)));
        let documents =
            (read > 0).then(|| line(self.shell.t("grant-documents"), self.shell.count("access-documents", read)));
        let purpose_words = match purpose {
            Some(purpose) => purpose.words.get(self.shell.lang).to_owned(),
            // A consent to notices, documents or records alone names no purpose.
            None if access.purpose.is_empty() && records.is_some() => self.shell.t("access-records-purpose"),
            None if access.purpose.is_empty() && notices.is_some() => self.shell.t("access-notices-purpose"),
            None if access.purpose.is_empty() && documents.is_some() => self.shell.t("access-documents-purpose"),
            None => access.purpose.clone(),
        };
        AccessView {
            at: moment(access.at, self.shell.lang),
            client: self.client(listed.client.as_deref()),
            purpose: purpose_words,
            lines: lines.chain(records).chain(notices).chain(documents).collect(),
            refused,
            receipt: access.receipt().to_string(),
            by: access.acting.as_ref().map(|acting| self.acting(acting.kind)),
        }
    }

    /// Why a request was refused, in plain words; a code without words of its own is told in general ones.
    fn refusal(&self, code: &str) -> String {
        let id = match code {
            "invalid_token" => "refused-consent_over",
            "consent_used_up" => "refused-consent_used_up",
            "consent_limit_reached" => "refused-limit_reached",
            "predicate_limit_reached" => "refused-thresholds",
            "consent_paused" => "refused-paused",
            "consent_outgrown" => "refused-outgrown",
            "not_consented" => "refused-not_consented",
            "outside_consented_period" => "refused-outside_period",
            "rate_limited" => "refused-rate_limited",
            "refused_by_policy" => "refused-policy",
            "client_suspended" => "refused-client_suspended",
            _ => "refused-other",
        };
        self.shell.t(id)
    }
}
