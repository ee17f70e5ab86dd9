//! What the dashboard says, put into words.

use super::Pages;
use super::consent_view::period;
use super::difference_view::DifferenceView;
use super::form::Form;
use super::reply::Shell;
use super::terms_view::TermsView;
use super::visit::Visit;
use super::wording::{Moment, moment, span};
use crate::domain::access::Disposition;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::decoupled::Channel;
use crate::domain::difference::Difference;
use crate::domain::grant::{GrantStatus, RevokedBy};
use crate::domain::ids::GrantId;
use crate::domain::retrieval::OutcomeKind;
use crate::services::account::{CitizenSession, ListedAccess, ListedGrant};
use crate::services::confirmations::Confirmation;
use askama::Template;

/// What a page of the dashboard may say was just done.
const NOTICES: [&str; 8] =
    ["confirmed", "not-confirmed", "paused", "resumed", "unchanged", "revoked", "revoked-all", "nothing"];

struct GrantView {
    href: String,
    client: String,
    purpose: Option<String>,
    sets: Vec<String>,
    since: Moment,
    until: Moment,
    ended: Option<Moment>,
    state: String,
    is_in_force: bool,
    /// In force, or only paused.
    is_standing: bool,
}

/// What a grant was before.
struct EarlierView {
    since: Moment,
    at: Option<Moment>,
    sets: Vec<SetView>,
    /// What the next decision changed.
    difference: DifferenceView,
}

/// A question that waits for an answer.
struct WaitingView {
    href: String,
    client: String,
    message: Option<String>,
    until: Moment,
}

struct LineView {
    set: String,
    outcome: String,
    items: Option<String>,
    /// How many items came and were held back.
    held_back: Option<String>,
    is_shared: bool,
}

struct AccessView {
    at: Moment,
    client: String,
    purpose: String,
    lines: Vec<LineView>,
    refused: Option<String>,
    receipt: String,
}

/// The dashboard.
#[derive(Template)]
#[template(path = "dashboard.html", config = "src/http/pages/askama.toml")]
pub struct Dashboard<'p> {
    shell: Shell<'p>,
    token: String,
    session_ends: Moment,
    notice: Option<String>,
    waiting: Vec<WaitingView>,
    active: Vec<GrantView>,
    ended: Vec<GrantView>,
    accesses: Vec<AccessView>,
    last_grant: Option<String>,
    last_access: Option<String>,
    older_grants: Option<String>,
    older_accesses: Option<String>,
    is_first_page: bool,
}

struct SetView {
    name: String,
    period: String,
    agreed: Vec<String>,
    refused: Vec<String>,
}

/// One grant, whole.
#[derive(Template)]
#[template(path = "grant.html", config = "src/http/pages/askama.toml")]
pub struct GrantDetail<'p> {
    shell: Shell<'p>,
    token: String,
    id: GrantId,
    view: GrantView,
    sets: Vec<SetView>,
    retention: Option<String>,
    terms: Option<TermsView>,
    recipients: Vec<String>,
    recognised: Option<String>,
    accesses: Vec<AccessView>,
    earlier: Vec<EarlierView>,
}

/// The page between the button and the end.
#[derive(Template)]
#[template(path = "confirm.html", config = "src/http/pages/askama.toml")]
pub struct Confirm<'p> {
    shell: Shell<'p>,
    token: String,
    heading: String,
    count: Option<String>,
    action: String,
    back: String,
}

fn shell<'p>(pages: &'p Pages, visit: &Visit, session: &CitizenSession) -> Shell<'p> {
    let mut shell = Shell::new(pages, visit);
    shell.sign_out = Some(session.form_token());
    shell
}

impl<'p> Dashboard<'p> {
    /// The dashboard with these entries.
    #[must_use]
    pub fn new(
        pages: &'p Pages,
        visit: &Visit,
        session: &CitizenSession,
        grants: &[ListedGrant],
        accesses: &[ListedAccess],
    ) -> Self {
        let shell = shell(pages, visit, session);
        let words = Words { pages, shell: &shell };
        let last_grant = grants.last().map(|g| format!("{}.{}", g.grant.created_at.millis(), g.grant.id));
        let last_access = accesses.last().map(|a| format!("{}.{}", a.access.at.millis(), a.access.id));
        let views = grants.iter().map(|grant| words.grant(grant));
        let (active, ended) = views.partition(|view| view.is_standing);
        Self {
            token: session.form_token(),
            session_ends: moment(session.ends_at(), visit.lang),
            notice: None,
            waiting: Vec::new(),
            active,
            ended,
            accesses: accesses.iter().map(|access| words.access(access)).collect(),
            last_grant,
            last_access,
            older_grants: None,
            older_accesses: None,
            is_first_page: true,
            shell,
        }
    }

