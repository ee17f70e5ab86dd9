//! Signed notes (C2SP signed-note): a text, and below it the signatures of whoever vouches for it.
//!
//! A key is known by its name and by four bytes made from name, kind and key; a signature by a key that is not known is
//! passed over, one by a known key that does not verify spoils the note.

use super::tree::Hash;
use crate::domain::{Secret, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Bytes of a note that are read, at most.
const MOST_BYTES: usize = 65_536;
/// Signatures of a note that are read, at most.
const MOST_SIGNATURES: usize = 32;
/// What begins a signature's line: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The text itself: the log.
    Log,
    /// The text and the time at which it was seen: a witness (C2SP tlog-cosignature).
    Witness,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Log),
            0x04 => Some(Self::Witness),
            _ => None,
        }
    }
}

/// Why a key's text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not `name+hex+base64`, or of a kind that is not known.
    #[error("must be NAME+ID+KEY as `madoguchi audit keys` prints it: an Ed25519 key of kind 1 (log) or 4 (witness)")]
    Form,
    /// Its id is not made from its name and key.
    #[error("its id does not fit its name and key: it was changed or cut")]
    Id,
    /// Its name holds a space, a plus sign or a control character, or is empty.
    #[error("its name must not be empty or hold spaces, plus signs or control characters")]
    Name,
}

/// Why a note shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is no note.
    #[error("is not a signed note")]
    Form,
    /// The key has not signed it.
    #[error("is not signed by this key")]
    Unsigned,
    /// A signature of the key is there and does not verify.
    #[error("has a signature of this key that does not verify: the text or the signature was changed")]
    Forged,
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control())
}

fn key_id(name: &str, kind: KeyKind, key: &Hash) -> [u8; 4] {
    let whole = [name.as_bytes(), b"\n", &[kind.byte()], key].concat();
    digest(&SHA256, &whole).as_ref().first_chunk::<4>().copied().unwrap_or_default()
}

/// A public key, with the name that it signs under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: Hash,
}

