//! The browser's own secret: 256 bits in a cookie, from which everything that binds a browser is derived.

use super::entropy::Entropy;
use super::secret::{Digest, Secret};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A browser's secret. It names nobody and opens nothing by itself.
#[derive(Clone, Debug)]
pub struct BrowserSecret(Secret<[u8; 32]>);

impl BrowserSecret {
    /// A new one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        Self(Secret::new(bytes))
    }

    /// Reads a cookie's value: 43 base64url characters, else nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(|bytes| Self(Secret::new(bytes)))
    }

    /// The cookie's value.
    #[must_use]
    pub fn cookie_value(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.expose())
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_bytes(self.0.expose())
    }

    /// 43 base64url characters for one use (`what`) of one thing (`owner`): HMAC-SHA-256, so that seeing one tells
    /// nothing of the secret or of another.
    #[must_use]
    pub fn derive(&self, what: &str, owner: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, format!("{what}:{owner}").as_bytes()))
    }

    /// Whether `text` is what [`derive`](Self::derive) gives, in constant time.
    #[must_use]
    pub fn is_derived(&self, what: &str, owner: &str, text: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        self.derive(what, owner).as_bytes().ct_eq(text.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::SeededEntropy;

    #[test]
    fn a_cookie_reads_back_and_nothing_else_reads() {
        let secret = BrowserSecret::generate(&SeededEntropy::new(1));
        let again = BrowserSecret::parse(&secret.cookie_value()).unwrap();
        assert_eq!(again.digest(), secret.digest());
        for bad in ["", "x", "=", &"A".repeat(42), &"A".repeat(44), &"!".repeat(43), "i_abc.def"] {
            assert!(BrowserSecret::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_derived_differs_by_browser_use_and_owner() {
        let entropy = SeededEntropy::new(1);
        let (one, other) = (BrowserSecret::generate(&entropy), BrowserSecret::generate(&entropy));
        let form = one.derive("form", "i_1");
        assert_eq!(form.len(), 43);
        assert!(one.is_derived("form", "i_1", &form));
        assert!(!other.is_derived("form", "i_1", &form));
        assert!(!one.is_derived("state", "i_1", &form));
        assert!(!one.is_derived("form", "i_2", &form));
        assert!(!one.is_derived("form", "i_1", ""));
        assert!(!format!("{one:?}").contains(&one.cookie_value()));
    }
}
