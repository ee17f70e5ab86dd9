//! A company sees who referenced what it filed by cloud, with whom it is shared, and what agencies decided; its head ends a
//! share, and nobody sees or ends another company's.

use super::browser::{Browser, Page};
use super::company::{COMPANY, through_the_sandbox};
use crate::submissions::Payroll;
use crate::submissions::delegated::{registered, wanted};
use crate::submissions::deposits::{ALL, PROCEDURE, Parties, parties};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::deposit::{Declaration, Share};
use madoguchi::domain::disposition::DispositionNotice;
use madoguchi::domain::ids::{ClientId, DepositId, DepositShareId, DispositionNoticeId, ReceiptId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Clock as _, Digest, SystemClock, SystemEntropy};
use madoguchi::issuer::delegations::Wanted;
use madoguchi::sandbox::cloud::CloudMood;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const HERE: &str = "/company/deposits";
const HEAD: (&str, &str) = ("daihyo@mihon-kogyo.example", "mihon-prime");
const MEMBER: (&str, &str) = ("somu@mihon-kogyo.example", "shiken-member");

/// A company without software of its own: an office files for it by its delegation.
async fn filed_by_office(all: &Parties) -> String {
    let company = CorporateNumber::parse(COMPANY).unwrap();
    let given = Wanted { company, procedures: vec![PROCEDURE.to_owned()], ..wanted(&all.company) };
    registered(&all.app, given).await.unwrap();
    let mut body = all.declaration();
    body["applicant"] = json!(COMPANY);
    let declared = all.declare("one", &body).await;
    assert_eq!(declared.status, 201, "{}", declared.body);
    let id = declared.body["id"].as_str().unwrap().to_owned();
    assert_eq!(all.file(&id, "file", &all.filing(40).await).await.status, 200);
    id
}

async fn signed_in(all: &Parties, account: (&str, &str)) -> Browser {
    let mut browser = Browser::at(all.app.url());
    let back = through_the_sandbox(&mut browser, account).await;
    assert_eq!((back.status, back.location.as_str()), (303, "/company"), "{}", back.html);
    browser
}

/// A share with the lending desk, as the company's own software writes one.
async fn shared(all: &Parties, deposit: &str) -> String {
    let now = SystemClock.now();
    let share = Share {
        id: DepositShareId::generate(&SystemEntropy),
        deposit: DepositId::parse(deposit).unwrap(),
        client: ClientId::parse("lending-desk").unwrap(),
        purpose: "loan_examination".into(),
        shared_by: ClientId::parse("payroll").unwrap(),
        shared_at: now,
        expires_at: now.plus(Duration::from_hours(24)),
        ended_at: None,
    };
    assert!(all.app.store.store.insert_share(&share).await.unwrap());
    share.id.to_string()
}

