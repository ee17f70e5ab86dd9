//! What must not count as a signature: replayed, by another browser or card, over something else, by certificates that do not
//! count, without lists of those that were taken back, or after the draft was changed.

use super::applications::{CARD, OTHER_CARD, nursery};
use super::applications_signatures::{DRAFTS, PASSWORD, Signing, said};
use crate::support::played::citizen::Citizen;
use futures_util::future::join_all;
use madoguchi::sandbox::certification::{AnswerTrouble, ListTrouble};
use reqwest::Method;
use serde_json::json;
use url::Url;

/// A card with its PIN and the password for signing.
struct Card(&'static str, &'static str);

/// Taken back; no longer in force; by an authority that nobody trusts; locked.
const REVOKED: Card = Card("1000000000000006", "KAMEI6UTSURU");
const EXPIRED: Card = Card("1000000000000009", "MIHON9KEIZO");
const FOREIGN: Card = Card("1000000000000008", "REIJI8SO");
const LOCKED: Card = Card("1000000000000005", "REIJI5UME");

async fn is_not_signed(signing: &Signing, id: &str) {
    let draft = signing.one(id).await;
    assert!(draft["signature"]["state"] != json!("signed"), "{draft}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_ways_back_one_counts_and_only_in_the_browser_that_began() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    let page = signing.go_to_provider(&id).await;
    let back = signing.sign_there(&page, (CARD.0, PASSWORD)).await.url;
    // Another browser: nobody's, another person's, and the same person's.
    let mut bare = Citizen::new(CARD.0, CARD.1).unwrap();
    assert_eq!(bare.follow(back.as_str(), "").await.unwrap().status, 403);
    for card in [OTHER_CARD, CARD] {
        let mut other = Citizen::new(card.0, card.1).unwrap();
        other.dashboard(&signing.counter).await.unwrap();
        assert_eq!(other.follow(back.as_str(), "").await.unwrap().status, 403, "{}", card.0);
    }
    is_not_signed(&signing, &id).await;
    let loads = (0..8).map(|_| {
        let (mut citizen, address) = (signing.citizen.clone(), back.clone());
        async move { citizen.follow(address.as_str(), "").await.unwrap() }
    });
    let ends = join_all(loads).await;
    let signed = ends.iter().filter(|page| said(page).contains("It is signed")).count();
    assert_eq!(signed, 1, "{:?}", ends.iter().map(|page| page.status).collect::<Vec<_>>());
    assert!(ends.iter().all(|page| page.status == 200 || page.status == 410));
    assert_eq!(signing.one(&id).await["signature"]["state"], json!("signed"));
    let again = signing.citizen.follow(back.as_str(), "").await.unwrap();
    assert_eq!(again.status, 410, "{}", said(&again));
    assert_eq!(signing.one(&id).await["signature"]["state"], json!("signed"), "a replay takes nothing away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_belongs_to_the_draft_that_went() {
    let mut signing = Signing::open().await;
    let (one, two) = (signing.draft("one", &nursery()).await, signing.draft("two", &nursery()).await);
    let first = signing.go_to_provider(&one).await;
    let second = signing.go_to_provider(&two).await;
    let first = signing.sign_there(&first, (CARD.0, PASSWORD)).await.url;
    let second = signing.sign_there(&second, (CARD.0, PASSWORD)).await.url;
    let part = |url: &Url, name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    // The code of one with the state of the other.
    let mut mixed = first.clone();
    let pairs = [("code", part(&second, "code")), ("state", part(&first, "state"))];
    mixed.query_pairs_mut().clear().extend_pairs(pairs);
    let end = signing.citizen.follow(mixed.as_str(), "").await.unwrap();
    assert!(said(&end).contains("It was not signed"), "{}", said(&end));
    is_not_signed(&signing, &one).await;
    let mut forged = second.clone();
    for state in ["", "x", "dft_a.b.c", &format!("{two}.attempt.{}", "A".repeat(43))] {
        forged.query_pairs_mut().clear().extend_pairs([("code", "x"), ("state", state)]);
        let end = signing.citizen.follow(forged.as_str(), "").await.unwrap();
        assert!([403, 410].contains(&end.status), "{state}: {}", said(&end));
    }
    // The other's code was used up by that; begun anew it goes on.
    let end = signing.citizen.follow(second.as_str(), "").await.unwrap();
    assert!(said(&end).contains("It was not signed"), "{}", said(&end));
    let end = signing.sign(&two, (CARD.0, PASSWORD)).await;
    assert!(said(&end).contains("It is signed"), "{}", said(&end));

    // An error, and the name of another provider (RFC 9207).
    for (query, words) in [
        ("error=access_denied", "the signing was stopped"),
        ("code=x&iss=https%3A%2F%2Fevil.example", "could not be verified"),
    ] {
        signing.go_to_provider(&one).await;
        let page = signing.go_to_provider(&one).await;
        let state = part(&page_state(&mut signing, &page).await, "state");
        let address = format!("{}/signatures/callback?state={state}&{query}", signing.counter);
        let end = signing.citizen.follow(&address, "").await.unwrap();
        assert!(said(&end).contains(words), "{}", said(&end));
        is_not_signed(&signing, &one).await;
    }
}

/// Where the browser is sent back to when the person stops.
async fn page_state(signing: &mut Signing, page: &crate::support::played::browser::Page) -> Url {
    let mut form = page.form_with("signing_password").unwrap();
    form.set("method", "cancel");
    let stop = format!("{}/signatures/callback", signing.counter);
    signing.citizen.send(page, &form, &stop).await.unwrap().url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_changes_while_it_is_signed_is_not_signed() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    let page = signing.go_to_provider(&id).await;
    let back = signing.sign_there(&page, (CARD.0, PASSWORD)).await.url;
    let mut other = nursery();
    other["answers"]["applicant"]["address"] = json!("見本県見本市見本町9-9-9");
    let put =
        signing.all.family.send((Method::PUT, &format!("{DRAFTS}/{id}")), &[("if-match", "*")], Some(&other)).await;
    assert_eq!(put.body["signature"]["state"], json!("void"), "{}", put.body);
    let end = signing.citizen.follow(back.as_str(), "").await.unwrap();
    assert!(said(&end).contains("changed while you were signing"), "{}", said(&end));
    is_not_signed(&signing, &id).await;
    // What was seen is what is signed: the page of before signs nothing.
    let page = signing.citizen.open(&signing.address(&id)).await.unwrap();
    signing.all.family.send((Method::PUT, &format!("{DRAFTS}/{id}")), &[("if-match", "*")], Some(&nursery())).await;
    let action = format!("/dashboard/applications/drafts/{id}/sign");
    let stale = signing.citizen.press(&page, &action).await.unwrap();
    assert!(said(&stale).contains("changed after you saw it"), "{}", said(&stale));
    let done = signing.sign(&id, (CARD.0, PASSWORD)).await;
    assert!(said(&done).contains("It is signed"), "{}", said(&done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cards_whose_certificate_does_not_count_sign_nothing() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    for (Card(number, password), words) in
        [(REVOKED, "was taken back"), (EXPIRED, "is not in force"), (FOREIGN, "could not be verified")]
    {
        let done = signing.sign(&id, (number, password)).await;
        assert!(said(&done).contains(words), "{number}: {}", said(&done));
        is_not_signed(&signing, &id).await;
    }
    let page = signing.go_to_provider(&id).await;
    let locked = signing.sign_there(&page, (LOCKED.0, LOCKED.1)).await;
    assert!(said(&locked).contains("is locked"), "{}", said(&locked));
    let child = signing.sign_there(&page, ("1000000000000004", "MIHON4SAKURA")).await;
    assert!(said(&child).contains("no certificate for signing"), "{}", said(&child));
    for left in (0..5).rev() {
        let wrong = signing.sign_there(&page, (CARD.0, "WRONG1")).await;
        let words = if left == 0 { "is locked".to_owned() } else { format!("before it is locked: {left}") };
        assert!(said(&wrong).contains(&words), "{left}: {}", said(&wrong));
    }
    let right = signing.sign_there(&page, (CARD.0, PASSWORD)).await;
    assert!(said(&right).contains("is locked"), "also with the right one: {}", said(&right));
    let arrived = signing.submit(&id).await;
    assert_eq!(arrived.body["signature"], json!({"state": "in_person_check"}), "it is handed in without");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_lists_that_count_nothing_is_signed() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    for trouble in
        [ListTrouble::Away, ListTrouble::Garbage, ListTrouble::Expired, ListTrouble::OtherSigner, ListTrouble::TooLarge]
    {
        signing.certification().trouble_lists(trouble);
        let done = signing.sign(&id, (CARD.0, PASSWORD)).await;
        assert!(said(&done).contains("cannot be found out for the moment"), "{trouble:?}: {}", said(&done));
        is_not_signed(&signing, &id).await;
    }
    signing.certification().trouble_lists(ListTrouble::None);
    let done = signing.sign(&id, (CARD.0, PASSWORD)).await;
    assert!(said(&done).contains("It is signed"), "{}", said(&done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_provider_answers_only_a_signature_over_the_draft_by_its_person_counts() {
    let mut signing = Signing::open().await;
    let id = signing.draft("one", &nursery()).await;
    for trouble in [
        AnswerTrouble::OtherDigest,
        AnswerTrouble::OtherCertificate,
        AnswerTrouble::OtherTransaction,
        AnswerTrouble::OtherSerial,
        AnswerTrouble::Garbage,
    ] {
        signing.certification().trouble_answers(trouble);
        let done = signing.sign(&id, (CARD.0, PASSWORD)).await;
        assert!(said(&done).contains("could not be verified"), "{trouble:?}: {}", said(&done));
        is_not_signed(&signing, &id).await;
    }
}
