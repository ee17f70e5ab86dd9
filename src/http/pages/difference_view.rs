//! In what two consents differ, in words: on the page that asks for a change, and beside what a grant was before.

use super::Pages;
use super::consent_view::{Picked, period};
use super::questions_view::{optional, words};
use super::reply::Shell;
use super::terms_view::TermsView;
use super::wording::span;
use crate::domain::Words;
use crate::domain::amendment::Amendment;
use crate::domain::client::Client;
use crate::domain::consent::{Ask, Choice, Consent, Need};
use crate::domain::data_set::ItemCode;
use crate::domain::difference::{Changed, Difference, Mark, SetDifference};
use crate::domain::grant::Grant;
use crate::domain::predicate::Predicate;
use crate::domain::terms::Terms;
use crate::issuer::interaction::ConsentView;
use crate::protocol::authorization_request::GrantManagement;

/// Items of one data set.
pub struct SetItems {
    /// The data set.
    pub name: String,
    /// The items.
    pub items: Vec<String>,
}

/// A term that is another one now.
pub struct ChangedView {
    /// Which.
    pub what: String,
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
}

/// A difference in words.
#[derive(Default)]
pub struct DifferenceView {
    /// What was not shared before.
    pub added: Vec<SetItems>,
    /// What is no longer shared.
    pub removed: Vec<SetItems>,
    /// Terms that are others.
    pub changed: Vec<ChangedView>,
    /// What stays just as it was.
    pub kept: Vec<SetItems>,
}

impl DifferenceView {
    /// The words for `difference`.
    #[must_use]
    pub fn new(pages: &Pages, shell: &Shell<'_>, difference: &Difference) -> Self {
        let marked = |wanted: Mark| {
            let items = move |set: &SetDifference| {
                set.items.iter().filter(|(_, mark)| *mark == wanted).map(|(item, _)| *item).collect::<Vec<_>>()
            };
            let asked = move |set: &SetDifference| {
                let marked = set.predicates.iter().filter(|(_, mark)| *mark == wanted);
                marked.map(|(predicate, _)| predicate.clone()).collect::<Vec<_>>()
            };
            difference.sets.iter().filter_map(|set| named(pages, shell, set, (&items(set), &asked(set)))).collect()
        };
        let removed = difference.sets.iter();
        let removed = removed.filter_map(|set| named(pages, shell, set, (&set.removed, &set.removed_predicates)));
        Self {
            added: marked(Mark::Added),
            removed: removed.collect(),
            changed: changed(pages, shell, difference),
            kept: marked(Mark::Kept),
        }
    }

