//! Whatever is wrong with a query is told by name.

use super::Chat;
use madoguchi::catalog::municipalities::Municipalities;
use std::path::Path;

const PROCEDURES: &str = "/v1/service-procedures";
const MUNICIPALITIES: &str = "/v1/municipalities";
const COMPARISON: &str = "/v1/service-procedures/comparison";
const COVERAGE: &str = "/v1/service-coverage";

/// An address, a query, and the parameter that is wrong in it.
type Wrong<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const WRONG: &[Wrong<'static>] = &[
    (PROCEDURES, &[("municipality", "152049")], "municipality"),
    (PROCEDURES, &[("municipality", "999016")], "municipality"),
    (PROCEDURES, &[("keyword", "")], "keyword"),
    (PROCEDURES, &[("keyword", "　")], "keyword"),
    (PROCEDURES, &[("keyword", "a"), ("keyword", "b")], "keyword"),
    (PROCEDURES, &[("category", "CHILDCARE")], "category"),
    (PROCEDURES, &[("life_event", "party")], "life_event"),
    (PROCEDURES, &[("e_application", "yes")], "e_application"),
    (PROCEDURES, &[("age", "131")], "age"),
    (PROCEDURES, &[("age", "-1")], "age"),
    (PROCEDURES, &[("age", "+1")], "age"),
    (PROCEDURES, &[("age", "1"), ("age_months", "1")], "age_months"),
    (PROCEDURES, &[("procedure", "nothing")], "procedure"),
    (PROCEDURES, &[("after", "152048")], "after"),
    (PROCEDURES, &[("after", "152048.../x")], "after"),
    (PROCEDURES, &[("limit", "101")], "limit"),
    (PROCEDURES, &[("name", "見本 太郎")], "name"),
    (MUNICIPALITIES, &[("prefecture", "48")], "prefecture"),
    (MUNICIPALITIES, &[("postal_code", "12345678")], "postal_code"),
    (MUNICIPALITIES, &[("latitude", "37.6")], "longitude"),
    (MUNICIPALITIES, &[("longitude", "138")], "latitude"),
    (MUNICIPALITIES, &[("latitude", "NaN"), ("longitude", "138")], "latitude"),
    (MUNICIPALITIES, &[("latitude", "0"), ("longitude", "0")], "latitude"),
    (MUNICIPALITIES, &[("latitude", "37.6"), ("longitude", "138.9"), ("after", "152048")], "after"),
    (COMPARISON, &[("municipality", "152048"), ("municipality", "131121")], "procedure"),
    (COMPARISON, &[("procedure", "pregnancy-notice"), ("municipality", "152048")], "municipality"),
    (
        COMPARISON,
        &[("procedure", "pregnancy-notice"), ("municipality", "152048"), ("municipality", "152048")],
        "municipality",
    ),
    (COVERAGE, &[("on", "2019-1-1")], "on"),
    (COVERAGE, &[("year", "2019")], "year"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_parameter_is_named() {
    let chat = Chat::open().await;
    let all = Municipalities::load(Path::new("policies/services")).unwrap();
    let many: Vec<String> = all.iter().take(21).map(|one| format!("municipality={}", one.code)).collect();
    let (long, words) = ("あ".repeat(101), "a ".repeat(11));
    let long = [(PROCEDURES, &[("keyword", &*long)][..], "keyword"), (PROCEDURES, &[("keyword", &*words)], "keyword")];
    for (path, query, place) in WRONG.iter().copied().chain(long) {
        let told = chat.get(path, query).await;
        assert_eq!(
            (told.status, told.body["code"].as_str()),
            (422, Some("invalid_value")),
            "{path} {query:?}: {}",
            told.body
        );
        assert_eq!(told.body["pointer"], place, "{path} {query:?}");
        assert!(!told.body.to_string().contains("見本"), "nothing of a query is repeated");
    }
    let told = chat.get(&format!("{PROCEDURES}?{}", many.join("&")), &[]).await;
    assert_eq!((told.status, told.body["pointer"].as_str()), (422, Some("municipality")));
    assert!(told.body["detail"].as_str().unwrap().contains("20 at most"));
    let told = chat.get(COVERAGE, &[("on", "2018-09-27")]).await;
    assert_eq!((told.status, told.body["code"].as_str()), (404, Some("not_found")));
    let told = chat.get_with(PROCEDURES, &[("limit", "0")], &[("if-none-match", "*")]).await;
    assert_eq!(told.status, 422, "what is wrong is told before what is known already");
}
