//! Reads and checks the rules: everything that can be wrong with them is found here, not at the first question.

use crate::domain::{Digest, Lang};
use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One thing that is wrong with the rules, the schema or a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// The file's name.
    pub file: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl PolicyFault {
    pub(super) fn new(file: &str, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.problem)
    }
}

impl std::error::Error for PolicyFault {}

/// One rule, by itself.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub id: Arc<str>,
    pub file: String,
    pub policy: Policy,
}

impl Rule {
    /// One sentence for people.
    pub fn reason(&self, lang: Lang) -> Option<&str> {
        self.policy.annotation(match lang {
            Lang::Ja => "reason_ja",
            Lang::En => "reason",
        })
    }

    /// Whether it permits; else it forbids.
    pub fn permits(&self) -> bool {
        self.policy.effect() == Effect::Permit
    }
}

/// Rules that fit their schema.
pub(super) struct Loaded {
    pub schema: Schema,
    pub policies: PolicySet,
    /// In the files' order, which is the order in which a refusal names them.
    pub rules: Vec<Rule>,
    pub schema_file: String,
    /// Of every text read.
    pub digest: Digest,
}

pub(super) fn load(directory: &Path) -> Result<Loaded, Vec<PolicyFault>> {
    let mut faults = Vec::new();
    let schema = schema(directory, &mut faults);
    let texts = files(directory, "cedar", &mut faults);
    let digest = digest_of(texts.iter().chain(schema.iter().map(|(_, read)| read)));
    let (policies, rules) = policies(directory, texts, &mut faults);
    if let (Some((schema, _)), true) = (&schema, faults.is_empty()) {
        validate(schema, &policies, &rules, &mut faults);
    }
    match schema {
        Some((schema, (schema_file, _))) if faults.is_empty() => {
            Ok(Loaded { schema, policies, rules, schema_file, digest })
        }
        _ => Err(faults),
    }
}

/// Files of one kind in a directory, by name.
pub(super) fn files(directory: &Path, extension: &str, faults: &mut Vec<PolicyFault>) -> Vec<(String, String)> {
    let name = directory.display().to_string();
    let mut paths: Vec<PathBuf> = match std::fs::read_dir(directory) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(error) => {
            faults.push(PolicyFault::new(&name, format!("can't be read: {error}")));
            return Vec::new();
        }
    };
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => texts.push((file, text)),
            Err(error) => faults.push(PolicyFault::new(&file, format!("can't be read: {error}"))),
        }
    }
    texts
}

/// One digest of files: of their names and their texts, so that none can pass into another.
pub(super) fn digest_of<'a>(files: impl Iterator<Item = &'a (String, String)>) -> Digest {
    let each = files.map(|(name, text)| format!("{name} {}", Digest::of(text).base64url()));
    Digest::of(&each.collect::<Vec<_>>().join("\n"))
}

/// The schema, with its file's name and text.
fn schema(directory: &Path, faults: &mut Vec<PolicyFault>) -> Option<(Schema, (String, String))> {
    let mut found = files(directory, "cedarschema", faults);
    if found.len() > 1 {
        faults.push(PolicyFault::new(&directory.display().to_string(), "holds more than one *.cedarschema"));
    }
    let Some((file, text)) = found.pop() else {
        faults.push(PolicyFault::new(&directory.display().to_string(), "holds no *.cedarschema"));
        return None;
    };
    match Schema::from_cedarschema_str(&text) {
        Ok((schema, warnings)) => {
            faults.extend(warnings.map(|warning| PolicyFault::new(&file, warning.to_string())));
            Some((schema, (file, text)))
        }
        Err(error) => {
            faults.push(PolicyFault::new(&file, error.to_string()));
            None
        }
    }
}

fn policies(directory: &Path, texts: Vec<(String, String)>, faults: &mut Vec<PolicyFault>) -> (PolicySet, Vec<Rule>) {
    let (mut all, mut rules) = (PolicySet::new(), Vec::<Rule>::new());
    if texts.is_empty() {
        faults
            .push(PolicyFault::new(&directory.display().to_string(), "holds no *.cedar, so nothing would be allowed"));
    }
    for (file, text) in texts {
        let parsed = match text.parse::<PolicySet>() {
            Ok(parsed) => parsed,
            Err(error) => {
                faults.extend(error.iter().map(|error| PolicyFault::new(&file, error.to_string())));
                continue;
            }
        };
        if parsed.templates().next().is_some() {
            faults.push(PolicyFault::new(&file, "holds a template; rules must be whole"));
        }
        let mut found: Vec<_> = parsed.policies().collect();
        // Parsed policies are called policy0, policy1, …
        found.sort_by_key(|policy| policy.id().to_string().trim_start_matches("policy").parse::<usize>().unwrap_or(0));
        for (n, policy) in found.into_iter().enumerate() {
            let id = policy.annotation("id").unwrap_or_default();
            if !is_rule_name(id) {
                let problem = format!("rule {} needs an @id(\"…\") of a-z 0-9 _, beginning with a letter", n + 1);
                faults.push(PolicyFault::new(&file, problem));
            } else if let Some(other) = rules.iter().find(|rule| &*rule.id == id) {
                faults.push(PolicyFault::new(&file, format!("the @id {id} is already taken in {}", other.file)));
            } else {
                let named = policy.new_id(PolicyId::new(id));
                match all.add(named.clone()) {
                    Ok(()) => rules.push(Rule { id: id.into(), file: file.clone(), policy: named }),
                    Err(error) => faults.push(PolicyFault::new(&file, error.to_string())),
                }
            }
        }
    }
    (all, rules)
}

/// Warnings count too: a rule that can never apply is a mistake of its writer.
fn validate(schema: &Schema, policies: &PolicySet, rules: &[Rule], faults: &mut Vec<PolicyFault>) {
    let file_of: HashMap<&str, &str> = rules.iter().map(|rule| (&*rule.id, rule.file.as_str())).collect();
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let told = result
        .validation_errors()
        .map(|error| (error.policy_id().to_string(), error.to_string()))
        .chain(result.validation_warnings().map(|warning| (warning.policy_id().to_string(), warning.to_string())));
    faults.extend(told.map(|(rule, problem)| {
        PolicyFault::new(file_of.get(rule.as_str()).copied().unwrap_or("rules"), format!("rule {rule}: {problem}"))
    }));
}

fn is_rule_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && ![super::DEFAULT_DENY, super::POLICY_ERROR].contains(&text)
}
