//! Reads Rust source for the architecture test: strips comments and literals, and lists paths that start at the root.

use std::fs;
use std::path::Path;

/// One source file.
pub struct Source {
    /// Its path from the package's root, with `/`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its text with comments and the insides of literals blanked; lines keep their numbers.
    pub code: String,
}

/// A path such as `crate::store::Store`, as its names after `crate`.
pub struct CratePath {
    /// The names.
    pub names: Vec<String>,
    /// Where it stands.
    pub line: usize,
    /// Whether it stands behind `#[cfg(test)]`.
    pub in_test: bool,
}

/// Every `.rs` file below `folders`, sorted by name.
pub fn read_all(root: &Path, folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        walk(root, &root.join(folder), &mut found);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        // What a build of the fuzz targets leaves there is nobody's source.
        if path.is_dir() && path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source { name, code: strip(&text), text });
        }
    }
}

impl Source {
    /// The module of `lib.rs` that the file belongs to; none for `lib.rs` and `main.rs`.
    pub fn top_module(&self) -> Option<String> {
        let inside = self.name.strip_prefix("src/")?;
        let (first, rest) = inside.split_once('/').unwrap_or((inside.strip_suffix(".rs")?, ""));
        (!rest.is_empty() || !matches!(first, "lib" | "main")).then(|| first.to_owned())
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/")
    }

    /// Every path that starts at the crate's root.
    pub fn crate_paths(&self) -> Vec<CratePath> {
        let tokens = tokens(&self.code);
        let test_from = self.code.lines().position(|line| line.trim() == "#[cfg(test)]").map_or(usize::MAX, |n| n + 1);
        let depth = self.depth();
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let starts = at == 0 || tokens[at - 1].0 != "::";
            let after = if starts { root_prefix(&tokens[at..], depth) } else { None };
            if let Some(skip) = after {
                let mut names = Vec::new();
                read_tree(&tokens, at + skip, &mut names, &mut paths);
            }
            at += 1;
        }
        for path in &mut paths {
            path.in_test = path.line > test_from;
        }
        paths
    }

    /// How many modules deep the file's own module is: `src/a/mod.rs` 1, `src/a/b.rs` 2.
    fn depth(&self) -> usize {
        let slashes = self.name.matches('/').count();
        if self.name.ends_with("/mod.rs") { slashes - 1 } else { slashes }
    }
}

/// How many tokens lead to the root at the start of `tokens`: `crate::`, or as many `super::` as the file is deep.
fn root_prefix(tokens: &[(String, usize)], depth: usize) -> Option<usize> {
    let word = |n: usize| tokens.get(n).map(|t| t.0.as_str());
    if word(0) == Some("crate") && word(1) == Some("::") {
        return Some(2);
    }
    let supers = (0..=depth).take_while(|n| word(n * 2) == Some("super") && word(n * 2 + 1) == Some("::")).count();
    (depth > 0 && supers == depth).then_some(supers * 2)
}

/// Reads a path or a use tree from `at`, and adds each full path; gives the place after it.
fn read_tree(tokens: &[(String, usize)], mut at: usize, names: &mut Vec<String>, paths: &mut Vec<CratePath>) -> usize {
    let kept = names.len();
    let line = tokens.get(at).map_or(0, |t| t.1);
    loop {
        match tokens.get(at).map(|t| t.0.as_str()) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t.0 != "}") {
                    let next = read_tree(tokens, at, names, paths);
                    at = if next == at { at + 1 } else { next };
                }
                names.truncate(kept);
                return at + 1;
            }
            Some(word) if is_name(word) || word == "*" => {
                names.push(word.to_owned());
                at += 1;
                if tokens.get(at).is_some_and(|t| t.0 == "::") {
                    at += 1;
                } else {
                    break;
                }
            }
            _ => break,
        }
    }
    if names.len() > kept {
        paths.push(CratePath { names: names.clone(), line, in_test: false });
    }
    names.truncate(kept);
    at
}

fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and single other characters, each with its line.
fn tokens(code: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_alphanumeric() || c == '_' {
                let mut word = c.to_string();
                while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(next);
                }
                out.push((word, number + 1));
            } else if c == ':' && chars.next_if_eq(&':').is_some() {
                out.push(("::".into(), number + 1));
            } else if !c.is_whitespace() {
                out.push((c.to_string(), number + 1));
            }
        }
    }
    out
}

/// Blanks comments and the insides of string and character literals; keeps every line break.
fn strip(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip_from(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.push(' ');
            out.extend(chars[at..end.min(chars.len())].iter().filter(|c| **c == '\n'));
            at = end;
        }
    }
    out
}

/// Where a comment or literal that starts at `at` ends; `at` itself when none does.
fn skip_from(chars: &[char], at: usize) -> usize {
    let get = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let before = if at == 0 { ' ' } else { get(at - 1) };
    match (get(at), get(at + 1)) {
        ('/', '/') => find(chars, at, |n| get(n) == '\n'),
        ('/', '*') => block_comment(chars, at),
        ('"', _) => string_end(chars, at + 1),
        ('r', '"' | '#') if !before.is_alphanumeric() && before != '_' => raw_string_end(chars, at),
        ('\'', '\\') => find(chars, at + 3, |n| get(n) == '\'') + 1,
        ('\'', _) if get(at + 2) == '\'' => at + 3,
        _ => at,
    }
}

fn find(chars: &[char], from: usize, is_end: impl Fn(usize) -> bool) -> usize {
    (from..chars.len()).find(|n| is_end(*n)).unwrap_or(chars.len())
}

fn block_comment(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut n = at;
    while n < chars.len() {
        match (chars[n], chars.get(n + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                n += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                n += 2;
                if depth == 0 {
                    return n;
                }
            }
            _ => n += 1,
        }
    }
    n
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut n = from;
    while n < chars.len() && chars[n] != '"' {
        n += if chars[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let is_end =
        |n: usize| chars[n] == '"' && chars[n + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    find(chars, at + 2 + hashes, is_end) + 1 + hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(name: &str, text: &str) -> Vec<String> {
        let source = Source { name: name.into(), text: text.into(), code: strip(text) };
        source.crate_paths().iter().map(|path| path.names.join("::")).collect()
    }

    #[test]
    fn grouped_and_nested_imports_are_read() {
        let text = "use crate::{store::{Store, sqlite::X}, hot::*};\nfn f() -> crate::issuer::Y { crate::http::f() }";
        let want = ["store::Store", "store::sqlite::X", "hot::*", "issuer::Y", "http::f"];
        assert_eq!(paths("src/domain/a.rs", text), want);
    }

    #[test]
    fn comments_and_literals_are_not_read() {
        let text = "// crate::a::B\n/* crate::b /* crate::c */ */ let s = \"crate::d \\\" crate::e\"; let c = '\"'; r#\"crate::f\"#; crate::g::H";
        assert_eq!(paths("src/domain/a.rs", text), ["g::H"]);
    }

    #[test]
    fn a_chain_of_super_that_reaches_the_root_is_read() {
        assert_eq!(paths("src/domain/a.rs", "use super::super::store::X; use super::b;"), ["store::X"]);
        assert_eq!(paths("src/domain/mod.rs", "use super::store::X;"), ["store::X"]);
    }
}
