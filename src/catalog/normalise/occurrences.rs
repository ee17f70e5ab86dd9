//! What a question reads of what a backend sent: the same parsing into the same tree, and nothing that can leave.

use super::super::value::Parsed;
use super::{DataSet, ItemCode, MAX_RAW_ITEMS, RawItem, Tree};

/// For each occurrence of `group` (the whole record when there is none), what it says for each of `wanted`, in their
/// order; what is not in the occurrence itself is looked for in the groups around it. None when anything wanted could
/// not be read, or more was sent than is read: half an answer is none.
pub(in crate::catalog) fn occurrences(
    set: &DataSet,
    raw: &[RawItem],
    group: Option<ItemCode>,
    wanted: &[ItemCode],
) -> Option<Vec<Vec<Option<Parsed>>>> {
    if raw.len() > MAX_RAW_ITEMS {
        return None;
    }
    let mut tree = Tree::new(set);
    for sent in raw {
        let Some(item) = ItemCode::parse(&sent.code).ok().and_then(|code| set.item(code)) else { continue };
        if item.is_group() {
            tree.open(item);
        } else if wanted.contains(&item.code) {
            tree.put(item, sent.content.as_deref().unwrap_or_default());
        }
    }
    if !tree.faults.is_empty() {
        return None;
    }
    let is_one = |place: usize| if group.is_none() { place == 0 } else { tree.group_of(place) == group };
    let places = (0..tree.places.len()).filter(|place| is_one(*place));
    Some(places.map(|place| wanted.iter().map(|item| tree.find(place, *item)).collect()).collect())
}

impl Tree<'_> {
    /// The first value of `item` in a place, or in the nearest one around it that has one.
    fn find(&self, mut at: usize, item: ItemCode) -> Option<Parsed> {
        loop {
            let place = self.places.get(at)?;
            if let Some((_, value)) = place.values.iter().find(|(known, _)| known.code == item) {
                return Some(value.clone());
            }
            if at == 0 {
                return None;
            }
            at = place.parent;
        }
    }
}
