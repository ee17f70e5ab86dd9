//! The adapter against a scripted backend on a socket.

use super::*;
use crate::domain::consent::{Consent, ConsentedDataSet};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::grant::{Grant, GrantStatus};
use crate::domain::ids::{ClientId, GrantId, SubjectId};
use crate::domain::retrieval::{Condition, Query};
use crate::domain::scope::{Scope, ScopeSet};
use crate::domain::terms::Terms;
use crate::domain::{Clock as _, SystemClock, SystemEntropy, Timestamp, Words};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CODE: &str = "TM00000000000002";

/// What the pretend backend does with the next call to a path.
#[derive(Clone, Debug)]
enum Play {
    Json(&'static str),
    Raw(&'static str),
    Hang,
    Drop,
}

#[derive(Clone, Default)]
struct Stage {
    plays: Arc<Mutex<Vec<(&'static str, Play)>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    fn of(plays: &[(&'static str, Play)]) -> Self {
        Self { plays: Arc::new(Mutex::new(plays.to_vec())), heard: Arc::default() }
    }

    async fn open(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/if001", listener.local_addr().unwrap());
        let stage = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(stage.clone().serve(socket));
            }
        });
        base
    }

    async fn serve(self, mut socket: TcpStream) {
        let mut buffer = vec![0; 65536];
        let mut length = 0;
        loop {
            let read = socket.read(&mut buffer[length..]).await.unwrap_or(0);
            length += read;
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let body = text.split_once("\r\n\r\n").map(|(head, body)| {
                let wanted = head
                    .lines()
                    .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
                body.len() >= wanted.and_then(|w| w.parse().ok()).unwrap_or(0)
            });
            if read == 0 || body == Some(true) {
                break;
            }
        }
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default().trim_start_matches("/if001").to_owned();
        self.heard.lock().unwrap().push(text);
        match self.next(&path) {
            Play::Json(body) => {
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
            }
            Play::Raw(bytes) => drop(socket.write_all(bytes.as_bytes()).await),
            Play::Hang => tokio::time::sleep(Duration::from_secs(30)).await,
            Play::Drop => {}
        }
    }

    fn next(&self, path: &str) -> Play {
        let mut plays = self.plays.lock().unwrap();
        let place = plays.iter().position(|(p, _)| *p == path);
        place.map_or(Play::Drop, |n| plays.remove(n).1)
    }

    fn count(&self, path: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|t| t.starts_with(&format!("POST /if001{path} "))).count()
    }
}

