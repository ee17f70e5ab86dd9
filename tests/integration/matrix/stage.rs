//! What the callers of the matrix call with: one installation, two third parties, and consents in every state.

use crate::support::calls::{Caller, Told, consented_to_apply as consented, filing_tokens, retrieval};
use crate::support::engines::master;
use crate::support::installation::Installation;
use crate::support::played::keys::{Key, unguessable};
use crate::support::played::third_party::{ThirdParty, Tokens};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::catalog::municipalities::MunicipalityCode;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, DelegationStatus, Procedures};
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::ids::{ClientId, DelegationId, DocumentId, SubmissionId};
use madoguchi::domain::representation::{RepresentationEnd, RepresentationKind, RepresentationProof};
use madoguchi::domain::submission::{AboutDocument, Announced, ArrivalNumber, Document, DocumentKind, SignatureCheck};
use madoguchi::domain::{Clock as _, Digest};
use madoguchi::store::{Content, DocumentChange};
use serde_json::Value;
use std::time::Duration;

/// Everything there is before the first call.
pub struct Stage {
    pub installation: Installation,
    pub bank: ThirdParty,
    pub other: ThirdParty,
    /// A consent to the bank.
    pub tokens: Tokens,
    /// The same citizen's consent to the other third party.
    pub others: Tokens,
    /// A consent to the bank that has been revoked.
    pub revoked: Tokens,
    /// The same three for filings, which need no citizen.
    pub filing: [Tokens; 3],
    /// A key that nothing is bound to.
    pub wrong_key: Key,
    /// A procedure of the municipality whose catalogue is read.
    pub psid: String,
}

