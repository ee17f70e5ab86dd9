//! Questions that are answered yes or no, put into words: on the page that asks for consent, and wherever what was agreed
//! to is shown.

use super::Pages;
use super::consent_sheet::Picked;
use super::consent_view::ItemView;
use super::reply::Shell;
use crate::domain::consent::{Ask, AskedDataSet, AskedPredicate, Need};
use crate::domain::data_set::DataSetCode;
use crate::domain::difference::{Mark, SetDifference};
use crate::domain::predicate::Predicate;
use crate::services::self_information::preview_answers;
use std::collections::BTreeSet;

/// The questions of one data set, as they are asked.
pub(super) struct Questions<'q> {
    pub pages: &'q Pages,
    pub shell: &'q Shell<'q>,
    pub asked: &'q AskedDataSet,
    pub before: Option<&'q SetDifference>,
    pub picked: &'q Picked,
}

impl Questions<'_> {
    /// Those of one need, and of what was agreed to before just so, or not.
    pub fn views(&self, need: Need, is_kept: bool) -> Vec<ItemView> {
        let all = self.asked.predicates.iter().enumerate();
        let wanted =
            all.filter(|(_, asked)| asked.need == need && (self.mark(&asked.predicate) == Some(Mark::Kept)) == is_kept);
        wanted.map(|(n, asked)| self.view(n, &asked.predicate)).collect()
    }

    fn mark(&self, predicate: &Predicate) -> Option<Mark> {
        self.before.and_then(|before| before.predicate_mark(predicate))
    }

    fn view(&self, n: usize, predicate: &Predicate) -> ItemView {
        let (set, shell) = (self.asked.code, self.shell);
        ItemView {
            id: format!("item-{set}-q{n}"),
            value: format!("{set}:q{n}"),
            within: Some(shell.t("consent-question-tag")),
            name: words(self.pages, shell, predicate),
            plain: shell.t("consent-question-plain"),
            is_ticked: self.picked.ticked_predicates.contains(&(set, predicate.clone())),
            mark: match self.mark(predicate) {
                Some(Mark::Added) => Some(shell.t("difference-tag-added")),
                Some(Mark::Changed) => Some(shell.t("difference-tag-changed")),
                Some(Mark::Kept) | None => None,
            },
        }
    }

    /// What would be sent as it is ticked now, with a made-up answer.
    pub fn preview(&self) -> Option<String> {
        let is_shared = |asked: &&AskedPredicate| {
            let pair = (self.asked.code, asked.predicate.clone());
            asked.need == Need::Required || self.picked.ticked_predicates.contains(&pair)
        };
        let shared: Vec<&Predicate> =
            self.asked.predicates.iter().filter(is_shared).map(|asked| &asked.predicate).collect();
        preview_answers(&shared)
    }
}

/// A question in words.
pub(super) fn words(pages: &Pages, shell: &Shell<'_>, predicate: &Predicate) -> String {
    pages.catalog.question(predicate).get(shell.lang).to_owned()
}

/// Every question that the citizen may leave out.
pub(super) fn optional(asked: Option<&Ask>) -> BTreeSet<(DataSetCode, Predicate)> {
    let sets = asked.iter().flat_map(|ask| &ask.data_sets);
    let all = sets.flat_map(|set| set.predicates.iter().map(move |asked| (set.code, asked)));
    all.filter(|(_, asked)| asked.need == Need::Optional).map(|(set, asked)| (set, asked.predicate.clone())).collect()
}

/// The question that a form names by the place it has in what was asked: `q` and a number.
pub(super) fn named(asked: Option<&Ask>, set: DataSetCode, name: &str) -> Option<Predicate> {
    let place: usize = name.strip_prefix('q')?.parse().ok()?;
    let set = asked?.data_sets.iter().find(|asked| asked.code == set)?;
    Some(set.predicates.get(place)?.predicate.clone())
}
