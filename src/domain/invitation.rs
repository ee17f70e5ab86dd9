//! An invitation (代理人への招待): that somebody may make whoever shows its code their representative, once and within a day.
//!
//! Its id becomes that of the representation. The person need not know the other's number, nor the operator see a paper:
//! both sign in for themselves.

use super::entropy::Entropy;
use super::ids::{RepresentationId, SubjectId};
use super::representation::RepresentationKind;
use super::secret::{Digest, Secret};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a code can be shown.
pub const OPEN_FOR: Duration = Duration::from_hours(24);
/// Letters and digits without vowels, so that no code spells anything.
const ALPHABET: &[u8; 31] = b"0123456789BCDFGHJKLMNPQRSTVWXYZ";
/// How many are drawn: about 99 bits.
const LENGTH: usize = 20;

/// A code as it is shown, once: five groups of four.
#[derive(Clone)]
pub struct InvitationCode(Secret<String>);

impl InvitationCode {
    /// A new one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let mut bytes = [0_u8; 32];
            entropy.fill(&mut bytes);
            // 248 is the largest multiple of 31 that a byte holds: what is above would favour the first letters.
            let fair = bytes.into_iter().filter(|byte| *byte < 248);
            let drawn = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 31)));
            code.extend(drawn.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
        }
        Self(Secret::new(code))
    }

    /// Reads what somebody typed: case, spaces and hyphens do not matter, nor the width of a Japanese keyboard's letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 200 {
            return None;
        }
        let narrow = text.chars().map(|c| match c {
            // The full-width forms stand in the order of ASCII.
            '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
            _ => c,
        });
        let is_between = |c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '−' | '–' | '—' | 'ー' | '\u{ff70}');
        let code: String = narrow.filter(|c| !is_between(*c)).map(|c| c.to_ascii_uppercase()).collect();
        let is_code = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_code.then(|| Self(Secret::new(code)))
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&format!("invitation\n{}", self.0.expose()))
    }

    /// As it is shown, once.
    #[must_use]
    pub fn shown(&self) -> Secret<String> {
        let letters: Vec<char> = self.0.expose().chars().collect();
        Secret::new(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
    }
}

/// It opens a person's data for whoever knows it, so it never prints itself.
impl std::fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[invitation code]")
    }
}

/// One invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id, and that of the representation that it opens.
    pub id: RepresentationId,
    /// Who invites, and would be represented.
    pub principal: SubjectId,
    /// As what the other would act.
    pub kind: RepresentationKind,
    /// The end of what it opens.
    pub until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when its code can be shown.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::{SeededEntropy, SystemEntropy};

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = InvitationCode::generate(&SeededEntropy::new(1));
        let shown = code.shown().expose().clone();
        assert_eq!((shown.len(), shown.split('-').count()), (24, 5), "{shown}");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('-', "")] {
            assert_eq!(InvitationCode::parse(&typed).unwrap().digest(), code.digest(), "{typed}");
        }
        for wrong in ["", "BCDF", &shown[..23], &format!("{shown}B"), &shown.replacen('-', "_", 1), &"A".repeat(20)] {
            assert!(InvitationCode::parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "[invitation code]");
        assert_ne!(
            InvitationCode::generate(&SystemEntropy).digest(),
            InvitationCode::generate(&SystemEntropy).digest()
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_breaks_the_reading(text in "\\PC{0,300}") {
            let _ = InvitationCode::parse(&text);
        }
    }
}
