//! A key that several records share because they are erased together: a consent's, or a person's.
//!
//! It is kept once, sealed under the master key, beside the records and not in them. Whoever destroys it destroys them,
//! wherever a copy of them is.

use super::{Entropy, Fault, MasterKey, Secret, cipher, decrypt, encrypt};
use aws_lc_rs::aead::{AES_256_GCM_SIV, LessSafeKey};
use std::sync::Arc;

/// Seals records with AES-256-GCM-SIV (RFC 8452): a nonce of 12 bytes, then the record and 16 bytes.
#[derive(Clone)]
pub struct RecordKey(Arc<LessSafeKey>);

impl RecordKey {
    /// A new one for `owner`, and how it is kept.
    ///
    /// # Errors
    /// [`Fault::Internal`] when sealing fails.
    pub fn make(master: &MasterKey, owner: &str, entropy: &dyn Entropy) -> Result<(Self, Vec<u8>), Fault> {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        let bytes = Secret::new(bytes);
        let sealed = master.seal(&kept_for(owner), bytes.expose(), entropy)?;
        Ok((Self::new(bytes.expose())?, sealed))
    }

    /// The key of `owner`, from how it is kept.
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn open(master: &MasterKey, owner: &str, sealed: &[u8]) -> Result<Self, Fault> {
        let bytes = Secret::new(master.open(&kept_for(owner), sealed)?);
        let bytes = <&[u8; 32]>::try_from(bytes.expose().as_slice());
        Self::new(bytes.map_err(|_| Fault::Internal("a kept key has another length".into()))?)
    }

    /// How the key of `owner` is kept under the present master key; none when it is so already.
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn rewrap(
        master: &MasterKey,
        owner: &str,
        sealed: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Option<Vec<u8>>, Fault> {
        master.rewrap(&kept_for(owner), sealed, entropy)
    }

    fn new(bytes: &[u8; 32]) -> Result<Self, Fault> {
        Ok(Self(Arc::new(cipher(&AES_256_GCM_SIV, bytes)?)))
    }

    /// Seals `plain` as the record `name` (its kind and id); only as the same one it opens again.
    ///
    /// # Errors
    /// [`Fault::Internal`] when sealing fails.
    pub fn seal(&self, name: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        encrypt(&self.0, name, plain, entropy)
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// [`Fault::Internal`] when it was changed, is another record, or is under another key.
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        decrypt(&self.0, name, sealed)
    }
}

fn kept_for(owner: &str) -> String {
    format!("record key:{owner}")
}

impl std::fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[record key]")
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::entropy::SystemEntropy;
    use super::*;

    #[test]
    fn a_record_opens_under_its_owners_key_and_as_itself_only() {
        let master = MasterKey::new([7; 32]);
        let (key, kept) = RecordKey::make(&master, "g_1", &SystemEntropy).unwrap();
        let sealed = key.seal("access:a_1", b"income", &SystemEntropy).unwrap();
        let again = RecordKey::open(&master, "g_1", &kept).unwrap();
        assert_eq!(again.unseal("access:a_1", &sealed).unwrap(), b"income");
        assert!(again.unseal("access:a_2", &sealed).is_err());
        assert!(RecordKey::open(&master, "g_2", &kept).is_err(), "another's key");
        let (other, _) = RecordKey::make(&master, "g_1", &SystemEntropy).unwrap();
        assert!(other.unseal("access:a_1", &sealed).is_err(), "a key that was made anew");
    }

    #[test]
    fn a_new_master_key_rewraps_the_key_and_the_records_stay() {
        let (old, new) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]).with_former([[1; 32]]));
        let (key, kept) = RecordKey::make(&old, "g_1", &SystemEntropy).unwrap();
        let sealed = key.seal("grant:g_1", b"terms", &SystemEntropy).unwrap();
        let kept = RecordKey::rewrap(&new, "g_1", &kept, &SystemEntropy).unwrap().unwrap();
        assert!(RecordKey::open(&old, "g_1", &kept).is_err());
        let key = RecordKey::open(&MasterKey::new([2; 32]), "g_1", &kept).unwrap();
        assert_eq!(key.unseal("grant:g_1", &sealed).unwrap(), b"terms");
        assert_eq!(RecordKey::rewrap(&new, "g_1", &kept, &SystemEntropy).unwrap(), None);
    }
}