/// A procedure that can be found, once the catalogue is there.
async fn psid(caller: &Caller<'_>, tokens: &Tokens) -> String {
    loop {
        let told = caller.call(&tokens.access, "GET", "/v1/service-procedures", None).await;
        if told.status == 200 {
            return told.body["procedures"][0]["psid"].as_str().unwrap().to_owned();
        }
        assert_eq!(told.code(), "temporarily_unavailable", "{told:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Stage {
    pub async fn set() -> Self {
        let installation = Installation::start_changed(1, |plan| {
            let sandbox = plan.agencies[0].base_url.origin().ascii_serialization();
            let mut search = madoguchi::cli::dev::service_search(&sandbox).unwrap();
            search.municipalities = vec![MunicipalityCode::parse("152048").unwrap()];
            plan.service_search = Some(search);
        })
        .await;
        let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
        let other = installation.party("other-bank", ClientClass::Bank, "measurement").await;
        let tokens = consented(&installation, &bank).await;
        let others = consented(&installation, &other).await;
        let revoked = consented(&installation, &bank).await;
        let caller = Caller::new(&bank, &installation, 0);
        let told = caller.form("/oauth/revoke", &[("token", revoked.refresh.as_deref().unwrap())]).await;
        assert_eq!(told.status, 200, "{told:?}");
        let wrong_key = Key::generate().unwrap();
        let other_caller = Caller::new(&other, &installation, 0);
        let filing = [filing_tokens(&caller).await, filing_tokens(&other_caller).await, filing_tokens(&caller).await];
        let told = caller.form("/oauth/revoke", &[("token", &filing[2].access)]).await;
        assert_eq!(told.status, 200, "{told:?}");
        let psid = psid(&caller, &filing[0]).await;
        Self { installation, bank, other, tokens, others, revoked, filing, wrong_key, psid }
    }

    /// The bank at the gateway.
    pub fn bank(&self) -> Caller<'_> {
        Caller::new(&self.bank, &self.installation, 0)
    }

    /// The other third party at the gateway.
    pub fn other(&self) -> Caller<'_> {
        Caller::new(&self.other, &self.installation, 0)
    }

    /// A new consent to the bank, for a call that ends one.
    pub async fn fresh(&self) -> Tokens {
        consented(&self.installation, &self.bank).await
    }

    /// The id of a filing of the bank's: one that an agency has, or one that no agency can have.
    pub async fn submission(&self, tokens: &Tokens, is_sent: bool) -> String {
        // An agency that is away is not asked for a while.
        let (agency, scenario) = if is_sent { ("pension", "slow") } else { ("city", "down") };
        let content = serde_json::json!({"sandbox_scenario": scenario});
        let body = serde_json::json!({"deliveries": [{"agency": agency, "procedure": "9990002", "content": content}]});
        let told = self.bank().call(&tokens.access, "POST", "/v1/submissions", Some(&body)).await;
        assert_eq!(told.status, 202, "{told:?}");
        let id = told.body["id"].as_str().unwrap().to_owned();
        if !is_sent {
            return id;
        }
        while self.bank().call(&tokens.access, "GET", &format!("/v1/submissions/{id}"), None).await.body["state"]
            != "arrived"
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        id
    }

    /// The id of a new delegation to the bank; the one before has ended.
    pub async fn delegation(&self) -> String {
        let (store, now) = (&self.installation.store.store, self.installation.clock.now());
        let company = CorporateNumber::parse("8999900000001").unwrap();
        let client = ClientId::parse(&self.bank.file.client_id).unwrap();
        if let Some(former) = store.find_standing_delegation(&company, &client).await.unwrap() {
            assert!(store.end_delegation(&former.id, RepresentationEnd::Operator, None, now).await.unwrap());
        }
        let new = Delegation {
            id: DelegationId::generate(&SystemEntropy),
            company,
            client,
            kind: RepresentationKind::LaborConsultant,
            proof: RepresentationProof::PowerOfAttorney,
            procedures: Procedures::parse(vec!["2200700".into()]).unwrap(),
            registered_by: Some("desk 3".into()),
            via: None,
            created_at: now,
            expires_at: now.plus(Duration::from_hours(24)),
            status: DelegationStatus::Active,
        };
        assert!(store.insert_delegation(&new).await.unwrap());
        new.id.to_string()
    }

    /// The id of a document that an agency gave back about a filing, and that is here.
    pub async fn document(&self, filing: &str) -> String {
        let store = &self.installation.store.store;
        let filing = SubmissionId::parse(filing).unwrap();
        let delivery = store.list_deliveries(&[filing]).await.unwrap().remove(0).delivery;
        let (now, number) = (self.installation.clock.now(), ArrivalNumber::parse("official-3").unwrap());
        let said = Announced { reference: number.clone(), kind: DocumentKind::OfficialDocument, until: None };
        let mut document = Document::new(DocumentId::generate(&SystemEntropy), &delivery, &number, &said, now);
        assert!(store.insert_document(&document, None).await.unwrap());
        document.fetched(AboutDocument {
            content_type: "application/zip".into(),
            size: 6,
            digest: Digest::of("見本"),
            signature: SignatureCheck::Valid,
            signature_flaw: None,
            agency_signatures: Vec::new(),
            fetched_at: now,
            kept_until: now.plus(Duration::from_hours(24)),
        });
        let sealed = master().seal(&format!("document:{}", document.id), "見本".as_bytes(), &SystemEntropy).unwrap();
        let id = document.id.to_string();
        let (content, at) = (Content::Replace(sealed), now);
        let change = DocumentChange { document, version: 0, due_at: None, content, event: None, word: None, at };
        assert!(store.update_document(&change).await.unwrap());
        id
    }

    /// The id of something that was sent to an account for which the bank collects.
    pub async fn electronic_delivery(&self) -> String {
        let (store, now) = (&self.installation.store.store, self.installation.clock.now());
        let id = DocumentId::generate(&SystemEntropy);
        let reference = ArrivalNumber::parse(&format!("post-{}", &id.as_str()[4..16].replace('_', "-"))).unwrap();
        let said = Announced { reference, kind: DocumentKind::ElectronicDelivery, until: None };
        let client = ClientId::parse(&self.bank().party.file.client_id).unwrap();
        let document = Document::posted(id, ("e-gov", &client), &said, now);
        let letter = serde_json::json!({
            "title": "見本", "message": "", "kind": "", "issuer": "", "issued_at": "", "document_name": "", "account": "",
        })
        .to_string();
        let length = u32::try_from(letter.len()).unwrap().to_be_bytes();
        let framed = [&length[..], letter.as_bytes()].concat();
        let sealed = master().seal(&format!("document:{}", document.id), &framed, &SystemEntropy).unwrap();
        assert!(store.insert_document(&document, Some(&sealed)).await.unwrap());
        document.id.to_string()
    }

    /// The id of a draft of the bank's that can be handed in.
    pub async fn draft(&self, tokens: &Tokens) -> String {
        let content = serde_json::json!({"sandbox_scenario": "slow"});
        let body =
            serde_json::json!({"deliveries": [{"agency": "pension", "procedure": "9990002", "content": content}]});
        let told = self.bank().call(&tokens.access, "POST", "/v1/submission-drafts", Some(&body)).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["id"].as_str().unwrap().to_owned()
    }

    /// The id of a request for a certificate that the bank made.
    pub async fn certificate_request(&self, tokens: &Tokens) -> String {
        let path = "/v1/employment-certificate-requests";
        let told = self.bank().call(&tokens.access, "POST", path, Some(&certificate_link())).await;
        told.body["request"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of a certificate of employment that the bank issued.
    pub async fn certificate(&self, tokens: &Tokens) -> String {
        let (caller, path) = (self.bank(), "/v1/employment-certificates");
        let body = serde_json::json!({"signed_certificate": caller.party.certificate(&certificate()).unwrap()});
        let proof = caller.proof("POST", path, Some(&tokens.access));
        let request = caller.request("POST", path).header("authorization", format!("DPoP {}", tokens.access));
        let request = request.header("dpop", proof).header("idempotency-key", unguessable());
        let told = Told::by(request.json(&body)).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["certificate"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of an establishment that the bank began.
    pub async fn establishment(&self, tokens: &Tokens) -> String {
        let (caller, path) = (self.bank(), "/v1/establishments");
        let proof = caller.proof("POST", path, Some(&tokens.access));
        let request = caller.request("POST", path).header("authorization", format!("DPoP {}", tokens.access));
        let request = request.header("dpop", proof).header("idempotency-key", unguessable());
        let told = Told::by(request.json(&establishment())).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["establishment"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of a deposit that the bank declared.
    pub async fn deposit(&self, tokens: &Tokens) -> String {
        let told = self.bank().call(&tokens.access, "POST", "/v1/deposits", Some(&deposit())).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["id"].as_str().unwrap().to_owned()
    }

    /// The id of a bulk filing of the bank's: one whose file is awaited, or one that was found good.
    pub async fn bulk(&self, tokens: &Tokens, is_checked: bool) -> String {
        let caller = self.bank();
        let call = |method: &str, path: &str| {
            let proof = caller.proof(method, path, Some(&tokens.access));
            caller
                .request(method, path)
                .header("authorization", format!("DPoP {}", tokens.access))
                .header("dpop", proof)
        };
        let begin = call("POST", "/v1/bulk-submissions").header("idempotency-key", unguessable()).json(&bulk_request());
        let told = Told::by(if is_checked { begin.header("prefer", "dry-run") } else { begin }).await;
        assert_eq!(told.status, 201, "{told:?}");
        let id = told.body["id"].as_str().unwrap().to_owned();
        if is_checked {
            let append = call("PATCH", &format!("/v1/bulk-submissions/{id}"));
            let append = append.header("content-type", "application/partial-upload").header("upload-offset", "0");
            let told = Told::by(append.body(BULK_FILE)).await;
            assert_eq!((told.status, told.body["state"].as_str()), (200, Some("checked")), "{told:?}");
        }
        id
    }

    /// The path of a job of the bank's that is there and unread.
    pub async fn job(&self, tokens: &Tokens) -> String {
        let path = "/v1/self-information-requests";
        let made = self.bank().call(&tokens.access, "POST", path, Some(&retrieval())).await;
        assert_eq!(made.status, 202, "{made:?}");
        let location = made.header("location");
        url::Url::parse(&self.installation.public_url).unwrap().join(location).unwrap().path().to_owned()
    }
}

impl Stage {
    /// The path of a receipt of the bank's that is in the log.
    pub async fn receipt(&self, tokens: &Tokens) -> String {
        let caller = self.bank();
        let job = self.job(tokens).await;
        loop {
            let told = caller.call(&tokens.access, "GET", &job, None).await;
            if let Some(receipt) = told.body["receipt_id"].as_str() {
                let path = format!("/v1/receipts/{receipt}");
                while caller.call(&tokens.access, "GET", &path, None).await.code() == "receipt_pending" {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                return path;
            }
            assert_eq!(told.status, 202, "{told:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A file of one record.
pub const BULK_FILE: &str = "{\"name\":1}\n";

/// What is said of it before it comes.
pub fn bulk_request() -> Value {
    let digest = madoguchi::domain::Digest::of(BULK_FILE).base64url();
    let office = serde_json::json!({"name": "mihon"});
    serde_json::json!({
        "agency": "pension", "procedure": "9990002", "digest": digest, "length": BULK_FILE.len(), "office": office,
    })
}

/// The grant behind an access token.
pub fn grant_of(tokens: &Tokens) -> String {
    claim_of(tokens, "grant_id")
}

/// What an access token says under this name.
pub fn claim_of(tokens: &Tokens, name: &str) -> String {
    let claims = tokens.access.split('.').nth(1).expect("a JWT");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    claims[name].as_str().expect("a claim").to_owned()
}

/// A company that two people found today.
pub fn establishment() -> serde_json::Value {
    crate::submissions::establishments::form("kabushiki")
}

/// A link for an employee of the bank's company.
pub fn certificate_link() -> serde_json::Value {
    let company = &certificate()["corporate_number"];
    serde_json::json!({"corporate_number": company, "employer_name": "見本銀行", "employee": "000123"})
}

/// A certificate of employment of the bank's company, as its form asks.
pub fn certificate() -> serde_json::Value {
    serde_json::json!({
        "corporate_number": "7000012050002", "municipality": "131041", "form": "standard",
        "employer": {
            "certified_on": "2026-11-20", "employer_name": "試験銀行", "representative_name": "見本　良一",
            "employer_address": "見本県見本市見本1-1", "employer_phone": "0300000000", "contact_name": "見本　担当",
            "contact_phone": "0300000001",
        },
        "employee": {
            "industry": "10", "name_kana": "ミホン　ハナコ", "name": "見本　花子", "birth_date": "1990-04-01", "term": "1",
            "employed_from": "2020-04-01", "workplace_name": "試験銀行", "workplace_address": "見本県見本市見本1-1",
            "employment_type": "01", "hours_per_week": 38,
        },
    })
}

/// What is declared of a deposit.
pub fn deposit() -> Value {
    serde_json::json!({
        "agency": "tax", "procedure": "tax-withholding-statements-by-cloud", "cloud_origin": "https://cloud.example",
    })
}
