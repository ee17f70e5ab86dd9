//! Keyed fingerprints: two lines about one person can be tied together, and nobody can be found from either.

use crate::domain::{Fault, MasterKey};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Bytes of the MAC that are shown: 72 bits, enough to tell persons apart in a log.
const SHOWN: usize = 9;

/// Makes fingerprints under a key derived from the master key.
pub struct Fingerprints(hmac::Key);

impl Fingerprints {
    /// With a key of their own under `master`.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the key cannot be derived.
    pub fn new(master: &MasterKey) -> Result<Self, Fault> {
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, master.derive("log fingerprints")?.expose())))
    }

    /// Twelve characters that stand for `text`: the same for the same text under the same key.
    #[must_use]
    pub fn of(&self, text: &str) -> String {
        let tag = hmac::sign(&self.0, text.as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..SHOWN).unwrap_or_default())
    }
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[fingerprint key]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_stable_under_one_key_and_differs_under_another() {
        let (one, other) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let (one, other) = (Fingerprints::new(&one).unwrap(), Fingerprints::new(&other).unwrap());
        assert_eq!(one.of("s_1"), one.of("s_1"));
        assert_eq!(one.of("s_1").len(), 12);
        assert_ne!(one.of("s_1"), one.of("s_2"));
        assert_ne!(one.of("s_1"), other.of("s_1"));
    }
}
