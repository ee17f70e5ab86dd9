//! What the log of evidence is told: an event becomes a record that is kept, and a commitment that is logged.
//!
//! The commitment is a hash over the record and 32 unguessable bytes. It says nothing of the record to anyone who has not
//! both, so the log can be public; when record and salt are erased, what is left in the log is about nobody.

mod accesses;
mod canonical;
mod consents;
mod erasure;
mod filings;
mod operators;
mod payments;

pub use canonical::canonical;
pub use erasure::Erased;
pub use operators::StatusLeaf;
pub use payments::PaymentLeaf;

use super::access::Access;
use super::application::{Application, ApplicationNews};
use super::certificate_request::{CertificateRequest, RequestNews};
use super::client::Client;
use super::delegation::Delegation;
use super::deposit::{Declaration, DepositAct};
use super::disposition::{DispositionAct, DispositionNotice};
use super::employment_certificate::{CertificateAct, EmploymentCertificate};
use super::entropy::Entropy;
use super::establishment::{Establishment, EstablishmentAct};
use super::grant::{Grant, RevokedBy};
use super::ids::{ClientId, GrantId, ReceiptId, RepresentationId, SubjectId};
use super::linkage::{LinkageAct, ServiceCode};
use super::representation::RepresentationKind;
use super::secret::Digest;
use super::submission::{Document, Submission};
use super::time::Timestamp;
use serde_json::{Value, json};

/// What the commitment's hash begins with: another form of record would begin otherwise.
const DOMAIN: &[u8] = b"madoguchi evidence v1\n";

