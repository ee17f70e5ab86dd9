//! Envelopes for what must wait at rest: each record under a data key of its own, that key wrapped under a master key.
//!
//! An envelope is `MDE2`, the wrapping key's id (8 bytes), the wrapped data key (a nonce of 12, then 48 bytes), and the
//! sealed record (a nonce of 12, then the record and 16 bytes). Both parts are AES-256-GCM-SIV (RFC 8452) and are bound
//! to what the record belongs to. So a new master key costs 60 bytes a record and never the record itself
//! ([`MasterKey::rewrap`]), and a record whose wrapped key is gone is gone.

mod record_key;

pub use record_key::RecordKey;

use super::entropy::Entropy;
use super::refusal::Fault;
use super::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM, AES_256_GCM_SIV, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What an envelope of this form begins with; earlier ones begin with a nonce.
const FORM: &[u8; 4] = b"MDE2";
/// Length of a master key's id.
const ID_LEN: usize = 8;
/// Length of a nonce, a data key and a tag.
const WRAPPED_LEN: usize = NONCE_LEN + 32 + 16;

/// The operator's master keys: everything is sealed under the present one, and opened under any.
pub struct MasterKey {
    present: OneKey,
    former: Vec<OneKey>,
}

struct OneKey {
    id: [u8; ID_LEN],
    bytes: Secret<[u8; 32]>,
}

impl OneKey {
    /// The id tells nothing of the key: it is cut from a digest of 256 unguessable bits.
    fn new(bytes: [u8; 32]) -> Self {
        let mut text = b"madoguchi master key id".to_vec();
        text.extend_from_slice(&bytes);
        let mut id = [0; ID_LEN];
        id.iter_mut().zip(digest(&SHA256, &text).as_ref()).for_each(|(to, from)| *to = *from);
        Self { id, bytes: Secret::new(bytes) }
    }

    fn derive(&self, purpose: &str) -> Result<Secret<[u8; 32]>, Fault> {
        let broken = |_| Fault::Internal("key derivation failed".into());
        let mut out = [0_u8; 32];
        Salt::new(HKDF_SHA256, b"madoguchi")
            .extract(self.bytes.expose())
            .expand(&[purpose.as_bytes()], Length32)
            .map_err(broken)?
            .fill(&mut out)
            .map_err(broken)?;
        Ok(Secret::new(out))
    }

    fn wrapping(&self) -> Result<LessSafeKey, Fault> {
        cipher(&AES_256_GCM_SIV, self.derive("wrapping")?.expose())
    }
}

/// An envelope, taken apart.
struct Envelope<'e> {
    id: &'e [u8],
    wrapped: &'e [u8],
    record: &'e [u8],
}

