//! How engines keep what is about persons: bodies sealed, look-ups by keyed digest.
//!
//! A record that lasts is sealed under the key of its owner ([`RecordKey`]): the consent that it hangs on, else the
//! person. One that is over within the day is sealed under the master key by itself. A body of the time before sealing is
//! JSON and begins with a brace, which no sealed one does.

use super::record;
use crate::domain::sealed::RecordKey;
use crate::domain::subject::UpstreamAccount;
use crate::domain::{Digest, Entropy, Fault, MasterKey, SystemEntropy};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Under which name the key for look-ups is kept among the owners' keys.
pub(super) const LOOKUP: &str = "lookup";
/// How many owners' keys are remembered. When it is full it starts anew: whoever is at work is soon in it again.
const REMEMBERED: usize = 4096;

/// What an engine seals and opens with.
pub(super) struct Vault {
    master: Arc<MasterKey>,
    entropy: Arc<dyn Entropy>,
    lookup: OnceLock<hmac::Key>,
    remembered: Mutex<HashMap<String, RecordKey>>,
}

impl Vault {
    pub(super) fn new(master: Arc<MasterKey>) -> Self {
        let remembered = Mutex::new(HashMap::new());
        Self { master, entropy: Arc::new(SystemEntropy), lookup: OnceLock::new(), remembered }
    }

    pub(super) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// A key for the owner, and how it is kept.
    pub(super) fn make_key(&self, owner: &str) -> Result<(RecordKey, Vec<u8>), Fault> {
        RecordKey::make(&self.master, owner, self.entropy())
    }

    /// The owner's key from how it is kept.
    pub(super) fn open_key(&self, owner: &str, sealed: &[u8]) -> Result<RecordKey, Fault> {
        RecordKey::open(&self.master, owner, sealed)
    }

    /// A key that nobody keeps: what is written under it is as gone as what was under a key that was destroyed.
    pub(super) fn lost_key(&self, owner: &str) -> Result<RecordKey, Fault> {
        Ok(self.make_key(owner)?.0)
    }

    /// How a kept key is kept under the present master key; none when it is so already.
    pub(super) fn rewrap(&self, owner: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        if owner == LOOKUP {
            return self.master.rewrap(LOOKUP, sealed, self.entropy());
        }
        RecordKey::rewrap(&self.master, owner, sealed, self.entropy())
    }

