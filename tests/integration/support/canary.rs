//! The made-up persons as canaries: every line that any server of the suite logs is looked through for them, and so are its
//! figures and the files of every embedded store. Whoever finds one fails.

use aho_corasick::AhoCorasick;
use madoguchi::telemetry::metric::{self, Figures};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, Once, OnceLock, PoisonError};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// What is logged to be looked at: more than an operator would ever ask for.
const FILTER: &str = "info,madoguchi=trace,actix_web=debug,sqlx=debug";
/// How secrets begin: JWTs, refresh tokens, private keys.
const SECRETS: [&str; 4] = ["eyJhbGciOi", "eyJ0eXAiOi", "mgrt_", "-----BEGIN"];

/// Names, readings, birth dates, addresses and card numbers of the made-up persons.
fn canaries() -> &'static [String] {
    static CANARIES: OnceLock<Vec<String>> = OnceLock::new();
    CANARIES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/persons");
        let mut all = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let person: Value = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            let places = ["/name/full", "/name/roman", "/birth_date", "/address/text", "/card/number"];
            all.extend(places.iter().map(|place| person.pointer(place).unwrap().as_str().unwrap().to_owned()));
            // The reading of the name stands only in what is held about the person.
            let text = person.to_string();
            all.extend(text.split('"').filter(|part| is_reading(part)).map(str::to_owned));
        }
        all.sort_unstable();
        all.dedup();
        assert!(all.len() >= 60, "{all:?}");
        all
    })
}

fn is_reading(part: &str) -> bool {
    let is_kana = |c: char| ('ァ'..='ヶ').contains(&c) || c == 'ー';
    part.split_once(['　', ' '])
        .is_some_and(|(family, own)| [family, own].iter().all(|n| n.chars().all(is_kana) && n.len() > 3))
}

/// Many words that are looked for in one pass.
struct Words {
    words: Vec<&'static str>,
    search: AhoCorasick,
}

impl Words {
    fn of(words: Vec<&'static str>) -> Self {
        Self { search: AhoCorasick::new(&words).expect("a search of these words"), words }
    }

    /// Each word that stands in `text`, overlapped by another or not, once.
    fn found(&self, text: &[u8]) -> Vec<&'static str> {
        let all = self.search.find_overlapping_iter(text).map(|one| one.pattern().as_usize());
        all.collect::<BTreeSet<_>>().into_iter().map(|place| self.words[place]).collect()
    }
}

/// The canaries that stand in a text or a file.
pub fn found(text: &[u8]) -> Vec<&'static str> {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(canaries().iter().map(String::as_str).collect()));
    WORDS.found(text)
}

/// What must not be in a log line: a canary, or what begins like a secret.
pub fn found_in_line(line: &[u8]) -> Vec<&'static str> {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| Words::of(canaries().iter().map(String::as_str).chain(SECRETS).collect()));
    WORDS.found(line)
}

/// Lines that should never have been written.
static LEAKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Where the suite's log lines go.
#[derive(Clone, Copy)]
pub struct Sink(&'static Mutex<Vec<String>>);

impl Write for Sink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let found = found_in_line(line);
        if !found.is_empty() {
            let text = String::from_utf8_lossy(line);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{found:?} in: {text}"));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Sink {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        *self
    }
}

fn subscriber(sink: Sink) -> impl tracing::Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER)).with_ansi(false);
    lines.with_span_events(tracing_subscriber::fmt::format::FmtSpan::NEW).with_writer(sink).finish()
}

/// What this process counts.
pub fn figures() -> &'static Figures {
    static FIGURES: OnceLock<Figures> = OnceLock::new();
    FIGURES.get_or_init(|| metric::install().expect("counted once"))
}

/// Looks through what is logged from now on, and through the store's files at its end.
pub struct Watch(Option<PathBuf>);

impl Watch {
    /// Begins. The files of an embedded store are in `directory`.
    pub fn begin(directory: Option<&Path>) -> Self {
        static ONCE: Once = Once::new();
        figures();
        ONCE.call_once(|| tracing::subscriber::set_global_default(subscriber(Sink(&LEAKED))).expect("one subscriber"));
        Self(directory.map(Path::to_owned))
    }

    /// Whether it looks into files at its end.
    pub const fn has_files(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let leaked = LEAKED.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(leaked.is_empty(), "logged by this test or one beside it: {leaked:#?}");
        let told = found_in_line(figures().render().as_bytes());
        assert!(told.is_empty(), "{told:?} stand in the figures of this test or one beside it");
        let Some(directory) = &self.0 else { return };
        for file in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let Ok(bytes) = std::fs::read(file.path()) else { continue };
            let found = found(&bytes);
            assert!(found.is_empty(), "{found:?} stand in {}", file.path().display());
        }
    }
}

#[test]
fn a_canary_and_a_secret_in_a_line_or_a_span_are_caught() {
    static CAUGHT: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let name = canaries().iter().find(|canary| canary.contains("太郎")).expect("見本 太郎 is a person");
    tracing::subscriber::with_default(subscriber(Sink(&CAUGHT)), || {
        tracing::debug!(target: "madoguchi", "nothing of anybody");
        assert!(CAUGHT.lock().unwrap().is_empty());
        tracing::trace!(target: "madoguchi::gateway", person = %name, "a careless line");
        let _span = tracing::info_span!(target: "madoguchi", "careless", token = "mgrt_Zm9v").entered();
    });
    let caught = CAUGHT.lock().unwrap();
    assert_eq!(caught.len(), 2, "{caught:?}");
    assert!(caught[0].contains(name.as_str()) && caught[1].contains("mgrt_"));
}

#[test]
#[should_panic(expected = "stand in")]
fn a_canary_in_a_file_fails_the_test_that_wrote_it() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("store.db"), format!("\0\u{1}{}\0", canaries()[0])).unwrap();
    drop(Watch::begin(Some(directory.path())));
}