async fn put_down(all: &Parties, deposit: &str, title: &str) -> String {
    let body = json!({
        "deposit": deposit, "kind": "disposition", "title": title,
        "decided_on": SystemClock.now().date_in_japan().to_string(),
        "content": {
            "media_type": "application/pdf", "sha256": Digest::of("text").base64url(), "base64": STANDARD.encode("text"),
        },
    });
    let put = ("idempotency-key", "notice");
    let answer = all.office.send((Method::POST, "/agency/v1/disposition-notices"), &[put], Some(&body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// The references' outcomes and byte ranges, in the page's order.
fn references(page: &Page) -> Vec<(String, String)> {
    let outcomes = page.texts("section[aria-labelledby=references] .tag");
    let bytes = page.texts("section[aria-labelledby=references] dl div:nth-of-type(4) dd");
    outcomes.into_iter().zip(bytes).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_sees_each_reference_and_what_came_of_it_and_what_agencies_decided() {
    let all = parties().await;
    let id = filed_by_office(&all).await;
    assert_eq!(all.content(&id, &[]).await.status, 200);
    assert_eq!(all.content(&id, &[("range", "bytes=3-9")]).await.status, 206);
    assert_eq!(all.last_reference(&id).await["outcome"], "delivered");
    all.mood(CloudMood::Changed);
    assert_eq!(all.content(&id, &[]).await.body["code"], "digest_mismatch");
    let notice = put_down(&all, &id, "受理<b>通知書</b>").await;

    let mut browser = signed_in(&all, HEAD).await;
    let start = browser.get("/company").await;
    assert!(start.html.contains(&format!("href=\"{HERE}\"")), "{}", start.html);
    let page = browser.get(HERE).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let listed = page.text("section[aria-labelledby=deposits]");
    for words in ["Withholding statements of salaries, by cloud", "Filed", "its cloud does not give it: It is not what"]
    {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    let told = page.text("section[aria-labelledby=notices]");
    for words in ["受理<b>通知書</b>", "Not fetched yet", "Disposition", &notice] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!page.html.contains("<b>通知書"), "an agency's text is text");
    let known = all.office.get(&format!("/agency/v1/disposition-notices/{notice}")).await.body;
    assert!(known["delivered_at"].is_null(), "to look at the page is not to be given it");

    let own = browser.get(&format!("{HERE}/{id}")).await;
    let seen = references(&own);
    let wanted = [("It is not what was filed", "0-39"), ("Given", "3-9"), ("Given", "0-39")];
    assert_eq!(seen, wanted.map(|(outcome, bytes)| (outcome.to_owned(), bytes.to_owned())), "{}", own.html);
    let text = own.text("section[aria-labelledby=references]");
    assert!(text.contains("Mihon Tax Office") && text.contains("inspection or supervision under the law"), "{text}");
    assert!(!own.html.contains("/cloud/ledgers/"), "the origin is told, and not the place");
    browser.accepts = "ja";
    let own = browser.get(&format!("{HERE}/{id}")).await;
    for words in
        ["提出時のデータと一致しなかった", "見本税務署", "給与所得の源泉徴収票等の法定調書", "保存義務の満了日"]
    {
        assert!(own.html.contains(words), "{words}: {}", own.html);
    }
    assert!(!own.html.contains("<script"), "no page of ours needs one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_head_ends_a_share_at_once_and_nobody_else_does() {
    let all = parties().await;
    let id = filed_by_office(&all).await;
    let share = shared(&all, &id).await;
    let bank = Payroll::open_for(&all.app.directory(), "lending_desk", "deposits").await;
    let content = format!("{ALL}/{id}/content?purpose=loan_examination");
    assert_eq!(bank.get(&content).await.status, 200);
    let (own, action) = (format!("{HERE}/{id}"), format!("{HERE}/{id}/shares/{share}/end"));

    let mut member = signed_in(&all, MEMBER).await;
    let page = member.get(&own).await;
    assert!(page.html.contains("Mihon Shinkin Bank") && !page.html.contains(&action), "{}", page.html);
    let token = member.get("/company").await.form("/company/sign-out");
    let refused = member.post(&action, &token).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    assert_eq!(bank.get(&content).await.status, 200, "a member ends nothing");

    let mut head = signed_in(&all, HEAD).await;
    let page = head.get(&own).await;
    assert_eq!(head.post(&action, &[]).await.status, 403, "a form of somebody else's");
    let ended = head.submit(&page, &action, &[]).await;
    assert_eq!((ended.status, ended.location), (303, format!("{own}?notice=ended")));
    assert_eq!(bank.get(&content).await.status, 404);
    let again = head.submit(&page, &action, &[]).await;
    assert_eq!(again.location, format!("{own}?notice=nothing"));
    let page = head.get(&format!("{own}?notice=ended")).await;
    assert!(page.text(".notice").contains("not shared any more") && page.html.contains("Over"), "{}", page.html);
    assert!(!page.html.contains(&action));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_companys_deposits_are_not_there_and_a_stranger_signs_in_first() {
    let all = parties().await;
    let others = all.filed(40).await;
    let share = shared(&all, &others).await;
    let mut browser = Browser::at(all.app.url());
    for path in [HERE.to_owned(), format!("{HERE}/{others}")] {
        let away = browser.get(&path).await;
        assert_eq!((away.status, away.location.as_str()), (303, "/company/sign-in"), "{path}");
    }
    let mut head = signed_in(&all, HEAD).await;
    let page = head.get(HERE).await;
    assert!(!page.html.contains(&others) && page.text("#main").contains("Nothing was filed by cloud"), "{}", page.html);
    let token = head.get("/company").await.form("/company/sign-out");
    for id in [others.as_str(), "dep_unknown", "%00", "x%2F..%2Fy"] {
        assert_eq!(head.get(&format!("{HERE}/{id}")).await.status, 404, "{id}");
        assert_eq!(head.post(&format!("{HERE}/{id}/shares/{share}/end"), &token).await.status, 404, "{id}");
    }
    let shares = all.company.get(&format!("{ALL}/{others}/shares")).await.body;
    assert_eq!(shares["items"][0]["is_standing"], json!(true), "{shares}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_nobody_fetches_is_warned_of_once_by_event_and_on_the_page() {
    let all = parties().await;
    let id = filed_by_office(&all).await;
    let put = put_down(&all, &id, "受理通知書").await;
    let store = &all.app.store.store;
    let held = store.find_disposition(&DispositionNoticeId::parse(&put).unwrap()).await.unwrap().unwrap();
    let now = SystemClock.now();
    let ending = DispositionNotice {
        id: DispositionNoticeId::generate(&SystemEntropy),
        title: "却下通知書".into(),
        key: IdempotencyKey { key: Digest::of("ending"), body: Digest::of("body") },
        expires_at: now.plus(Duration::from_hours(24 * 10)),
        receipt: ReceiptId::generate(&SystemEntropy),
        ..held.notice.clone()
    };
    store.insert_disposition(&ending, Some(b"text")).await.unwrap();
    let warned = async || {
        let events = all.company.get("/v1/events?limit=100").await.body;
        let events = events["events"].as_array().unwrap().clone();
        events.into_iter().filter(|event| event["disposition_notice_news"] == "expiring").collect::<Vec<_>>()
    };
    for _ in 0..100 {
        if !warned().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // It is looked again meanwhile.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let news = warned().await;
    let [only] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!(only["disposition_notice"], json!(ending.id.as_str()), "and not the one that has time");
    assert_eq!(only["applicant"], json!(COMPANY), "the office is told for whom");
    let mut head = signed_in(&all, HEAD).await;
    let page = head.get(HERE).await;
    let told = page.texts("section[aria-labelledby=notices] .notice");
    let [only] = told.as_slice() else { panic!("{told:?}") };
    assert!(only.starts_with("Nobody has fetched it. After"), "{only}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_ones_are_a_page_away() {
    let all = parties().await;
    let template: Value = json!(filed_by_office(&all).await);
    let store = &all.app.store.store;
    let one = store.find_deposit(&DepositId::parse(template.as_str().unwrap()).unwrap()).await.unwrap().unwrap();
    for n in 0..40_u64 {
        let new = Declaration {
            id: DepositId::generate(&SystemEntropy),
            key: IdempotencyKey { key: Digest::of(&n.to_string()), body: Digest::of("body") },
            declared_at: one.declared.declared_at.minus(Duration::from_mins(n + 1)),
            delegation: None,
            ..one.declared.clone()
        };
        store.insert_deposit(&new).await.unwrap();
    }
    let mut head = signed_in(&all, HEAD).await;
    let (mut path, mut seen) = (HERE.to_owned(), Vec::new());
    loop {
        let page = head.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let found: Vec<String> =
            page.html.split("id=\"open-").skip(1).map(|rest| rest.split('"').next().unwrap().into()).collect();
        assert!((1..=20).contains(&found.len()), "{}", found.len());
        seen.extend(found);
        let Some((_, rest)) = page.html.split_once(&format!("href=\"{HERE}?after=")) else { break };
        path = format!("{HERE}?after={}", rest.split(['"', '#']).next().unwrap());
    }
    let all_of_them: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), all_of_them.len()), (41, 41), "each once");
    let lost = head.get(&format!("{HERE}?after=nonsense&notices=-1.x")).await;
    assert_eq!(lost.status, 200, "an address that is none of ours shows the newest");
    assert!(lost.html.contains(&seen[0]));
}
