//! Documents: listed over all providers, opened where their signature holds, added up to the yen, and ended at once.

use super::{MAILBOX, Office, POST};
use madoguchi::sandbox::delivery::DeliveryMood;
use serde_json::{Value, json};

fn ids(body: &Value) -> Vec<String> {
    let id = |one: &Value| one["id"].as_str().unwrap().to_owned();
    body["items"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_over_all_providers_in_pages_and_one_that_is_away_hides_nothing() {
    let (mut office, tokens) = Office::consented().await;
    office.link(MAILBOX).await;
    let whole = office.get(&tokens, "/v1/private-documents?limit=100").await;
    assert_eq!(whole.status, 200, "{whole:?}");
    let all = ids(&whole.body);
    assert_eq!((all.len(), whole.body["next"].is_null()), (18, true), "{all:?}");
    let (mut paged, mut path) = (Vec::new(), "/v1/private-documents?limit=5".to_owned());
    loop {
        let page = office.get(&tokens, &path).await;
        paged.extend(ids(&page.body));
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("/v1/private-documents?limit=5&after={next}");
    }
    assert_eq!(paged, all);
    let year = office.year();
    let life = office.get(&tokens, &format!("/v1/private-documents?kind=life_insurance&tax_year={year}")).await;
    assert_eq!(ids(&life.body).len(), 3);
    assert!(life.body["items"].as_array().unwrap().iter().all(|one| one["kind_name"] == "生命保険料控除証明書"));
    for query in ["kind=x", "tax_year=1", "after=x", "limit=0", "x=1"] {
        let told = office.get(&tokens, &format!("/v1/private-documents?{query}")).await;
        assert_eq!(told.brief(), (422, "invalid_value"), "{query}");
    }

    for (mood, problem) in [
        (DeliveryMood::Down, "provider_unreachable"),
        (DeliveryMood::Garbage, "provider_refused"),
        (DeliveryMood::Floods, "provider_refused"),
    ] {
        office.installation.sandbox.delivery().set_mood(MAILBOX, mood);
        let told = office.get(&tokens, "/v1/private-documents?limit=100").await;
        assert_eq!((told.status, ids(&told.body).len()), (200, 8), "{mood:?} {told:?}");
        assert_eq!(told.body["providers"][1], json!({"provider": MAILBOX, "is_answered": false, "problem": problem}));
        let sums = office.year_end(&tokens).await.body;
        assert_eq!((&sums["is_complete"], &sums["sums"]["housing_loan_balance_yen"]), (&json!(false), &json!(0)));
        let one = office.get(&tokens, &format!("/v1/private-documents/{MAILBOX}.loan-{year}")).await;
        let status = if mood == DeliveryMood::Down { 504 } else { 502 };
        assert_eq!(one.status, status, "{mood:?} {one:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_told_as_fields_and_given_as_delivered_and_each_showing_is_in_the_history() {
    let (mut office, tokens) = Office::consented().await;
    let id = format!("{POST}.life-{}", office.year());
    let path = format!("/v1/private-documents/{id}");
    let told = office.get(&tokens, &path).await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(told.body["issuer"], json!("見本生命保険株式会社"));
    let premium = json!({"scheme": "new", "category": "general", "certified_yen": 54_000, "declared_yen": 72_000});
    assert_eq!(told.body["content"]["life_insurance"][0], premium);
    assert!(told.body["content"]["earthquake_insurance"].is_null());
    let content = office.get(&tokens, &format!("{path}/content")).await;
    assert_eq!((content.status, content.header("document-type")), (200, "application/xml"));
    assert_eq!((content.header("cache-control"), content.header("content-disposition")), ("no-store", "attachment"));
    let xml = content.body.as_str().unwrap_or_default().to_owned();
    assert!(xml.contains("<SignatureValue>") && xml.contains("生命保険料控除証明書"), "{xml}");
    for kind in ["life-old", "ideco", "medical"] {
        let path = format!("/v1/private-documents/{POST}.{kind}-{}", office.year());
        assert_eq!(office.get(&tokens, &path).await.status, 200, "{kind}");
    }
    for bad in [
        format!("{MAILBOX}.life-{}", office.year()),
        "x".into(),
        format!("{POST}.x"),
        format!("{POST}.%2E%2E"),
        ".".into(),
    ] {
        let told = office.get(&tokens, &format!("/v1/private-documents/{bad}")).await;
        assert_eq!(told.brief(), (404, "not_found"), "{bad}");
    }
    let dashboard = office.citizen.dashboard(&office.installation.public_url.clone()).await.unwrap();
    assert!(
        dashboard.texts("main").join(" ").contains("1 document was given"),
        "{}",
        dashboard.texts("main").join(" ")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_does_not_hold_is_never_handed_on_nor_added_up() {
    let (office, tokens) = Office::consented().await;
    let id = format!("{POST}.ideco-{}", office.year());
    for (mood, code) in [
        (DeliveryMood::Altered, "altered"),
        (DeliveryMood::WrongIssuer, "wrong_issuer"),
        (DeliveryMood::Expired, "certificate_expired"),
        (DeliveryMood::Untrusted, "untrusted_issuer"),
    ] {
        office.installation.sandbox.delivery().set_mood(POST, mood);
        for path in [format!("/v1/private-documents/{id}"), format!("/v1/private-documents/{id}/content")] {
            let told = office.get(&tokens, &path).await;
            assert_eq!(told.brief(), (502, "document_not_verified"), "{mood:?} {told:?}");
            assert!(told.body["detail"].as_str().unwrap().contains(code), "{mood:?} {told:?}");
        }
        let told = office.year_end(&tokens).await;
        assert_eq!((told.status, &told.body["is_complete"]), (200, &json!(false)), "{mood:?} {told:?}");
        assert_eq!(told.body["sums"]["small_scale_mutual_aid"]["ideco_yen"], json!(0), "{mood:?}");
        let unreadable = told.body["unreadable"].as_array().unwrap();
        assert!(unreadable.iter().any(|one| one["id"] == json!(id) && one["problem"] == json!(code)), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_comes_to_exact_sums_and_what_two_deliver_counts_once() {
    let (mut office, tokens) = Office::consented().await;
    office.link(MAILBOX).await;
    let told = office.year_end(&tokens).await;
    assert_eq!((told.status, &told.body["is_complete"]), (200, &json!(true)), "{told:?}");
    let sums = json!({
        "life_insurance_new": {"general_yen": 72_000, "nursing_medical_yen": 30_000, "pension_yen": 0},
        "life_insurance_old": {"general_yen": 0, "pension_yen": 96_000},
        "earthquake_insurance": {"earthquake_yen": 24_000, "old_long_term_yen": 10_000},
        "small_scale_mutual_aid": {
            "mutual_aid_yen": 0, "corporate_pension_yen": 0, "ideco_yen": 144_000, "disability_support_yen": 0,
        },
        "housing_loan_balance_yen": 28_400_000,
    });
    assert_eq!(told.body["sums"], sums);
    let year = office.year();
    let twice = json!([{"id": format!("{MAILBOX}.life-{year}"), "same_as": format!("{POST}.life-{year}")}]);
    assert_eq!(told.body["duplicates"], twice);
    assert_eq!(told.body["certificates"].as_array().unwrap().len(), 5);
    for query in ["", "?tax_year=x", "?tax_year=2026&x=1"] {
        let told = office.get(&tokens, &format!("/v1/private-documents/year-end-adjustment{query}")).await;
        assert_eq!(told.brief(), (422, "invalid_value"), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unlinking_ends_it_at_once_for_everybody_and_at_the_provider() {
    let (mut office, tokens) = Office::consented().await;
    assert_eq!(office.year_end(&tokens).await.status, 200);
    assert!(office.unlink().await.texts("main").join(" ").contains("The link has ended"));
    assert_eq!(office.year_end(&tokens).await.brief(), (403, "not_linked"));
    assert_eq!(office.get(&tokens, "/v1/private-documents").await.brief(), (403, "not_linked"));
    office.until_open(POST, 0).await;
    // The consent stands: with another link it reads again.
    office.link(MAILBOX).await;
    assert_eq!(office.year_end(&tokens).await.status, 200);
    // Ended at the provider, it is told as such.
    office.installation.sandbox.delivery().end_all(MAILBOX);
    let told = office.get(&tokens, "/v1/private-documents").await;
    assert_eq!((told.status, &told.body["providers"][0]["problem"]), (200, &json!("not_linked")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_renews_its_credential_is_read_again_and_again() {
    let (office, tokens) = Office::consented().await;
    office.installation.sandbox.delivery().set_mood(POST, DeliveryMood::Renews);
    for n in 0..3 {
        assert_eq!(office.get(&tokens, "/v1/private-documents").await.status, 200, "{n}");
        let told = office.year_end(&tokens).await;
        assert_eq!((told.status, &told.body["is_complete"]), (200, &json!(true)), "{n} {told:?}");
    }
    let at_once = futures_util::future::join_all((0..4).map(|_| office.get(&tokens, "/v1/private-documents"))).await;
    assert!(at_once.iter().any(|told| told.body["providers"][0]["is_answered"] == json!(true)), "{at_once:?}");
    assert_eq!(office.open_accounts(POST), 1);
}