impl Verifier {
    /// The key under this name.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, kind: KeyKind, key: Hash) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        Ok(Self { name: name.to_owned(), kind, id: key_id(name, kind, &key), key })
    }

    /// Reads `NAME+ID+KEY`, the form in which such keys are passed on (signed-note's vkey).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
        let (kind, key) = key.split_first().ok_or(KeyError::Form)?;
        let kind = match *kind {
            0x01 => KeyKind::Log,
            0x04 => KeyKind::Witness,
            _ => return Err(KeyError::Form),
        };
        let key = Hash::try_from(key).map_err(|_| KeyError::Form)?;
        let verifier = Self::new(name, kind, key)?;
        if hex(verifier.id) == id { Ok(verifier) } else { Err(KeyError::Id) }
    }

    /// `NAME+ID+KEY`.
    #[must_use]
    pub fn vkey(&self) -> String {
        let key = [&[self.kind.byte()][..], &self.key].concat();
        format!("{}+{}+{}", self.name, hex(self.id), STANDARD.encode(key))
    }

    /// The name that it signs under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    fn is_by(&self, signature: &Signature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    /// The time that a good signature names, if it is a witness's.
    fn check(&self, text: &str, signature: &[u8]) -> Result<Option<Timestamp>, NoteError> {
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        let forged = |_| NoteError::Forged;
        match self.kind {
            KeyKind::Log => key.verify(text.as_bytes(), signature).map(|()| None).map_err(forged),
            KeyKind::Witness => {
                let (time, signature) = signature.split_first_chunk::<8>().ok_or(NoteError::Forged)?;
                let seconds = i64::try_from(u64::from_be_bytes(*time)).map_err(|_| NoteError::Forged)?;
                key.verify(cosigned(text, seconds).as_bytes(), signature).map_err(forged)?;
                Ok(Some(Timestamp::from_seconds(seconds)))
            }
        }
    }
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// What a witness signs.
fn cosigned(text: &str, seconds: i64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// A private key, with the name that it signs under.
pub struct Signer {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

impl Signer {
    /// The key made from 32 unguessable bytes.
    ///
    /// # Errors
    /// [`KeyError`] when the name is none, or the bytes make no key.
    pub fn new(name: &str, kind: KeyKind, seed: &Secret<[u8; 32]>) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| KeyError::Form)?;
        let key = Hash::try_from(pair.public_key().as_ref()).map_err(|_| KeyError::Form)?;
        Ok(Self { verifier: Verifier::new(name, kind, key)?, pair })
    }

    /// Reads what [`private_text`](Self::private_text) wrote.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Form)?;
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let key = Secret::new(STANDARD.decode(key).map_err(|_| KeyError::Form)?);
        let (kind, seed) = key.expose().split_first().ok_or(KeyError::Form)?;
        let kind = KeyKind::of(*kind).ok_or(KeyError::Form)?;
        let seed = Secret::new(<[u8; 32]>::try_from(seed).map_err(|_| KeyError::Form)?);
        let signer = Self::new(name, kind, &seed)?;
        if hex(signer.verifier.id) == id { Ok(signer) } else { Err(KeyError::Id) }
    }

    /// The key made from `seed` as its owner keeps it: `PRIVATE+KEY+NAME+ID+KEY`.
    #[must_use]
    pub fn private_text(&self, seed: &Secret<[u8; 32]>) -> String {
        let key = Secret::new([&[self.verifier.kind.byte()][..], seed.expose()].concat());
        format!("PRIVATE+KEY+{}+{}+{}\n", self.verifier.name, hex(self.verifier.id), STANDARD.encode(key.expose()))
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The line by which this key signs `text`; a witness says that it saw it `at` that time.
    #[must_use]
    pub fn line(&self, text: &str, at: Timestamp) -> String {
        let seconds = at.seconds().max(0);
        let mut bytes = self.verifier.id.to_vec();
        match self.verifier.kind {
            KeyKind::Log => bytes.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref()),
            KeyKind::Witness => {
                bytes.extend_from_slice(&seconds.to_be_bytes());
                bytes.extend_from_slice(self.pair.sign(cosigned(text, seconds).as_bytes()).as_ref());
            }
        }
        format!("{DASH}{} {}\n", self.verifier.name, STANDARD.encode(bytes))
    }

    /// A note of `text`, which ends a line, with this key's signature.
    #[must_use]
    pub fn sign(&self, text: &str, at: Timestamp) -> String {
        format!("{text}\n{}", self.line(text, at))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>().filter(|(_, bytes)| !bytes.is_empty())?;
        is_name(name).then(|| Self { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
    }
}

/// A note that was read. Nothing in it counts before [`verify`](Self::verify) said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let is_clean = note.len() <= MOST_BYTES && !note.contains(|c: char| c < ' ' && c != '\n');
        let split = note.rfind("\n\n").filter(|_| is_clean && note.ends_with('\n')).ok_or(NoteError::Form)?;
        let (text, below) = (note.get(..=split), note.get(split + 2..));
        let (Some(text), Some(below)) = (text, below) else { return Err(NoteError::Form) };
        let signatures = below.lines().map(Signature::parse).collect::<Option<Vec<_>>>();
        let signatures = signatures.filter(|all| (1..=MOST_SIGNATURES).contains(&all.len())).ok_or(NoteError::Form)?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text that `by` has signed.
    ///
    /// # Errors
    /// [`NoteError::Unsigned`] when it has not, [`NoteError::Forged`] when a signature of it does not verify.
    pub fn verify(&self, by: &Verifier) -> Result<&str, NoteError> {
        self.seen(by).map(|_| self.text.as_str())
    }

    /// When `by` signed it, if that is a witness.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn seen(&self, by: &Verifier) -> Result<Option<Timestamp>, NoteError> {
        let mut theirs = self.signatures.iter().filter(|signature| by.is_by(signature));
        let first = theirs.next().ok_or(NoteError::Unsigned)?;
        let seen = by.check(&self.text, &first.bytes)?;
        theirs.try_for_each(|signature| by.check(&self.text, &signature.bytes).map(drop))?;
        Ok(seen)
    }

    /// The text, believed by nobody yet.
    #[must_use]
    pub fn unverified_text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests;