    /// Remembers a key that is durable, so that the next write under it need not ask for it.
    pub(super) fn remember(&self, owner: &str, key: &RecordKey) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(owner.to_owned(), key.clone());
    }

    /// The owner's key, if it is remembered.
    pub(super) fn remembered(&self, owner: &str) -> Option<RecordKey> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).get(owner).cloned()
    }

    /// Forgets a key that was destroyed.
    pub(super) fn forget(&self, owner: &str) {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).remove(owner);
    }

    /// The record as a sealed body; `name` is its kind and id.
    pub(super) fn seal<T: Serialize>(&self, key: &RecordKey, name: &str, record: &T) -> Result<String, Fault> {
        self.seal_text(key, name, &record::write(record)?)
    }

    /// The same for JSON that was written already.
    pub(super) fn seal_text(&self, key: &RecordKey, name: &str, text: &str) -> Result<String, Fault> {
        Ok(URL_SAFE_NO_PAD.encode(key.seal(name, text.as_bytes(), self.entropy())?))
    }

    /// Salt and record of an event, sealed as one.
    pub(super) fn seal_evidence(
        &self,
        key: &RecordKey,
        receipt: &str,
        (salt, record): (&[u8; 32], &str),
    ) -> Result<String, Fault> {
        let plain = [salt.as_slice(), record.as_bytes()].concat();
        Ok(URL_SAFE_NO_PAD.encode(key.seal(&evidence(receipt), &plain, self.entropy())?))
    }

    /// The same for what was kept in clear.
    pub(super) fn seal_kept_evidence(
        &self,
        key: &RecordKey,
        receipt: &str,
        (salt, record): (&[u8], &str),
    ) -> Result<String, Fault> {
        self.seal_evidence(key, receipt, (&whole(salt)?, record))
    }

    /// The body of a record that is soon over.
    pub(super) fn hide(&self, name: &str, body: &str) -> Result<String, Fault> {
        Ok(URL_SAFE_NO_PAD.encode(self.master.seal(name, body.as_bytes(), self.entropy())?))
    }

    /// What [`hide`](Self::hide) made.
    pub(super) fn show(&self, name: &str, body: String) -> Result<String, Fault> {
        if is_in_clear(&body) {
            return Ok(body);
        }
        text(self.master.open(name, &bytes(&body)?)?)
    }

    /// Takes the key for look-ups, from how it is kept. Every node of an installation has the same.
    pub(super) fn set_lookup(&self, sealed: &[u8]) -> Result<(), Fault> {
        let bytes = self.master.open(LOOKUP, sealed)?;
        drop(self.lookup.set(hmac::Key::new(hmac::HMAC_SHA256, &bytes)));
        Ok(())
    }

    /// A new key for look-ups, as it is kept.
    pub(super) fn make_lookup(&self) -> Result<Vec<u8>, Fault> {
        let mut bytes = [0_u8; 32];
        self.entropy.fill(&mut bytes);
        self.master.seal(LOOKUP, &bytes, self.entropy())
    }

    /// By what an account is found.
    pub(super) fn account(&self, account: &UpstreamAccount) -> Result<[u8; 32], Fault> {
        self.blind("account", format!("{}\n{}", account.issuer, account.subject).as_bytes())
    }

    /// By what something is found of which a digest alone could be guessed.
    pub(super) fn blinded(&self, what: &str, digest: &Digest) -> Result<[u8; 32], Fault> {
        self.blind(what, digest.as_bytes())
    }

    fn blind(&self, what: &str, bytes: &[u8]) -> Result<[u8; 32], Fault> {
        let key = self.lookup.get().ok_or_else(|| Fault::Internal("the key for look-ups is not there".into()))?;
        let tag = hmac::sign(key, &[what.as_bytes(), b"\n", bytes].concat());
        tag.as_ref().try_into().map_err(|_| Fault::Internal("a keyed digest has another length".into()))
    }
}

/// The JSON of a body; none where it is sealed and its owner's key is there no more.
pub(super) fn open(key: Option<&RecordKey>, name: &str, body: String) -> Result<Option<String>, Fault> {
    if is_in_clear(&body) {
        return Ok(Some(body));
    }
    let Some(key) = key else { return Ok(None) };
    text(key.unseal(name, &bytes(&body)?)?).map(Some)
}

/// Salt and record of an event, from their columns; none where the owner's key is there no more.
pub(super) fn open_evidence(
    key: Option<&RecordKey>,
    receipt: &str,
    (salt, body): (&[u8], String),
) -> Result<Option<([u8; 32], String)>, Fault> {
    if is_in_clear(&body) {
        return Ok(Some((whole(salt)?, body)));
    }
    let Some(key) = key else { return Ok(None) };
    let plain = key.unseal(&evidence(receipt), &bytes(&body)?)?;
    let (salt, record) = plain.split_at_checked(32).ok_or_else(unreadable)?;
    Ok(Some((whole(salt)?, text(record.to_vec())?)))
}

/// The same for whoever checks the log: what does not open was changed, and answers to no commitment.
pub(super) fn audit_evidence(
    key: Option<&RecordKey>,
    receipt: &str,
    columns: (&[u8], String),
) -> Option<([u8; 32], String)> {
    open_evidence(key, receipt, columns).unwrap_or_else(|_| Some(([0; 32], String::new())))
}

/// Whether a body is of the time before sealing, or of a record about nobody.
fn is_in_clear(body: &str) -> bool {
    body.starts_with('{')
}

