//! The shape of the code, checked: who may use whom, how long a file is, what each file opens with.
//!
//! Standard library only. Every source file is stripped of comments and literals, its paths that start at `crate`
//! (grouped imports and `super::` chains that reach the root included) are read, and compared with [`LAYERS`].

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "architecture/source.rs"]
mod source;

use source::{Source, read_all};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. A module that is not named here fails the test until it is.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("telemetry", &["domain"]),
    ("protocol", &["domain"]),
    ("policy", &["domain"]),
    ("catalog", &["domain"]),
    ("store", &["domain", "telemetry"]),
    ("hot", &["domain", "telemetry"]),
    ("adapters", &["domain", "catalog", "telemetry"]),
    ("limits", &["domain", "hot"]),
    ("evidence", &["domain", "store", "telemetry"]),
    ("submissions", &["domain", "protocol", "catalog", "store", "adapters", "evidence", "telemetry"]),
    (
        "issuer",
        &["domain", "protocol", "policy", "catalog", "limits", "store", "hot", "evidence", "adapters", "telemetry"],
    ),
    ("gateway", &["domain", "protocol", "policy", "catalog", "limits", "store", "hot", "evidence", "telemetry"]),
    (
        "services",
        &["domain", "catalog", "gateway", "store", "hot", "limits", "adapters", "evidence", "submissions", "telemetry"],
    ),
    (
        "http",
        &[
            "domain",
            "telemetry",
            "protocol",
            "policy",
            "catalog",
            "store",
            "hot",
            "adapters",
            "limits",
            "evidence",
            "submissions",
            "issuer",
            "gateway",
            "services",
        ],
    ),
    (
        "config",
        &[
            "domain",
            "telemetry",
            "protocol",
            "policy",
            "catalog",
            "store",
            "hot",
            "adapters",
            "limits",
            "evidence",
            "submissions",
            "issuer",
            "gateway",
            "services",
            "http",
        ],
    ),
    ("sandbox", &["domain", "catalog"]),
    (
        "cli",
        &[
            "domain",
            "telemetry",
            "protocol",
            "policy",
            "catalog",
            "store",
            "hot",
            "adapters",
            "limits",
            "evidence",
            "submissions",
            "issuer",
            "gateway",
            "services",
            "http",
            "config",
            "sandbox",
        ],
    ),
];

/// Engines stand behind their ports: only the composition root and the module's own files name them.
const ENGINES: &[(&str, &str)] = &[("store", "sqlite"), ("store", "postgres"), ("hot", "memory"), ("hot", "redis")];

/// Statics that may hold state, with the reason. This list may only shrink.
const STATEFUL: &[(&str, &str)] = &[];

const MOST_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> Vec<Source> {
    let sources = read_all(&root(), &["src"]);
    assert!(sources.len() > 10, "the library was not found");
    sources
}

fn everything() -> Vec<Source> {
    read_all(&root(), &["src", "tests", "examples"])
}

fn declared_modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    text.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned())).collect()
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_module_stands_in_the_table_and_the_table_follows_lib_rs() {
    let declared = declared_modules();
    let table: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        declared.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        table.iter().copied().collect::<BTreeSet<_>>(),
        "lib.rs and LAYERS name different modules"
    );
    let place = |name: &str| declared.iter().position(|d| d == name).unwrap();
    for (user, used) in LAYERS {
        for used in *used {
            assert!(place(used) < place(user), "{user} may not use {used}, which stands below it in lib.rs");
        }
    }
}

#[test]
fn modules_use_only_what_their_layer_allows() {
    let allowed: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut faults = Vec::new();
    for source in library() {
        let Some(user) = source.top_module() else { continue };
        for path in source.crate_paths() {
            let Some(used) = path.names.first().filter(|used| allowed.contains_key(used.as_str())) else { continue };
            let may = allowed.get(user.as_str()).is_some_and(|list| list.contains(&used.as_str()));
            // A test builds what its subject is given, so it may also use what the modules below use.
            let is_test = source.is_test() || path.in_test;
            let below = || allowed[user.as_str()].iter().any(|module| allowed[module].contains(&used.as_str()));
            if *used != user && !may && !(is_test && below()) {
                faults.push(format!("{}:{}: {user} may not use {used}", source.name, path.line));
            }
        }
    }
    none(&faults);
}

#[test]
fn modules_do_not_go_in_circles() {
    let known: BTreeSet<String> = declared_modules().into_iter().collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in library() {
        let Some(user) = source.top_module() else { continue };
        let used = source.crate_paths().into_iter().filter_map(|path| path.names.first().cloned());
        uses.entry(user.clone()).or_default().extend(used.filter(|used| *used != user && known.contains(used)));
    }
    // Take away, again and again, the modules that use nothing any more: what remains goes in circles.
    while let Some(free) = uses.iter().find(|(_, used)| used.is_empty()).map(|(name, _)| name.clone()) {
        uses.remove(&free);
        for used in uses.values_mut() {
            used.remove(&free);
        }
    }
    assert!(uses.is_empty(), "these modules use each other in a circle: {uses:?}");
}

