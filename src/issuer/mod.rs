//! The authorization server's use cases: load, ask `protocol`, write in one transaction.
//!
//! What for: a third party comes with a request and a signature; it leaves with a `request_uri`, tokens, or a reasoned
//! no. Whether something is right is said by [`crate::protocol`]; here is what must be looked up and written for it.
//!
//! How it flows: 1. `authenticate` knows the client (cached for a second, its keys parsed once), verifies assertion and
//! proof, and only when all is right uses up their ids; 2. `par` keeps a request; 3. [`interaction`] leads the citizen
//! through it; 4. `token` turns the code into tokens bound to a key; 5. `introspect`, `revoke`, `grants` and `userinfo`
//! are what can be done with them. Every token names a grant, and the grant decides: revoking any token ends it.
//!
//! At shared terminals `visits` ends what nobody uses any more.
//!
//! [`logout`] is the way out: what a third party may ask of it, and how it is told that a citizen took it.
//!
//! Where the citizen is not at the client's own page, [`decoupled`] asks and fetches the answer; `exchange` makes a smaller
//! token of one.
//!
//! How to add one more endpoint: its path in [`crate::protocol::discovery`], a file here with one method of [`Issuer`], a
//! handler in `http/oauth`, a folder under `tests/integration/oauth/`. Another way for clients to prove themselves
//! (RFC 8705) goes into `authenticate`; another form of the request (RFC 9101) into `par`.
//!
//! What it must never do: use a one-time thing up by anything but one conditional write; keep a token or code in clear;
//! tell one client about another's tokens; issue a token without a key or without a grant.

mod amend;
mod answer;
mod ask;
mod authenticate;
mod authorization;
mod certificates;
mod clients;
pub mod companies;
mod consent_receipts;
mod credential;
mod decoupled;
pub mod delegations;
mod end;
mod envelope;
mod exchange;
mod grants;
pub mod interaction;
mod introspect;
pub mod keys;
pub mod logout;
mod pairwise;
mod par;
mod questions;
pub mod registration;
mod remote_keys;
pub mod emergency;
pub mod representations;
mod resource;
mod revoke;
mod rights;
mod statements;
mod targets;
mod token;
mod userinfo;
mod visits;

pub use crate::protocol::registration::check_registration;
pub use answer::{Answered, IssuerFailure};
pub use authenticate::ClientCall;
pub use consent_receipts::{ConsentReceipt, Holder, TYPE_OF_CONSENT_RECEIPTS};
pub use grants::GrantView;
pub use introspect::Told;
pub use keys::{KeyUse, Rotation, rotate_now};
pub use par::PushedResponse;
pub use resource::ResourceCall;
pub use statements::{SignedAnswer, TYPE_OF_ANSWERS};
pub use userinfo::UserInfo;

use crate::adapters::outward::Outward;
use crate::catalog::Catalog;
use crate::domain::profile::KeyManagement;
use crate::domain::sealed::MasterKey;
use crate::domain::{Clock, Entropy, Environment, Fault, Timestamp};
use crate::evidence::Decisions;
use crate::hot::Hot;
use crate::limits::Limits;
use crate::policy::Policies;
use crate::protocol::certificate::CertificateRules;
use crate::protocol::jose::{PublishedKeys, Signer};
use crate::protocol::nonce::Nonces;
use crate::protocol::registration::Register;
use crate::protocol::{discovery, dpop};
use crate::store::Store;
use clients::Clients;
use keys::Keys;
use pairwise::Pairwise;
use std::sync::Arc;
use targets::Targets;

/// What the operator decides about the issuer.
#[derive(Clone, Debug, Default)]
pub struct IssuerSettings {
    /// The issuer identifier, and the only audience of tokens: exactly the public URL, without a trailing slash.
    pub public_url: String,
    /// When keys change.
    pub rotation: Rotation,
    /// How request objects may be encrypted to us; an RSA key takes up to seconds to make.
    pub request_object_encryption: Vec<KeyManagement>,
    /// What clients can do by certificates.
    pub certificates: CertificateRules,
    /// Who may vouch for third parties that register themselves; nobody can when absent.
    pub register: Option<Arc<Register>>,
    /// How addresses that clients name are called.
    pub outward: Outward,
    /// Whom the installation serves: who is still being tried may act among made-up persons only.
    pub environment: Environment,
}

