//! What the dashboard says, put into words.

use super::Pages;
use super::dashboard_words::{AccessView, GrantView, SetView, Words};
use super::difference_view::DifferenceView;
use super::form::Form;
use super::reply::Shell;
use super::terms_view::TermsView;
use super::visit::Visit;
use super::wording::{Moment, moment};
use crate::domain::Timestamp;
use crate::domain::decoupled::Channel;
use crate::domain::difference::Difference;
use crate::domain::ids::GrantId;
use crate::services::account::{CitizenSession, ListedAccess, ListedGrant};
use crate::services::confirmations::Confirmation;
use askama::Template;

/// What a page of the dashboard may say was just done.
const NOTICES: [&str; 9] =
    ["confirmed", "not-confirmed", "paused", "resumed", "renewed", "unchanged", "revoked", "revoked-all", "nothing"];

/// What a grant was before.
struct EarlierView {
    /// By what its receipt is found.
    version: i64,
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
    /// What it is to decide the same again; none where its citizen cannot.
    renewal: Option<String>,
    /// By what the receipt of the decision in force is found; none where no self-information was decided about.
    version: Option<i64>,
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
        let shell = Shell::signed_in(pages, visit, session);
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
        let shell = Shell::signed_in(pages, visit, session);
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
            renewal: None,
            version: consent.map(|_| listed.grant.agreed_at().millis()),
            shell,
        }
    }

    /// Shows that its citizen can decide the same again, until when.
    pub fn mark_renewable(&mut self, until: Option<Timestamp>) {
        let shell = &self.shell;
        let text = |until| moment(until, shell.lang).text;
        let hint = |until: String| shell.with2("grant-renew-hint", ("client", &self.view.client), ("date", &until));
        self.renewal = until.map(text).map(hint);
    }

    /// Shows what newer decisions than `earlier`, newest first, took the place of, and what each changed.
    pub fn mark_earlier(&mut self, pages: &Pages, current: &ListedGrant, earlier: &[ListedGrant]) {
        let words = Words { pages, shell: &self.shell };
        let newer = [current].into_iter().chain(earlier);
        let view = |(older, newer): (&ListedGrant, &ListedGrant)| EarlierView {
            version: older.grant.agreed_at().millis(),
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
        let mut shell = Shell::signed_in(pages, visit, session);
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
        let mut shell = Shell::signed_in(pages, visit, session);
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
