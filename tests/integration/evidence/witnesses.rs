//! Witnesses that are asked for their signatures: a real one over HTTP, and those that are away, lie or lag.

use crate::support::engines::{TestStore, new_store};
use actix_web::{App, HttpResponse, HttpServer, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use madoguchi::cli::witnesses::Witnesses;
use madoguchi::domain::ids::AccessId;
use madoguchi::domain::{Clock, MasterKey, Secret, SystemClock, SystemEntropy, Timestamp};
use madoguchi::evidence::WitnessSettings;
use madoguchi::evidence::checkpoint::Checkpoint;
use madoguchi::evidence::note::{KeyKind, Note, Signer};
use madoguchi::evidence::tree::{self, Hash, Head};
use madoguchi::evidence::{EvidenceLog, LogParts, LogSettings, Turn};
use madoguchi::store::HeldKey;
use std::sync::{Arc, Mutex};

/// A witness as C2SP tlog-witness describes it, over one log.
struct Witness {
    signer: Signer,
    /// What it signed last.
    seen: Mutex<Option<Head>>,
    /// Whether it signs another text than it was shown.
    lies: Mutex<bool>,
}

impl Witness {
    fn add(&self, body: &str) -> (u16, String) {
        let (first, note) = body.split_once("\n\n").unwrap();
        let mut lines = first.lines();
        let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
        let proof: Vec<Hash> = lines.map(|line| STANDARD.decode(line).unwrap().try_into().unwrap()).collect();
        let text = Note::parse(note).unwrap().unverified_text().to_owned();
        let head = Checkpoint::parse(&text).unwrap().head();
        let mut seen = self.seen.lock().unwrap();
        let known = seen.map_or(0, |seen| seen.0);
        if old != known {
            return (409, format!("{known}\n"));
        }
        if let Some(seen) = *seen
            && seen != head
            && tree::verify_consistency(&seen, &head, &proof).is_err()
        {
            return (422, String::new());
        }
        *seen = Some(head);
        let signed = if *self.lies.lock().unwrap() { "another text\n" } else { &text };
        (200, self.signer.line(signed, SystemClock.now()))
    }
}

async fn add(body: String, witness: web::Data<Witness>) -> HttpResponse {
    let (status, text) = witness.add(&body);
    HttpResponse::build(status.try_into().unwrap()).body(text)
}

/// A witness that listens, and how the operator names it.
fn witness(seed: u8) -> (web::Data<Witness>, WitnessSettings) {
    let signer = Signer::new(&format!("witness.example/w{seed}"), KeyKind::Witness, &Secret::new([seed; 32])).unwrap();
    let key = signer.verifier().clone();
    let shared = web::Data::new(Witness { signer, seen: Mutex::default(), lies: Mutex::default() });
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/w/", listener.local_addr().unwrap()).parse().unwrap();
    let served = shared.clone();
    let app = move || App::new().app_data(served.clone()).route("/w/add-checkpoint", web::post().to(add));
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
    tokio::spawn(server);
    (shared, WitnessSettings { key, url: Some(url) })
}

struct Bench {
    test: TestStore,
    log: Arc<EvidenceLog>,
}

impl Bench {
    async fn new() -> Self {
        let test = new_store().await;
        let parts = LogParts {
            store: Arc::clone(&test.store),
            master: Arc::new(MasterKey::new([3; 32])),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        };
        let log = Arc::new(EvidenceLog::new(LogSettings::of("https://madoguchi.example", 1000), parts));
        Self { test, log }
    }

    async fn grow(&self, count: usize) {
        for _ in 0..count {
            let at = Timestamp::from_seconds(1_800_000_000);
            let key = HeldKey {
                id: AccessId::generate(&SystemEntropy).to_string(),
                purpose: "見本".into(),
                sealed: vec![1],
                created_at: at,
                active_from: at,
                retired_at: None,
            };
            self.test.store.insert_key(&key).await.unwrap();
        }
        while self.log.turn().await.unwrap() != Turn::Idle {}
    }

    fn witnesses(&self, settings: &[WitnessSettings]) -> Witnesses {
        Witnesses::new(settings, Arc::clone(&self.test.store), Arc::clone(&self.log)).unwrap()
    }

    async fn note(&self) -> Note {
        Note::parse(&self.log.checkpoint().await.unwrap()).unwrap()
    }
}

#[actix_web::test]
async fn heads_are_published_with_the_signatures_of_their_witnesses() {
    let bench = Bench::new().await;
    let ((_, one), (_, other)) = (witness(5), witness(6));
    let settings = [one.clone(), other.clone()];
    let asked = bench.witnesses(&settings);
    assert_eq!(asked.turn().await.unwrap(), vec![], "there is no head yet");
    for count in [3, 300, 1] {
        bench.grow(count).await;
        let said = asked.turn().await.unwrap();
        assert!(said.iter().all(|said| said.signed.is_ok()) && said.len() == 2, "{said:?}");
        let note = bench.note().await;
        assert!(note.seen(&one.key).unwrap().is_some() && note.seen(&other.key).unwrap().is_some());
        assert_eq!(asked.turn().await.unwrap(), said, "and is not asked for twice");
    }
    // A process that was started again learns from the witness itself what it knows.
    bench.grow(2).await;
    let said = bench.witnesses(&settings).turn().await.unwrap();
    assert!(said.iter().all(|said| said.signed.is_ok()), "{said:?}");
}

#[actix_web::test]
async fn a_witness_that_is_away_lies_or_knows_another_log_is_told_and_the_log_goes_on() {
    let bench = Bench::new().await;
    let (good, settings) = witness(7);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut away = witness(8).1;
    away.url = Some(format!("http://{}/", nobody.local_addr().unwrap()).parse().unwrap());
    let asked = bench.witnesses(&[away.clone(), settings.clone()]);
    bench.grow(2).await;
    drop(nobody);
    let said = asked.turn().await.unwrap();
    assert!(said[0].signed.as_ref().is_err_and(|why| why.contains("no connection")), "{said:?}");
    assert!(said[1].signed.is_ok() && bench.note().await.seen(&settings.key).is_ok());
    *good.lies.lock().unwrap() = true;
    bench.grow(1).await;
    let said = asked.turn().await.unwrap();
    assert!(said[1].signed.as_ref().is_err_and(|why| why.contains("verifies")), "{said:?}");
    assert!(bench.note().await.seen(&settings.key).is_err(), "what does not verify is not published");
    *good.lies.lock().unwrap() = false;
    *good.seen.lock().unwrap() = Some((1_000_000, [9; 32]));
    bench.grow(1).await;
    let said = asked.turn().await.unwrap();
    assert!(said[1].signed.as_ref().is_err_and(|why| why.contains("forked or rolled back")), "{said:?}");
    *good.seen.lock().unwrap() = Some((2, [9; 32]));
    let said = bench.witnesses(&[settings]).turn().await.unwrap();
    assert!(said[0].signed.as_ref().is_err_and(|why| why.contains("422")), "{said:?}");
    bench.grow(1).await;
}
