//! A checkpoint counts for the log that signed it.

use super::*;
use crate::domain::Secret;
use crate::evidence::note::KeyKind;

const THEN: Timestamp = Timestamp::from_seconds(1_679_315_147);
const ORIGIN: &str = "madoguchi.example/evidence";
/// The specification's own example.
const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn signer(name: &str, kind: KeyKind) -> Signer {
    Signer::new(name, kind, &Secret::new([9; 32])).unwrap()
}

#[test]
fn the_specifications_example_is_read_and_written_again() {
    let read = Checkpoint::parse(TEXT).unwrap();
    assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(read.to_string(), TEXT);
    let extended = format!("{TEXT}an extension\n");
    assert_eq!(Checkpoint::parse(&extended).unwrap(), read);
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for bad in [
        String::new(),
        format!("\n1\n{root}\n"),
        format!("origin\n01\n{root}\n"),
        format!("origin\n+1\n{root}\n"),
        format!("origin\n-1\n{root}\n"),
        format!("origin\n18446744073709551616\n{root}\n"),
        format!("origin\n1\n{root}"),
        "origin\n1\nCsUY\n".to_owned(),
        "origin\n1\n".to_owned(),
        format!("origin\n1\n{root}\n\n"),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(CheckpointError::Form), "{bad:?}");
    }
}

#[test]
fn a_checkpoint_counts_when_its_own_log_signed_it() {
    let log = signer(ORIGIN, KeyKind::Log);
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root: [5; 32] };
    let note = checkpoint.sign(&log, THEN);
    assert_eq!(Checkpoint::open(&note, log.verifier()).unwrap(), checkpoint);
    let forged = note.replacen("\n3\n", "\n4\n", 1);
    let opened = Checkpoint::open(&forged, log.verifier());
    assert_eq!(opened, Err(CheckpointError::Note(NoteError::Forged)));
    let foreign = Checkpoint { origin: "other.example/evidence".to_owned(), ..checkpoint };
    assert_eq!(Checkpoint::open(&foreign.sign(&log, THEN), log.verifier()), Err(CheckpointError::Origin));
}

#[test]
fn a_witness_adds_its_line_and_changes_nothing_else() {
    let (log, witness) = (signer(ORIGIN, KeyKind::Log), signer("witness.example/w1", KeyKind::Witness));
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root: [5; 32] };
    let cosigned = cosign(&checkpoint.sign(&log, THEN), &witness, THEN).unwrap();
    assert_eq!(Checkpoint::open(&cosigned, log.verifier()).unwrap(), checkpoint);
    assert_eq!(Note::parse(&cosigned).unwrap().seen(witness.verifier()), Ok(Some(THEN)));
    assert!(cosign("no note", &witness, THEN).is_err());
}