const TOKEN: (&str, Play) =
    ("/oauth/token", Play::Json(r#"{"access_token":"t1","token_type":"Bearer","expires_in":300}"#));
const TAKEN: (&str, Play) = ("/request", Play::Json(r#"{"commonHeader":{},"resultCode":"0000","process_id":"p1"}"#));
const PENDING: (&str, Play) = ("/result", Play::Json(r#"{"resultCode":"0000","selfiTranStatusCd":"01"}"#));
const DATA: (&str, Play) = (
    "/result",
    Play::Json(
        r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[{"personInfoNameCd":"TM00000000000002","dataSetVersion":"01","personInfoNameDetailList":[{"hierarchy":"1","personInitemCd":"0200000010","personInitemName":"x","personInitemContent":"5"}]}]}}"#,
    ),
);

fn settings(base: &str) -> BackendSettings {
    BackendSettings {
        name: "national".into(),
        base_url: base.parse().unwrap(),
        client_id: "SP12345678_AB1234".into(),
        key_file: "key.pem".into(),
        kid: "k1".into(),
        authorities_file: None,
        callback_base: Some("http://127.0.0.1:1".parse().unwrap()),
        deadline_seconds: 5,
        call_timeout_seconds: 1,
        most_at_once: 4,
        first_pause_millis: 20,
        forwards_scenario: false,
    }
}

fn clearance() -> Clearance {
    let code = DataSetCode::parse(CODE).unwrap();
    let words = Words { ja: "審査".into(), en: "examination".into() };
    let items = vec![ItemCode::parse("0200000010").unwrap()];
    let grant = Grant {
        id: GrantId::parse("g_1").unwrap(),
        client: ClientId::parse("c_1").unwrap(),
        subject: Some(SubjectId::parse("s_1").unwrap()),
        scope: ScopeSet::of(&[Scope::SelfInformation]),
        consent: Some(Consent {
            purpose: "loan".into(),
            purpose_words: words,
            data_sets: vec![ConsentedDataSet {
                code,
                items,
                refused: vec![],
                period: None,
                predicates: vec![],
                refused_predicates: vec![],
            }],
            access_days: 1,
            retention_days: 1,
            recipients: vec![],
            terms: Terms::default(),
        }),
        resources: vec![],
        authentication: None,
        created_at: Timestamp::from_seconds(0),
        updated_at: None,
        acting: None,
        expires_at: SystemClock.now().plus(Duration::from_mins(10)),
        status: GrantStatus::Active,
    };
    Clearance::check(&Arc::new(grant), Query { code, condition: Condition::Latest }, SystemClock.now()).unwrap()
}

async fn ask_at(base: &str) -> Retrieved {
    let key = crate::adapters::assertion::tests::fresh_key();
    let backend =
        SelfInformationBackend::new(settings(base), &key, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
    let person = UpstreamAccount { issuer: "https://idp.example".into(), subject: "u1".into() };
    let request = RequestId::parse("sir_1").unwrap();
    let call = Call { person: &person, provider: "city", request: &request, scenario: Some("slow") };
    backend.retrieve(&clearance(), &call).await
}

async fn ask(stage: &Stage) -> Retrieved {
    let base = stage.open().await;
    ask_at(&base).await
}

#[tokio::test]
async fn a_retrieval_polls_until_there_is_data_and_sends_nothing_besides() {
    let stage = Stage::of(&[TOKEN, TAKEN, PENDING, PENDING, DATA]);
    let Retrieved::Data(records) = ask(&stage).await else { panic!("no data") };
    assert_eq!(records[0].items[0].content.as_deref(), Some("5"));
    let heard = stage.heard.lock().unwrap().join("\n").to_ascii_lowercase();
    assert!(heard.contains("authorization: bearer t1"));
    assert!(heard.contains(r#""condkbn":"1""#) && heard.contains("/backends/national/if001/callbacks/"));
    assert!(!heard.contains("x-sandbox-scenario"), "only a backend that is told to passes scenarios on");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let refused = ("/request", Play::Json(r#"{"resultCode":"9000","errors":[{"errorCode":"ED1107"}]}"#));
    let stage = Stage::of(&[TOKEN, refused.clone(), TOKEN, TAKEN, DATA]);
    assert!(matches!(ask(&stage).await, Retrieved::Data(_)));
    let stage = Stage::of(&[TOKEN, refused.clone(), TOKEN, refused, TOKEN, TAKEN, DATA]);
    assert!(matches!(ask(&stage).await, Retrieved::Failed(Trouble { reason: Reason::Refused, .. })));
}

#[tokio::test]
async fn a_blocked_request_is_sent_again_and_a_lost_one_is_not() {
    let blocked = ("/request", Play::Json(r#"{"resultCode":"1000"}"#));
    let stage = Stage::of(&[TOKEN, blocked, TAKEN, DATA]);
    assert!(matches!(ask(&stage).await, Retrieved::Data(_)));
    assert_eq!(stage.count("/request"), 2);
    let stage = Stage::of(&[TOKEN, ("/request", Play::Drop), TAKEN, DATA]);
    assert!(matches!(ask(&stage).await, Retrieved::Failed(Trouble { reason: Reason::Unreachable, .. })));
    assert_eq!(stage.count("/request"), 1, "it may have had an effect");
}

#[tokio::test]
async fn a_result_and_a_token_are_asked_for_again_when_the_answer_was_lost() {
    let stage = Stage::of(&[("/oauth/token", Play::Drop), TOKEN, TAKEN, ("/result", Play::Drop), DATA]);
    assert!(matches!(ask(&stage).await, Retrieved::Data(_)));
}

#[tokio::test]
async fn each_end_of_the_backend_has_its_own_answer() {
    let over = Retrieved::Failed(Reason::BackendError.into());
    for (body, expected) in [
        (r#"{"resultCode":"0000","selfiTranStatusCd":"02"}"#, Retrieved::NoRecord),
        (r#"{"resultCode":"0000","selfiTranStatusCd":"04"}"#, Retrieved::NoRecord),
        (r#"{"resultCode":"9000","errors":[{"errorCode":"ED3001"}]}"#, Retrieved::UnsupportedProvider),
        (r#"{"resultCode":"9000","errors":[{"errorCode":"ED3002"}]}"#, Retrieved::NotYetReflected),
        (r#"{"resultCode":"9000","errors":[{"errorCode":"ED3003"}]}"#, Retrieved::RetentionExpired),
        (r#"{"resultCode":"9000","errors":[{"errorCode":"ED9001"}]}"#, over.clone()),
        (r#"{"resultCode":"9000"}"#, over),
        (
            r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[{"personInfoNameCd":"TM00000000000002","notDisclosedCd":"1"}]}}"#,
            Retrieved::NonDisclosed,
        ),
        (
            r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[{"personInfoNameCd":"TM00000000000001","personInfoNameDetailList":[{"hierarchy":"1","personInitemCd":"0100000010"}]}]}}"#,
            Retrieved::NoRecord,
        ),
    ] {
        let stage = Stage::of(&[TOKEN, TAKEN, ("/result", Play::Json(body))]);
        assert_eq!(ask(&stage).await, expected, "{body}");
    }
}

#[tokio::test]
async fn nonsense_is_a_failure_and_never_more() {
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"resultCode":0}"#,
        r#"{"resultCode":"0000","resultCode":"0000","selfiTranStatusCd":"02"}"#,
        r#"{"resultCode":"0000"}"#,
        r#"{"resultCode":"7777","selfiTranStatusCd":"02"}"#,
        r#"{"resultCode":"0000","selfiTranStatusCd":"03"}"#,
        r#"{"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[{"personInfoNameCd":7}]}}"#,
    ] {
        let stage = Stage::of(&[TOKEN, TAKEN, ("/result", Play::Json(body))]);
        assert_eq!(ask(&stage).await, Retrieved::Failed(Reason::MalformedAnswer.into()), "{body}");
    }
}

#[tokio::test]
async fn other_statuses_types_and_redirects_are_not_followed() {
    for (raw, reason) in [
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", Reason::BackendError),
        ("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", Reason::BackendError),
        ("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", Reason::Refused),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}", Reason::MalformedAnswer),
        ("SMTP nonsense\r\n\r\n", Reason::Unreachable),
    ] {
        let stage = Stage::of(&[TOKEN, ("/request", Play::Raw(raw))]);
        assert_eq!(ask(&stage).await, Retrieved::Failed(reason.into()), "{raw}");
    }
}

#[tokio::test]
async fn a_backend_that_never_answers_ends_in_a_timeout() {
    let stage = Stage::of(&[TOKEN, ("/request", Play::Hang)]);
    assert_eq!(ask(&stage).await, Retrieved::Failed(Reason::Timeout.into()));
}

#[tokio::test]
async fn a_backend_that_is_not_there_is_unreachable() {
    assert_eq!(ask_at("http://127.0.0.1:9/if001").await, Retrieved::Failed(Reason::Unreachable.into()));
}

#[test]
fn a_backend_is_https_or_loopback() {
    for (base, is_good) in [
        ("https://gov.example/if001", true),
        ("http://127.0.0.1:8090/if001", true),
        ("http://localhost:8090/if001", true),
        ("http://[::1]:8090/", true),
        ("http://gov.example/if001", false),
        ("https://user:pass@gov.example/", false),
        ("https://gov.example/?a=b", false),
        ("ftp://127.0.0.1/", false),
    ] {
        assert_eq!(settings(base).check().is_ok(), is_good, "{base}");
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let query = *clearance().query();
        let _ = wire::read_taken(&bytes);
        let _ = wire::read_progress(&bytes, &query);
    }

    #[test]
    fn whatever_is_read_is_of_the_data_set_asked_for(code in "TM0000000000000[0-9]", text in ".{0,40}") {
        let body = serde_json::json!({"resultCode":"0000","selfiTranStatusCd":"03","selfPersonalData":{"resultList":[
            {"personInfoNameCd":code,"personInfoNameDetailList":[{"hierarchy":"1","personInitemCd":"0200000010","personInitemContent":text}]}]}});
        let read = wire::read_progress(body.to_string().as_bytes(), clearance().query());
        let has_data = matches!(read, wire::Progress::Ended(Retrieved::Data(_)));
        prop_assert_eq!(has_data, code == CODE);
    }
}
