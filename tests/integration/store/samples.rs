//! Made-up records for the suite.

use madoguchi::domain::access::{Access, AccessedDataSet, Disposition};
use madoguchi::domain::client::{Client, ClientClass, ClientStatus, Contact, Purpose};
use madoguchi::domain::consent::{Consent, ConsentedDataSet};
use madoguchi::domain::data_set::{DataSetCode, ItemCode};
use madoguchi::domain::entropy::{Entropy, SystemEntropy};
use madoguchi::domain::grant::{Grant, GrantStatus};
use madoguchi::domain::ids::{AccessId, ClientId, GrantId, InteractionId, RequestId, SubjectId};
use madoguchi::domain::profile::ClientProfile;
use madoguchi::domain::retrieval::{Condition, IdempotencyKey, OutcomeKind, Query, RequestState, RetrievalRequest};
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::domain::terms::Terms;
use madoguchi::domain::{Digest, Timestamp, Words};
use madoguchi::store::{Held, HeldCode, HeldInteraction, HeldRefreshToken};

/// The moment at which the suite's clock stands.
pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// `seconds` after (or before) [`NOW`].
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOW.seconds() + seconds)
}

/// A digest that no other record has.
pub fn digest() -> Digest {
    let source: &dyn Entropy = &SystemEntropy;
    Digest::of(&source.handle())
}

pub fn words(text: &str) -> Words {
    Words { ja: format!("{text}（見本）"), en: text.to_owned() }
}

pub fn client(id: &str) -> Client {
    Client {
        id: ClientId::parse(id).unwrap(),
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        name: words("Example Bank"),
        corporate_number: "7000012050002".to_owned().try_into().unwrap(),
        contact: Contact { email: "desk@bank.example".into(), phone: "03-0000-0000".into() },
        redirect_uris: vec!["https://bank.example/callback".into()],
        jwks: serde_json::json!({"keys": []}),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        purposes: vec![Purpose {
            code: "loan_examination".into(),
            words: words("Loan examination"),
            if_refused: words("We ask for paper"),
            retention_days: 30,
            recipients: vec![],
            max_access_days: 30,
        }],
        rate_plan: "standard".into(),
        dpop_nonce_required: false,
        sector: "bank.example".into(),
        profile: ClientProfile::default(),
    }
}

pub fn subject_id() -> SubjectId {
    SubjectId::generate(&SystemEntropy)
}

/// A grant of `subject`, in force for an hour from [`NOW`].
pub fn grant(subject: Option<&SubjectId>) -> Grant {
    let item = ItemCode::parse("0200000010").unwrap();
    let code = DataSetCode::parse("TM00000000000002").unwrap();
    Grant {
        id: GrantId::generate(&SystemEntropy),
        client: ClientId::parse("loan-bank").unwrap(),
        subject: subject.cloned(),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        consent: Some(Consent {
            purpose: "loan_examination".into(),
            purpose_words: words("Loan examination"),
            data_sets: vec![ConsentedDataSet {
                code,
                items: vec![item],
                refused: vec![],
                period: None,
                predicates: vec![],
                refused_predicates: vec![],
            }],
            access_days: 0,
            retention_days: 30,
            recipients: vec![],
            terms: Terms::default(),
        }),
        resources: vec![],
        authentication: None,
        created_at: NOW,
        updated_at: None,
        acting: None,
        expires_at: at(3600),
        status: GrantStatus::Active,
    }
}

pub fn held(expires_at: Timestamp) -> Held {
    Held { digest: digest(), body: r#"{"見本":true}"#.into(), expires_at }
}

pub fn interaction(expires_at: Timestamp) -> HeldInteraction {
    HeldInteraction { id: InteractionId::generate(&SystemEntropy), step: 0, body: "{}".into(), expires_at }
}

pub fn code(grant: &Grant) -> HeldCode {
    HeldCode { digest: digest(), grant: grant.id.clone(), body: r#"{"nonce":"n"}"#.into(), expires_at: at(60) }
}

pub fn refresh_token(grant: &Grant) -> HeldRefreshToken {
    HeldRefreshToken {
        digest: digest(),
        grant: grant.id.clone(),
        client: grant.client.clone(),
        issued_at: NOW,
        expires_at: grant.expires_at,
    }
}

/// An accepted request under `grant`, over after 15 minutes.
pub fn request(grant: &Grant) -> RetrievalRequest {
    RetrievalRequest {
        id: RequestId::generate(&SystemEntropy),
        client: grant.client.clone(),
        grant: grant.id.clone(),
        subject: grant.subject.clone().expect("a grant with a person"),
        queries: vec![Query {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            condition: Condition::TaxYear { year: 2025 },
        }],
        inquiries: vec![],
        within: None,
        idempotency: None,
        state: RequestState::Accepted,
        created_at: NOW,
        expires_at: at(900),
    }
}

/// The same, with an idempotency key and the digest of a body.
pub fn keyed_request(grant: &Grant, key: &str, body: &str) -> RetrievalRequest {
    let idempotency = Some(IdempotencyKey { key: Digest::of(key), body: Digest::of(body) });
    RetrievalRequest { idempotency, ..request(grant) }
}

/// The line that a request under `grant` leaves in the history.
pub fn access(grant: &Grant, when: Timestamp) -> Access {
    Access {
        id: AccessId::generate(&SystemEntropy),
        at: when,
        subject: grant.subject.clone().expect("a grant with a person"),
        client: grant.client.clone(),
        grant: grant.id.clone(),
        request: None,
        purpose: "loan_examination".into(),
        data_sets: vec![AccessedDataSet {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            outcome: OutcomeKind::Ok,
            items: 1,
            cut: None,
            predicates: vec![],
        }],
        notices: vec![],
        private_documents: vec![],
        records: None,
        disposition: Disposition::Answered,
        acting: None,
    }
}
