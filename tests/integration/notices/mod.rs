//! Notices (お知らせ): an agency posts them, a citizen's software reads them under a consent, and nobody else does.

mod bulk;
mod crash;
mod page;
mod posting;
mod push;
mod reading;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::keys::unguessable;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::adapters::outward::Reach;
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::ids::ClientId;
use serde_json::{Value, json};
use std::time::Duration;

const POST: &str = "/agency/v1/notices";
const LIST: &str = "/v1/notices";

/// A municipality that posts, an inbox, and a citizen who uses both.
struct Town {
    installation: Installation,
    city: ThirdParty,
    /// The city's own token.
    posting: String,
    /// The citizen, as the city knows them.
    recipient: String,
    inbox: ThirdParty,
    /// The citizen's consent to the inbox.
    tokens: Tokens,
}

/// A third party whose sector is its own.
async fn party(installation: &Installation, id: &str, class: ClientClass) -> ThirdParty {
    let party = installation.party(id, class, "measurement").await;
    let store = &installation.store.store;
    let mut client = store.find_client(&ClientId::parse(id).unwrap()).await.unwrap().unwrap();
    client.sector = format!("{id}.example");
    store.put_client(&client, installation.clock.now()).await.unwrap();
    party
}

/// A citizen's word to a third party.
async fn agreed(party: &ThirdParty, citizen: &mut Citizen, scope: &str) -> Tokens {
    let pending = party.push(scope, &Value::Null).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
    party.exchange(pending, &answer).await.unwrap()
}

async fn own_token(installation: &Installation, party: &ThirdParty, scope: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    let told = Caller::new(party, installation, 0).form("/oauth/token", &form).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.body["access_token"].as_str().unwrap().to_owned()
}

async fn town() -> Town {
    town_reaching(Reach::default()).await
}

async fn town_reaching(reach: Reach) -> Town {
    let installation = Box::pin(Installation::start_changed(1, |plan| plan.reach = reach.clone())).await;
    let city = party(&installation, "city", ClientClass::LocalGovernment).await;
    let inbox = party(&installation, "inbox", ClientClass::General).await;
    let posting = own_token(&installation, &city, "agency_notices").await;
    let recipient = agreed(&city, &mut installation.citizen(), "openid").await.subject.unwrap();
    let tokens = agreed(&inbox, &mut installation.citizen(), "openid offline_access notices").await;
    Town { installation, city, posting, recipient, inbox, tokens }
}

impl Town {
    fn notice(&self) -> Value {
        json!({
            "recipient": self.recipient, "category": "child_rearing",
            "ja": {"title": "児童手当のお知らせ", "body": "窓口へお越しください。"},
        })
    }

    async fn post(&self, key: &str, body: &Value) -> Told {
        self.post_as((&self.city, &self.posting), key, body).await
    }

    async fn post_as(&self, (party, token): (&ThirdParty, &str), key: &str, body: &Value) -> Told {
        let caller = Caller::new(party, &self.installation, 0);
        let proof = caller.proof("POST", POST, Some(token));
        let request = caller.request("POST", POST).header("authorization", format!("DPoP {token}"));
        Told::by(request.header("dpop", proof).header("idempotency-key", key).json(body)).await
    }

    /// Posts one, and gives its id.
    async fn posted(&self, body: &Value) -> String {
        let told = self.post(&unguessable(), body).await;
        assert_eq!(told.status, 201, "{told:?}");
        told.body["id"].as_str().unwrap().to_owned()
    }

    async fn read(&self, method: &str, path: &str) -> Told {
        self.read_as((&self.inbox, &self.tokens.access), method, path).await
    }

    async fn read_as(&self, (party, token): (&ThirdParty, &str), method: &str, path: &str) -> Told {
        let caller = Caller::new(party, &self.installation, 0);
        // A proof is for the address without its query (RFC 9449 §4.2).
        let bare = path.split('?').next().unwrap();
        let proof = caller.proof(method, bare, Some(token));
        let request = caller.request(method, path).header("authorization", format!("DPoP {token}"));
        Told::by(request.header("dpop", proof)).await
    }

    /// Titles of the whole list.
    async fn titles(&self) -> Vec<String> {
        let told = self.read("GET", LIST).await;
        assert_eq!(told.status, 200, "{told:?}");
        let title = |one: &Value| one["title"].as_str().unwrap().to_owned();
        told.body["items"].as_array().unwrap().iter().map(title).collect()
    }

    /// Waits until the list has so many.
    async fn until(&self, count: usize) {
        for _ in 0..200 {
            if self.titles().await.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the list never had {count}: {:?}", self.titles().await);
    }
}
