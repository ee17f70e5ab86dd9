//! Opening data in a disaster (災害時の緊急利用): by two operators, for one third party and a short time, without the person's
//! word and never without their seeing it.
//!
//! Each of the two signs a statement of the same terms with a key of their own (C2SP signed-note); the second may not be
//! the first, and one conditional write decides. What opens is a representation of the kind `emergency`: it is shown to the
//! person among their representatives, ends when its time is over or when the person ends it, and marks all that is done
//! by it. The statements stay in a record of their own.

use crate::catalog::{Catalog, DataSet};
use crate::domain::client::Client;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::grant::{Grant, GrantStatus};
use crate::domain::ids::{ClientId, GrantId, RepresentationId, SubjectId};
use crate::domain::representation::{Representation, RepresentationKind, RepresentationProof, RepresentationStatus};
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::terms::{LegalBasis, OnBehalfOf, Terms};
use crate::domain::{Digest, Entropy, Failure, Fault, Refusal, Secret, Timestamp};
use crate::evidence::note::{KeyKind, Note, Signer, Verifier};
use crate::policy::{RepresentationLimits, read_file};
use crate::protocol::refresh_token;
use crate::store::{HeldEmergency, HeldRefreshToken, Opening, Store};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// The file beside the rules that names the operators.
const FILE: &str = "operators.toml";
/// How long a request waits for the second operator.
const WAITS: Duration = Duration::from_hours(12);
/// The first line of every statement.
const HEAD: &str = "madoguchi emergency v1";

/// Which data of whom are needed by whom, for how long, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needed {
    /// Whose.
    pub person: SubjectId,
    /// For which third party.
    pub client: ClientId,
    /// For which of its registered purposes.
    pub purpose: String,
    /// Which data sets, whole.
    pub data_sets: Vec<DataSetCode>,
    /// For how many hours.
    pub hours: u32,
    /// Why, in a line.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegister {
    #[serde(default)]
    operator: Vec<RawOperator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperator {
    key: String,
}

/// The operators, by their public keys.
#[derive(Clone, Debug)]
pub struct Operators(Vec<Verifier>);

impl Operators {
    /// Reads the register in the directory of the rules; nobody where there is none.
    ///
    /// # Errors
    /// The first thing that is wrong: no TOML, no key, or a name or a key that is there twice.
    pub fn load(rules: &Path) -> Result<Self, String> {
        let read = read_file::<RawRegister>(rules, FILE).map_err(|fault| fault.to_string())?;
        let Some((raw, _)) = read else { return Ok(Self(Vec::new())) };
        let mut found: Vec<Verifier> = Vec::new();
        for RawOperator { key } in raw.operator {
            let key = Verifier::parse(&key).map_err(|error| format!("{FILE}: key: {error}"))?;
            // The same key under two names would be two operators in one hand.
            let bare = |key: &Verifier| key.vkey().rsplit('+').next().map(str::to_owned);
            if found.iter().any(|known| known.name() == key.name() || bare(known) == bare(&key)) {
                return Err(format!("{FILE}: the name or the key of {} is there twice", key.name()));
            }
            found.push(key);
        }
        Ok(Self(found))
    }

    /// The operator whose key this is.
    ///
    /// # Errors
    /// `access_denied` for any other key.
    pub fn know(&self, signer: &Signer) -> Result<&Verifier, Refusal> {
        let known = self.0.iter().find(|known| known.vkey() == signer.verifier().vkey());
        known.ok_or_else(|| Refusal::new("access_denied", format!("key: it is no operator's in {FILE}")))
    }

    /// What the operator of this name signed.
    fn read(&self, name: &str, note: &str) -> Result<String, Failure> {
        let bad = |why: &str| Refusal::new("access_denied", format!("the first statement {why}"));
        let key = self.0.iter().find(|known| known.name() == name).ok_or_else(|| bad("is nobody's any more"))?;
        let note = Note::parse(note).map_err(|error| bad(&error.to_string()))?;
        Ok(note.verify(key).map_err(|error| bad(&error.to_string()))?.to_owned())
    }
}

