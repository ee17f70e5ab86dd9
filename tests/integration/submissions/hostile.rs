//! An e-Gov that answers like an attacker, or like something that broke: every answer of it is bounded, nothing that it says
//! wrongly is believed, and what is filed comes through once when it answers well again.

use super::egov::acquisition;
use super::{counted, engine_of};
use crate::support::engines::{TestStore, new_store};
use crate::support::registered::registration;
use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use futures_util::stream;
use madoguchi::adapters::agency;
use madoguchi::catalog::Catalog;
use madoguchi::catalog::procedures::Procedures;
use madoguchi::domain::client::{Client, ClientClass};
use madoguchi::domain::submission::{Document, DocumentState, SignatureCheck, SignatureFlaw, SubmissionState};
use madoguchi::domain::{Clock, SystemClock, SystemEntropy, Timestamp};
use madoguchi::sandbox::{self, Running};
use madoguchi::store::Before;
use madoguchi::submissions::{Accepted, Filer, Part, Submissions, Validation, Wanted};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What an answer becomes.
#[derive(Clone)]
enum Hostile {
    /// This body, with 200.
    Body(Vec<u8>),
    /// The real one, changed so.
    Edited(fn(&mut Value)),
    /// More than there is memory.
    Endless,
    /// A byte now and then.
    Drip,
}

/// Stands between the engine and e-Gov, and spoils the first answers of some calls.
struct Between {
    target: String,
    /// `POST /apply/check` and so on; what ends in `/` with anything behind it.
    call: &'static str,
    hostile: Hostile,
    left: AtomicUsize,
    /// Bytes of endless answers that were taken.
    taken: Arc<AtomicU64>,
    http: reqwest::Client,
}

impl Between {
    /// Whether to spoil the answer to this call. Only an answer that was good otherwise is.
    fn is_meant(&self, request: &HttpRequest, status: u16) -> bool {
        let path = request.path().trim_start_matches(sandbox::egov::PATH);
        let said = format!("{} {path}", request.method());
        let is_it = match self.call.strip_suffix('/') {
            Some(_) => said.starts_with(self.call) && !said.ends_with("/lists") && !said.ends_with("/report"),
            None => said == self.call,
        };
        is_it
            && (200..300).contains(&status)
            && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    fn spoiled(&self, status: u16, body: &[u8]) -> HttpResponse {
        let mut answer = HttpResponse::build(status.try_into().unwrap());
        match &self.hostile {
            Hostile::Body(bytes) => answer.body(bytes.clone()),
            Hostile::Edited(edit) => {
                let mut value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
                edit(&mut value);
                answer.json(value)
            }
            Hostile::Endless => {
                let taken = Arc::clone(&self.taken);
                answer.streaming(stream::repeat_with(move || {
                    taken.fetch_add(64 * 1024, Ordering::SeqCst);
                    Ok::<_, Infallible>(Bytes::from(vec![b'['; 64 * 1024]))
                }))
            }
            Hostile::Drip => answer.streaming(Box::pin(stream::unfold((), async |()| {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
            }))),
        }
    }
}

async fn pass(request: HttpRequest, body: Bytes, between: web::Data<Between>) -> HttpResponse {
    let url = format!("{}{}", between.target, request.uri());
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).unwrap();
    let mut on = between.http.request(method, url).body(body.to_vec());
    for name in ["authorization", "content-type"] {
        if let Some(value) = request.headers().get(name) {
            on = on.header(name, value.to_str().unwrap());
        }
    }
    let Ok(real) = on.send().await else { return HttpResponse::BadGateway().finish() };
    let status = real.status().as_u16();
    let bytes = real.bytes().await.unwrap_or_default();
    if between.is_meant(&request, status) {
        return between.spoiled(status, &bytes);
    }
    HttpResponse::build(status.try_into().unwrap()).content_type("application/json").body(bytes)
}

