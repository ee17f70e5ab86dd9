//! What can be filed, and what is told about a filing that can never be taken, before anything is.

use super::api::opened;
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn procedures_are_listed_with_their_limits_and_may_be_cached() {
    let (_app, payroll) = opened().await;
    let list = payroll.get("/v1/procedures").await;
    let all = list.body["procedures"].as_array().unwrap();
    assert!(list.status == 200 && all.len() >= 30, "{}", list.body);
    assert_eq!(list.headers["cache-control"], "private, max-age=3600");
    let one = payroll.get("/v1/procedures/2200700").await;
    assert_eq!((&one.body["summary"]["csv_columns"], &one.body["summary"]["due"]["days"]), (&json!(34), &json!(5)));
    let kana = one.body["fields"].as_array().unwrap().iter().find(|field| field["name"] == "name_kana").unwrap();
    assert_eq!((&kana["kind"], &kana["most_bytes"], &kana["csv_column"]), (&json!("kana"), &json!(25), &json!(7)));
    assert_eq!(one.body["schema"]["required"], json!(["office", "records"]));
    assert_eq!(payroll.get("/v1/procedures/4950013520711000").await.body["summary"]["code"], "2200700");
    let unknown = payroll.get("/v1/procedures/nothing").await;
    assert_eq!((unknown.status, unknown.body["code"].as_str()), (404, Some("not_found")));
    let tag = one.headers["etag"].to_str().unwrap().to_owned();
    let again = payroll.send((Method::GET, "/v1/procedures/2200700"), &[("if-none-match", &tag)], None).await;
    assert_eq!((again.status, again.body), (304, json!("")));
}
