//! What a newer consent says that an older one did not: what a person has to look at when they are asked anew.

use super::consent::{Consent, ConsentedDataSet, Period};
use super::data_set::{DataSetCode, ItemCode};
use super::predicate::Predicate;
use super::terms::Terms;
use super::words::Words;

/// How an item of the newer consent stands in the older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It was not agreed to.
    Added,
    /// It was agreed to, but for another purpose or another time: not the same decision.
    Changed,
    /// It was agreed to just so.
    Kept,
}

/// What it was, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed<T> {
    /// In the older consent.
    pub from: T,
    /// In the newer one.
    pub to: T,
}

impl<T: PartialEq + Clone> Changed<T> {
    fn between(from: &T, to: &T) -> Option<Self> {
        (from != to).then(|| Self { from: from.clone(), to: to.clone() })
    }
}

/// One data set of either consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetDifference {
    /// Which.
    pub code: DataSetCode,
    /// The newer consent's items, each with its mark.
    pub items: Vec<(ItemCode, Mark)>,
    /// The older consent's items that the newer one does not have.
    pub removed: Vec<ItemCode>,
    /// The time that the data may be about, where items of both are concerned.
    pub period: Option<Changed<Option<Period>>>,
    /// The newer consent's questions, each with its mark.
    pub predicates: Vec<(Predicate, Mark)>,
    /// The older consent's questions that the newer one does not have.
    pub removed_predicates: Vec<Predicate>,
}

impl SetDifference {
    /// The mark of an item; none where the newer consent does not have it.
    #[must_use]
    pub fn mark(&self, item: ItemCode) -> Option<Mark> {
        self.items.iter().find(|(code, _)| *code == item).map(|(_, mark)| *mark)
    }

    /// The mark of a question; none where the newer consent does not have it.
    #[must_use]
    pub fn predicate_mark(&self, predicate: &Predicate) -> Option<Mark> {
        self.predicates.iter().find(|(known, _)| known == predicate).map(|(_, mark)| *mark)
    }

    fn of(older: Option<&ConsentedDataSet>, newer: Option<&ConsentedDataSet>, is_other_purpose: bool) -> Option<Self> {
        let code = newer.or(older)?.code;
        let (before, after) = (items(older), items(newer));
        let period = older.zip(newer).filter(|(older, newer)| !older.items.is_empty() && !newer.items.is_empty());
        let period = period.and_then(|(older, newer)| Changed::between(&older.period, &newer.period));
        let mark = |item: &ItemCode| match before.contains(item) {
            false => Mark::Added,
            true if is_other_purpose || period.is_some() => Mark::Changed,
            true => Mark::Kept,
        };
        let (asked_before, asked_after) = (predicates(older), predicates(newer));
        // A question names its own time.
        let mark_asked = |asked: &Predicate| match asked_before.contains(asked) {
            false => Mark::Added,
            true if is_other_purpose => Mark::Changed,
            true => Mark::Kept,
        };
        Some(Self {
            code,
            items: after.iter().map(|item| (*item, mark(item))).collect(),
            removed: before.iter().filter(|item| !after.contains(item)).copied().collect(),
            period,
            predicates: asked_after.iter().map(|asked| (asked.clone(), mark_asked(asked))).collect(),
            removed_predicates: asked_before.iter().filter(|asked| !asked_after.contains(asked)).cloned().collect(),
        })
    }
}

fn items(set: Option<&ConsentedDataSet>) -> &[ItemCode] {
    set.map_or(&[], |set| &set.items)
}

fn predicates(set: Option<&ConsentedDataSet>) -> &[Predicate] {
    set.map_or(&[], |set| &set.predicates)
}

/// Everything in which two consents of one grant differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Every data set of either, also those that are the same in both.
    pub sets: Vec<SetDifference>,
    /// What for.
    pub purpose: Option<Changed<Words>>,
    /// For how many days; 0 for once.
    pub access_days: Option<Changed<u32>>,
    /// For how many days it is kept.
    pub retention_days: Option<Changed<u32>>,
    /// Whom it is passed on to.
    pub recipients: Option<Changed<Vec<Words>>>,
    /// How often, on what basis, on whose behalf.
    pub terms: Option<Changed<Terms>>,
}

impl Difference {
    /// In what `newer` differs from `older`; nothing was agreed to about data where one is absent.
    #[must_use]
    pub fn between(older: Option<&Consent>, newer: Option<&Consent>) -> Self {
        let is_other_purpose = older.zip(newer).is_some_and(|(older, newer)| older.purpose != newer.purpose);
        let of_newer = newer.iter().flat_map(|consent| &consent.data_sets).map(|set| set.code);
        let of_older = older.iter().flat_map(|consent| &consent.data_sets).map(|set| set.code);
        let gone = of_older.filter(|code| newer.is_none_or(|newer| newer.data_set(*code).is_none()));
        let set = |code| {
            let (older, newer) = (older.and_then(|c| c.data_set(code)), newer.and_then(|c| c.data_set(code)));
            SetDifference::of(older, newer, is_other_purpose)
        };
        let sets = of_newer.chain(gone).filter_map(set).collect();
        let Some((older, newer)) = older.zip(newer) else { return Self { sets, ..Self::default() } };
        Self {
            sets,
            purpose: Changed::between(&older.purpose_words, &newer.purpose_words),
            access_days: Changed::between(&older.access_days, &newer.access_days),
            retention_days: Changed::between(&older.retention_days, &newer.retention_days),
            recipients: Changed::between(&older.recipients, &newer.recipients),
            terms: Changed::between(&older.terms, &newer.terms),
        }
    }

