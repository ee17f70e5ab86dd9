//! What a citizen does who is asked at a terminal or a desk: finds the question, and answers it.

use super::counter::{Counter, Pairs, Party, Reply, with};
use futures_util::future::join_all;
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::Client;
use madoguchi::domain::consent::{Choice, Consent};
use madoguchi::domain::decoupled::{DecoupledRequest, UserCode};
use madoguchi::domain::grant::{Authentication, Grant, GrantStatus};
use madoguchi::domain::ids::{ClientId, GrantId, RepresentationId, SubjectId};
use madoguchi::domain::profile::{Backchannel, GrantType};
use madoguchi::domain::representation::{
    Representation, RepresentationKind, RepresentationProof, RepresentationStatus,
};
use madoguchi::issuer::ClientCall;
use madoguchi::limits::Tally;
use madoguchi::protocol::form::Form;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// A counter whose clients are registered for everything; the bank polls.
pub async fn counter() -> Counter {
    let counter = Counter::open().await;
    for id in ["bank", "app"] {
        change(&counter, id, |client| {
            client.profile.grant_types = GrantType::ALL.to_vec();
            client.profile.backchannel = Some(Backchannel::Poll);
        })
        .await;
    }
    counter
}

/// Changes a registration.
pub async fn change(counter: &Counter, id: &str, change: impl FnOnce(&mut Client)) {
    let id = ClientId::parse(id).unwrap();
    let mut client = counter.store().find_client(&id).await.unwrap().unwrap();
    change(&mut client);
    counter.store().put_client(&client, counter.now()).await.unwrap();
    counter.clock.advance(Duration::from_secs(1));
}

impl Counter {
    /// Sends a request of a shared terminal, with these parameters in place of the usual ones.
    pub async fn device(&self, party: &Party, changes: &[(&'static str, Option<&str>)]) -> Reply {
        let mut pairs = with(self.authentication(party), "scope", Some("openid"));
        for (name, value) in changes {
            pairs = with(pairs, name, *value);
        }
        self.post("/oauth/device_authorization", &pairs, None).await
    }

    /// Asks the citizen who is known as `sub`.
    pub async fn backchannel(&self, party: &Party, sub: &str, changes: &[(&'static str, Option<&str>)]) -> Reply {
        let mut pairs = with(self.authentication(party), "scope", Some("openid"));
        pairs = with(pairs, "login_hint", Some(sub));
        pairs = with(pairs, "binding_message", Some("3番窓口 0042"));
        for (name, value) in changes {
            pairs = with(pairs, name, *value);
        }
        self.post("/oauth/bc-authorize", &pairs, None).await
    }

    /// The parameters of a poll.
    pub fn polling(&self, party: &Party, grant_type: &'static str, handle: &str) -> Pairs<'static> {
        let name = if grant_type == DEVICE { "device_code" } else { "auth_req_id" };
        with(with(self.authentication(party), "grant_type", Some(grant_type)), name, Some(handle))
    }

    /// Polls with a right proof.
    pub async fn poll(&self, party: &Party, grant_type: &'static str, handle: &str) -> Reply {
        self.token(party, &self.polling(party, grant_type, handle)).await
    }

    /// Polls fifty times at one moment, each time by a right call of the bank's; how many got tokens.
    pub async fn fifty_polls(&self, grant_type: &'static str, handle: &str) -> usize {
        let callers = (0..50).map(|_| {
            let pairs = self.polling(&self.bank, grant_type, handle);
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let proof = self.proof(&self.bank.dpop, "POST", "/oauth/token", json!({}));
            let issuer = Arc::clone(&self.issuer);
            tokio::spawn(async move {
                let form = Form::parse(body.as_bytes()).unwrap();
                let call = ClientCall {
                    form: &form,
                    dpop: Some(&proof),
                    has_authorization: false,
                    certificate: None,
                    tally: Tally::default(),
                };
                issuer.token(&call).await.is_ok()
            })
        });
        join_all(callers).await.into_iter().filter(|won| *won.as_ref().unwrap()).count()
    }

    /// The citizen types the code.
    pub async fn type_code(&self, user_code: &str) -> Option<DecoupledRequest> {
        let digest = UserCode::parse(user_code).unwrap().digest(&self.parts.master).unwrap();
        self.store().claim_decoupled(digest, &self.subject().await, self.now()).await.unwrap()
    }

    /// What waits for the citizen.
    pub async fn waiting(&self) -> Vec<DecoupledRequest> {
        self.store().list_decoupled(&self.subject().await, self.now(), 10).await.unwrap()
    }

    /// The citizen answers; gives the grant.
    pub async fn answer(&self, request: &DecoupledRequest, is_yes: bool) -> Option<GrantId> {
        let subject = self.subject().await;
        let mut grant = None;
        if is_yes {
            grant = Some(self.grant_for(request).await);
        }
        let taken = self.store().take_decoupled_decision(&request.id, &subject, grant.as_ref(), self.now()).await;
        assert!(taken.unwrap());
        grant.map(|grant| grant.id)
    }

    /// The citizen answers for somebody whom they represent until then; gives that person's grant.
    pub async fn answer_for_another(&self, request: &DecoupledRequest) -> Grant {
        let subject = self.subject().await;
        let one = Representation {
            id: RepresentationId::generate(&SystemEntropy),
            principal: SubjectId::generate(&SystemEntropy),
            representative: subject.clone(),
            kind: RepresentationKind::Appointed,
            proof: RepresentationProof::PowerOfAttorney,
            registered_by: "desk 3".into(),
            created_at: self.now(),
            expires_at: self.now().plus(Duration::from_mins(30)),
            status: RepresentationStatus::Active,
        };
        assert!(self.store().insert_representation(&one).await.unwrap());
        let own = self.grant_for(request).await;
        let (principal, scope) = (Some(one.principal.clone()), own.scope.about_another());
        let grant = Grant { subject: principal, scope, acting: Some(one.acting()), ..own };
        let taken = self.store().take_decoupled_decision(&request.id, &subject, Some(&grant), self.now()).await;
        assert!(taken.unwrap());
        grant
    }

    async fn grant_for(&self, request: &DecoupledRequest) -> Grant {
        let client = self.store().find_client(&request.client).await.unwrap().unwrap();
        Grant {
            id: GrantId::generate(&SystemEntropy),
            client: client.id.clone(),
            subject: Some(self.subject().await),
            scope: request.scope,
            consent: request.ask.as_ref().map(|ask| {
                let choice = Choice { access_days: ask.access_days, ..Choice::default() };
                Consent::decide(ask, client.purpose(&ask.purpose).unwrap(), &choice).unwrap()
            }),
            resources: Vec::new(),
            authentication: Some(Authentication { acr: Acr::Aal3, at: self.now(), certificate: None }),
            created_at: self.now(),
            updated_at: None,
            acting: None,
            expires_at: self.now().plus(Duration::from_mins(30)),
            status: GrantStatus::Active,
        }
    }
}
