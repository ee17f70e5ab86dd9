//! The catalogue, the metadata of this resource, and the description of the API.

use super::{Bank, INCOME, answer};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalogue_lists_every_data_set_and_shows_items() {
    let bank = Bank::agreed(30).await;
    let list = bank.get("/v1/data-sets", &[]).await;
    assert_eq!(list.status, 200, "{}", list.body);
    let sets = list.body["data_sets"].as_array().unwrap();
    assert!(sets.len() >= 71, "{}", sets.len());
    let one = bank.get(&format!("/v1/data-sets/{INCOME}"), &[]).await;
    assert_eq!(one.body["summary"]["code"], INCOME, "{}", one.body);
    assert!(one.body["items"].as_array().unwrap().iter().any(|i| i["kind"] == "yen" && i["unit"] == "JPY"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_served_with_a_page_of_our_own_assets() {
    let bank = Bank::agreed(30).await;
    let fetch = async |path: &str| bank.party.http.get(bank.url(path)).send().await.unwrap();
    let served = answer(fetch("/openapi.json").await).await;
    let committed = include_str!("../../../openapi/madoguchi.json");
    let is_same = served.body == serde_json::from_str::<Value>(committed).unwrap();
    assert!(is_same, "openapi/madoguchi.json is not what is served");
    let metadata = answer(fetch("/.well-known/oauth-protected-resource").await).await;
    assert_eq!(metadata.body["dpop_bound_access_tokens_required"], true);
    assert_eq!(metadata.body["authorization_servers"][0], bank.app.url());
    assert_eq!(answer(fetch("/problems/not_consented").await).await.body["status"], 403);

    let page = fetch("/docs/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && !policy.contains("script-src 'self' 'unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    for place in html.split("src=\"").skip(1).chain(html.split("href=\"").skip(1)) {
        let place = place.split('"').next().unwrap();
        assert!(!place.contains("//"), "{place} is another host's");
        let asset = fetch(&format!("/docs/{}", place.trim_start_matches("./"))).await;
        assert_eq!(asset.status(), 200, "{place}");
    }
    assert!(!html.contains("<script>"), "inline script");
}
