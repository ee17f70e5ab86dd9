//! The pages' words in both languages, from `locales/*.ftl` (Project Fluent), embedded.

use crate::domain::{Fault, Lang};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const JA: &str = include_str!("locales/ja.ftl");
const EN: &str = include_str!("locales/en.ftl");

/// The words of every page.
pub struct Texts {
    ja: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl Texts {
    /// Reads the embedded files.
    ///
    /// # Errors
    /// [`Fault::Internal`] when one does not read; a test makes sure that both do.
    pub fn load() -> Result<Self, Fault> {
        Ok(Self { ja: bundle(JA, Lang::Ja)?, en: bundle(EN, Lang::En)? })
    }

    /// The text with this id. An id that is missing shows as itself, so that a page is never lost over a word.
    #[must_use]
    pub fn get(&self, lang: Lang, id: &str, args: &[(&str, &str)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            values.set(*name, FluentValue::from(*value));
        }
        self.format(lang, id, &values)
    }

    /// The text with this id for a number `n`, in the plural form that the language wants.
    #[must_use]
    pub fn count(&self, lang: Lang, id: &str, n: u32) -> String {
        let mut values = FluentArgs::new();
        values.set("n", FluentValue::from(n));
        self.format(lang, id, &values)
    }

    fn format(&self, lang: Lang, id: &str, args: &FluentArgs<'_>) -> String {
        let bundle = match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        };
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut faults = Vec::new();
        bundle.format_pattern(pattern, Some(args), &mut faults).into_owned()
    }
}

fn bundle(source: &str, lang: Lang) -> Result<FluentBundle<FluentResource>, Fault> {
    let resource = FluentResource::try_new(source.to_owned())
        .map_err(|(_, faults)| Fault::Internal(format!("{}.ftl: {faults:?}", lang.tag())))?;
    let locale: LanguageIdentifier =
        lang.tag().parse().map_err(|_| Fault::Internal(format!("{} is no language tag", lang.tag())))?;
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The isolating marks (U+2068, U+2069) would show up in names that people copy.
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).map_err(|faults| Fault::Internal(format!("{}.ftl: {faults:?}", lang.tag())))?;
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Each id with the variables that its text names.
    fn ids(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut id = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with([' ', '}'])
                && let Some((name, _)) = line.split_once(" =")
            {
                name.clone_into(&mut id);
                assert!(found.insert(id.clone(), BTreeSet::new()).is_none(), "{id} is there twice");
            }
            for variable in line.split('$').skip(1) {
                let name = variable.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                found.entry(id.clone()).or_default().insert(name.to_owned());
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_ids_and_variables() {
        assert_eq!(ids(JA), ids(EN));
    }

    #[test]
    fn every_text_reads_and_none_holds_markup() {
        let texts = Texts::load().unwrap();
        for (id, variables) in ids(JA) {
            for lang in [Lang::Ja, Lang::En] {
                let args: Vec<_> = variables.iter().map(|name| (name.as_str(), "例")).collect();
                let text = texts.get(lang, &id, &args);
                assert!(!text.is_empty() && text != id && !text.contains("{$"), "{} {id}: {text}", lang.tag());
                assert!(!text.contains('<') && !text.contains('\u{2068}'), "{} {id}: {text}", lang.tag());
            }
        }
    }

    /// Families of ids are put together from a code; every other text must be in use.
    const FAMILIES: &[&str] = &[
        "outcome-",
        "refused-",
        "failure-",
        "grant-revoked-",
        "notice-",
        "span-",
        "error-choice-",
        "conformance-",
        "links-kind-",
        "statistics-",
        "status-",
        "frequency-",
        "legal-basis-",
        "on-behalf-of-",
        "representation-",
        "representatives-",
        "verify-why-",
        "company-refused-",
        "delegation-",
        "filing-",
        "invitation-refused-",
        "founding-",
        "agency-",
        "certificate-",
        "payment-",
        "service-section-",
        "records-wrong-",
        "reference-",
        "disposition-",
        "deposit-state-",
        "deposit-duty-",
        "applications-state-",
        "applications-as-",
        "applications-error-",
        "interviews-",
        "signature-outcome-",
        "applications-signed",
        "applications-not-signed",
    ];

    #[test]
    fn every_id_that_a_template_or_a_view_names_is_there() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/pages");
        let known = ids(JA);
        let mut seen = BTreeSet::new();
        for folder in [here.clone(), here.join("templates")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let Some("html" | "rs") = path.extension().and_then(|e| e.to_str()) else { continue };
                let source = std::fs::read_to_string(&path).unwrap();
                for opening in [".t(\"", ".with(\"", ".with2(\"", ".count(\""] {
                    for rest in source.split(opening).skip(1) {
                        let id = rest.split('"').next().unwrap();
                        assert!(known.contains_key(id), "{}: {id} is in no .ftl file", path.display());
                        seen.insert(id.to_owned());
                    }
                }
            }
        }
        let idle: Vec<_> = known.keys().filter(|id| !seen.contains(*id)).collect();
        let idle: Vec<_> = idle.into_iter().filter(|id| !FAMILIES.iter().any(|f| id.starts_with(f))).collect();
        assert!(idle.is_empty(), "no page shows {idle:?}");
    }
}
