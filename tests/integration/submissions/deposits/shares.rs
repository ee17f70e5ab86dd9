//! Sharing on the company's consent: one purpose, until a day, ended at once; an office cannot, and others see nothing.

use super::{ALL, PIECE, PROCEDURE, Parties, ledger, parties, told};
use crate::submissions::Payroll;
use crate::submissions::delegated::{registered, wanted};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::{Clock as _, SystemClock};
use madoguchi::issuer::delegations::Wanted;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const BANK: &str = "lending-desk";

/// A day so far from today.
fn day(days: u64) -> String {
    SystemClock.now().plus(Duration::from_hours(24 * days)).date_in_japan().to_string()
}

fn request() -> Value {
    json!({"client": BANK, "purpose": "loan_examination", "until": day(30)})
}

async fn bank(all: &Parties) -> Payroll {
    Payroll::open_for(&all.app.directory(), "lending_desk", "deposits").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_reads_what_is_shared_with_it_for_that_purpose_until_it_is_ended() {
    let all = parties().await;
    let (id, bank) = (all.filed(PIECE + 7).await, bank(&all).await);
    let content = format!("{ALL}/{id}/content?purpose=loan_examination");
    assert_eq!(told(&bank.get(&content).await), (404, Some("not_found"), Some("id")));
    assert_eq!(told(&bank.get(&format!("{ALL}/{id}")).await).0, 404, "and never its company's view");
    let shared = all.company.post(&format!("{ALL}/{id}/shares"), Some(&request())).await;
    assert_eq!((shared.status, &shared.body["is_standing"]), (201, &json!(true)), "{}", shared.body);
    assert_eq!((&shared.body["until"], &shared.body["client"]), (&json!(day(30)), &json!(BANK)));
    let twice = all.company.post(&format!("{ALL}/{id}/shares"), Some(&request())).await;
    assert_eq!(told(&twice), (409, Some("conflict"), Some("/client")));

    let listed = bank.get(&format!("{ALL}/shared")).await.body;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["size"]), (&json!(id), &json!(PIECE + 7)), "{listed}");
    assert!(listed["items"][0].get("location").is_none(), "where it is, is nobody else's");
    let given = bank.send((Method::GET, &content), &[("range", "bytes=10-40")], None).await;
    assert_eq!((given.status, given.body.as_str()), (206, Some(&ledger(64)[10..=40])));
    let other = bank.get(&format!("{ALL}/{id}/content?purpose=audit")).await;
    assert_eq!(told(&other), (422, Some("invalid_value"), Some("purpose")));
    assert_eq!(told(&bank.get(&format!("{ALL}/{id}/references")).await).0, 404);
    let seen = all.references(&id).await;
    assert_eq!((&seen[0]["client"], &seen[0]["purpose"]), (&json!(BANK), &json!("loan_examination")));
    assert_eq!(told(&bank.get("/agency/v1/deposits").await).1, Some("insufficient_scope"));

    let path = format!("{ALL}/{id}/shares/{}", shared.body["id"].as_str().unwrap());
    let delete = async |who: &Payroll| who.send((Method::DELETE, &path), &[], None).await;
    assert_eq!(told(&delete(&bank).await).0, 404, "the company's");
    assert_eq!(delete(&all.company).await.status, 204);
    assert_eq!(told(&delete(&all.company).await).1, Some("conflict"));
    assert_eq!(told(&bank.get(&content).await).0, 404);
    assert!(bank.get(&format!("{ALL}/shared")).await.body["items"].as_array().unwrap().is_empty());
    let kept = all.company.get(&format!("{ALL}/{id}/shares")).await.body;
    assert_eq!((&kept["items"][0]["is_standing"], kept["items"][0]["ended_at"].is_string()), (&json!(false), true));
    assert_eq!(all.company.post(&format!("{ALL}/{id}/shares"), Some(&request())).await.status, 201, "and anew");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_read_stops_when_the_share_ends() {
    let all = parties().await;
    let (id, bank) = (all.filed(16 * PIECE).await, bank(&all).await);
    let shared = all.company.post(&format!("{ALL}/{id}/shares"), Some(&request())).await.body;
    let url = format!("{}{ALL}/{id}/content?purpose=loan_examination", all.app.url());
    let (party, bare) = (&bank.party, url.split('?').next().unwrap());
    let proof = party.binding.proof("GET", bare, Some(&bank.token), party.last_nonce().as_deref()).unwrap();
    let request = party.http.get(&url).header("dpop", proof).header("authorization", format!("DPoP {}", bank.token));
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.chunk().await.unwrap().is_some());
    let path = format!("{ALL}/{id}/shares/{}", shared["id"].as_str().unwrap());
    assert_eq!(all.company.send((Method::DELETE, &path), &[], None).await.status, 204);
    let mut is_broken = false;
    loop {
        match answer.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(_) => {
                is_broken = true;
                break;
            }
        }
    }
    assert!(is_broken, "it was read to its end");
    let last = all.last_reference(&id).await;
    assert_eq!(last["outcome"], "broken_off");
    assert!(last["sent"].as_u64().unwrap() < 16 * PIECE as u64);
    assert!(all.news().await.is_empty(), "it is not the cloud's fault");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_and_only_what_is_filed_is_shared() {
    let all = parties().await;
    let id = all.filed(40).await;
    for (name, value) in [
        ("client", json!("nobody")),
        ("client", json!("a b")),
        ("client", json!("payroll")),
        ("client", json!("tax-office")),
        ("client", json!("loan-bank")),
        ("purpose", json!("curiosity")),
        ("until", json!("2020-01-01")),
        ("until", json!("2999-12-31")),
        ("until", json!("soon")),
        ("until", json!("2027-3-1")),
    ] {
        let mut body = request();
        body[name] = value.clone();
        let answer = all.company.post(&format!("{ALL}/{id}/shares"), Some(&body)).await;
        assert_eq!(told(&answer), (422, Some("invalid_value"), Some(&*format!("/{name}"))), "{name} {value}");
    }
    let declared = all.declare("only", &all.declaration()).await.body["id"].as_str().unwrap().to_owned();
    let early = all.company.post(&format!("{ALL}/{declared}/shares"), Some(&request())).await;
    assert_eq!(told(&early).1, Some("conflict"));
    let unknown = format!("{ALL}/{id}/shares/dsh_unknown");
    assert_eq!(
        told(&all.company.send((Method::DELETE, &unknown), &[], None).await),
        (404, Some("not_found"), Some("share"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_files_for_its_client_which_sees_it_and_alone_shares_it() {
    let all = parties().await;
    // The payroll service is the office; the lending desk's company is its client.
    let number = "2000000990007";
    let mut body = all.declaration();
    body["applicant"] = json!(number);
    assert_eq!(told(&all.declare("one", &body).await), (403, Some("not_delegated"), Some("/applicant")));
    let company = CorporateNumber::parse(number).unwrap();
    let given = Wanted { company, procedures: vec![PROCEDURE.to_owned()], ..wanted(&all.company) };
    let delegation = registered(&all.app, given).await.unwrap();
    let declared = all.declare("two", &body).await;
    assert_eq!(
        (declared.status, &declared.body["delegation"]),
        (201, &json!(delegation.id.as_str())),
        "{}",
        declared.body
    );
    let id = declared.body["id"].as_str().unwrap().to_owned();
    let filed = all.file(&id, "file", &all.filing(40).await).await;
    assert_eq!((filed.status, &filed.body["applicant"]), (200, &json!(number)), "{}", filed.body);
    let shares = format!("{ALL}/{id}/shares");
    let mut with = request();
    with["client"] = json!("payroll");
    assert_eq!(told(&all.company.post(&shares, Some(&request())).await), (403, Some("not_delegated"), None));
    assert_eq!(told(&all.company.get(&shares).await).1, Some("not_delegated"));

    let own = bank(&all).await;
    let seen = own.get(&format!("{ALL}/{id}")).await.body;
    assert_eq!((&seen["is_own"], &seen["state"]), (&json!(false), &json!("filed")), "{seen}");
    assert!(seen.get("location").is_none());
    assert_eq!(own.get(ALL).await.body["items"][0]["id"], json!(id));
    assert_eq!(all.content(&id, &[]).await.status, 200);
    assert_eq!(own.get(&format!("{ALL}/{id}/references")).await.body["items"][0]["client"], "tax-office");
    assert_eq!(told(&own.post(&format!("{ALL}/{id}/file"), Some(&json!({}))).await).0, 400);
    assert_eq!(own.post(&shares, Some(&with)).await.status, 201);
    assert_eq!(all.company.get(&format!("{ALL}/{id}/content?purpose=loan_examination")).await.status, 200);
}
