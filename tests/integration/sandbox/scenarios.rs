//! Misbehaviour on request, and call-backs that really arrive.

use super::{Bench, contents};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A tiny server that answers 204 and hands on what was posted.
async fn listener() -> (String, UnboundedReceiver<String>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callbacks/handle", socket.local_addr().unwrap());
    let (send, receive) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = socket.accept().await.unwrap();
            let send = send.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 4096];
                let (mut read, mut text) = (1, String::new());
                while read > 0 && !text.contains('}') {
                    read = stream.read(&mut buffer).await.unwrap_or(0);
                    text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                }
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
                let _ = send.send(text);
            });
        }
    });
    (url, receive)
}

async fn ask_with_callback(bench: &Bench, token: &str, scenario: Option<&str>, url: &str) -> Value {
    let body = json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": {"condKbn": "1"}, "callbackUrl": url});
    bench.call("/request", token, &body, scenario).await.unwrap().json().await.unwrap()
}

/// How many notices come within a while.
async fn count(receive: &mut UnboundedReceiver<String>, process: &Value) -> usize {
    let mut seen = 0;
    while let Ok(Some(text)) = tokio::time::timeout(Duration::from_millis(1600), receive.recv()).await {
        let body: Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body["process_id"], process["process_id"]);
        seen += 1;
    }
    seen
}

#[tokio::test]
async fn a_call_back_comes_once_twice_or_never() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    for (scenario, times) in [(None, 1), (Some("callback_twice"), 2), (Some("callback_never"), 0)] {
        let (url, mut receive) = listener().await;
        let process = ask_with_callback(&bench, &token, scenario, &url).await;
        assert_eq!(count(&mut receive, &process).await, times, "{scenario:?}");
    }
}

#[tokio::test]
async fn a_result_fetched_meanwhile_needs_no_call_back() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    let (url, mut receive) = listener().await;
    let process = ask_with_callback(&bench, &token, None, &url).await;
    assert_eq!(bench.result(&token, &process).await["selfiTranStatusCd"], "03");
    assert_eq!(count(&mut receive, &process).await, 0);
}

#[tokio::test]
async fn slow_data_is_accepted_then_in_hand_then_there() {
    let bench = Bench::start();
    let token = bench.token("reiji-ume").await;
    let process = bench.request(&token, 2, json!({"condKbn": "1"})).await;
    for (seconds, status) in [(0, "01"), (3, "09"), (2, "03")] {
        bench.clock.advance(Duration::from_secs(seconds));
        assert_eq!(bench.result(&token, &process).await["selfiTranStatusCd"], status);
    }
}

#[tokio::test]
async fn faults_come_as_asked() {
    let bench = Bench::start();
    let token = bench.token("mihon-taro").await;
    let body = json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": {"condKbn": "1"}});
    let request = |scenario: &'static str| bench.call("/request", &token, &body, Some(scenario));
    let blocked: Value = request("blocked").await.unwrap().json().await.unwrap();
    assert_eq!(blocked["resultCode"], "1000");
    assert_eq!(request("error_500").await.unwrap().status(), 500);
    let unknown = request("nonsense").await.unwrap();
    assert_eq!(unknown.status(), 400);
    assert!(unknown.text().await.unwrap().contains("drop_connection"), "names what there is");
    for scenario in ["capacity_over", "malformed", "drop_connection"] {
        let process: Value = request(scenario).await.unwrap().json().await.unwrap();
        let fetch = json!({"process_id": process["process_id"]});
        let answer = bench.call("/result", &token, &fetch, None).await;
        match scenario {
            "capacity_over" => {
                assert_eq!(answer.unwrap().json::<Value>().await.unwrap()["selfiTranStatusCd"], "06");
            }
            "malformed" => assert!(answer.unwrap().json::<Value>().await.is_err()),
            _ => {
                let text = async { answer?.text().await };
                assert!(text.await.is_err(), "the connection ends before the answer does");
            }
        }
    }
}

#[tokio::test]
async fn stale_data_is_last_year_s_and_says_so() {
    let bench = Bench::start();
    let token = bench.token("mihon-keizo").await;
    let answer = bench.ask(&token, 2, json!({"condKbn": "1"})).await;
    assert_eq!(contents(&answer, "0200000010"), ["2025"]);
    let updated = answer["selfPersonalData"]["resultList"][0]["timeAndDateOfUpdate"].as_str().unwrap().to_owned();
    assert!(updated.starts_with("2023"), "{updated}");
}

#[tokio::test]
async fn only_allowed_scenarios_may_be_asked_for() {
    let bench = Bench::with(|settings| settings.scenarios = vec![]);
    let token = bench.token("mihon-taro").await;
    let body = json!({"personInfoNameCd": "TM00000000000002", "inquiryCond": {"condKbn": "1"}});
    assert_eq!(bench.call("/request", &token, &body, Some("slow")).await.unwrap().status(), 400);
}
