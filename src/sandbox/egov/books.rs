//! What e-Gov remembers beside the agencies' ledger.

use super::posts::Sent;
use super::shares::Sharing;
use super::{REDIRECT_PATH, keys};
use crate::domain::chain::Anchors;
use crate::domain::xml::XmlSigner;
use crate::domain::{Digest, Secret, Timestamp};
use crate::sandbox::expiring::Expiring;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A bundle as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    pub send_number: String,
    pub file_name: String,
    pub sent_at: Timestamp,
    /// What became of each application in it: its folder, and its number or why not.
    pub results: Vec<(String, Result<String, Vec<serde_json::Value>>)>,
}

/// What is known of an application beside how it stands.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub procedure: String,
    pub arrived_at: Timestamp,
    pub asked_at: Option<Timestamp>,
    pub amended_at: Option<Timestamp>,
    /// How often it was looked at since its end.
    pub looks_after_end: u32,
    pub document: Option<Issued>,
    /// How often it was looked at since it has to be paid.
    pub looks_at_payment: u32,
    /// The form as it was sent last.
    pub form: String,
}

/// An official document.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub at: Timestamp,
    /// When it was said to be fetched.
    pub done_at: Option<Timestamp>,
    /// How often that was said.
    pub times_done: u32,
}

#[derive(Default)]
pub(super) struct Inside {
    pub bundles: Vec<Bundle>,
    /// What was sent to the account.
    pub sent: Vec<Sent>,
    /// Which other accounts see the cases.
    pub sharing: Sharing,
    /// By number.
    pub cases: BTreeMap<String, Case>,
    /// How often an access token was given for the first refresh token, and for any later one.
    pub renewals: (u32, u32),
}

/// e-Gov's books.
pub(in crate::sandbox) struct Egov {
    pub(super) redirect_uri: String,
    pub(super) codes: Expiring<Digest, String>,
    pub(super) tokens: Expiring<Digest, ()>,
    pub(super) refresh: Expiring<Digest, ()>,
    /// Seals official documents.
    pub(super) office: XmlSigner,
    /// Up to whom the seals lead.
    pub(super) anchors: Anchors,
    inside: Mutex<Inside>,
}

impl Egov {
    /// Empty books of the e-Gov at this address.
    ///
    /// # Errors
    /// When no keys could be made.
    pub(in crate::sandbox) fn new(base: &str) -> Result<Self, String> {
        let keys = keys()?;
        let key = Secret::new(keys.office_key.clone());
        Ok(Self {
            redirect_uri: format!("{base}{REDIRECT_PATH}"),
            codes: Expiring::new(10_000),
            tokens: Expiring::new(50_000),
            refresh: Expiring::new(50_000),
            office: XmlSigner::from_pem(&key, &keys.office_certificates).map_err(|e| e.to_string())?,
            anchors: Anchors::from_pem(&keys.anchor).ok_or("the made-up authority does not read")?,
            inside: Mutex::default(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inside> {
        // Each change is made whole before anything can panic.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes back every access token.
    pub(in crate::sandbox) fn forget_access(&self, now: Timestamp) {
        self.tokens.sweep(now.plus(std::time::Duration::from_hours(24)));
    }

    pub(super) fn renewed(&self, is_first: bool) {
        let renewals = &mut self.lock().renewals;
        if is_first { renewals.0 += 1 } else { renewals.1 += 1 }
    }

    /// How often an access token was given for the first refresh token, and for any later one.
    pub(in crate::sandbox) fn renewals(&self) -> (u32, u32) {
        self.lock().renewals
    }

    /// The form of an application as it was sent last.
    pub(in crate::sandbox) fn form(&self, arrival: &str) -> Option<String> {
        self.lock().cases.get(arrival).map(|case| case.form.clone())
    }

    /// How often each official document was said to be fetched.
    pub(in crate::sandbox) fn documents_done(&self) -> Vec<u32> {
        let inside = self.lock();
        inside.cases.values().filter_map(|case| Some(case.document.as_ref()?.times_done)).collect()
    }

    /// Sends a document to the account that can be fetched until then, or a message alone.
    pub(in crate::sandbox) fn send(&self, title: &str, at: Timestamp, until: Option<Timestamp>) {
        let mut inside = self.lock();
        let id = format!("{:020}", inside.sent.len() + 1);
        let title = title.to_owned();
        inside.sent.push(Sent { id, title, at, until, of: None, done_at: None, times_done: 0 });
    }

    /// What was answered to accounts that offered to share, and to whom.
    pub(in crate::sandbox) fn share_answers(&self) -> Vec<(String, String)> {
        self.lock().sharing.answers()
    }

    /// How often each document that was sent was said to be fetched, in the order of sending.
    pub(in crate::sandbox) fn sent_done(&self) -> Vec<u32> {
        self.lock().sent.iter().filter(|one| one.until.is_some()).map(|one| one.times_done).collect()
    }

    pub(in crate::sandbox) fn sweep(&self, now: Timestamp) {
        self.codes.sweep(now);
        self.tokens.sweep(now);
        self.refresh.sweep(now);
    }
}
