//! Server nonces for DPoP proofs (RFC 9449 §8), without a table: the nonce is its own time, sealed by an HMAC that
//! every node can recompute.

use crate::domain::sealed::MasterKey;
use crate::domain::{Fault, Timestamp};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::time::Duration;

/// How long a nonce may be used.
const LIFE: Duration = Duration::from_mins(5);
/// How far another node's clock may be ahead of ours.
const SKEW: Duration = Duration::from_secs(10);
/// Eight bytes of time, sixteen of HMAC.
const LENGTH: usize = 24;

/// Makes and recognises nonces.
pub struct Nonces(hmac::Key);

impl Nonces {
    /// With a key of its own under `master`; nodes that share the master key recognise each other's nonces.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the key cannot be derived.
    pub fn new(master: &MasterKey) -> Result<Self, Fault> {
        let key = master.derive("dpop nonce")?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose())))
    }

    /// A nonce made at `now`.
    #[must_use]
    pub fn issue(&self, now: Timestamp) -> String {
        let time = now.millis().to_be_bytes();
        let tag = hmac::sign(&self.0, &time);
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(&time);
        bytes.extend(tag.as_ref().iter().take(16));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// When `nonce` was made, if we made it and it may still be used.
    #[must_use]
    pub fn issued_at(&self, nonce: &str, now: Timestamp) -> Option<Timestamp> {
        let mut bytes = [0_u8; LENGTH];
        let length = URL_SAFE_NO_PAD.decode_slice(nonce, &mut bytes).ok()?;
        let (time, tag) = bytes.get(..length)?.split_first_chunk::<8>()?;
        let right = hmac::sign(&self.0, time);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(right.as_ref().get(..16)?, tag)) {
            return None;
        }
        let issued_at = Timestamp::from_millis(i64::from_be_bytes(*time));
        (issued_at <= now.plus(SKEW) && now < issued_at.plus(LIFE)).then_some(issued_at)
    }
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonces")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_lives_five_minutes_and_only_ours_counts() {
        let nonces = Nonces::new(&MasterKey::new([1; 32])).unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        let nonce = nonces.issue(now);
        assert_eq!(nonces.issued_at(&nonce, now), Some(now));
        assert_eq!(nonces.issued_at(&nonce, now.plus(Duration::from_secs(299))), Some(now));
        assert_eq!(nonces.issued_at(&nonce, now.plus(LIFE)), None);
        assert_eq!(nonces.issued_at(&nonce, now.minus(Duration::from_secs(11))), None);
        let other = Nonces::new(&MasterKey::new([2; 32])).unwrap();
        assert_eq!(other.issued_at(&nonce, now), None);
        for bad in ["", "AAAA", "not base64!", &nonce[1..], &format!("{nonce}A"), &nonce.replace('A', "B")] {
            assert_eq!(nonces.issued_at(bad, now), None, "{bad}");
        }
    }
}
