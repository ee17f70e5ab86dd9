//! The content of an encrypted message: AES-256-GCM over the protected header (RFC 7518 §5.3).

use super::{ContentKey, JweError};
use crate::domain::{Entropy, Fault};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Bytes of the authentication tag.
const TAG: usize = 16;

/// What [`seal`] makes.
pub(super) struct Sealed {
    pub nonce: [u8; NONCE_LEN],
    pub ciphertext: Vec<u8>,
    pub tag: Vec<u8>,
}

/// Encrypts `plain`. The content key is used for this message only, so a random nonce cannot meet itself.
pub(super) fn seal(key: &ContentKey, protected: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Sealed, Fault> {
    let broken = || Fault::Internal("a message could not be encrypted".into());
    let mut nonce = [0_u8; NONCE_LEN];
    entropy.fill(&mut nonce);
    let mut ciphertext = plain.to_vec();
    let key = cipher(key).ok_or_else(broken)?;
    let unique = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(unique, Aad::from(protected.as_bytes()), &mut ciphertext);
    let tag = tag.map_err(|_| broken())?.as_ref().to_vec();
    Ok(Sealed { nonce, ciphertext, tag })
}

/// Decrypts what was sealed under `protected`. Nonce and tag must have their full lengths: a short tag can be guessed.
pub(super) fn open(
    key: &ContentKey,
    protected: &str,
    (nonce, ciphertext, tag): (&[u8], &[u8], &[u8]),
) -> Result<Vec<u8>, JweError> {
    if nonce.len() != NONCE_LEN || tag.len() != TAG {
        return Err(JweError::Malformed);
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| JweError::Malformed)?;
    let mut body = [ciphertext, tag].concat();
    let key = cipher(key).ok_or(JweError::Sealed)?;
    let opened = key.open_in_place(nonce, Aad::from(protected.as_bytes()), &mut body);
    let length = opened.map_err(|_| JweError::Sealed)?.len();
    body.truncate(length);
    Ok(body)
}

fn cipher(key: &ContentKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key.expose()).ok().map(LessSafeKey::new)
}