    /// Whether nothing is another thing than before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

fn named(
    pages: &Pages,
    shell: &Shell<'_>,
    set: &SetDifference,
    (items, predicates): (&[ItemCode], &[Predicate]),
) -> Option<SetItems> {
    let found = pages.catalog.data_set(set.code);
    let item = |code: &ItemCode| {
        let item = found.and_then(|found| found.item(*code));
        item.map_or_else(|| code.to_string(), |item| item.name.get(shell.lang).to_owned())
    };
    let asked = predicates.iter().map(|predicate| words(pages, shell, predicate));
    let items: Vec<String> = items.iter().map(item).chain(asked).collect();
    (!items.is_empty()).then(|| SetItems { name: set_name(pages, shell, set), items })
}

fn changed(pages: &Pages, shell: &Shell<'_>, difference: &Difference) -> Vec<ChangedView> {
    let mut all = Vec::new();
    let mut tell = |what: String, from: String, to: String| all.push(ChangedView { what, from, to });
    if let Some(Changed { from, to }) = &difference.purpose {
        tell(shell.t("consent-purpose"), from.get(shell.lang).to_owned(), to.get(shell.lang).to_owned());
    }
    for set in &difference.sets {
        if let Some(Changed { from, to }) = &set.period {
            let what = shell.with("difference-period", "name", &set_name(pages, shell, set));
            tell(what, period(shell, from.as_ref()), period(shell, to.as_ref()));
        }
    }
    if let Some(Changed { from, to }) = &difference.access_days {
        tell(shell.t("difference-duration"), days(shell, *from), days(shell, *to));
    }
    if let Some(Changed { from, to }) = &difference.retention_days {
        tell(shell.t("consent-retention"), retention(shell, *from), retention(shell, *to));
    }
    if let Some(Changed { from, to }) = &difference.recipients {
        tell(shell.t("consent-recipients"), recipients(shell, from), recipients(shell, to));
    }
    if let Some(Changed { from, to }) = &difference.terms {
        all.extend(terms(shell, from, to));
    }
    all
}

fn set_name(pages: &Pages, shell: &Shell<'_>, set: &SetDifference) -> String {
    let found = pages.catalog.data_set(set.code);
    found.map_or_else(|| set.code.to_string(), |found| found.name.get(shell.lang).to_owned())
}

fn days(shell: &Shell<'_>, days: u32) -> String {
    if days == 0 { shell.t("consent-duration-once") } else { span(shell, days) }
}

fn retention(shell: &Shell<'_>, days: u32) -> String {
    if days == 0 { shell.t("consent-retention-none") } else { span(shell, days) }
}

fn recipients(shell: &Shell<'_>, all: &[Words]) -> String {
    if all.is_empty() {
        return shell.t("consent-recipients-none");
    }
    all.iter().map(|words| words.get(shell.lang)).collect::<Vec<_>>().join(&shell.t("consent-change-joint"))
}

fn terms(shell: &Shell<'_>, from: &Terms, to: &Terms) -> Vec<ChangedView> {
    let (from, to) = (TermsView::new(shell, from), TermsView::new(shell, to));
    let all = [
        ("consent-frequency", from.frequency, to.frequency),
        ("consent-legal-basis", from.legal_basis, to.legal_basis),
        ("consent-on-behalf-of", from.on_behalf_of, to.on_behalf_of),
    ];
    let differ = all.into_iter().filter(|(_, from, to)| from != to);
    differ.map(|(id, from, to)| ChangedView { what: shell.t(id), from, to }).collect()
}

/// What would change of `older` if the person agreed to all of `ask`.
fn foreseen(before: &Grant, ask: Option<&Ask>, client: &Client, how: Amendment) -> Difference {
    let older = before.consent.as_ref();
    let newer = ask.and_then(|ask| {
        let acting = before.acting.as_ref().map(|acting| acting.id.clone());
        let all = Choice { access_days: ask.access_days, acting, ..Choice::default() };
        Consent::decide(ask, client.purpose(&ask.purpose)?, &all).ok()
    });
    match (how, older, newer) {
        (Amendment::Replace, older, newer) => Difference::between(older, newer.as_ref()),
        (Amendment::Merge, older, None) => Difference::between(older, older),
        (Amendment::Merge, None, newer) => Difference::between(None, newer.as_ref()),
        (Amendment::Merge, Some(older), Some(newer)) => {
            let merged = older.merged(&newer).unwrap_or(newer);
            Difference::between(Some(older), Some(&merged))
        }
    }
}

/// What the request would change, where it changes what was agreed to before.
#[must_use]
pub fn foreseen_by(view: &ConsentView) -> Option<Difference> {
    let before = view.existing.as_ref()?;
    let is_new = matches!(view.request.grant_management, GrantManagement::Replace { .. });
    let how = if is_new { Amendment::Replace } else { Amendment::Merge };
    Some(foreseen(before, view.request.ask.as_ref(), &view.client, how))
}

impl Picked {
    /// What is picked when the page is first shown: nothing but what the person agreed to before, just so.
    #[must_use]
    pub fn before(view: &ConsentView) -> Self {
        let Some(difference) = foreseen_by(view) else { return Self::default() };
        let existing = view.existing.as_ref().and_then(|grant| grant.acting.as_ref());
        let acting = existing.map(|acting| acting.id.clone());
        let asked = view.request.ask.iter().flat_map(|ask| &ask.data_sets);
        let items = asked.flat_map(|set| set.items.iter().map(move |item| (set.code, item)));
        let asked_before = |set, predicate: &Predicate| {
            difference.set(set).and_then(|set| set.predicate_mark(predicate)) == Some(Mark::Kept)
        };
        let mut ticked_predicates = optional(view.request.ask.as_ref());
        ticked_predicates.retain(|(set, predicate)| asked_before(*set, predicate));
        let is_kept = |set, item| difference.set(set).and_then(|set| set.mark(item)) == Some(Mark::Kept);
        let ticked = items.filter(|(set, item)| item.need == Need::Optional && is_kept(*set, item.code));
        let ticked = ticked.map(|(set, item)| (set, item.code)).collect();
        Self { ticked, ticked_predicates, acting, ..Self::default() }
    }
}