fn whole(salt: &[u8]) -> Result<[u8; 32], Fault> {
    salt.try_into().map_err(|_| Fault::Internal("a stored salt is none".into()))
}

fn evidence(receipt: &str) -> String {
    format!("evidence:{receipt}")
}

fn bytes(body: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(body).map_err(|_| unreadable())
}

fn text(bytes: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(bytes).map_err(|_| unreadable())
}

fn unreadable() -> Fault {
    Fault::Internal("a sealed body does not read back".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_under_its_own_name_and_key_and_one_of_before_as_it_is() {
        let vault = Vault::new(Arc::new(MasterKey::new([7; 32])));
        let (key, kept) = vault.make_key("g_1").unwrap();
        let body = vault.seal(&key, "grant:g_1", &serde_json::json!({"purpose": "loan"})).unwrap();
        assert!(!body.contains("loan") && !body.starts_with('{'));
        let again = vault.open_key("g_1", &kept).unwrap();
        let opened = open(Some(&again), "grant:g_1", body.clone()).unwrap();
        assert_eq!(opened.as_deref(), Some(r#"{"purpose":"loan"}"#));
        assert!(open(Some(&again), "grant:g_2", body.clone()).is_err());
        assert!(open(Some(&vault.lost_key("g_1").unwrap()), "grant:g_1", body.clone()).is_err());
        assert_eq!(open(None, "grant:g_1", body).unwrap(), None, "its key is destroyed");
        assert_eq!(open(None, "grant:g_1", "{}".into()).unwrap().as_deref(), Some("{}"));
    }

    #[test]
    fn what_is_soon_over_opens_as_itself_only() {
        let vault = Vault::new(Arc::new(MasterKey::new([7; 32])));
        let body = vault.hide("session:1", "{\"s\":1}").unwrap();
        assert_eq!(vault.show("session:1", body.clone()).unwrap(), "{\"s\":1}");
        assert!(vault.show("session:2", body).is_err());
        assert_eq!(vault.show("session:1", "{}".into()).unwrap(), "{}");
    }

    #[test]
    fn a_look_up_is_the_same_on_every_node_and_under_another_master_key() {
        let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "s".into() };
        let old = Vault::new(Arc::new(MasterKey::new([1; 32])));
        assert!(old.account(&account).is_err(), "before the key is there");
        let kept = old.make_lookup().unwrap();
        old.set_lookup(&kept).unwrap();
        let new = Vault::new(Arc::new(MasterKey::new([2; 32]).with_former([[1; 32]])));
        new.set_lookup(&kept).unwrap();
        assert_eq!(old.account(&account).unwrap(), new.account(&account).unwrap());
        let other = Vault::new(Arc::new(MasterKey::new([1; 32])));
        other.set_lookup(&other.make_lookup().unwrap()).unwrap();
        assert_ne!(old.account(&account).unwrap(), other.account(&account).unwrap());
        let digest = Digest::of("s");
        assert_ne!(old.blinded("a", &digest).unwrap(), old.blinded("b", &digest).unwrap());
    }

    #[test]
    fn salt_and_record_are_sealed_as_one() {
        let vault = Vault::new(Arc::new(MasterKey::new([7; 32])));
        let (key, _) = vault.make_key("g_1").unwrap();
        let body = vault.seal_evidence(&key, "r_1", (&[5; 32], "{}")).unwrap();
        let opened = open_evidence(Some(&key), "r_1", (&[], body.clone())).unwrap();
        assert_eq!(opened, Some(([5; 32], "{}".to_owned())));
        assert!(open_evidence(Some(&key), "r_2", (&[], body.clone())).is_err());
        assert_eq!(open_evidence(None, "r_1", (&[], body)).unwrap(), None);
        let before = open_evidence(None, "r_1", (&[6; 32], "{}".into())).unwrap();
        assert_eq!(before, Some(([6; 32], "{}".to_owned())));
        assert!(open_evidence(None, "r_1", (&[6; 31], "{}".into())).is_err());
    }
}