/// What opening takes.
pub struct Ground<'a> {
    /// Durable truth.
    pub store: &'a dyn Store,
    /// The data sets.
    pub catalog: &'a Catalog,
    /// Which data, and for how long at most.
    pub limits: &'a RepresentationLimits,
    /// Who may.
    pub operators: &'a Operators,
    /// Chance.
    pub entropy: &'a dyn Entropy,
    /// The moment.
    pub now: Timestamp,
}

fn refused(words: impl Into<String>) -> Refusal {
    Refusal::new("invalid_request", words)
}

fn statement(action: &str, id: &RepresentationId, terms: &str) -> String {
    format!("{HEAD}\n{action} {id}\n{terms}\n")
}

impl Ground<'_> {
    /// Writes the first operator's request; gives its id, for the second.
    ///
    /// # Errors
    /// `access_denied` for a key that is no operator's; `invalid_request` naming what cannot be opened.
    pub async fn request(&self, needed: &Needed, signer: &Signer) -> Result<RepresentationId, Failure> {
        let by = self.operators.know(signer)?.name().to_owned();
        self.check(needed).await?;
        let id = RepresentationId::generate(self.entropy);
        let terms = serde_json::to_string(needed).map_err(|_| Fault::Internal("the terms do not write".into()))?;
        let new = HeldEmergency {
            id: id.clone(),
            client: needed.client.clone(),
            requested_by: by,
            request: signer.sign(&statement("request", &id, &terms), self.now),
            created_at: self.now,
            expires_at: self.now.plus(WAITS),
            approval: None,
        };
        self.store.insert_emergency(&new).await?;
        Ok(id)
    }

    /// Opens what another operator requested; gives the refresh token that the third party is handed, once.
    ///
    /// # Errors
    /// `access_denied` for a key that is no operator's, for the one who requested it, or for a first statement that does
    /// not verify; `conflict` when it is open already, too late, or the like is open for the same third party.
    pub async fn approve(&self, id: &RepresentationId, signer: &Signer) -> Result<Secret<String>, Failure> {
        let by = self.operators.know(signer)?.name().to_owned();
        let held = self.store.find_emergency(id).await?.ok_or_else(|| refused("id: there is no such request"))?;
        if held.requested_by == by {
            let words = "The operator who requested it cannot approve it: it takes another.";
            return Err(Refusal::new("access_denied", words).into());
        }
        let text = self.operators.read(&held.requested_by, &held.request)?;
        let terms = text.lines().nth(2).unwrap_or_default();
        if text != statement("request", id, terms) {
            return Err(Refusal::new("access_denied", "the first statement is about something else").into());
        }
        let needed: Needed = serde_json::from_str(terms).map_err(|_| refused("the first statement does not read"))?;
        let (client, sets) = self.check(&needed).await?;
        let approval = signer.sign(&statement("approve", id, terms), self.now);
        let representation = self.representation(id, &needed, format!("{}, {by}", held.requested_by))?;
        let grant = self.grant(&needed, (&client, sets.as_slice()), &representation)?;
        let text = refresh_token::generate(self.entropy);
        let token = HeldRefreshToken {
            digest: Digest::of(text.expose()),
            grant: grant.id.clone(),
            client: client.id,
            issued_at: self.now,
            expires_at: grant.expires_at,
        };
        let opening =
            Opening { by: &by, approval: &approval, representation: &representation, grant: &grant, token: &token };
        if self.store.open_emergency(&opening, self.now).await? {
            return Ok(text);
        }
        // Erased since the look above: the same write that opens looks again.
        self.know(&needed.person).await?;
        let words = "It is open already, its time is over, or the like is open for the same person and third party.";
        Err(Refusal::new("conflict", words).into())
    }

    async fn check(&self, needed: &Needed) -> Result<(Client, Vec<&DataSet>), Failure> {
        if needed.reason.trim().is_empty() || needed.reason.contains(char::is_control) {
            return Err(refused("reason: say in one line why").into());
        }
        self.know(&needed.person).await?;
        let client = self.store.find_client(&needed.client).await?.ok_or_else(|| refused("client: not registered"))?;
        if client.purpose(&needed.purpose).is_none() {
            return Err(refused("purpose: not one that the client is registered for").into());
        }
        let kind = RepresentationKind::Emergency;
        let mut sets = Vec::new();
        for code in &needed.data_sets {
            let set = self.catalog.data_set(*code).filter(|set| self.limits.covers(kind, &set.group));
            sets.push(set.ok_or_else(|| refused(format!("data_sets: {code} is not opened in an emergency")))?);
        }
        if sets.is_empty() || needed.hours == 0 {
            return Err(refused("data_sets and hours: name at least one of each").into());
        }
        let until = self.ends_at(needed).date_in_japan();
        let proof = RepresentationProof::TwoOperators;
        let checked = self.limits.check((kind, proof), (self.now.date_in_japan(), until), None);
        checked.map_err(|told| refused(format!("hours: {told}")))?;
        Ok((client, sets))
    }

    async fn know(&self, person: &SubjectId) -> Result<(), Failure> {
        if self.store.find_subject(person).await?.is_none() {
            return Err(refused("person: nobody at this counter has this number; it may have been erased").into());
        }
        Ok(())
    }

    fn ends_at(&self, needed: &Needed) -> Timestamp {
        self.now.plus(Duration::from_hours(needed.hours.into()))
    }

    fn representation(
        &self,
        id: &RepresentationId,
        needed: &Needed,
        registered_by: String,
    ) -> Result<Representation, Failure> {
        // Nobody represents: the third party's own name keeps one opening for it at a time.
        let nobody =
            SubjectId::parse(&format!("op_{}", needed.client)).map_err(|_| refused("client: its id is too long"))?;
        Ok(Representation {
            id: id.clone(),
            principal: needed.person.clone(),
            representative: nobody,
            kind: RepresentationKind::Emergency,
            proof: RepresentationProof::TwoOperators,
            registered_by,
            created_at: self.now,
            expires_at: self.ends_at(needed),
            status: RepresentationStatus::Active,
        })
    }

    fn grant(
        &self,
        needed: &Needed,
        (client, sets): (&Client, &[&DataSet]),
        by: &Representation,
    ) -> Result<Grant, Failure> {
        let purpose = client.purpose(&needed.purpose).ok_or_else(|| refused("purpose: not registered"))?;
        let whole = |set: &&DataSet| {
            let mut items: Vec<ItemCode> = set.items.iter().filter(|i| !i.is_group()).map(|i| i.code).collect();
            items.sort_unstable();
            let (refused, predicates, refused_predicates) = (vec![], vec![], vec![]);
            ConsentedDataSet { code: set.code, items, refused, period: None, predicates, refused_predicates }
        };
        let on_behalf_of = OnBehalfOf::Represented;
        let consent = Consent {
            purpose: purpose.code.clone(),
            purpose_words: purpose.words.clone(),
            data_sets: sets.iter().map(whole).collect(),
            access_days: needed.hours.div_ceil(24),
            retention_days: purpose.retention_days,
            recipients: purpose.recipients.clone(),
            terms: Terms { frequency: None, legal_basis: LegalBasis::Law, on_behalf_of },
        };
        Ok(Grant {
            id: GrantId::generate(self.entropy),
            client: client.id.clone(),
            subject: Some(needed.person.clone()),
            acting: Some(by.acting()),
            scope: ScopeSet::of(&[Scope::SelfInformation]),
            consent: Some(consent),
            resources: vec![],
            authentication: None,
            created_at: self.now,
            updated_at: None,
            expires_at: by.expires_at,
            status: GrantStatus::Active,
        })
    }
}

/// A new operator's key under `name`: what stays with the operator, and what goes into the register.
///
/// # Errors
/// `invalid_request` for a name that cannot be one.
pub fn make_key(name: &str, entropy: &dyn Entropy) -> Result<(Secret<String>, String), Refusal> {
    let mut seed = [0_u8; 32];
    entropy.fill(&mut seed);
    let seed = Secret::new(seed);
    let signer = Signer::new(name, KeyKind::Log, &seed).map_err(|error| refused(format!("name: {error}")))?;
    Ok((Secret::new(signer.private_text(&seed)), signer.verifier().vkey()))
}
