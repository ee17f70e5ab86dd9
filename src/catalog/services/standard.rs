//! What is the same at every municipality, and how a municipality's own words are recognised by it.

use super::blocks::{self, Block};
use super::{
    Ages, Category, LifeEvent, Listing, Particulars, RequiredDocument, Section, SectionKind, ServiceProcedure,
};
use crate::catalog::CatalogFault;
use crate::catalog::fold::fold;
use crate::domain::Words;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

const DOCUMENTS: &str = "documents.toml";
const MONTHS: u16 = 12;
/// Most documents of one procedure.
const MOST_DOCUMENTS: usize = 50;

/// Whose procedure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A municipality's.
    #[default]
    Municipality,
    /// A prefecture's, or its police's.
    Prefecture,
}

/// A document that procedures ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its code.
    pub code: Arc<str>,
    /// Its name.
    pub name: Words,
    /// What else it is called, in Japanese.
    pub names: Vec<String>,
}

/// A procedure as it is at every municipality.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardProcedure {
    /// Its code.
    pub code: Arc<str>,
    /// What it is about.
    pub category: Category,
    /// When in a life it comes up.
    pub life_events: Vec<LifeEvent>,
    /// Its official name.
    pub name: Words,
    /// How name and alias are read, in hiragana.
    pub reading: Arc<str>,
    /// What people call it, in Japanese.
    pub alias: Option<String>,
    /// In a sentence.
    pub summary: Words,
    /// Until when, in words.
    pub due: Option<Words>,
    /// More on it, with the markup of [`blocks`].
    #[serde(default)]
    pub body: String,
    /// Whose it is.
    #[serde(default)]
    pub level: Level,
    /// Whether an electronic application is signed with a card.
    pub is_signed: bool,
    /// What is needed, by code.
    pub documents: Vec<Arc<str>>,
    /// Which of that information linkage (情報連携) makes unnecessary.
    pub linkage: Vec<Arc<str>>,
    /// From this age.
    pub from_years: Option<u16>,
    /// Up to the end of this age.
    pub to_years: Option<u16>,
    /// The file it stands in, without its ending.
    #[serde(skip)]
    pub file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    document: Vec<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureFile {
    procedure: Vec<StandardProcedure>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Standards {
    documents: Vec<Document>,
    procedures: BTreeMap<Arc<str>, StandardProcedure>,
    /// By folded name and alias.
    names: HashMap<String, Arc<str>>,
}

impl Standards {
    /// Reads `documents.toml` and `standard/*.toml` of a directory.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(dir: &Path) -> Result<Self, Vec<CatalogFault>> {
        let mut faults = Vec::new();
        let mut read = Self::default();
        match parse::<DocumentFile>(&dir.join(DOCUMENTS)) {
            Ok(file) => read.documents = file.document,
            Err(problem) => faults.push(fault(DOCUMENTS, "", problem)),
        }
        let entries = std::fs::read_dir(dir.join("standard")).map(|entries| entries.flatten().map(|one| one.path()));
        let mut paths: Vec<_> = entries.map(Iterator::collect).unwrap_or_default();
        paths.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        if paths.is_empty() {
            faults.push(fault("standard", "", "holds no *.toml".to_owned()));
        }
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match parse::<ProcedureFile>(&path) {
                Ok(file) => file.procedure.into_iter().for_each(|one| read.add(&name, one, &mut faults)),
                Err(problem) => faults.push(fault(&name, "", problem)),
            }
        }
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    fn add(&mut self, file: &str, mut one: StandardProcedure, faults: &mut Vec<CatalogFault>) {
        let unknown = one.documents.iter().find(|code| self.document(code).is_none());
        if let Some(code) = unknown {
            faults.push(fault(file, &one.code, format!("there is no document {code}")));
        }
        if let Some(code) = one.linkage.iter().find(|code| !one.documents.contains(code)) {
            faults.push(fault(file, &one.code, format!("linkage names {code}, which is not among its documents")));
        }
        for name in [Some(&one.name.ja), one.alias.as_ref()].into_iter().flatten() {
            if self.names.insert(fold(name), Arc::clone(&one.code)).is_some_and(|other| other != one.code) {
                faults.push(fault(file, &one.code, format!("another procedure is called {name}, too")));
            }
        }
        if one.reading.is_empty() || one.reading.chars().any(is_kanji) {
            faults.push(fault(file, &one.code, "reading must be how its name is read, without kanji".to_owned()));
        }
        file.trim_end_matches(".toml").clone_into(&mut one.file);
        if let Some(other) = self.procedures.insert(Arc::clone(&one.code), one) {
            faults.push(fault(file, &other.code, "is there twice".to_owned()));
        }
    }

    /// The procedure of this code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&StandardProcedure> {
        self.procedures.get(code)
    }

    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &StandardProcedure> {
        self.procedures.values()
    }

    /// The document of this code.
    #[must_use]
    pub fn document(&self, code: &str) -> Option<&Document> {
        self.documents.iter().find(|one| *one.code == *code)
    }

    /// A procedure as a municipality describes it, recognised where it is a standard one.
    #[must_use]
    pub fn describe(&self, listing: Listing, particulars: &Particulars) -> ServiceProcedure {
        let standard = self.named(&listing.name).or_else(|| self.named(listing.alias.as_deref()?));
        let sections: Vec<Section> =
            particulars.texts.iter().map(|(kind, text)| Section { kind: *kind, blocks: blocks::read(text) }).collect();
        let sections: Vec<Section> = sections.into_iter().filter(|section| !section.blocks.is_empty()).collect();
        let named = self.documents_of(&sections, standard);
        let has_usual_documents = named.is_empty() && standard.is_some_and(|one| !one.documents.is_empty());
        ServiceProcedure {
            documents: if has_usual_documents { self.usual_documents(standard) } else { named },
            has_usual_documents,
            psid: listing.psid,
            municipality: listing.municipality,
            name: listing.name,
            alias: listing.alias,
            summary: listing.summary,
            category: listing.category,
            life_events: standard.map(|one| one.life_events.clone()).unwrap_or_default(),
            is_e_applicable: listing.is_e_applicable,
            period: listing.period,
            ages: particulars.ages,
            department: listing.department,
            standard: standard.map(|one| Arc::clone(&one.code)),
            reading: standard.map(|one| Arc::clone(&one.reading)),
            version: listing.version,
            updated_at: listing.updated_at,
            sections,
            contact: particulars.contact.clone(),
            links: particulars.links.clone(),
        }
    }

    /// The procedure with this name or alias.
    fn named(&self, name: &str) -> Option<&StandardProcedure> {
        self.get(self.names.get(&fold(name))?)
    }

    /// The documents that a municipality names: each item of a list, or each line, of what is needed.
    fn documents_of(&self, sections: &[Section], standard: Option<&StandardProcedure>) -> Vec<RequiredDocument> {
        let blocks = sections.iter().filter(|section| section.kind == SectionKind::Requirements);
        let lines = blocks.flat_map(|section| &section.blocks).flat_map(|block| match block {
            Block::List { items } => items.iter().map(String::as_str).collect(),
            Block::Paragraph { text } => text.lines().collect(),
            Block::Table { .. } | Block::Link { .. } => Vec::new(),
        });
        lines.take(MOST_DOCUMENTS).map(|line| self.recognised(line, standard)).collect()
    }

    fn recognised(&self, line: &str, standard: Option<&StandardProcedure>) -> RequiredDocument {
        let folded = fold(line);
        let is_called =
            |one: &&Document| std::iter::once(&one.name.ja).chain(&one.names).any(|name| fold(name) == folded);
        let code = self.documents.iter().find(is_called).map(|one| Arc::clone(&one.code));
        let is_unnecessary = code.as_ref().is_some_and(|code| standard.is_some_and(|one| one.linkage.contains(code)));
        RequiredDocument { code, name: line.to_owned(), is_unnecessary }
    }

    fn usual_documents(&self, standard: Option<&StandardProcedure>) -> Vec<RequiredDocument> {
        let Some(standard) = standard else { return Vec::new() };
        let known = standard.documents.iter().filter_map(|code| self.document(code));
        let document = |one: &Document| RequiredDocument {
            code: Some(Arc::clone(&one.code)),
            name: one.name.ja.clone(),
            is_unnecessary: standard.linkage.contains(&one.code),
        };
        known.map(document).collect()
    }
}

impl StandardProcedure {
    /// For whom it is.
    #[must_use]
    pub fn ages(&self) -> Ages {
        Ages {
            from_months: self.from_years.map(|years| years.saturating_mul(MONTHS)),
            // The whole last year is within it.
            to_months: self.to_years.map(|years| years.saturating_mul(MONTHS).saturating_add(MONTHS - 1)),
        }
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    toml::from_str(&text).map_err(|error| error.to_string())
}

fn fault(file: &str, key: &str, problem: String) -> CatalogFault {
    CatalogFault { file: file.to_owned(), key: key.to_owned(), problem }
}

/// CJK unified ideographs, and what repeats one.
const fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}
