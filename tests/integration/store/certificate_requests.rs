//! Requests for certificates: asked once, answered once, and erased with what was told of them.

use super::samples::{NOW, at};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::certificate_request::{
    Asked, CertificateRequest, DeclineReason, NotSo, RequestNews, RequestStanding,
};
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::ids::{CertificateId, CertificateRequestId, ClientId, DelegationId};
use madoguchi::domain::{Entropy, Kept, SystemEntropy};
use madoguchi::store::{Before, CertificateRequestChange, HeldCertificateRequest, Store};
use std::sync::Arc;

fn request(link: &str) -> CertificateRequest {
    CertificateRequest {
        id: CertificateRequestId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        employer: CorporateNumber::parse("5000000990004").unwrap(),
        delegation: None,
        employer_name: "見本給与計算株式会社".to_owned(),
        employee: "000123".to_owned(),
        link: CertificateRequest::digest_of_link(link),
        created_at: NOW,
        expires_at: at(100),
        standing: RequestStanding::Open,
    }
}

fn asked(answer: &str, seconds: i64) -> Asked {
    Asked {
        municipality: "999016".to_owned(),
        form: "standard-plus".to_owned(),
        at: at(seconds),
        answer: CertificateRequest::digest_of_answer(answer),
    }
}

fn changed(
    HeldCertificateRequest { mut request, version }: HeldCertificateRequest,
    change: impl FnOnce(&mut CertificateRequest) -> Result<RequestNews, NotSo>,
) -> CertificateRequestChange {
    let news = change(&mut request).unwrap();
    CertificateRequestChange { request, version, news, at: at(5) }
}

async fn news(store: &dyn Store) -> Vec<&'static str> {
    let client = ClientId::parse("payroll").unwrap();
    let told = store.list_submission_events(Some(&client), 0, 100).await.unwrap();
    told.into_iter().map(|one| one.certificate_request.unwrap().news.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_use_a_link_one_asks_and_of_fifty_answers_one_counts() {
    let TestStore { store, .. } = &new_store().await;
    let one = request("link");
    assert!(store.insert_certificate_request(&one).await.unwrap());
    let read = async || {
        let found = store.find_certificate_request_by_link(CertificateRequest::digest_of_link("link")).await;
        found.unwrap().unwrap()
    };
    let open = read().await;
    assert_eq!((&open.request, open.version), (&one, 0));
    let answers = race(|n| {
        let (store, open, secret) = (Arc::clone(store), open.clone(), format!("answer {n}"));
        async move {
            let change = changed(open, |request| request.ask(asked(&secret, 5)));
            let is_first = store.update_certificate_request(&change).await.unwrap();
            let digest = CertificateRequest::digest_of_answer(&secret);
            assert_eq!(store.find_certificate_request_by_answer(digest).await.unwrap().is_some(), is_first);
            is_first
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let asked_for = read().await;
    assert_eq!(store.find_certificate_request(&one.id).await.unwrap().unwrap(), asked_for);
    let answers = race(|n| {
        let (store, held) = (Arc::clone(store), asked_for.clone());
        async move {
            let change = changed(held, |request| {
                if n % 2 == 0 {
                    request.answer(CertificateId::generate(&SystemEntropy), at(6))
                } else {
                    request.decline(DeclineReason::NotEmployed, at(6))
                }
            });
            store.update_certificate_request(&change).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let told = news(&**store).await;
    assert!(told.len() == 3 && told.starts_with(&["made", "asked"]), "{told:?}");
    // Of the secrets nothing is kept.
    for wrong in ["", "link", "answer 0"] {
        let link = CertificateRequest::digest_of_link(&format!("{wrong}x"));
        assert!(store.find_certificate_request_by_link(link).await.unwrap().is_none());
    }
}

#[test]
fn it_is_asked_in_time_and_once_and_answered_only_when_it_was_asked() {
    let mut late = request("link");
    assert_eq!(late.ask(asked("answer", 100)), Err(NotSo), "the moment at which it expires is too late");
    let certificate = CertificateId::generate(&SystemEntropy);
    assert_eq!(late.answer(certificate.clone(), at(1)), Err(NotSo));
    assert_eq!(late.ask(asked("answer", 99)), Ok(RequestNews::Asked));
    assert_eq!(late.ask(asked("another", 99)), Err(NotSo));
    assert_eq!(late.answer(certificate.clone(), at(200)), Ok(RequestNews::Answered), "an answer may take its time");
    assert_eq!(late.answer(certificate, at(201)), Err(NotSo));
    assert_eq!(late.decline(DeclineReason::NotEmployed, at(201)), Err(NotSo));
    assert_eq!(late.asked(), Some(&asked("answer", 99)));
    let mut taken_back = request("link");
    assert_eq!(taken_back.decline(DeclineReason::Withdrawn, at(1)), Ok(RequestNews::Declined));
    assert_eq!(taken_back.ask(asked("answer", 2)), Err(NotSo));
    assert!(taken_back.asked().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_listed_newest_first_and_erased_with_what_was_told_of_them() {
    let TestStore { store, .. } = &new_store().await;
    let mut made = Vec::new();
    for n in 0..3 {
        let one = CertificateRequest { created_at: at(n), ..request(&handle()) };
        assert!(store.insert_certificate_request(&one).await.unwrap());
        made.insert(0, one);
    }
    let client = &made[0].client;
    let of = |found: Vec<HeldCertificateRequest>| found.into_iter().map(|one| one.request.id).collect::<Vec<_>>();
    let listed = store.list_certificate_requests(client, &Before { entry: None, limit: 2 }).await.unwrap();
    assert_eq!(of(listed), [made[0].id.clone(), made[1].id.clone()]);
    let entry = Some((made[1].created_at, made[1].id.clone()));
    let listed = store.list_certificate_requests(client, &Before { entry, limit: 2 }).await.unwrap();
    assert_eq!(of(listed), [made[2].id.clone()]);
    let kind = Kept::CertificateRequests;
    assert_eq!(store.count_old(kind, at(2)).await.unwrap(), 2);
    assert_eq!(store.erase_old(kind, at(2), (at(10), 1)).await.unwrap(), 1, "no more than was said");
    assert_eq!(store.erase_old(kind, at(2), (at(10), 10)).await.unwrap(), 1);
    assert!(store.find_certificate_request(&made[2].id).await.unwrap().is_none());
    assert!(store.find_certificate_request(&made[0].id).await.unwrap().is_some());
    assert_eq!(news(&**store).await, ["made"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_delegation_no_link_is_made() {
    let TestStore { store, .. } = &new_store().await;
    let delegation = Some(DelegationId::generate(&SystemEntropy));
    let one = CertificateRequest { delegation, ..request("link") };
    assert!(!store.insert_certificate_request(&one).await.unwrap());
    assert!(store.find_certificate_request(&one.id).await.unwrap().is_none());
    assert!(news(&**store).await.is_empty() && store.list_pending_leaves(10).await.unwrap().is_empty());
}

fn handle() -> String {
    let entropy: &dyn Entropy = &SystemEntropy;
    entropy.handle()
}
