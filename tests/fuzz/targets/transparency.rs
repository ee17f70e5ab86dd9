//! What others hand us of the log: signed notes, checkpoints, tile paths and entry bundles. Nothing panics, nothing that was
//! not signed opens, and what is read has one spelling.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::domain::{Secret, Timestamp};
use madoguchi::evidence::checkpoint::Checkpoint;
use madoguchi::evidence::note::{KeyKind, Note, Signer, Verifier};
use madoguchi::evidence::tiles::{TilePath, bundle, unbundle};
use std::sync::OnceLock;

const ORIGIN: &str = "counter.example/evidence";

fn keys() -> &'static (Signer, Verifier) {
    static KEYS: OnceLock<(Signer, Verifier)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let signer = Signer::new(ORIGIN, KeyKind::Log, &Secret::new([7; 32])).unwrap();
        let verifier = Verifier::parse(&signer.verifier().vkey()).unwrap();
        (signer, verifier)
    })
}

fuzz_target!(|data: &[u8]| {
    if let Some(entries) = unbundle(data) {
        assert_eq!(bundle(entries).as_deref(), Some(data), "a bundle has two spellings");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (signer, verifier) = keys();
    assert!(Checkpoint::open(text, verifier).is_err(), "a checkpoint that nobody signed");
    if let Ok(note) = Note::parse(text) {
        assert!(note.verify(verifier).is_err());
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        let ours = Checkpoint { origin: ORIGIN.to_owned(), ..checkpoint };
        let note = ours.sign(signer, Timestamp::from_seconds(1_790_000_000));
        assert_eq!(Checkpoint::open(&note, verifier).unwrap().head(), ours.head());
    }
    if let Some(path) = TilePath::parse(text) {
        assert_eq!(path.to_string(), text, "a tile has two paths");
    }
    let _ = Verifier::parse(text);
});