impl<'e> Envelope<'e> {
    fn parse(sealed: &'e [u8]) -> Option<Self> {
        let (id, rest) = sealed.strip_prefix(FORM)?.split_at_checked(ID_LEN)?;
        let (wrapped, record) = rest.split_at_checked(WRAPPED_LEN)?;
        Some(Self { id, wrapped, record })
    }
}

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
        Self { present: OneKey::new(bytes), former: Vec::new() }
    }

    /// The same, and it opens what was sealed under earlier keys, too.
    #[must_use]
    pub fn with_former(mut self, former: impl IntoIterator<Item = [u8; 32]>) -> Self {
        self.former = former.into_iter().map(OneKey::new).collect();
        self
    }

    /// The present key's public name: eleven characters of base64url.
    #[must_use]
    pub fn id(&self) -> String {
        named(&self.present.id)
    }

    /// A key of its own for one use (HKDF-SHA-256, RFC 5869), so that no two uses share one; from the present key.
    ///
    /// # Errors
    /// [`Fault::Internal`] when derivation fails, which it does not for 32 bytes.
    pub fn derive(&self, purpose: &str) -> Result<Secret<[u8; 32]>, Fault> {
        self.present.derive(purpose)
    }

    /// Seals `plain` for `owner` (a record's kind and id); only [`open`](Self::open) with the same owner opens it.
    ///
    /// # Errors
    /// [`Fault::Internal`] when sealing fails.
    pub fn seal(&self, owner: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        let data = Secret::new(bytes);
        let record = encrypt(&cipher(&AES_256_GCM_SIV, data.expose())?, owner, plain, entropy)?;
        self.wrap(owner, &data, &record, entropy)
    }

    /// Opens what [`seal`](Self::seal) made, under whichever of our master keys.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the envelope was changed or is another owner's, or when its master key is not among
    /// ours; then it names that key and what to do.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let opened = Envelope::parse(sealed).map(|envelope| {
            let data = self.unwrap_key(owner, &envelope)?;
            decrypt(&cipher(&AES_256_GCM_SIV, data.expose())?, owner, envelope.record)
        });
        match opened {
            Some(Ok(plain)) => Ok(plain),
            // One in 2^32 of the earlier form begins like this one.
            Some(Err(fault)) => self.open_earlier(owner, sealed).map_err(|_| fault),
            None => self.open_earlier(owner, sealed),
        }
    }

    /// The envelope with its data key wrapped under the present master key, the record itself as it was; none when it
    /// is so already. An envelope of the earlier form, which has no data key, is sealed anew.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn rewrap(&self, owner: &str, sealed: &[u8], entropy: &dyn Entropy) -> Result<Option<Vec<u8>>, Fault> {
        let plain = self.open(owner, sealed)?;
        match Envelope::parse(sealed) {
            Some(envelope) if envelope.id == self.present.id => Ok(None),
            Some(envelope) if self.former.iter().any(|key| key.id == envelope.id) => {
                let data = self.unwrap_key(owner, &envelope)?;
                self.wrap(owner, &data, envelope.record, entropy).map(Some)
            }
            _ => self.seal(owner, &plain, entropy).map(Some),
        }
    }

    fn wrap(
        &self,
        owner: &str,
        data: &Secret<[u8; 32]>,
        record: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Fault> {
        let wrapped = encrypt(&self.present.wrapping()?, &wrapped_for(owner), data.expose(), entropy)?;
        Ok([FORM.as_slice(), &self.present.id, &wrapped, record].concat())
    }

    fn unwrap_key(&self, owner: &str, envelope: &Envelope<'_>) -> Result<Secret<[u8; 32]>, Fault> {
        let key = self.all().find(|key| key.id == envelope.id).ok_or_else(|| self.missing(envelope.id))?;
        let data = decrypt(&key.wrapping()?, &wrapped_for(owner), envelope.wrapped)?;
        <[u8; 32]>::try_from(data).map(Secret::new).map_err(|_| broken())
    }

    /// The earlier form: AES-256-GCM under a key derived for the owner.
    fn open_earlier(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        let open = |key: &OneKey| {
            let key = key.derive(&format!("sealed:{owner}"))?;
            decrypt(&cipher(&AES_256_GCM, key.expose())?, owner, sealed)
        };
        self.all().find_map(|key| open(key).ok()).ok_or_else(broken)
    }

    fn all(&self) -> impl Iterator<Item = &OneKey> {
        std::iter::once(&self.present).chain(&self.former)
    }

    fn missing(&self, id: &[u8]) -> Fault {
        Fault::Internal(format!(
            "a record is sealed under master key {}, which is not here (the present one is {}): name its file in \
             keys.former_master_key_files, or set keys.master_key back to it; without it the record is lost",
            named(id),
            self.id()
        ))
    }
}

/// What a wrapped data key is bound to: it opens nothing where a record is expected.
fn wrapped_for(owner: &str) -> String {
    format!("wrapped:{owner}")
}

