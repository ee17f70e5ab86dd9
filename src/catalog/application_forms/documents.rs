//! Documents (添付書類) that go with a form, or may: which, as what, how many, and how large.

use super::{Answers, ApplicationForm, Finding};
use crate::catalog::services::Standards;
use crate::domain::Words;
use crate::domain::application::ApplicantKind;
use crate::domain::attachment::{AttachedFile, MOST_BYTES, MediaType};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The rule of documents that are missing.
const MISSING: &str = "MG242";
/// Most files of one document of any form.
const MOST: usize = 20;
/// Where the documents of an application stand.
const FILES: &str = "/attachments";

/// A document that goes with a form, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSlot {
    /// Its code among the documents that procedures ask for.
    pub code: String,
    /// What it is called.
    pub title: Words,
    /// What its files can be.
    pub media_types: Vec<MediaType>,
    /// Most files.
    pub most: usize,
    /// Most bytes of each.
    pub most_bytes: u64,
    /// As what one must not apply without it.
    pub required_of: Vec<ApplicantKind>,
}

/// The same, as a file says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocument {
    code: String,
    media_types: Vec<MediaType>,
    most: usize,
    most_bytes: u64,
    #[serde(default)]
    required_of: Vec<ApplicantKind>,
}

impl RawDocument {
    pub(super) fn read(self, standards: &Standards) -> Option<DocumentSlot> {
        let title = standards.document(&self.code)?.name.clone();
        let Self { code, media_types, most, most_bytes, required_of } = self;
        Some(DocumentSlot { code, title, media_types, most, most_bytes, required_of })
    }
}

/// What is wrong with the documents of one form.
pub(super) fn faults<'a>(all: &'a [RawDocument], standards: &'a Standards) -> impl Iterator<Item = String> + 'a {
    let mut codes = BTreeSet::new();
    all.iter().filter_map(move |one| {
        let problem = if standards.document(&one.code).is_none() {
            "services/documents.toml names no such document"
        } else if !codes.insert(&one.code) {
            "it is there twice"
        } else if one.media_types.is_empty() {
            "media_types must name what its files can be"
        } else if !(1..=MOST).contains(&one.most) {
            "most must be 1 to 20"
        } else if !(1..=MOST_BYTES).contains(&one.most_bytes) {
            "most_bytes must be 1 to 20971520"
        } else {
            return None;
        };
        Some(format!("the document {}: {problem}", one.code))
    })
}

impl ApplicationForm {
    /// The document with this code.
    #[must_use]
    pub fn document(&self, code: &str) -> Option<&DocumentSlot> {
        self.documents.iter().find(|one| one.code == code)
    }

    /// What is wrong with an application: its answers, the certificates of which slots are there, and its documents.
    #[must_use]
    pub fn check_whole(
        &self,
        (kind, answers): (ApplicantKind, &Answers),
        attached: &BTreeSet<&str>,
        files: &[AttachedFile],
    ) -> Vec<Finding> {
        let mut found = self.check(answers, attached);
        let is_there = |slot: &&DocumentSlot| files.iter().any(|file| file.document == slot.code);
        for slot in self.documents.iter().filter(|slot| slot.required_of.contains(&kind) && !is_there(slot)) {
            let ja = format!("{}を添付してください。", slot.title.ja);
            let en = format!("{} must go with it: upload it, and name it here.", slot.title.en);
            found.push(Finding::reject(MISSING, FILES, &ja, &en));
        }
        found
    }
}
