//! A counter that trusts a register, and third parties that register themselves with it.

use super::counter::{Counter, ISSUER, Party, REDIRECT_URI, Reply, handle};
use actix_web::test::TestRequest;
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::ids::ClientId;
use madoguchi::issuer::registration::{Approval, set_status};
use madoguchi::issuer::{Issuer, IssuerSettings};
use madoguchi::protocol::jose::{Es256Signer, KeySet, sign};
use madoguchi::protocol::registration::Register;
use serde_json::{Value, json};
use std::sync::Arc;

pub const REGISTER: &str = "https://register.example";

/// The counter, and the register's key.
pub struct Registry {
    pub counter: Counter,
    pub key: Es256Signer,
}

impl Registry {
    pub async fn open() -> Self {
        let mut counter = Counter::open().await;
        let key = Es256Signer::generate().unwrap().0;
        let keys = KeySet::parse(&json!({"keys": [key.public_jwk()]})).unwrap();
        let register = Some(Arc::new(Register { issuer: REGISTER.into(), keys }));
        let settings = IssuerSettings { public_url: ISSUER.into(), register, ..IssuerSettings::default() };
        counter.issuer = Arc::new(Issuer::open(settings, counter.parts.clone()).await.unwrap());
        Self { counter, key }
    }

    /// A right statement, with some claims replaced; `null` takes one away.
    pub fn statement(&self, changes: &Value) -> String {
        let now = self.counter.now().seconds();
        let mut claims = json!({
            "iss": REGISTER, "iat": now, "exp": now + 86_400, "jti": handle(),
            "software_id": "software-1",
            "client_name": "Mihon Health",
            "client_class": "bank",
            "corporate_number": "8000000990001",
            "contacts": ["desk@health.example"],
            "redirect_uris": [REDIRECT_URI],
            "scope": "openid offline_access self_information catalog",
            "rate_plan": "measurement",
            "purposes": [{
                "code": "loan_examination", "words": {"ja": "審査", "en": "loan"},
                "if_refused": {"ja": "窓口", "en": "branch"},
                "retention_days": 30, "recipients": [], "max_access_days": 30,
            }],
        });
        let members = claims.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        sign(&self.key, "JWT", &claims).unwrap()
    }

    /// A right request by a third party with this key, with some members replaced; `null` takes one away.
    pub fn request(&self, key: &Es256Signer, changes: &Value) -> Value {
        let mut request = json!({
            "software_statement": self.statement(&json!({})),
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [key.public_jwk()]},
        });
        let members = request.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        request
    }

    pub async fn post(&self, request: &Value) -> Reply {
        self.counter.send(TestRequest::post().uri("/oauth/register").set_json(request)).await
    }

    /// Registers a third party; gives its keys under its id, and what it was told.
    pub async fn registered(&self) -> (Party, Reply) {
        let key = Es256Signer::generate().unwrap().0;
        let reply = self.post(&self.request(&key, &json!({}))).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        let id = Box::leak(reply.text("client_id").into_boxed_str());
        (Party { id, key, dpop: Es256Signer::generate().unwrap().0 }, reply)
    }

    /// The operator moves a registration on.
    pub async fn approve(&self, id: &str, to: ClientStatus) {
        let approval = Approval { to, by: "mihon".into(), note: "looked at".into() };
        let id = ClientId::parse(id).unwrap();
        set_status(self.counter.store(), &id, &approval, self.counter.now()).await.unwrap();
        self.counter.clock.advance(std::time::Duration::from_secs(1));
    }

    /// Calls a client's configuration.
    pub async fn manage(&self, method: &str, id: &str, token: &str, body: Option<&Value>) -> Reply {
        let request = TestRequest::with_uri(&format!("/oauth/register/{id}")).method(method.parse().unwrap());
        let request = request.insert_header(("Authorization", format!("Bearer {token}")));
        self.counter
            .send(match body {
                Some(body) => request.set_json(body),
                None => request,
            })
            .await
    }
}