fn named(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

fn broken() -> Fault {
    Fault::Internal("a sealed record does not open: changed, or sealed under another key".into())
}

fn cipher(algorithm: &'static Algorithm, key: &[u8; 32]) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(algorithm, key);
    Ok(LessSafeKey::new(key.map_err(|_| Fault::Internal("the cipher is not there".into()))?))
}

fn encrypt(key: &LessSafeKey, owner: &str, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Fault> {
    let mut nonce = [0_u8; NONCE_LEN];
    entropy.fill(&mut nonce);
    let mut body = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut body)
        .map_err(|_| Fault::Internal("sealing failed".into()))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn decrypt(key: &LessSafeKey, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut body = body.to_vec();
    let length = key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut body).map_err(|_| broken())?.len();
    body.truncate(length);
    Ok(body)
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

    const TAIL: usize = FORM.len() + ID_LEN + WRAPPED_LEN;

    #[test]
    fn any_changed_byte_keeps_an_envelope_shut() {
        let key = MasterKey::new([7; 32]);
        let sealed = key.seal("job:1", b"income", &SystemEntropy).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(key.open("job:1", &changed).is_err(), "byte {place}");
            assert!(key.open("job:1", &sealed[..place]).is_err(), "{place} bytes");
        }
    }

    #[test]
    fn every_record_has_a_key_of_its_own_and_without_it_is_gone() {
        let key = MasterKey::new([7; 32]);
        let (one, other) =
            (key.seal("job:1", b"x", &SystemEntropy).unwrap(), key.seal("job:1", b"x", &SystemEntropy).unwrap());
        let swapped = [&one[..TAIL], &other[TAIL..]].concat();
        assert!(key.open("job:1", &swapped).is_err(), "another record's key opens it");
        let destroyed = [&one[..FORM.len() + ID_LEN], &[0; WRAPPED_LEN], &one[TAIL..]].concat();
        assert!(key.open("job:1", &destroyed).is_err());
    }

    #[test]
    fn a_new_master_key_rewraps_the_data_key_and_leaves_the_record_as_it_was() {
        let (old, new) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let sealed = old.seal("job:1", b"income", &SystemEntropy).unwrap();
        let both = MasterKey::new([2; 32]).with_former([[1; 32]]);
        let rewrapped = both.rewrap("job:1", &sealed, &SystemEntropy).unwrap().unwrap();
        assert_eq!(rewrapped[TAIL..], sealed[TAIL..]);
        assert_ne!(rewrapped[..TAIL], sealed[..TAIL]);
        assert_eq!(new.open("job:1", &rewrapped).unwrap(), b"income");
        assert!(old.open("job:1", &rewrapped).is_err());
        assert_eq!(both.rewrap("job:1", &rewrapped, &SystemEntropy).unwrap(), None);
        assert!(both.rewrap("job:2", &rewrapped, &SystemEntropy).is_err());
    }

    #[test]
    fn a_lost_master_key_is_named_and_no_key_is_told() {
        let (old, new) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let told = new.open("job:1", &old.seal("job:1", b"income", &SystemEntropy).unwrap()).unwrap_err();
        let told = format!("{told:?}");
        for part in [old.id(), new.id(), "keys.former_master_key_files".to_owned()] {
            assert!(told.contains(&part), "{told}");
        }
        assert!(!told.contains("AQEB") && !told.contains("AgIC"), "{told}");
    }

    #[test]
    fn the_earlier_form_opens_under_any_of_our_keys_and_becomes_an_envelope() {
        let old = MasterKey::new([1; 32]);
        let key = old.derive("sealed:key:1").unwrap();
        let earlier = encrypt(&cipher(&AES_256_GCM, key.expose()).unwrap(), "key:1", b"salt", &SystemEntropy).unwrap();
        let both = MasterKey::new([2; 32]).with_former([[1; 32]]);
        assert_eq!(both.open("key:1", &earlier).unwrap(), b"salt");
        assert!(MasterKey::new([2; 32]).open("key:1", &earlier).is_err());
        let sealed = both.rewrap("key:1", &earlier, &SystemEntropy).unwrap().unwrap();
        assert_eq!(MasterKey::new([2; 32]).open("key:1", &sealed).unwrap(), b"salt");
    }
}
