//! Which texts can hold a term, by the characters and pairs of characters in it.

use std::collections::HashMap;

/// A character, or two that stand side by side.
type Gram = (char, Option<char>);

/// Where each gram is: rows in order, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    rows: HashMap<Gram, Vec<u32>>,
}

/// The rows that can hold every term. Each must still be looked at: the grams of a term may stand apart in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidates<'i> {
    /// Nothing was asked of the text.
    All,
    /// These.
    Of(&'i [u32]),
}

impl Index {
    /// The index of texts that are folded already.
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut rows: HashMap<Gram, Vec<u32>> = HashMap::new();
        for (row, text) in (0_u32..).zip(texts) {
            for gram in singles(text).chain(pairs(text)) {
                let places = rows.entry(gram).or_default();
                if places.last() != Some(&row) {
                    places.push(row);
                }
            }
        }
        rows.values_mut().for_each(Vec::shrink_to_fit);
        Self { rows }
    }

    /// The fewest rows that any gram of the terms leaves.
    pub(super) fn candidates(&self, terms: &[String]) -> Candidates<'_> {
        let of = |gram: Gram| self.rows.get(&gram).map_or(&[][..], Vec::as_slice);
        let grams = terms.iter().flat_map(|term| {
            let one = singles(term).filter(|_| term.chars().nth(1).is_none());
            one.chain(pairs(term))
        });
        grams.map(of).min_by_key(|rows| rows.len()).map_or(Candidates::All, Candidates::Of)
    }
}

fn singles(text: &str) -> impl Iterator<Item = Gram> + '_ {
    text.chars().map(|c| (c, None))
}

fn pairs(text: &str) -> impl Iterator<Item = Gram> + '_ {
    text.chars().zip(text.chars().skip(1)).map(|(one, other)| (one, Some(other)))
}