    /// The data set with this code.
    #[must_use]
    pub fn set(&self, code: DataSetCode) -> Option<&SetDifference> {
        self.sets.iter().find(|set| set.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::terms::{Frequency, Per};
    use chrono::NaiveDate;

    fn code(number: u8) -> DataSetCode {
        DataSetCode::parse(&format!("TM{number:014}")).unwrap()
    }

    fn item(number: u32) -> ItemCode {
        ItemCode::parse(&format!("{number:010}")).unwrap()
    }

    fn consent(sets: &[(u8, &[u32])]) -> Consent {
        let set = |(number, items): &(u8, &[u32])| ConsentedDataSet {
            code: code(*number),
            items: items.iter().copied().map(item).collect(),
            refused: vec![],
            period: None,
            predicates: vec![],
            refused_predicates: vec![],
        };
        let words = Words { ja: "審査".into(), en: "examination".into() };
        Consent {
            purpose: "loan".into(),
            purpose_words: words,
            data_sets: sets.iter().map(set).collect(),
            access_days: 30,
            retention_days: 30,
            recipients: vec![],
            terms: Terms::default(),
        }
    }

    #[test]
    fn a_consent_does_not_differ_from_itself() {
        let same = consent(&[(1, &[1, 2]), (2, &[3])]);
        let difference = Difference::between(Some(&same), Some(&same));
        let is_kept = |set: &SetDifference| set.items.iter().all(|(_, mark)| *mark == Mark::Kept);
        assert!(difference.sets.iter().all(|set| is_kept(set) && set.removed.is_empty()));
        assert_eq!(Difference { sets: vec![], ..difference }, Difference::default());
    }

    #[test]
    fn what_is_added_removed_and_kept_is_told_apart() {
        let (older, newer) = (consent(&[(1, &[1, 2]), (2, &[3])]), consent(&[(1, &[2, 4]), (3, &[5])]));
        let difference = Difference::between(Some(&older), Some(&newer));
        let first = difference.set(code(1)).unwrap();
        assert_eq!(first.items, [(item(2), Mark::Kept), (item(4), Mark::Added)]);
        assert_eq!(first.removed, [item(1)]);
        assert_eq!(difference.set(code(3)).unwrap().mark(item(5)), Some(Mark::Added));
        let gone = difference.set(code(2)).unwrap();
        assert_eq!((gone.items.is_empty(), &gone.removed[..]), (true, &[item(3)][..]));
        let none = Difference::between(Some(&older), None);
        assert!(none.sets.iter().all(|set| set.items.is_empty() && !set.removed.is_empty()));
        let all = Difference::between(None, Some(&newer));
        assert!(all.sets.iter().flat_map(|set| &set.items).all(|(_, mark)| *mark == Mark::Added));
    }

    #[test]
    fn the_same_item_for_another_purpose_or_time_is_not_the_same_decision() {
        let older = consent(&[(1, &[1]), (2, &[2])]);
        let mut newer = older.clone();
        let from = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        newer.data_sets[0].period = Some(Period { from, to: None });
        let difference = Difference::between(Some(&older), Some(&newer));
        assert_eq!(difference.set(code(1)).unwrap().mark(item(1)), Some(Mark::Changed));
        assert!(difference.set(code(1)).unwrap().period.is_some());
        assert_eq!(difference.set(code(2)).unwrap().mark(item(2)), Some(Mark::Kept));
        let other = Consent { purpose: "other".into(), ..older.clone() };
        let difference = Difference::between(Some(&older), Some(&other));
        assert!(difference.sets.iter().flat_map(|set| &set.items).all(|(_, mark)| *mark == Mark::Changed));
    }

    #[test]
    fn changed_terms_are_told_with_what_they_were() {
        let older = consent(&[(1, &[1])]);
        let terms = Terms { frequency: Some(Frequency { times: 3, per: Per::Day }), ..Terms::default() };
        let newer = Consent { access_days: 90, retention_days: 60, terms, ..older.clone() };
        let difference = Difference::between(Some(&older), Some(&newer));
        assert_eq!(difference.access_days, Some(Changed { from: 30, to: 90 }));
        assert_eq!(difference.retention_days, Some(Changed { from: 30, to: 60 }));
        assert_eq!(difference.terms, Some(Changed { from: Terms::default(), to: terms }));
        assert_eq!((difference.purpose, difference.recipients), (None, None));
    }
}
