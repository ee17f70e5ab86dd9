//! Provision records (情報提供等記録): who asked whom for what about a citizen, with the counter's own history in one list; what
//! is withheld leaves no trace.

mod page;
mod reading;
mod withheld;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::client::ClientClass;
use madoguchi::sandbox::records::Exchange;
use serde_json::Value;

const LIST: &str = "/v1/provision-records";

/// A family's app, and a citizen who shows it their records.
pub struct Family {
    pub installation: Installation,
    app: ThirdParty,
    tokens: Tokens,
}

/// A citizen's word to a third party.
async fn agreed(party: &ThirdParty, citizen: &mut Citizen, scope: &str) -> Tokens {
    let pending = party.push(scope, &Value::Null).await.unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
    party.exchange(pending, &answer).await.unwrap()
}

pub async fn family() -> Family {
    let installation = Installation::start(1).await;
    let app = installation.party("family-app", ClientClass::General, "measurement").await;
    let tokens = agreed(&app, &mut installation.citizen(), "openid provision_records").await;
    Family { installation, app, tokens }
}

impl Family {
    pub async fn read(&self, query: &str) -> Told {
        self.read_as((&self.app, &self.tokens.access), query).await
    }

    async fn read_as(&self, (party, token): (&ThirdParty, &str), query: &str) -> Told {
        let caller = Caller::new(party, &self.installation, 0);
        // A proof is for the address without its query (RFC 9449 §4.2).
        let proof = caller.proof("GET", LIST, Some(token));
        let request = caller.request("GET", &format!("{LIST}{query}")).header("authorization", format!("DPoP {token}"));
        Told::by(request.header("dpop", proof)).await
    }

    /// Every page from `query` on, of `limit` each.
    async fn all(&self, query: &str, limit: usize) -> Vec<Value> {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let told = self.read(&format!("?limit={limit}{query}{after}")).await;
            assert_eq!(told.status, 200, "{told:?}");
            let items = told.body["items"].as_array().unwrap().clone();
            let next = told.body["next"].as_str().map(str::to_owned);
            assert!(next.is_none() || items.len() == limit, "a page with another after it is full: {told:?}");
            seen.extend(items);
            let Some(next) = next else { return seen };
            after = format!("&after={next}");
        }
    }
}

/// One more exchange about the citizen.
fn exchange(at: &str, withheld: &str) -> Exchange {
    Exchange {
        person: "mihon-taro".into(),
        at: at.into(),
        withheld: withheld.into(),
        inquirer: "0000000099990201".into(),
        department: "福祉課".into(),
        official: "fukushi-77".into(),
        work: "JM99000000000040".into(),
        procedure: "JT99010000000040".into(),
        provider: "0000000099990101".into(),
        data_set: "TM00000000000001".into(),
        condition: "1".into(),
        ..Exchange::default()
    }
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}