/// What became of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// The citizen agreed to this.
    Made(&'a Grant),
    /// The citizen changed it to this.
    Amended(&'a Grant),
    /// It ended before its time.
    Ended(RevokedBy),
    /// Another change of its state, by its word.
    Other(&'a str),
}

/// Something that happened and gets a leaf.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A line of the access history: a disclosure, or the refusal of one.
    Access(&'a Access),
    /// A grant's state changed.
    Consent {
        /// Which grant.
        grant: &'a GrantId,
        /// Whose.
        client: &'a ClientId,
        /// By whom it was given.
        subject: Option<&'a SubjectId>,
        /// How it changed.
        change: Change<'a>,
        /// When.
        at: Timestamp,
    },
    /// That a person may act for another began, ended, or was held still.
    Representation {
        /// Which.
        id: &'a RepresentationId,
        /// On what ground.
        kind: RepresentationKind,
        /// Who is represented.
        principal: &'a SubjectId,
        /// What happened.
        word: &'a str,
        /// The operator who did it, by name; absent where one of the two did.
        operator: Option<&'a str>,
        /// When.
        at: Timestamp,
    },
    /// Operators asked for data in a disaster, or opened them. It concerns nobody by id: what is erased with a person's
    /// records leaves it whole.
    Emergency {
        /// Which.
        id: &'a RepresentationId,
        /// For which third party.
        client: &'a ClientId,
        /// What happened.
        word: &'a str,
        /// By whose statements.
        operators: &'a str,
        /// When.
        at: Timestamp,
    },
    /// An office came to file for a company, or does so no more. Companies are no persons.
    Delegation {
        /// Which.
        one: &'a Delegation,
        /// What happened.
        word: &'a str,
        /// Under which name the operator did it; none where the company, or time, did.
        operator: Option<&'a str>,
        /// When.
        at: Timestamp,
    },
    /// A person was put under protection measures (支援措置), or is under them no more.
    Protection {
        /// Who.
        person: &'a SubjectId,
        /// What happened.
        word: &'a str,
        /// The operator who wrote it down.
        operator: &'a str,
        /// When.
        at: Timestamp,
    },
    /// Something was erased.
    Erasure {
        /// What.
        what: Erased<'a>,
        /// When.
        at: Timestamp,
    },
    /// A client was registered, changed, approved or suspended.
    Client(&'a Client, Timestamp),
    /// A filing was taken on.
    Submission(&'a Submission),
    /// Something was done with a document that an agency gave back.
    Document {
        /// Which.
        document: &'a Document,
        /// What was done.
        word: &'a str,
        /// When.
        at: Timestamp,
    },
    /// Something was done with a certificate of employment.
    Certificate {
        /// Which.
        one: &'a EmploymentCertificate,
        /// What was done.
        act: CertificateAct<'a>,
        /// When.
        at: Timestamp,
    },
    /// Something happened to a payment. It names no payer.
    Payment(PaymentLeaf<'a>),
    /// Something was done with a request for a certificate of employment.
    CertificateRequest {
        /// Which.
        one: &'a CertificateRequest,
        /// What was done.
        news: RequestNews,
        /// When.
        at: Timestamp,
    },
    /// Something was done with the establishment of a company. It names no founder.
    Establishment {
        /// Which.
        one: &'a Establishment,
        /// What was done.
        act: EstablishmentAct,
        /// When.
        at: Timestamp,
    },
    /// Something was done with a deposit.
    Deposit {
        /// Which.
        one: &'a Declaration,
        /// What was done.
        act: DepositAct<'a>,
        /// When.
        at: Timestamp,
    },
    /// Something was done with a disposition notice.
    Disposition {
        /// Which.
        one: &'a DispositionNotice,
        /// What was done.
        act: DispositionAct<'a>,
        /// When.
        at: Timestamp,
    },
    /// Something was done with an application to a municipality.
    Application {
        /// Which.
        one: &'a Application,
        /// What was done.
        news: ApplicationNews,
        /// By whose software.
        by: &'a ClientId,
        /// When.
        at: Timestamp,
    },
    /// Something was done with a citizen's account and what it is linked with.
    Linkage {
        /// Whose.
        subject: &'a SubjectId,
        /// Which service; none where it is about the account alone.
        service: Option<&'a ServiceCode>,
        /// What was done.
        act: LinkageAct,
        /// When.
        at: Timestamp,
    },
    /// An operator told of an incident or of a planned maintenance.
    Status(StatusLeaf<'a>),
    /// A key of the counter's own was made, or its end was set.
    Key {
        /// The key's id.
        id: &'a str,
        /// `made` or `retired`.
        action: &'a str,
        /// When.
        at: Timestamp,
    },
}

/// A leaf before it is in the log: what is kept of the event, and what is logged of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// By what it is found again.
    pub receipt: ReceiptId,
    /// When it happened.
    pub at: Timestamp,
    /// The third party that it concerns.
    pub client: Option<ClientId>,
    /// The person that it concerns.
    pub subject: Option<SubjectId>,
    /// The grant whose change it is, if it is one.
    pub grant: Option<GrantId>,
    /// What hides the record in its commitment.
    pub salt: [u8; 32],
    /// What happened, as canonical JSON (RFC 8785): codes and counts, never values.
    pub record: String,
    /// What is logged.
    pub commitment: Digest,
    /// Under whose key salt and record are kept; none where they are about nobody.
    pub key_owner: Option<String>,
}

impl Leaf {
    /// The leaf of an event.
    #[must_use]
    pub fn of(event: &Event<'_>, entropy: &dyn Entropy) -> Self {
        let receipt = match event {
            Event::Access(line) => line.receipt(),
            Event::Submission(submission) => submission.receipt.clone(),
            Event::Certificate { one, act: CertificateAct::Issued, .. } => one.receipt.clone(),
            Event::Payment(PaymentLeaf { settlement: Some(settlement), .. }) => settlement.receipt.clone(),
            Event::Establishment { one, act: EstablishmentAct::Begun, .. } => one.receipt.clone(),
            Event::Disposition { one, act, .. } => act.receipt(one).clone(),
            Event::Application { one, news: ApplicationNews::Arrived, .. } => one.receipt.clone(),
            _ => ReceiptId::generate(entropy),
        };
        let mut salt = [0_u8; 32];
        entropy.fill(&mut salt);
        let (at, client, subject) = match event {
            Event::Access(line) => (line.at, Some(&line.client), Some(&line.subject)),
            Event::Consent { client, subject, at, .. } => (*at, Some(*client), *subject),
            Event::Client(client, at) => (*at, Some(&client.id), None),
            Event::Representation { principal, at, .. } => (*at, None, Some(*principal)),
            Event::Submission(submission) => (submission.accepted_at, Some(&submission.client), None),
            Event::Emergency { client, at, .. } => (*at, Some(*client), None),
            Event::Delegation { one, at, .. } => (*at, Some(&one.client), None),
            Event::Protection { person, at, .. } => (*at, None, Some(*person)),
            Event::Linkage { subject, at, .. } => (*at, None, Some(*subject)),
            Event::Document { document, at, .. } => (*at, Some(&document.client), None),
            Event::Certificate { one, at, .. } => (*at, Some(&one.client), None),
            Event::CertificateRequest { one, at, .. } => (*at, Some(&one.client), None),
            Event::Payment(leaf) => (leaf.at, Some(&leaf.one.client), None),
            Event::Establishment { one, at, .. } => (*at, Some(&one.client), None),
            Event::Deposit { one, at, .. } => (*at, Some(&one.client), None),
            Event::Disposition { one, act, at } => (*at, Some(act.by(one)), None),
            Event::Application { one, by, at, .. } => (*at, Some(*by), Some(&one.subject)),
            Event::Status(StatusLeaf { at, .. }) | Event::Key { at, .. } => (*at, None, None),
            Event::Erasure { what, at } => (*at, None, what.person()),
        };
        let grant = match event {
            Event::Consent { grant, .. } => Some((*grant).clone()),
            _ => None,
        };
        let record = canonical(&event.record(&receipt, at));
        let commitment = commitment(&salt, &record);
        let key_owner = event.key_owner().map(str::to_owned);
        Self {
            receipt,
            at,
            client: client.cloned(),
            subject: subject.cloned(),
            grant,
            salt,
            record,
            commitment,
            key_owner,
        }
    }
}

impl<'a> Event<'a> {
    /// What a person decided about a grant; none about one without a person, which is no consent.
    #[must_use]
    pub fn of_grant(grant: &'a Grant, change: Change<'a>) -> Option<Self> {
        let subject = grant.subject.as_ref()?;
        let at = grant.updated_at.unwrap_or(grant.created_at);
        Some(Self::Consent { grant: &grant.id, client: &grant.client, subject: Some(subject), change, at })
    }

    /// Under whose key it is kept: the consent's that it hangs on, else the person's.
    #[must_use]
    pub fn key_owner(&self) -> Option<&str> {
        match self {
            Event::Access(line) => Some(line.grant.as_str()),
            Event::Consent { grant, subject, .. } => subject.map(|_| grant.as_str()),
            Event::Representation { principal, .. } => Some(principal.as_str()),
            Event::Erasure { what, .. } => what.person().map(SubjectId::as_str),
            Event::Protection { person, .. } => Some(person.as_str()),
            Event::Linkage { subject, .. } => Some(subject.as_str()),
            Event::Application { one, .. } => Some(one.subject.as_str()),
            Event::Client(..)
            | Event::Submission(_)
            | Event::Document { .. }
            | Event::Emergency { .. }
            | Event::Delegation { .. }
            | Event::Certificate { .. }
            | Event::CertificateRequest { .. }
            | Event::Payment(_)
            | Event::Establishment { .. }
            | Event::Deposit { .. }
            | Event::Disposition { .. }
            | Event::Status(_)
            | Event::Key { .. } => None,
        }
    }

    /// What third parties may read of it: no person's id is in it.
    fn record(&self, receipt: &ReceiptId, at: Timestamp) -> Value {
        let mut record = match self {
            Event::Access(line) => accesses::told(line),
            Event::Consent { grant, client, change, .. } => consents::told(grant, client, *change),
            Event::Client(client, _) => operators::client(client),
            Event::Representation { id, kind, word, operator, .. } => {
                let mut told = json!({
                    "kind": "representation", "representation": id.as_str(), "as": kind.as_str(), "change": word,
                });
                if let (Some(members), Some(operator)) = (told.as_object_mut(), operator) {
                    members.insert("operator".to_owned(), (*operator).into());
                }
                told
            }
            Event::Submission(submission) => filings::filed(submission),
            Event::Delegation { one, word, operator, .. } => filings::delegation(one, word, *operator),
            Event::Document { document, word, .. } => json!({
                "kind": "document", "action": word, "document": document.id.as_str(),
                "submission": document.submission.as_ref().map(super::ids::SubmissionId::as_str),
                "client": document.client.as_str(),
                "content_sha256": document.about.as_ref().map(|about| about.digest.base64url()),
            }),
            Event::Emergency { id, client, word, operators, .. } => operators::emergency(id, client, word, operators),
            Event::Protection { word, operator, .. } => operators::protection(word, operator),
            Event::Status(leaf) => operators::status(leaf),
            Event::Certificate { one, act, .. } => filings::certificate(one, *act),
            Event::CertificateRequest { one, news, .. } => filings::certificate_request(one, *news),
            Event::Payment(leaf) => payments::told(leaf),
            Event::Establishment { one, act, .. } => filings::establishment(one, *act),
            Event::Deposit { one, act, .. } => filings::deposit(one, *act),
            Event::Disposition { one, act, .. } => filings::disposition(one, *act),
            Event::Application { one, news, by, .. } => filings::application(one, *news, by),
            Event::Linkage { service, act, .. } => {
                json!({"kind": "linkage", "action": act.as_str(), "service": service.map(ServiceCode::as_str)})
            }
            Event::Erasure { what, .. } => what.record(),
            Event::Key { id, action, .. } => json!({"kind": "operator", "action": format!("key_{action}"), "key": id}),
        };
        if let Some(members) = record.as_object_mut() {
            members.insert("version".to_owned(), 1.into());
            members.insert("receipt".to_owned(), receipt.as_str().into());
            members.insert("at".to_owned(), at.rfc3339().into());
        }
        record
    }
}

/// What is logged of a record.
#[must_use]
pub fn commitment(salt: &[u8; 32], record: &str) -> Digest {
    Digest::of_bytes(&[DOMAIN, salt, record.as_bytes()].concat())
}

#[cfg(test)]
mod tests;
