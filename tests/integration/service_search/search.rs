//! What is found, in which words, and that it may be kept.

use super::Chat;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PROCEDURES: &str = "/v1/service-procedures";
const MUNICIPALITIES: &str = "/v1/municipalities";

fn texts<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|one| one.pointer(member).and_then(Value::as_str).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipality_is_found_by_name_postal_code_and_place() {
    let chat = Chat::open().await;
    let found = async |query: &[(&str, &str)]| {
        let body = chat.found(MUNICIPALITIES, query).await;
        texts(&body["municipalities"], "/code").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(&[("name", "サンジョウ")]).await, ["152048"]);
    assert_eq!(found(&[("postal_code", "955-0071")]).await, ["152048"]);
    assert_eq!(found(&[("name", "府中"), ("prefecture", "東京都")]).await, ["132063"]);
    assert_eq!(found(&[("latitude", "37.63"), ("longitude", "138.96"), ("limit", "1")]).await, ["152048"]);
    let offering = found(&[("procedure", "sanjo-letter-to-mayor")]).await;
    assert_eq!(offering, ["152048"], "nobody else has it");
    assert_eq!(found(&[("procedure", "damage-certificate"), ("prefecture", "13")]).await, ["131121"]);

    let one = chat.found(&format!("{MUNICIPALITIES}/152048"), &[]).await;
    assert_eq!((&one["name"], &one["prefecture"]["name"]), (&json!("三条市"), &json!("新潟県")));
    assert_eq!(chat.get(&format!("{MUNICIPALITIES}/152049"), &[]).await.status, 404);

    // Every one is told once, page by page.
    let (mut codes, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut query = vec![("limit", "100")];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let page = chat.found(MUNICIPALITIES, &query).await;
        codes.extend(texts(&page["municipalities"], "/code").into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (1741, 1741));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn procedures_are_found_by_every_filter_in_japanese_of_any_width() {
    let chat = Chat::open().await;
    let sanjo = ("municipality", "152048");
    let all = chat.found(PROCEDURES, &[sanjo, ("limit", "100")]).await;
    assert_eq!(all["procedures"].as_array().unwrap().len(), 34, "15 national and 19 of its own");
    assert!(all.get("next").is_none());

    let names = async |query: &[(&str, &str)]| {
        let query = [&[sanjo], query].concat();
        let body = chat.found(PROCEDURES, &query).await;
        texts(&body["procedures"], "/official_name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&[("keyword", "元旦　ﾏﾗｿﾝ")]).await, ["元旦マラソン大会参加申込み"]);
    assert_eq!(names(&[("keyword", "ガンタン")]).await, ["元旦マラソン大会参加申込み"], "by how it is read");
    assert_eq!(names(&[("keyword", "がんじつ")]).await, Vec::<String>::new(), "and by nothing else");
    assert_eq!(names(&[("life_event", "pregnancy")]).await.len(), 3);
    assert_eq!(names(&[("category", "health")]).await.len(), 3);
    assert_eq!(names(&[("e_application", "false")]).await.len(), 0);
    assert_eq!(names(&[("procedure", "pregnancy-notice")]).await, ["妊娠の届出"]);
    let club = names(&[("keyword", "児童クラブ"), ("age", "7")]).await;
    assert_eq!((club.len(), names(&[("keyword", "児童クラブ"), ("age", "13")]).await.len()), (3, 0));
    assert_eq!(names(&[("keyword", "児童クラブ"), ("age_months", "155")]).await.len(), 3, "the last month of twelve");

    // Several municipalities, page by page, in order and each once.
    let (mut psids, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut query =
            vec![("municipality", "152048"), ("municipality", "131121"), ("keyword", "児童"), ("limit", "3")];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let page = chat.found(PROCEDURES, &query).await;
        psids.extend(texts(&page["procedures"], "/psid").into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    let whole = [("municipality", "131121"), ("municipality", "152048"), ("keyword", "児童"), ("limit", "100")];
    assert_eq!(psids, texts(&chat.found(PROCEDURES, &whole).await["procedures"], "/psid"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_procedure_is_told_in_blocks_with_what_linkage_makes_unnecessary() {
    let chat = Chat::open().await;
    let claim = [("municipality", "152048"), ("procedure", "child-allowance-claim")];
    let found = chat.found(PROCEDURES, &claim).await;
    let psid = found["procedures"][0]["psid"].as_str().unwrap().to_owned();
    let told = chat.found(&format!("{PROCEDURES}/{psid}"), &[]).await;
    let document = |name: &str| {
        let all = told["documents"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).unwrap()["is_unnecessary_by_linkage"].as_bool().unwrap()
    };
    assert!(document("課税証明書") && document("住民票"));
    assert!(!document("本人確認書類") && !document("振込先口座が分かるもの"));
    assert_eq!(told["summary"]["from"], "2026-04-01");
    assert_eq!(told["summary"]["updated_at"], "2026-04-01T09:00:01+09:00");
    assert_eq!(told["is_signed"], true);
    assert!(told["links"][0]["url"].as_str().unwrap().starts_with("https://"));

    let damage = [("municipality", "131121"), ("procedure", "damage-certificate")];
    let found = chat.found(PROCEDURES, &damage).await;
    let psid = found["procedures"][0]["psid"].as_str().unwrap().to_owned();
    let told = chat.found(&format!("{PROCEDURES}/{psid}"), &[]).await;
    let blocks = told["sections"][0]["blocks"].as_array().unwrap();
    let table = blocks.iter().find(|block| block["kind"] == "table").unwrap();
    assert_eq!(table["columns"], json!(["被害の程度", "損害割合"]));
    assert_eq!(table["rows"].as_array().unwrap().len(), 6);
    assert!(!told["sections"].to_string().contains("<br>"), "no markup is left");
    assert_eq!(chat.get(&format!("{PROCEDURES}/9999999999"), &[]).await.status, 404);

    let compared = [
        ("procedure", "damage-certificate"),
        ("municipality", "131121"),
        ("municipality", "152048"),
        ("municipality", "142042"),
    ];
    let compared = chat.found("/v1/service-procedures/comparison", &compared).await;
    assert_eq!(compared["differs_in"], json!(["is_offered", "is_e_applicable"]));
    let counts: Vec<usize> = compared["municipalities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["procedures"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 0, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_in_the_callers_language_and_may_be_kept() {
    let chat = Chat::open().await;
    let query = [("municipality", "152048"), ("procedure", "child-allowance-claim")];
    let japanese = chat.get(PROCEDURES, &query).await;
    let english = chat.get_with(PROCEDURES, &query, &[("accept-language", "en-GB,ja;q=0.3")]).await;
    assert_eq!(english.body["procedures"][0]["name"], "Claim for child allowance");
    assert_eq!(english.body["procedures"][0]["official_name"], japanese.body["procedures"][0]["name"]);
    assert_eq!(
        (&english.headers["content-language"], &japanese.headers["content-language"]),
        (&"en".parse().unwrap(), &"ja".parse().unwrap())
    );
    assert_eq!(japanese.headers["cache-control"], "private, max-age=300");
    assert_eq!(japanese.headers["vary"], "accept-language");

    let tag = japanese.headers["etag"].to_str().unwrap().to_owned();
    assert_ne!(tag, english.headers["etag"].to_str().unwrap());
    for own in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let again = chat.get_with(PROCEDURES, &query, &[("if-none-match", &own)]).await;
        assert_eq!((again.status, again.body), (304, Value::String(String::new())), "{own}");
        assert!(again.headers.contains_key("ratelimit"), "it counts all the same");
    }
    let other = chat.get_with(PROCEDURES, &query, &[("if-none-match", &tag), ("accept-language", "en")]).await;
    assert_eq!(other.status, 200);

    let standards = chat.found("/v1/service-procedures/standards", &[]).await;
    assert_eq!(standards["procedures"].as_array().unwrap().len(), 78);
    assert_eq!(standards["categories"][0], json!({"code": "child_rearing", "name": "子育て"}));
    let coverage = chat.found("/v1/service-coverage", &[]).await;
    assert_eq!((&coverage["with_e_application"], &coverage["municipalities"]), (&json!(935), &json!(1741)));
    let niigata = chat.found("/v1/service-coverage", &[("prefecture", "15"), ("on", "2019-01-01")]).await;
    assert_eq!((&niigata["counted_on"], niigata["prefectures"].as_array().unwrap().len()), (&json!("2018-09-28"), 1));
}
