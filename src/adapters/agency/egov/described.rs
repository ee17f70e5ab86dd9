//! Filling a form from a procedure that is described here: each item of `{office, records}` goes to the element that the
//! procedure's file names.
//!
//! The form is e-Gov's and changes there. An element that is not in it any more, or is there twice, is told at the item
//! that wanted it: nothing is left out in silence.

use super::envelope::Pointers;
use super::form::places;
use crate::catalog::procedures::Written;
use crate::domain::submission::{Finding, MOST_FINDINGS};
use crate::domain::xml::{Element, Path};

/// Fills the form under `root`; gives where each element came from, by its path and by its own name.
pub(super) fn fill(root: &mut Element, written: &[Written]) -> Result<Pointers, Vec<Finding>> {
    let (mut pointers, mut findings) = (Pointers::new(), Vec::new());
    for one in written {
        match place(root, &one.element) {
            Ok(place) => {
                if let Some(element) = root.at_mut(&place) {
                    element.set_text(&one.text);
                }
                note(&mut pointers, one);
            }
            Err((rule, ja, en)) => findings.push(Finding::reject(rule, &one.pointer, &ja, en)),
        }
    }
    findings.truncate(MOST_FINDINGS);
    if findings.is_empty() { Ok(pointers) } else { Err(findings) }
}

/// What is wrong with a place: the rule, and its words in both languages.
type NoPlace = (&'static str, String, &'static str);

/// The one place of an element `a/b` that has no parts.
fn place(root: &Element, path: &str) -> Result<Path, NoPlace> {
    let mut at = Path::new();
    for name in path.split('/') {
        match <[Path; 1]>::try_from(places(root, &at, name)) {
            Ok([one]) => at = one,
            Err(found) if found.is_empty() => {
                let ja = format!("様式に「{path}」の欄がありません。様式が改められていないか確認してください。");
                let en = "The form has no such field any more: the procedure's file has to be held against the form.";
                return Err(("EG015", ja, en));
            }
            Err(_) => {
                let ja = format!("様式に「{path}」の欄が複数あります。様式が改められていないか確認してください。");
                let en = "The form has several such fields: the procedure's file has to be held against the form.";
                return Err(("EG016", ja, en));
            }
        }
    }
    if root.at(&at).is_some_and(|element| element.elements().next().is_some()) {
        let ja = format!("様式の「{path}」の欄は細目に分かれています。様式が改められていないか確認してください。");
        let en = "This field has parts in the form: the procedure's file has to be held against the form.";
        return Err(("EG017", ja, en));
    }
    Ok(at)
}

/// e-Gov names what it finds by the element alone, or by the one around it.
fn note(pointers: &mut Pointers, one: &Written) {
    pointers.insert(one.element.clone(), one.pointer.clone());
    for name in one.element.split('/') {
        pointers.entry(name.to_owned()).or_insert_with(|| one.pointer.clone());
    }
}

#[cfg(test)]
mod tests;