    /// Shows what waits for an answer.
    pub fn mark_waiting(&mut self, waiting: &[Confirmation]) {
        let lang = self.shell.lang;
        let view = |question: &Confirmation| WaitingView {
            href: format!("/dashboard/requests/{}", question.request.id),
            client: question.client.name.get(lang).to_owned(),
            message: match &question.request.channel {
                Channel::Device => None,
                Channel::Backchannel { message, .. } => Some(message.clone()),
            },
            until: moment(question.request.expires_at, lang),
        };
        self.waiting = waiting.iter().map(view).collect();
    }

    /// Says what was just done, and links to older entries where a list is full.
    pub fn mark_pages(&mut self, query: &Form, limit: u32) {
        let known = |word: &&str| NOTICES.contains(word);
        self.notice = query.get("notice").filter(known).map(|word| self.shell.t(&format!("notice-{word}")));
        self.is_first_page = query.get("grants").is_none() && query.get("history").is_none();
        let full = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_full_of_grants = self.active.len() + self.ended.len() >= full;
        self.older_grants = self.last_grant.take().filter(|_| is_full_of_grants);
        self.older_accesses = self.last_access.take().filter(|_| self.accesses.len() >= full);
    }
}

impl<'p> GrantDetail<'p> {
    /// The page of one grant and what was done under it.
    #[must_use]
    pub fn new(
        pages: &'p Pages,
        visit: &Visit,
        session: &CitizenSession,
        listed: &ListedGrant,
        accesses: &[ListedAccess],
    ) -> Self {
        let shell = shell(pages, visit, session);
        let words = Words { pages, shell: &shell };
        let consent = listed.grant.consent.as_ref();
        let recognised = listed.grant.authentication.map(|authentication| {
            let time = moment(authentication.at, visit.lang).text;
            shell.with2("grant-recognised-text", ("time", &time), ("level", authentication.acr.as_str()))
        });
        let sets = consent.iter().flat_map(|c| &c.data_sets).map(|set| words.set(set)).collect();
        let recipients = consent.iter().flat_map(|c| &c.recipients).map(|w| w.get(visit.lang).to_owned()).collect();
        Self {
            token: session.form_token(),
            id: listed.grant.id.clone(),
            view: words.grant(listed),
            sets,
            retention: consent.map(|consent| words.retention(consent)),
            terms: consent.map(|consent| TermsView::new(&shell, &consent.terms)),
            recipients,
            recognised,
            accesses: accesses.iter().map(|access| words.access(access)).collect(),
            earlier: Vec::new(),
            shell,
        }
    }

    /// Shows what newer decisions than `earlier`, newest first, took the place of, and what each changed.
    pub fn mark_earlier(&mut self, pages: &Pages, current: &ListedGrant, earlier: &[ListedGrant]) {
        let words = Words { pages, shell: &self.shell };
        let newer = [current].into_iter().chain(earlier);
        let view = |(older, newer): (&ListedGrant, &ListedGrant)| EarlierView {
            since: moment(older.grant.agreed_at(), self.shell.lang),
            at: words.grant(older).ended,
            sets: older.grant.consent.iter().flat_map(|c| &c.data_sets).map(|set| words.set(set)).collect(),
            difference: {
                let changed = Difference::between(older.grant.consent.as_ref(), newer.grant.consent.as_ref());
                DifferenceView::new(pages, &self.shell, &changed)
            },
        };
        self.earlier = earlier.iter().zip(newer).map(view).collect();
    }
}

impl<'p> Confirm<'p> {
    /// Before one grant is ended.
    #[must_use]
    pub fn one(pages: &'p Pages, visit: &Visit, session: &CitizenSession, listed: &ListedGrant) -> Self {
        let mut shell = shell(pages, visit, session);
        shell.switch = None;
        let client = Words { pages, shell: &shell }.client(listed.client.as_deref());
        let path = format!("/dashboard/grants/{}", listed.grant.id);
        Self {
            token: session.form_token(),
            heading: shell.with("confirm-revoke-heading", "client", &client),
            count: None,
            action: format!("{path}/revoke"),
            back: path,
            shell,
        }
    }

