//! What a client asks of a citizen who answers somewhere else: on their own phone, while a shared terminal (RFC 8628) or
//! a desk (CIBA) waits.

use super::consent::Ask;
use super::entropy::Entropy;
use super::ids::{ClientId, DecoupledId};
use super::refusal::Fault;
use super::scope::ScopeSet;
use super::sealed::MasterKey;
use super::secret::{Digest, Secret};
use super::time::Timestamp;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The characters of a user code: no vowels, so that no word appears by chance, and nothing that looks like something
/// else (RFC 8628 §6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many of them: 20^8 codes are 34.5 bits, enough while guesses are few (RFC 8628 §5.1).
const LENGTH: usize = 8;
/// The least byte that is not used, so that every character is equally likely.
const UNUSED: u8 = 240;

/// A question on its way: kept from the client's request to the citizen's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoupledRequest {
    /// Its id; opens nothing by itself.
    pub id: DecoupledId,
    /// Who asks.
    pub client: ClientId,
    /// By which way.
    pub channel: Channel,
    /// What for, within the client's own scope.
    pub scope: ScopeSet,
    /// The self-information asked for, if any.
    pub ask: Option<Ask>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// Until when it can be answered, and its answer fetched.
    pub expires_at: Timestamp,
}

/// How a question and its answer travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Channel {
    /// A terminal shows a code, and the citizen types it in elsewhere (RFC 8628).
    Device,
    /// The client names the citizen, who finds the question waiting (CIBA).
    Backchannel {
        /// What the citizen hears or sees at the client too (`binding_message`).
        message: String,
        /// What the client is to be called with (CIBA Core §10.2), sealed; none when it asks again and again.
        notification: Option<Vec<u8>>,
    },
}

/// How a client is called when its question is answered (CIBA Core §10.2).
#[derive(Debug)]
pub struct Notification {
    /// What the client knows the question by.
    pub auth_req_id: Secret<String>,
    /// The bearer token that the client gave for the call.
    pub token: Secret<String>,
}

impl Notification {
    /// A call about `auth_req_id`.
    #[must_use]
    pub fn new(auth_req_id: &str, token: &str) -> Self {
        Self { auth_req_id: Secret::new(auth_req_id.to_owned()), token: Secret::new(token.to_owned()) }
    }

    /// Seals it for the question `id`: both texts open something, so neither is kept in clear.
    ///
    /// # Errors
    /// [`Fault`] when sealing fails.
    pub fn seal(&self, id: &DecoupledId, master: &MasterKey, entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        let plain = Secret::new(format!("{}\n{}", self.auth_req_id.expose(), self.token.expose()));
        master.seal(&owner(id), plain.expose().as_bytes(), entropy)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// [`Fault`] when it was sealed for another question or under another key.
    pub fn open(sealed: &[u8], id: &DecoupledId, master: &MasterKey) -> Result<Self, Fault> {
        let broken = || Fault::Internal("a sealed notification does not read".into());
        let plain = String::from_utf8(master.open(&owner(id), sealed)?).map(Secret::new).map_err(|_| broken())?;
        let (auth_req_id, token) = plain.expose().split_once('\n').ok_or_else(broken)?;
        Ok(Self::new(auth_req_id, token))
    }
}

fn owner(id: &DecoupledId) -> String {
    format!("notification:{id}")
}

/// What a shared terminal shows and a citizen types.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A new one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let mut bytes = [0_u8; 16];
            entropy.fill(&mut bytes);
            let fair = bytes.into_iter().filter(|byte| *byte < UNUSED);
            let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()));
            code.extend(letters.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
        }
        Self(code)
    }

    /// Reads what a citizen typed: case, spaces and hyphens do not matter (RFC 8628 §6.1), nor does the width that a
    /// Japanese keyboard gives letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 64 {
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
        is_code.then_some(Self(code))
    }

    /// What is kept of it. Keyed, since so few codes could all be tried against a bare digest.
    ///
    /// # Errors
    /// [`Fault`] when no key can be derived.
    pub fn digest(&self, master: &MasterKey) -> Result<Digest, Fault> {
        let key = master.derive("user code")?;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()), self.0.as_bytes());
        Ok(Digest::of_bytes(tag.as_ref()))
    }
}

/// As it is shown: `BCDF-GHJK`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// It opens a question for whoever knows it, so it never prints itself.
impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[user code]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::entropy::{SeededEntropy, SystemEntropy};
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        let code = UserCode::parse("BCDFGHJK").unwrap();
        assert_eq!(code.to_string(), "BCDF-GHJK");
        for typed in [
            "bcdf-ghjk",
            " BCDF GHJK ",
            "ＢＣＤＦ－ＧＨＪＫ",
            "ｂｃｄｆｇｈｊｋ",
            "BCDF−GHJK",
            "bcdfーghjk",
            "B C D F G H J K",
        ] {
            assert_eq!(UserCode::parse(typed).as_ref(), Some(&code), "{typed}");
        }
        let long = format!("BCDFGHJK{}", "-".repeat(60));
        for wrong in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "0CDF-GHJK", "BCDF-GHJÉ", "窓口窓口", &long] {
            assert_eq!(UserCode::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "[user code]");
    }

    #[test]
    fn a_notification_opens_for_its_own_question_only() {
        let (master, id) = (MasterKey::new([1; 32]), DecoupledId::generate(&SystemEntropy));
        let sealed = Notification::new("the-id", "the-token").seal(&id, &master, &SystemEntropy).unwrap();
        let opened = Notification::open(&sealed, &id, &master).unwrap();
        assert_eq!((opened.auth_req_id.expose().as_str(), opened.token.expose().as_str()), ("the-id", "the-token"));
        assert!(Notification::open(&sealed, &DecoupledId::generate(&SystemEntropy), &master).is_err());
        assert!(!sealed.windows(9).any(|window| window == b"the-token") && !format!("{opened:?}").contains("the-"));
    }

    #[test]
    fn what_is_kept_of_a_code_needs_the_key() {
        let code = UserCode::parse("BCDF-GHJK").unwrap();
        let (one, other) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        assert_eq!(code.digest(&one).unwrap(), UserCode::parse("bcdfghjk").unwrap().digest(&one).unwrap());
        assert_ne!(code.digest(&one).unwrap(), code.digest(&other).unwrap());
        assert_ne!(code.digest(&one).unwrap(), Digest::of("BCDFGHJK"));
    }

    #[test]
    fn codes_differ_and_every_character_is_as_likely_as_another() {
        assert_ne!(UserCode::generate(&SystemEntropy), UserCode::generate(&SystemEntropy));
        let source = SeededEntropy::new(8);
        let mut counts: HashMap<char, u32> = HashMap::new();
        for _ in 0..2500 {
            for letter in UserCode::generate(&source).0.chars() {
                *counts.entry(letter).or_default() += 1;
            }
        }
        assert_eq!(counts.len(), ALPHABET.len());
        // 20 000 letters, 1000 of each wanted; the same seed gives the same counts always.
        assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,80}") {
            if let Some(code) = UserCode::parse(&text) {
                proptest::prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
            }
        }
    }
}
