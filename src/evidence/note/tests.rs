//! Notes of others are read, ours are made the same, and what was changed is told.

use super::*;

/// The example of the format's first implementation (golang.org/x/mod/sumdb/note), whose private key is published too.
const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const THEN: Timestamp = Timestamp::from_seconds(1_679_315_147);

fn note(text: &str) -> String {
    format!("{text}\n{LINE}")
}

fn signer(name: &str, kind: KeyKind) -> Signer {
    Signer::new(name, kind, &Secret::new([7; 32])).unwrap()
}

#[test]
fn the_published_example_verifies_and_is_made_again() {
    let known = Verifier::parse(KEY).unwrap();
    assert_eq!(known.vkey(), KEY);
    assert_eq!(Note::parse(&note(TEXT)).unwrap().verify(&known), Ok(TEXT));
    let seed = STANDARD.decode(SEED).unwrap();
    let seed = Secret::new(<[u8; 32]>::try_from(&seed[1..]).unwrap());
    let signer = Signer::new("PeterNeumann", KeyKind::Log, &seed).unwrap();
    assert_eq!(*signer.verifier(), known);
    assert_eq!(signer.sign(TEXT, THEN), note(TEXT));
    let kept = signer.private_text(&seed);
    assert_eq!(kept, format!("PRIVATE+KEY+PeterNeumann+c74f20a3+{SEED}\n"));
    assert_eq!(Signer::parse(&kept).unwrap().verifier(), &known);
    assert_eq!(Signer::parse(&kept.replace("c74f", "c74e")).err(), Some(KeyError::Id));
    assert_eq!(Signer::parse(KEY).err(), Some(KeyError::Form));
}

#[test]
fn a_changed_text_is_told_from_one_that_was_never_signed() {
    let known = Verifier::parse(KEY).unwrap();
    let changed = note(&TEXT.replace("cryptography", "cryptographY"));
    assert_eq!(Note::parse(&changed).unwrap().verify(&known), Err(NoteError::Forged));
    let other = signer("other.example/log", KeyKind::Log);
    let theirs = other.sign(TEXT, THEN);
    assert_eq!(Note::parse(&theirs).unwrap().verify(&known), Err(NoteError::Unsigned));
    // Its own name with another key: another id, so another key.
    let impostor = signer("PeterNeumann", KeyKind::Log).sign(TEXT, THEN);
    assert_eq!(Note::parse(&impostor).unwrap().verify(&known), Err(NoteError::Unsigned));
    let both = format!("{}{}", note(TEXT), other.line(TEXT, THEN));
    assert_eq!(Note::parse(&both).unwrap().verify(&known), Ok(TEXT));
    let spoiled = format!("{}{LINE}", other.sign("another text\n", THEN));
    assert_eq!(Note::parse(&spoiled).unwrap().verify(&known), Err(NoteError::Forged));
}

#[test]
fn a_witness_says_when() {
    let witness = signer("witness.example/w1", KeyKind::Witness);
    let cosigned = Note::parse(&format!("{}{}", note(TEXT), witness.line(TEXT, THEN))).unwrap();
    assert_eq!(cosigned.seen(witness.verifier()), Ok(Some(THEN)));
    assert_eq!(cosigned.seen(&Verifier::parse(KEY).unwrap()), Ok(None));
    // The time is part of what is signed.
    let line = witness.line(TEXT, THEN);
    let bytes = STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
    let mut later = bytes.clone();
    later[11] ^= 1;
    let forged = line.replace(&STANDARD.encode(bytes), &STANDARD.encode(later));
    let forged = Note::parse(&format!("{}{forged}", note(TEXT))).unwrap();
    assert_eq!(forged.seen(witness.verifier()), Err(NoteError::Forged));
    // The same key as a log's is another key.
    let as_log = signer("witness.example/w1", KeyKind::Log);
    assert_ne!(as_log.verifier().vkey(), witness.verifier().vkey());
}

#[test]
fn what_is_no_note_is_refused() {
    let long = format!("{}\n{LINE}", "x".repeat(MOST_BYTES));
    let many = format!("{TEXT}\n{}", LINE.repeat(MOST_SIGNATURES + 1));
    for bad in [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n— na+me x08go/ZJkuA=\n",
        "te\txt\n\n— name x08go/ZJkuA=\n",
        "text\n\n— name x08go/ZJkuA=",
        &long,
        &many,
    ] {
        assert_eq!(Note::parse(bad), Err(NoteError::Form), "{bad:.40}");
    }
}

#[test]
fn a_key_that_was_cut_or_changed_is_refused() {
    for (bad, why) in [
        ("", KeyError::Form),
        ("name+00000000", KeyError::Form),
        ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Id),
        ("PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Id),
        ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10", KeyError::Form),
        ("PeterNeumann+c74f20a3+Axpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Form),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Name),
    ] {
        assert_eq!(Verifier::parse(bad), Err(why), "{bad}");
    }
}
