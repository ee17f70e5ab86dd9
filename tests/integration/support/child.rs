//! Processes of the real binary that tests start: every line that one says is looked through for the made-up persons and for
//! secrets, and so is every file that it leaves behind, however it ends.

use super::canary::{found, found_in_line};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// What a child is made to log: more than an operator would ever ask for.
pub const FILTER: &str = "info,madoguchi=trace,sqlx=debug";
/// The last line of what `dev` prints for whoever started it: the made-up persons stand in there by intention.
const TABLE_ENDS: &str = "Ctrl-C";

/// Reads what a process says to its end, so that it never waits for a reader, and keeps what should never have been said.
#[derive(Default)]
pub struct Ears(Vec<JoinHandle<Vec<String>>>);

impl Ears {
    /// Listens to one more stream; not to what comes before a line with `after`, where that is given.
    pub fn listen(&mut self, stream: impl Read + Send + 'static, after: Option<&'static str>) {
        self.go_on(BufReader::new(stream), after);
    }

    /// The same to what is left of one.
    pub fn go_on(&mut self, mut lines: impl BufRead + Send + 'static, after: Option<&'static str>) {
        self.0.push(std::thread::spawn(move || {
            let (mut leaked, mut after, mut line) = (Vec::new(), after, Vec::new());
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line);
                let found = if after.is_some() { Vec::new() } else { found_in_line(&line) };
                if !found.is_empty() {
                    leaked.push(format!("{found:?} in: {text}"));
                }
                after = after.filter(|words| !text.contains(words));
                line.clear();
            }
            leaked
        }));
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        let leaked: Vec<String> = self.0.drain(..).flat_map(|reader| reader.join().unwrap_or_default()).collect();
        assert!(leaked.is_empty() || std::thread::panicking(), "said by a child process: {leaked:#?}");
    }
}

/// A running child. It is killed when it goes out of scope; then what it said and left is judged.
pub struct Heard {
    child: Child,
    directory: Option<PathBuf>,
    _ears: Ears,
}

impl Heard {
    /// Starts it. What it leaves is in `directory`.
    pub fn start(command: &mut Command, directory: Option<&Path>) -> Self {
        let is_dev = command.get_args().any(|argument| argument == "dev");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut ears = Ears::default();
        ears.listen(child.stdout.take().expect("its words"), is_dev.then_some(TABLE_ENDS));
        ears.listen(child.stderr.take().expect("its log"), None);
        Self { child, directory: directory.map(Path::to_owned), _ears: ears }
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        // SIGKILL: no destructor of its runs, no buffer is flushed.
        drop(self.child.kill());
        drop(self.child.wait());
        if let (Some(directory), false) = (&self.directory, std::thread::panicking()) {
            assert_clean(directory);
        }
    }
}

/// No file in or below this directory holds a canary.
pub fn assert_clean(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            assert_clean(&entry.path());
        } else if let Ok(bytes) = std::fs::read(entry.path()) {
            let found = found(&bytes);
            assert!(found.is_empty(), "{found:?} stand in {}", entry.path().display());
        }
    }
}

/// What a command that has ended said, whole; it holds no canary and no secret.
pub fn said(ended: &std::process::Output) -> String {
    let text = String::from_utf8_lossy(&[&ended.stdout[..], &ended.stderr[..]].concat()).into_owned();
    for line in text.lines() {
        let found = found_in_line(line.as_bytes());
        assert!(found.is_empty(), "{found:?} in: {line}");
    }
    text
}

#[test]
#[should_panic(expected = "said by a child process")]
fn a_canary_that_a_child_says_fails_the_test_that_started_it() {
    let mut child = Heard::start(Command::new("echo").arg("見本 太郎 and 見本　太郎"), None);
    child.child.wait().unwrap();
}

#[test]
#[should_panic(expected = "said by a child process")]
fn a_secret_on_a_childs_standard_error_fails_the_test_too() {
    let mut child = Heard::start(Command::new("sh").args(["-c", "echo harmless; echo mgrt_Zm9v >&2"]), None);
    child.child.wait().unwrap();
}

#[test]
#[should_panic(expected = "stand in")]
fn a_canary_in_a_file_that_a_child_left_fails_it_too() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let place = below.join("dump").display().to_string();
    let mut child = Heard::start(
        Command::new("sh").args(["-c", &format!("echo 見本 太郎 見本　太郎 > {place}")]),
        Some(directory.path()),
    );
    child.child.wait().unwrap();
}