#[test]
fn only_the_composition_root_names_an_engine() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|source| !source.is_test()) {
        let user = source.top_module().unwrap_or_default();
        for path in source.crate_paths().into_iter().filter(|path| !path.in_test) {
            for (port, engine) in ENGINES {
                let named =
                    path.names.first().is_some_and(|n| n == port) && path.names.get(1).is_some_and(|n| n == engine);
                if named && user != *port && user != "cli" {
                    faults.push(format!("{}:{}: names the engine {port}::{engine}", source.name, path.line));
                }
            }
        }
    }
    none(&faults);
}

#[test]
fn config_takes_only_settings_from_use_cases() {
    let use_cases = ["adapters", "limits", "evidence", "issuer", "gateway", "services", "http", "store", "hot"];
    let mut faults = Vec::new();
    for source in library().iter().filter(|s| s.top_module().as_deref() == Some("config")) {
        for path in source.crate_paths().into_iter().filter(|path| !path.in_test) {
            let from_use_case = path.names.first().is_some_and(|name| use_cases.contains(&name.as_str()));
            if from_use_case && !path.names.iter().any(|name| name.ends_with("Settings")) {
                faults.push(format!("{}:{}: {} is no Settings", source.name, path.line, path.names.join("::")));
            }
        }
    }
    none(&faults);
}

#[test]
fn files_are_short_and_open_with_a_header() {
    let mut faults = Vec::new();
    for source in everything() {
        let lines = source.text.lines().count();
        if lines > MOST_LINES {
            faults.push(format!("{}: {lines} lines, at most {MOST_LINES}", source.name));
        }
        if !source.text.starts_with("//! ") {
            faults.push(format!("{}: does not open with a `//!` line that says what it is", source.name));
        }
    }
    none(&faults);
}

#[test]
fn every_module_folder_opens_with_its_essay() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|source| source.name.ends_with("/mod.rs")) {
        if source.text.lines().count() < 6 {
            continue; // a place kept free for what comes
        }
        let essay: Vec<&str> = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        let is_top = source.name.matches('/').count() == 2;
        let least = if is_top { 6 } else { 3 };
        if essay.len() < least {
            faults.push(format!("{}: an essay of {} lines, at least {least}", source.name, essay.len()));
        }
        for part in ["What for", "How it flows", "How to add", "What it must never do"] {
            if is_top && !essay.iter().any(|line| line.to_lowercase().contains(&part.to_lowercase())) {
                faults.push(format!("{}: the essay does not say `{part}`", source.name));
            }
        }
    }
    none(&faults);
}

#[test]
fn only_config_load_reads_the_environment() {
    let mut faults = Vec::new();
    for source in library().iter().filter(|source| source.name != "src/config/load.rs") {
        for (number, line) in source.code.lines().enumerate() {
            let reads = ["env::var", "env::vars", "env::set_var", "env::remove_var", "option_env!"];
            if reads.iter().any(|word| line.contains(word)) {
                faults.push(format!("{}:{}: touches the environment", source.name, number + 1));
            }
        }
    }
    none(&faults);
}

#[test]
fn no_static_holds_state() {
    let stateful = [
        "Mutex",
        "RwLock",
        "Atomic",
        "OnceLock",
        "OnceCell",
        "RefCell",
        "Cell<",
        "DashMap",
        "static mut",
        "thread_local!",
    ];
    let mut faults = Vec::new();
    for source in library() {
        if STATEFUL.iter().any(|(folder, _)| source.name.starts_with(folder)) {
            continue;
        }
        for (number, line) in source.code.lines().enumerate() {
            let line = line.trim_start();
            let is_static = line.starts_with("static ") || line.contains("pub static ") || line.contains(") static ");
            if (is_static || line.contains("thread_local!")) && stateful.iter().any(|word| line.contains(word)) {
                faults.push(format!("{}:{}: a static with state: {line}", source.name, number + 1));
            }
        }
    }
    none(&faults);
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = root().join("src/store").join(engine).join("migrations");
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"), "an engine lacks a migration, or calls it otherwise");
    assert!(!names("sqlite").is_empty(), "there are no migrations");
}

#[test]
fn every_dependency_is_used() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let names = |section: &str| -> Vec<String> {
        let body = manifest.lines().skip_while(move |line| line.trim() != section).skip(1);
        body.take_while(|line| !line.starts_with('['))
            .filter_map(|line| Some(line.split_once('=')?.0.trim().replace('-', "_")))
            .filter(|name| !name.starts_with('#'))
            .collect()
    };
    let uses = |sources: &[Source], name: &str| {
        let forms = [format!("{name}::"), format!("use {name};"), format!("use {name} as ")];
        sources.iter().any(|source| forms.iter().any(|form| has_word(&source.code, form)))
    };
    let (library, everything) = (library(), everything());
    let unused = names("[dependencies]").into_iter().filter(|name| !uses(&library, name));
    let unused_in_tests = names("[dev-dependencies]").into_iter().filter(|name| !uses(&everything, name));
    let faults: Vec<_> = unused.chain(unused_in_tests).map(|name| format!("Cargo.toml: {name} is not used")).collect();
    none(&faults);
}

/// Whether `form` stands in `code` with no letter before it.
fn has_word(code: &str, form: &str) -> bool {
    code.match_indices(form).any(|(at, _)| {
        let before = code.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

#[test]
fn the_root_holds_only_what_belongs_there() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "src",
        "openapi",
        "policies",
        "tests",
        "examples",
        "target",
    ];
    let strange: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !known.contains(&name.as_str()))
        .collect();
    none(&strange);
    assert!(Path::new(&root()).join("LICENSE").exists());
}
