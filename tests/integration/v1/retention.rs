//! Vaccinations are kept for five years: older ones are told about, never silently missing.

use super::{REQUESTS, code};
use crate::support::app::spawn_app;
use crate::support::played::citizen::Citizen;
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::ThirdParty;
use chrono::{Days, Months};
use madoguchi::domain::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};

const VACCINATION: &str = "TM00000000000084";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_old_is_told() {
    let app = spawn_app().await;
    let party = ThirdParty::open(ClientFile::read(&app.directory(), "vaccination_app").unwrap()).await.unwrap();
    let items = ["8400000010", "8400000020", "8400000030", "8400000050"];
    let details = json!([{
        "type": "self_information", "purpose": party.file.purpose, "access_days": 1,
        "data_sets": [{"code": VACCINATION, "items": items}],
    }]);
    let pending = party.push("openid self_information", &details).await.unwrap();
    let mut citizen = Citizen::new("1000000000000001", "1234").unwrap();
    let page = citizen.arrive(&pending.address).await.unwrap();
    let answer = citizen.decide(&page, "agree", &party.file.redirect_uri).await.unwrap();
    let tokens = party.exchange(pending, &answer).await.unwrap();
    let ask = async |condition: Value| {
        let body = json!({"data_sets": [{"code": VACCINATION, "condition": condition}]});
        let answer = party.call(&tokens, Method::POST, REQUESTS, Some(&body)).await.unwrap();
        assert_eq!(code(&answer).0, 200, "{}", answer.body);
        answer.body["data_sets"][0].clone()
    };
    let today = SystemClock.now().date_in_japan();
    let limit = today - Months::new(60);

    let gone = ask(json!({"kind": "range", "from": "2010-01-01", "to": limit - Days::new(1)})).await;
    assert_eq!(gone["outcome"], "retention_expired", "{gone}");
    let partly = ask(json!({"kind": "range", "from": "2010-01-01", "to": today})).await;
    // The persons' data stands still and the clock does not: one day nothing of it is left.
    assert!(partly["outcome"] == "ok" || partly["outcome"] == "no_record", "{partly}");
    for set in [&gone, &partly] {
        assert_eq!(set["notices"][0]["code"], "retention_expired", "{set}");
        assert_eq!(set["notices"][0]["available_from"], limit.to_string(), "{set}");
    }
    let fresh = ask(json!({"kind": "range", "from": limit, "to": today})).await;
    assert_eq!(fresh["notices"], json!([]), "{fresh}");
}