/// What the issuer works with.
#[derive(Clone)]
pub struct IssuerParts {
    /// Durable truth.
    pub store: Arc<dyn Store>,
    /// Replay marks and word of revocations.
    pub hot: Arc<dyn Hot>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Seals the keys at rest.
    pub master: Arc<MasterKey>,
    /// What can be asked for.
    pub catalog: Arc<Catalog>,
    /// Who may ask for it.
    pub policies: Arc<Policies>,
    /// How often.
    pub limits: Arc<Limits>,
}

/// The authorization server.
pub struct Issuer {
    public_url: String,
    certificates: CertificateRules,
    parts: IssuerParts,
    decisions: Decisions,
    keys: Keys,
    pairwise: Pairwise,
    nonces: Nonces,
    proofs: dpop::Verifier,
    clients: Clients,
    targets: Targets,
    metadata: Arc<str>,
    outward: Outward,
    register: Option<Arc<Register>>,
    environment: Environment,
}

impl Issuer {
    /// Opens the issuer: reads its keys, making those that are missing. Two nodes that start together agree on them.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer or a key does not open under the master key.
    pub async fn open(settings: IssuerSettings, parts: IssuerParts) -> Result<Self, Fault> {
        let mut metadata = discovery::metadata(&settings.public_url);
        settings.certificates.tell(&mut metadata);
        discovery::tell_messages(&mut metadata, &settings.request_object_encryption);
        if let (Some(_), Some(members)) = (&settings.register, metadata.as_object_mut()) {
            let endpoint = format!("{}{}", settings.public_url, discovery::path::REGISTER);
            members.insert("registration_endpoint".into(), endpoint.into());
        }
        let metadata = metadata.to_string().into();
        let keys = Keys::open(settings.rotation, settings.request_object_encryption, &parts).await?;
        let pairwise = Pairwise::open(&parts).await?;
        let nonces = Nonces::new(&parts.master)?;
        Ok(Self {
            public_url: settings.public_url,
            certificates: settings.certificates,
            decisions: Decisions::new(Arc::clone(&parts.store)),
            parts,
            keys,
            pairwise,
            nonces,
            proofs: dpop::Verifier::default(),
            clients: Clients::new(settings.outward.clone(), settings.environment),
            targets: Targets::default(),
            metadata,
            outward: settings.outward,
            register: settings.register,
            environment: settings.environment,
        })
    }

    /// The issuer identifier.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The metadata document (RFC 8414, OpenID Connect Discovery).
    #[must_use]
    pub fn metadata(&self) -> Arc<str> {
        Arc::clone(&self.metadata)
    }

    /// The published keys; the holder is shared and follows every rotation.
    #[must_use]
    pub fn published_keys(&self) -> PublishedKeys {
        self.keys.published()
    }

    /// What signs messages and receipts now; its public half is among the published keys.
    #[must_use]
    pub fn message_signer(&self) -> Arc<dyn Signer> {
        self.keys.message_signer()
    }

    /// The proof verifier with its parsed keys, shared with whoever verifies the same clients' proofs.
    #[must_use]
    pub fn proof_verifier(&self) -> dpop::Verifier {
        self.proofs.clone()
    }

    /// A server nonce for an answer's `DPoP-Nonce` field (RFC 9449 §8).
    #[must_use]
    pub fn fresh_nonce(&self) -> String {
        self.nonces.issue(self.now())
    }

    /// Makes, activates and retires keys as their times come; to be called every minute or so.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer; the keys stay as they were.
    pub async fn maintain_keys(&self) -> Result<(), Fault> {
        self.keys.refresh(&self.parts).await
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}