    /// Before every grant is ended.
    #[must_use]
    pub fn all(pages: &'p Pages, visit: &Visit, session: &CitizenSession, in_force: usize) -> Self {
        let mut shell = shell(pages, visit, session);
        shell.switch = None;
        Self {
            token: session.form_token(),
            heading: shell.t("confirm-revoke-all-heading"),
            count: Some(shell.count("confirm-revoke-count", u32::try_from(in_force).unwrap_or(u32::MAX))),
            action: "/dashboard/revoke-all".into(),
            back: "/dashboard".into(),
            shell,
        }
    }
}

/// Puts nouns into words.
struct Words<'w> {
    pages: &'w Pages,
    shell: &'w Shell<'w>,
}

impl Words<'_> {
    fn client(&self, client: Option<&crate::domain::client::Client>) -> String {
        client.map_or_else(|| self.shell.t("grant-unknown-client"), |c| c.name.get(self.shell.lang).to_owned())
    }

    fn set_name(&self, code: DataSetCode) -> String {
        let set = self.pages.catalog.data_set(code);
        set.map_or_else(|| code.to_string(), |set| set.name.get(self.shell.lang).to_owned())
    }

    fn item_name(&self, set: DataSetCode, item: ItemCode) -> String {
        let found = self.pages.catalog.data_set(set).and_then(|set| set.item(item));
        found.map_or_else(|| item.to_string(), |item| item.name.get(self.shell.lang).to_owned())
    }

    fn grant(&self, listed: &ListedGrant) -> GrantView {
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
                };
                (self.shell.t(state), Some(moment(at, lang)))
            }
            GrantStatus::Paused { .. } if listed.is_standing => (self.shell.t("grant-paused"), None),
            GrantStatus::Superseded { at } => (self.shell.t("grant-superseded"), Some(moment(at, lang))),
            GrantStatus::Active if listed.is_in_force => (self.shell.t("grant-active"), None),
            GrantStatus::Active | GrantStatus::Paused { .. } => {
                (self.shell.t("grant-expired"), Some(moment(grant.expires_at, lang)))
            }
        };
        let consent = grant.consent.as_ref();
        GrantView {
            href: format!("/dashboard/grants/{}", grant.id),
            client: self.client(listed.client.as_deref()),
            purpose: consent.map(|consent| consent.purpose_words.get(lang).to_owned()),
            sets: consent.iter().flat_map(|c| &c.data_sets).map(|set| self.set_name(set.code)).collect(),
            since: moment(grant.created_at, lang),
            until: moment(grant.expires_at, lang),
            ended,
            state,
            is_in_force: listed.is_in_force,
            is_standing: listed.is_standing,
        }
    }

    fn set(&self, set: &ConsentedDataSet) -> SetView {
        let names = |items: &[ItemCode]| items.iter().map(|item| self.item_name(set.code, *item)).collect();
        SetView {
            name: self.set_name(set.code),
            period: period(self.shell, set.period.as_ref()),
            agreed: names(&set.items),
            refused: names(&set.refused),
        }
    }

    fn retention(&self, consent: &Consent) -> String {
        match consent.retention_days {
            0 => self.shell.t("consent-retention-none"),
            days => self.shell.with("consent-retention-text", "span", &span(self.shell, days)),
        }
    }

    fn access(&self, listed: &ListedAccess) -> AccessView {
        let access = &listed.access;
        let purpose = listed.client.as_ref().and_then(|client| client.purpose(&access.purpose));
        let refused = match &access.disposition {
            Disposition::Answered => None,
            Disposition::Refused { code } => Some(self.refusal(code)),
        };
        let is_answered = refused.is_none();
        let lines = access.data_sets.iter().map(|set| LineView {
            set: self.set_name(set.code),
            outcome: self.shell.t(&format!("outcome-{}", set.outcome.as_str())),
            items: (set.items > 0).then(|| self.shell.count("access-items", set.items)),
            held_back: set.cut.map(|cut| self.shell.count("access-held-back", cut.count)),
            is_shared: is_answered && set.outcome == OutcomeKind::Ok,
        });
        AccessView {
            at: moment(access.at, self.shell.lang),
            client: self.client(listed.client.as_deref()),
            purpose: purpose.map_or_else(|| access.purpose.clone(), |p| p.words.get(self.shell.lang).to_owned()),
            lines: lines.collect(),
            refused,
            receipt: access.receipt().to_string(),
        }
    }

    /// Why a request was refused, in plain words; a code without words of its own is told in general ones.
    fn refusal(&self, code: &str) -> String {
        let id = match code {
            "invalid_token" => "refused-consent_over",
            "consent_used_up" => "refused-consent_used_up",
            "consent_limit_reached" => "refused-limit_reached",
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
