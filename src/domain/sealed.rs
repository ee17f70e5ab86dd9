//! Envelopes for what must wait at rest: AES-256-GCM under the master key, bound to what it belongs to.

use super::entropy::Entropy;
use super::refusal::Fault;
use super::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// The operator's master key: everything sealed is sealed under a key derived from it.
pub struct MasterKey(Secret<[u8; 32]>);

struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

impl MasterKey {
    /// From 32 unguessable bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// A key of its own for one use (HKDF-SHA-256, RFC 5869), so that no two uses share one.
    ///
    /// # Errors
    /// [`Fault::Internal`] when derivation fails, which it does not for 32 bytes.
    pub fn derive(&self, purpose: &str) -> Result<Secret<[u8; 32]>, Fault> {
        let broken = |_| Fault::Internal("key derivation failed".into());
        let mut out = [0_u8; 32];
        Salt::new(HKDF_SHA256, b"madoguchi")
            .extract(self.0.expose())
            .expand(&[purpose.as_bytes()], Length32)
            .map_err(broken)?
            .fill(&mut out)
            .map_err(broken)?;
        Ok(Secret::new(out))
    }

    /// Seals `plain` for `owner` (a record's kind and id); only [`open`](Self::open) with the same owner opens it.
    ///
    /// # Errors
    /// [`Fault::Internal`] when sealing fails.
    pub fn seal(&self, owner: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        let mut nonce = [0_u8; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + 16);
        out.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.record_key(owner)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut body)
            .map_err(|_| Fault::Internal("sealing failed".into()))?;
        out.append(&mut body);
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the envelope was changed, is another owner's, or was sealed under another master key.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let broken = || Fault::Internal("a sealed record does not open: changed, or sealed under another key".into());
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut body = body.to_vec();
        let opened = self.record_key(owner)?.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut body);
        let length = opened.map_err(|_| broken())?.len();
        body.truncate(length);
        Ok(body)
    }

    fn record_key(&self, owner: &str) -> Result<LessSafeKey, Fault> {
        let key = self.derive(&format!("sealed:{owner}"))?;
        let key = UnboundKey::new(&AES_256_GCM, key.expose());
        Ok(LessSafeKey::new(key.map_err(|_| Fault::Internal("no AES-256-GCM".into()))?))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[master key]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::entropy::SystemEntropy;
    use super::*;

    #[test]
    fn only_the_owner_opens_an_envelope_and_only_unchanged() {
        let key = MasterKey::new([7; 32]);
        let sealed = key.seal("job:1", b"income", &SystemEntropy).unwrap();
        assert_eq!(key.open("job:1", &sealed).unwrap(), b"income");
        assert!(key.open("job:2", &sealed).is_err());
        assert!(MasterKey::new([8; 32]).open("job:1", &sealed).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(key.open("job:1", &changed).is_err());
        assert!(key.open("job:1", &sealed[..5]).is_err());
    }
}
