//! What a witness is asked and answers (C2SP tlog-witness): here is our new head, and the proof that it follows from the
//! last one that you signed; sign it too.

use super::log::EvidenceLog;
use super::note::{Note, Verifier};
use super::receipt::spell;
use super::tree::{self, Hash};
use crate::domain::Fault;

/// The body of `add-checkpoint`: the size that the witness knows, the proof from there, and the head.
#[must_use]
pub fn request(known: u64, proof: &[Hash], note: &str) -> String {
    let proof: String = proof.iter().map(|hash| spell(hash) + "\n").collect();
    format!("old {known}\n{proof}\n{note}")
}

/// The lines of an answer by which `witness` signs the head in `note`: what else stands there is passed over.
#[must_use]
pub fn cosignature(note: &str, answer: &str, witness: &Verifier) -> Option<String> {
    let is_good = |line: &&str| {
        let cosigned = Note::parse(&format!("{}{line}\n", text_of(note)));
        cosigned.and_then(|note| note.seen(witness)).is_ok()
    };
    answer.lines().find(is_good).map(|line| format!("{line}\n"))
}

/// Whether `witness` has signed the head already.
#[must_use]
pub fn is_cosigned(note: &str, witness: &Verifier) -> bool {
    Note::parse(note).and_then(|note| note.seen(witness)).is_ok()
}

/// A note without its signatures, up to where they begin.
fn text_of(note: &str) -> &str {
    note.rfind("\n\n").and_then(|end| note.get(..end + 2)).unwrap_or_default()
}

/// The size that a witness says it knows, in an answer of 409.
#[must_use]
pub fn known_size(answer: &str) -> Option<u64> {
    answer.strip_suffix('\n').unwrap_or(answer).parse().ok()
}

impl EvidenceLog {
    /// The proof that the tree of `size` leaves grew from that of `from`; none where it did not have so many.
    ///
    /// # Errors
    /// [`Fault`] when the store is away or the log is damaged.
    pub async fn growth(&self, from: u64, size: u64) -> Result<Option<Vec<Hash>>, Fault> {
        if from == 0 || from == size {
            return Ok(Some(Vec::new()));
        }
        let Some(ranges) = tree::consistency_ranges(from, size) else { return Ok(None) };
        Ok(Some(self.proofs(&ranges, &[]).await?.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Secret, Timestamp};
    use crate::evidence::note::{KeyKind, Signer};

    #[test]
    fn only_a_line_that_verifies_is_taken() {
        let key = |name, kind, seed| Signer::new(name, kind, &Secret::new([seed; 32])).unwrap();
        let (log, witness) = (key("log", KeyKind::Log, 1), key("w", KeyKind::Witness, 2));
        let at = Timestamp::from_seconds(1_800_000_000);
        let text = "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        let note = log.sign(text, at);
        let good = witness.line(text, at);
        let (of_another_text, anothers) = (witness.line("x\n", at), key("w", KeyKind::Witness, 3).line(text, at));
        for (answer, expected) in [
            (good.clone(), true),
            (format!("{anothers}{good}"), true),
            (format!("nonsense\n\n{good}"), true),
            (of_another_text, false),
            (anothers, false),
            (log.line(text, at), false),
            (String::new(), false),
            ("\u{2014} w AAAA\n".repeat(3), false),
        ] {
            let taken = cosignature(&note, &answer, witness.verifier());
            assert_eq!(taken, expected.then(|| good.clone()), "{answer}");
        }
        assert!(!is_cosigned(&note, witness.verifier()) && is_cosigned(&(note + &good), witness.verifier()));
        assert_eq!(request(3, &[[0; 32]], "head\n").lines().count(), 4);
        for (text, size) in [("7\n", Some(7)), ("7", Some(7)), ("-1\n", None), ("7\n8\n", None), ("", None)] {
            assert_eq!(known_size(text), size, "{text:?}");
        }
    }
}