/// One engine with its own store, behind its own spoiler.
struct Stage {
    engine: Arc<Submissions>,
    store: TestStore,
    client: Client,
    taken: Arc<AtomicU64>,
    between: web::Data<Between>,
    _folder: tempfile::TempDir,
}

fn sandboxed() -> Running {
    crate::support::played::install_crypto();
    let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
    let settings = sandbox::Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)), Vec::new());
    sandbox::start(&settings, &catalog, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap()
}

async fn stage(sandbox: &Running, call: &'static str, hostile: Hostile, times: usize) -> Stage {
    let taken = Arc::new(AtomicU64::new(0));
    let between = web::Data::new(Between {
        target: format!("http://{}", sandbox.address),
        call,
        hostile,
        left: AtomicUsize::new(times),
        taken: Arc::clone(&taken),
        http: reqwest::Client::new(),
    });
    let data = between.clone();
    let app = move || {
        let large = web::PayloadConfig::new(64 * 1024 * 1024);
        App::new().app_data(data.clone()).app_data(large).default_service(web::to(pass))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    let folder = tempfile::tempdir().unwrap();
    let settings =
        madoguchi::cli::dev::egov::agency(&format!("http://{address}"), true, folder.path()).expect("settings");
    let procedures = Arc::new(Procedures::load(Path::new("policies/procedures")).unwrap());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let agency = agency::open(settings, &procedures, &clock, None).unwrap();
    let store = new_store().await;
    let client = registration("payroll", ClientClass::Payroll, &json!({}));
    store.store.put_client(&client, clock.now()).await.unwrap();
    let engine = engine_of(&store.store, [("e-gov".to_owned(), agency)].into(), Arc::clone(&procedures));
    tokio::spawn(Arc::clone(&engine).work_forever());
    Stage { engine, store, client, taken, between, _folder: folder }
}

impl Stage {
    async fn filed(&self) -> String {
        let body = acquisition("issue");
        let bytes = body.to_string();
        let content = RawValue::from_string(body["deliveries"][0]["content"].to_string()).unwrap();
        let part = Part { agency: "e-gov".into(), procedure: "950A990000000003".into(), content: &content };
        let wanted = Wanted {
            bytes: bytes.as_bytes(),
            key: "one",
            reference: None,
            applicant: None,
            parts: vec![part],
            validation: Validation::Due,
            draft: None,
            deposit: None,
        };
        match self.engine.accept(&Filer::of(&self.client, 1), &wanted).await.unwrap() {
            Accepted::New(whole) | Accepted::Again(whole) => whole.submission.id.to_string(),
        }
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        for _ in 0..900 {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        unreachable!("{what} never came after {}", self.between.call);
    }

    /// Completed, with its one document here and told of; gives the document.
    async fn completed(&self, id: &str) -> Document {
        self.until("the end", async || {
            let whole = self.engine.find(&self.client.id, id).await.unwrap();
            assert!(
                !matches!(whole.submission.state, SubmissionState::Failed | SubmissionState::Returned),
                "{whole:?}"
            );
            let mut all = self.engine.documents(&self.client.id, id).await.unwrap();
            let is_over = whole.submission.state == SubmissionState::Completed;
            all.pop().filter(|one| is_over && one.state == DocumentState::Confirmed)
        })
        .await
    }

    fn check(&self) {
        assert_eq!(self.between.left.load(Ordering::SeqCst), 0, "{} was spoiled as often as wanted", self.between.call);
        // What one answer may hold, and what lies in sockets on the way.
        let most = (24 + 16) * 1024 * 1024 * 3;
        assert!(self.taken.load(Ordering::SeqCst) <= most, "{}: {:?}", self.between.call, self.taken);
    }
}

/// Files once on each stage, and holds the whole against e-Gov's own books.
async fn come_through(cases: Vec<(&'static str, Hostile, usize)>) {
    let sandbox = &sandboxed();
    let all = cases.into_iter().map(|(call, hostile, times)| async move {
        let stage = stage(sandbox, call, hostile, times).await;
        let id = stage.filed().await;
        let document = stage.completed(&id).await;
        let about = document.about.expect("it is here");
        assert_eq!(about.signature, SignatureCheck::Valid, "{call}");
        stage.check();
        let events = stage.store.store.list_submission_events(None, 0, 100).await.unwrap();
        let news = events.iter().filter(|event| event.document.is_some()).count();
        assert_eq!(news, 1, "{call}: told once");
    });
    let count = join_all(all).await.len();
    let effects = counted(&sandbox.agencies().effects(), "e-gov");
    assert_eq!((effects.len(), effects.values().max()), (count, Some(&1)), "{effects:?}");
}

/// An archive with one file of so many zeros, in Base64.
fn archive(name: &str, zeros: usize) -> String {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..zeros / 65_536 {
        writer.write_all(&vec![0; 65_536]).unwrap();
    }
    writer.write_all(b"x").unwrap();
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

fn bomb(value: &mut Value) {
    value["results"]["file_data"] = json!(archive("950A990000000003/kousei.xml", 64 * 1024 * 1024));
}

fn traversal(value: &mut Value) {
    value["results"]["file_data"] = json!(archive("../../../../tmp/kousei.xml", 0));
}

fn no_base64(value: &mut Value) {
    value["results"]["file_data"] = json!("これはBase64ではない");
}

fn nested() -> Hostile {
    Hostile::Body([vec![b'['; 100_000], vec![b']'; 100_000]].concat())
}

fn garbage() -> Hostile {
    Hostile::Body(b"<html>\xff\xfe it works</html>".to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blank_forms_that_are_bombs_lead_out_of_their_folder_or_are_none_hold_a_filing_up_and_lose_nothing() {
    come_through(vec![
        ("GET /procedure/", Hostile::Edited(bomb), 2),
        ("GET /procedure/", Hostile::Edited(traversal), 2),
        ("GET /procedure/", Hostile::Edited(no_base64), 2),
        ("GET /procedure/", Hostile::Edited(|value| value["results"]["configuration_file_name"] = json!(["../x"])), 2),
        ("GET /procedure/", nested(), 2),
        ("GET /procedure/", Hostile::Endless, 2),
        ("GET /procedure/", Hostile::Drip, 1),
        ("POST /apply/check", garbage(), 2),
        ("POST /apply/check", Hostile::Edited(|value| value["results"]["error_count"] = json!(-1)), 2),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_handing_in_that_says_nothing_true_is_settled_and_doubles_nothing() {
    come_through(vec![
        ("POST /bulk-apply", garbage(), 1),
        ("POST /bulk-apply", nested(), 1),
        ("POST /bulk-apply", Hostile::Edited(|value| value["results"]["send_number"] = json!("../1")), 1),
        ("POST /bulk-apply", Hostile::Edited(|value| value["results"] = json!({"send_number": 7})), 1),
        ("POST /bulk-apply", Hostile::Endless, 1),
        ("POST /bulk-apply", Hostile::Drip, 1),
        ("GET /apply/report", garbage(), 4),
        ("GET /apply/report", Hostile::Edited(|value| value["results"]["error_report_info"] = json!([{}])), 4),
        (
            "GET /apply/report",
            Hostile::Edited(|value| {
                value["results"]["error_report_info"][0]["result"][0]["arrive_id"] = json!("'; DROP TABLE x; --");
            }),
            4,
        ),
        ("GET /apply/report", Hostile::Endless, 2),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standing_or_a_document_that_makes_no_sense_changes_nothing_and_is_asked_for_again() {
    come_through(vec![
        ("GET /apply/", Hostile::Edited(|value| value["results"]["arrive_id"] = json!("999999999999999999")), 2),
        ("GET /apply/", Hostile::Edited(|value| value["results"]["status"] = json!("手続終了".repeat(9999))), 2),
        ("GET /apply/", nested(), 2),
        ("GET /apply/", Hostile::Endless, 2),
        ("GET /official_document/", Hostile::Edited(no_base64), 2),
        ("GET /official_document/", garbage(), 2),
        ("GET /official_document/", Hostile::Endless, 2),
        ("GET /official_document/", Hostile::Drip, 1),
        ("POST /official_document", Hostile::Edited(|value| value["results"]["arrive_id"] = json!("1")), 2),
        ("POST /official_document", nested(), 2),
        ("POST /official_document/verify", nested(), 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_a_bomb_or_leads_out_of_its_folder_is_kept_as_it_is_and_never_opened() {
    let sandbox = &sandboxed();
    for edit in [bomb as fn(&mut Value), traversal] {
        // However often it is asked for: a first answer may come too late on a busy machine.
        let stage = stage(sandbox, "GET /official_document/", Hostile::Edited(edit), usize::MAX).await;
        let id = stage.filed().await;
        let document = stage.completed(&id).await;
        let about = document.about.clone().expect("it is here");
        let flaw = Some(SignatureFlaw::Unreadable);
        assert_eq!((about.signature, about.signature_flaw), (SignatureCheck::Invalid, flaw), "{document:?}");
        // 64 MiB of zeros are less than one here, byte for byte as they came.
        let (_, bytes) = stage.engine.document(&stage.client.id, document.id.as_str()).await.unwrap();
        assert!(bytes.len() < 1024 * 1024 && bytes.len() as u64 == about.size, "{}", bytes.len());
        let mut wanted = json!({"results": {}});
        edit(&mut wanted);
        assert_eq!(STANDARD.encode(&bytes), wanted["results"]["file_data"]);
    }
}

/// One that has sent three documents.
fn sending() -> Running {
    let sandbox = sandboxed();
    let until = Timestamp::from_millis(chrono::Utc::now().timestamp_millis()).plus(Duration::from_hours(240));
    for n in 0..3 {
        sandbox.send_by_e_gov(&format!("通知書{n}"), Some(until));
    }
    sandbox
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_to_be_sent_is_read_as_strictly() {
    let cases: Vec<(&'static str, Hostile, usize)> = vec![
        ("GET /post/lists", nested(), 2),
        ("GET /post/lists", Hostile::Endless, 1),
        ("GET /post/lists", Hostile::Edited(|value| value["results"]["post_list"] = json!({"post_id": 1})), 2),
        ("GET /post/", Hostile::Edited(no_base64), 2),
        ("GET /post/", garbage(), 2),
        ("GET /post/", Hostile::Endless, 1),
        ("POST /post", Hostile::Edited(|value| value["results"]["post_id"] = json!("another")), 2),
    ];
    join_all(cases.into_iter().map(|(call, hostile, times)| async move {
        let sandbox = sending();
        let stage = stage(&sandbox, call, hostile, times).await;
        let all = stage
            .until("what was sent", async || {
                let before = Before { entry: None, limit: 10 };
                let all = stage.engine.electronic_deliveries(&stage.client.id, &before).await.unwrap();
                Some(all).filter(|all| all.len() == 3 && all.iter().all(|one| one.state == DocumentState::Confirmed))
            })
            .await;
        assert!(all.iter().all(|one| one.about.as_ref().unwrap().signature == SignatureCheck::Valid), "{call}");
        stage.check();
    }))
    .await;
    // Names that could lead elsewhere are none: what goes by them is left there, and the rest is kept.
    let edit = |value: &mut Value| {
        value["results"]["post_list"][0]["notice_data_list"][0]["post_id"] = json!("../../apply/lists");
    };
    let sandbox = sending();
    let stage = stage(&sandbox, "GET /post/lists", Hostile::Edited(edit), usize::MAX).await;
    stage
        .until("the others", async || {
            let all = stage.engine.electronic_deliveries(&stage.client.id, &Before { entry: None, limit: 10 }).await;
            Some(()).filter(|()| all.unwrap().iter().filter(|one| one.state == DocumentState::Confirmed).count() == 2)
        })
        .await;
}
