//! Companies are founded: by every founder's signature, stage by stage, told once and by nobody twice.

use super::api::opened;
use super::{Payroll, counted};
use crate::support::app::App;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::Answer;
use madoguchi::domain::ids::SubmissionId;
use madoguchi::domain::{Clock as _, SystemClock};
use madoguchi::sandbox::agencies::{Agencies, Mood};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub const ALL: &str = "/v1/establishments";
/// The company behind the office.
const OFFICE: &str = "1000000990008";
const PAGE: &str = "/dashboard/establishments";
const TARO: (&str, &str) = ("1000000000000001", "1234");
const HANAKO: (&str, &str) = ("1000000000000002", "2345");

/// A company that two people found today.
pub fn form(kind: &str) -> Value {
    form_on(kind, &SystemClock.now().date_in_japan().to_string())
}

fn form_on(kind: &str, today: &str) -> Value {
    let (word, role) = if kind == "godo" {
        ("合同会社", "representative_partner")
    } else {
        ("株式会社", "representative_director")
    };
    let mut form = json!({
        "reference": "case-0042", "kind": kind, "trade_name": format!("{word}見本工房"),
        "trade_name_kana": "ﾐﾎﾝｺｳﾎﾞｳ",
        "head_office": {"postal_code": "2540000", "municipality": "142034", "address": "神奈川県平塚市見本町１－２－３"},
        "purposes": ["ソフトウェアの開発および販売"], "capital": 3_000_000, "fiscal_year_ends_in": 3,
        "establish_on": today,
        "officers": [{
            "role": role, "name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "address": "東京都見本区見本町４－５－６",
            "birth_date": "1985-04-12",
        }],
        "founders": [
            {"name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "address": "東京都見本区見本町４－５－６", "contribution": 2_000_000},
            {"name": "見本　花子", "name_kana": "ﾐﾎﾝ ﾊﾅｺ", "address": "東京都見本区見本町４－５－６", "contribution": 1_000_000},
        ],
        "contact": {"phone": "0300000000", "mail": "desk@mihon.example"},
        "employment": {"workers": 3, "insured": 2, "from": today, "wages": 3_600_000},
        "salary": {"people": 4, "first_paid_on": today},
        "taxes": {"blue_return": true, "withholding_twice_a_year": true},
        "social_insurance": {"insured": 4, "from": today},
    });
    if kind == "kabushiki" {
        let person = json!({
            "name": "見本　次郎", "name_kana": "ﾐﾎﾝ ｼﾞﾛｳ", "birth_date": "1990-05-06", "individual_number": "123456789018",
            "monthly_pay": 300_000,
        });
        let with = |more: Value| {
            let mut person = person.clone();
            person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            person
        };
        let hired = with(json!({
            "sex": "male", "reason": "hired", "pay_period": "month", "employment_kind": "other", "occupation": "04",
            "weekly_minutes": 2400,
        }));
        form["employment"]["members"] = json!(vec![hired; 2]);
        form["social_insurance"]["members"] = json!(vec![with(json!({"category": "male"})); 4]);
        form["taxes"] = json!({
            "blue_return": true, "withholding_twice_a_year": true, "inventory": "moving_average",
            "depreciation": "straight_line", "consumption_tax": true, "qualified_invoices": true, "later_returns": true,
        });
    }
    form
}

pub async fn office() -> (App, Payroll) {
    let (app, _) = opened().await;
    let office = Payroll::open_for(&app.directory(), "founding_office", "establishments submissions").await;
    (app, office)
}

fn agencies(app: &App) -> &Agencies {
    app.dev.sandbox.own.as_ref().unwrap().agencies()
}

pub async fn begin(office: &Payroll, key: &str, form: &Value) -> Answer {
    office.send((Method::POST, ALL), &[("idempotency-key", key)], Some(form)).await
}

async fn begun(office: &Payroll, key: &str, kind: &str) -> (String, Vec<String>) {
    let answer = begin(office, key, &form(kind)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let codes = answer.body["founders"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
    (answer.body["establishment"]["id"].as_str().unwrap().to_owned(), codes.collect())
}

/// Signs in, opens the code's form, and decides; gives status and text of where that led.
async fn decide(app: &App, (card, pin): (&str, &str), code: &str, (decision, name): (&str, &str)) -> (u16, String) {
    let mut citizen = Citizen::new(card, pin).unwrap();
    citizen.dashboard(app.url()).await.unwrap();
    let page = citizen.open(&format!("{}{PAGE}", app.url())).await.unwrap();
    let page = citizen.fill(&page, PAGE, &[("code", code)]).await.unwrap();
    if page.status != 200 {
        return (page.status, page.html);
    }
    let told = &page.html;
    for wanted in ["神奈川県平塚市見本町１－２－３", "見本　花子", "3,000,000 yen", "Representative", "→ tax"]
    {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    assert!(!told.contains("123456789018"), "nobody's individual number is shown to the founders");
    let page = citizen.fill(&page, &format!("{PAGE}/decide"), &[("decision", decision), ("name", name)]).await.unwrap();
    (page.status, page.html)
}

/// What the office was told of its establishments, on the cursor of all its filings.
async fn news(office: &Payroll) -> Vec<Value> {
    let (mut after, mut found) = (json!(0), Vec::new());
    loop {
        let page = office.get(&format!("/v1/events?limit=100&after={after}")).await.body;
        let events = page["events"].as_array().unwrap();
        let told = events.iter().filter(|event| event["establishment"].is_string());
        found.extend(told.map(|event| json!([event["establishment_news"], event["founder"]])));
        if events.is_empty() {
            return found;
        }
        after = page["next"].clone();
    }
}

async fn all_sign(app: &App, codes: &[String]) {
    for ((card, name), code) in [(TARO, "見本 太郎"), (HANAKO, "見本　花子")].into_iter().zip(codes) {
        let (status, told) = decide(app, card, code, ("sign", name)).await;
        assert!(status == 200 && told.contains("You have signed"), "{status} {told}");
    }
}

/// How it stands, once it stands so.
async fn until(office: &mut Payroll, id: &str, state: &str) -> Value {
    for _ in 0..600 {
        let answer = office.get(&format!("{ALL}/{id}")).await;
        if answer.status == 401 {
            office.renew().await;
            continue;
        }
        if answer.body["establishment"]["state"] == state {
            return answer.body;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    unreachable!("it is not {state}: {:#}", office.get(&format!("{ALL}/{id}")).await.body);
}

fn procedure<'a>(told: &'a Value, code: &str) -> &'a Value {
    told["procedures"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_founded_by_two_founders_and_everybody_is_told_once() {
    let (app, mut office) = office().await;
    let plan = office.post(&format!("{ALL}/plan"), Some(&form("kabushiki"))).await;
    assert_eq!((plan.status, plan.body["procedures"].as_array().unwrap().len()), (200, 20), "{}", plan.body);
    let (id, codes) = begun(&office, "key-1", "kabushiki").await;
    let again = begin(&office, "key-1", &form("kabushiki")).await;
    assert_eq!((again.status, &again.body["establishment"]["id"]), (201, &json!(id)), "the same one");
    let reused = begin(&office, "key-1", &form("godo")).await;
    assert_eq!((reused.status, &reused.body["code"]), (422, &json!("idempotency_key_reused")));

    // A founder signs by name, once, after a sign-in of their own.
    assert_eq!(decide(&app, TARO, &codes[0], ("sign", "見本　花子")).await.0, 422, "another's name");
    let (status, told) = decide(&app, TARO, &codes[0], ("sign", "見本 太郎")).await;
    assert!(status == 200 && told.contains("You have signed"), "{told}");
    assert_eq!(decide(&app, HANAKO, &codes[0], ("sign", "見本 太郎")).await.0, 422, "it was used");
    assert_eq!(decide(&app, TARO, &codes[1], ("sign", "見本 花子")).await.0, 422, "one person, one founder");
    let waiting = office.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!(waiting["establishment"]["state"], "awaiting_signatures");
    assert_eq!(
        (&waiting["founders"][0]["decision"], &waiting["founders"][0]["code"]),
        (&json!("signed"), &json!(null))
    );
    assert_eq!(agencies(&app).effects().len(), 0, "nothing goes out before all have signed");
    let (status, told) = decide(&app, HANAKO, &codes[1], ("sign", "見本　花子")).await;
    assert!(status == 200 && told.contains("You have signed"), "{told}");

    let done = until(&mut office, &id, "completed").await;
    assert_eq!(done["progress"], json!({"all": 20, "completed": 20, "unsettled": 0}), "{done:#}");
    let number = done["registry"]["corporate_number"].as_str().unwrap().to_owned();
    assert!(number.len() == 13 && number[1..].starts_with("9999"), "{number}");
    assert_eq!(done["establishment"]["corporate_number"], number.as_str());
    let tax = procedure(&done, "tax-company-establishment");
    assert!(tax["arrival_number"].is_string() && tax["due_on"].is_string() && tax["is_late"] == false, "{tax}");
    check_stages((&app, &office), &done, &number).await;
    let effects = agencies(&app).effects();
    assert_eq!(effects.len(), 20, "{effects:?}");
    for agency in ["notary", "legal-affairs", "tax", "city", "pension", "labour-standards"] {
        assert!(counted(&effects, agency).values().all(|count| *count == 1), "{agency}");
    }
    let order: Vec<&str> = effects.iter().take(2).map(|effect| effect.agency.as_str()).collect();
    assert_eq!(order, ["notary", "legal-affairs"]);
    check_timeline(&done);
    assert_eq!(news(&office).await, [json!(["signed", 0]), json!(["signed", 1]), json!(["registered", null])]);
    let over = office.post(&format!("{ALL}/{id}/cancel"), None).await;
    assert_eq!((over.status, &over.body["code"]), (409, &json!("not_cancellable")), "{}", over.body);
}

/// Each stage is a filing of its own, for the filer until the new company is there.
async fn check_stages((app, office): (&App, &Payroll), done: &Value, number: &str) {
    let id = done["establishment"]["id"].as_str().unwrap();
    let mut names = Vec::new();
    for stage in done["stages"].as_array().unwrap() {
        let filing = office.get(&format!("/v1/submissions/{}", stage["submission"].as_str().unwrap())).await.body;
        let name = stage["stage"].as_str().unwrap().to_owned();
        assert_eq!(filing["reference"], format!("{id}.{name}"), "{filing}");
        assert!(filing["receipt"].is_string());
        let id = SubmissionId::parse(filing["id"].as_str().unwrap()).unwrap();
        let kept = app.store.store.find_submission(&id).await.unwrap().unwrap();
        names.push((name, kept.applicant.to_string()));
    }
    let wanted = ["certification", "registration", "notification"];
    assert_eq!(names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), wanted);
    let applicants: Vec<_> = names.into_iter().map(|(_, applicant)| applicant).collect();
    assert_eq!(applicants, [OFFICE, OFFICE, number]);
}

fn check_timeline(done: &Value) {
    let line = done["timeline"].as_array().unwrap();
    let times: Vec<&str> = line.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{line:#?}");
    let count = |event: &str| line.iter().filter(|entry| entry["event"] == event).count();
    let counts = ["begun", "signed", "stage_begun", "registered", "sent", "ended"].map(count);
    assert_eq!(counts, [1, 2, 3, 1, 20, 1], "{line:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_declines_ends_it_and_another_client_sees_nothing_of_it() {
    let (app, mut office) = office().await;
    let (id, codes) = begun(&office, "key-1", "godo").await;
    let (status, told) = decide(&app, HANAKO, &codes[1], ("decline", "")).await;
    assert!(status == 200 && told.contains("You have declined"), "{told}");
    let over = until(&mut office, &id, "declined").await;
    let decisions: Vec<_> = over["founders"].as_array().unwrap().iter().map(|one| &one["decision"]).collect();
    assert_eq!(decisions, [&json!("waiting"), &json!("declined")]);
    assert!(over["founders"][0].get("code").is_none(), "codes are over with it");
    assert_eq!(news(&office).await, [json!(["declined", 1])]);
    assert_eq!(decide(&app, TARO, &codes[0], ("sign", "見本太郎")).await.0, 422);
    let listed = office.get(ALL).await.body;
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["state"]), (1, &json!("declined")));
    assert_eq!(agencies(&app).effects().len(), 0);

    let payroll = Payroll::open(&app.directory()).await;
    let refused = payroll.get(&format!("{ALL}/{id}")).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("insufficient_scope")));
    let unknown = office.get(&format!("{ALL}/est_unknown")).await;
    assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!("not_found")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_an_office_that_sends_it_back_hold_up_nobody_else() {
    let (app, mut office) = office().await;
    let agencies = agencies(&app);
    for agency in ["legal-affairs", "labour-standards", "prefectural-tax"] {
        agencies.feel_at(agency, Some(Mood::LoseReply));
    }
    agencies.feel_at("tax", Some(Mood::Return));
    agencies.feel_at("city", Some(Mood::Slow));
    let (id, codes) = begun(&office, "key-1", "godo").await;
    all_sign(&app, &codes).await;
    // Each lost answer is settled by a look-up; by the same key, once answers come again.
    for _ in 0..300 {
        if !counted(&agencies.effects(), "prefectural-tax").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    agencies.feel_at("prefectural-tax", None);
    let mut told = Value::Null;
    for _ in 0..300 {
        told = until(&mut office, &id, "notifying").await;
        if told["progress"]["completed"].as_u64() == Some(7) && told["progress"]["unsettled"].as_u64() == Some(4) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(told["progress"], json!({"all": 12, "completed": 7, "unsettled": 4}), "{told:#}");
    let tax = procedure(&told, "tax-blue-return");
    assert_eq!((&tax["state"], &tax["findings"][0]["rule"]), (&json!("returned"), &json!("S021")), "{tax}");
    assert_eq!(procedure(&told, "municipal-company-establishment")["state"], "arrived");
    let effects = agencies.effects();
    for agency in ["legal-affairs", "labour-standards", "prefectural-tax", "city"] {
        assert!(counted(&effects, agency).values().all(|count| *count == 1), "{agency}: {effects:?}");
    }
    assert_eq!(effects.len(), 12, "{effects:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_of_the_registry_is_not_believed_and_what_it_sends_back_is_over() {
    let (app, mut office) = office().await;
    let agencies = agencies(&app);
    agencies.feel_at("legal-affairs", Some(Mood::Nonsense));
    let (id, codes) = begun(&office, "key-1", "godo").await;
    all_sign(&app, &codes).await;
    for _ in 0..300 {
        let told = office.get(&format!("{ALL}/{id}")).await.body;
        if procedure(&told, "registry-establishment")["state"] == "completed" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let told = office.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!((&told["establishment"]["state"], told.get("registry")), (&json!("registering"), None), "{told:#}");
    assert_eq!(agencies.effects().len(), 1, "nobody is told of another company");
    agencies.feel_at("legal-affairs", None);
    until(&mut office, &id, "completed").await;

    agencies.feel_at("legal-affairs", Some(Mood::Return));
    let (id, codes) = begun(&office, "key-2", "kabushiki").await;
    all_sign(&app, &codes).await;
    let over = until(&mut office, &id, "returned").await;
    assert_eq!((&over["findings"][0]["rule"], over.get("registry")), (&json!("S021"), None), "{over:#}");
    assert_eq!(over["progress"]["completed"], 1, "the articles were certified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_called_off_before_its_registration_is_handed_in_and_not_after() {
    let (app, mut office) = office().await;
    let agencies = agencies(&app);
    let cancel = |id: &str| format!("{ALL}/{id}/cancel");
    let (id, codes) = begun(&office, "key-1", "kabushiki").await;
    let answer = office.post(&cancel(&id), None).await;
    assert_eq!((answer.status, &answer.body["establishment"]["state"]), (200, &json!("cancelled")), "{}", answer.body);
    assert_eq!(decide(&app, TARO, &codes[0], ("sign", "見本太郎")).await.0, 422, "its codes are over");

    // What the notary has is asked back.
    agencies.feel_at("notary", Some(Mood::Slow));
    let (id, codes) = begun(&office, "key-2", "kabushiki").await;
    all_sign(&app, &codes).await;
    for _ in 0..300 {
        let told = office.get(&format!("{ALL}/{id}")).await.body;
        if procedure(&told, "notary-articles-certification")["state"] == "arrived" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = office.post(&cancel(&id), None).await;
    assert_eq!((answer.status, &answer.body["establishment"]["state"]), (200, &json!("cancelling")), "{}", answer.body);
    let over = until(&mut office, &id, "cancelled").await;
    assert_eq!(procedure(&over, "notary-articles-certification")["state"], "cancelled");
    let acts: Vec<String> = agencies.effects().into_iter().map(|effect| effect.act).collect();
    assert_eq!(acts, ["file", "withdraw"]);

    agencies.feel_at("legal-affairs", Some(Mood::Slow));
    let (id, codes) = begun(&office, "key-3", "godo").await;
    all_sign(&app, &codes).await;
    for _ in 0..300 {
        let told = office.get(&format!("{ALL}/{id}")).await.body;
        if procedure(&told, "registry-establishment")["state"] == "arrived" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let refused = office.post(&cancel(&id), None).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("not_cancellable")), "{}", refused.body);
    assert!(refused.body["detail"].as_str().unwrap().contains("withdraw"), "{}", refused.body);
    // As the problem says, the filing itself can be withdrawn.
    let told = office.get(&format!("{ALL}/{id}")).await.body;
    let filing = told["stages"][0]["submission"].as_str().unwrap();
    assert_eq!(office.post(&format!("/v1/submissions/{filing}/withdraw"), None).await.status, 200);
    until(&mut office, &id, "cancelled").await;
}
