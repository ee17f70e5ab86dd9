//! Bulk filings while the process that takes, checks and hands them on is killed with SIGKILL: what was acknowledged of a
//! file is there, and every record has its effect once.

use super::Payroll;
use super::bulk::{ALL, file, said, until};
use super::crash::Counter;
use madoguchi::sandbox::agencies::Moment;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often it is killed.
const KILLS: usize = 12;
/// Records of a file; it comes in five pieces or so, and each is a filing of its own.
const RECORDS: usize = 1400;
/// Bytes that are sent at once.
const PIECE: usize = 70_000;

/// A file on its way, as its filer knows it.
struct Sending {
    key: String,
    file: String,
    /// What was acknowledged last.
    offset: u64,
    receipt: Option<String>,
    id: Option<String>,
}

impl Sending {
    fn new(n: usize) -> Self {
        let file = format!("{}\n{}", json!({"number": n, "name": "見本 花子"}), file(RECORDS - 1));
        Self { key: format!("file-{n}"), file, offset: 0, receipt: None, id: None }
    }

    /// Holds an answer against what was acknowledged before.
    fn heard(&mut self, body: &Value) {
        let offset = body["upload_offset"].as_u64().expect("an offset");
        assert!(offset >= self.offset, "{}: {} bytes were acknowledged: {body}", self.key, self.offset);
        let id = body["id"].as_str().map(str::to_owned);
        assert!(self.id.is_none() || self.id == id, "{} is another by now: {body}", self.key);
        let receipt = body["receipt"].as_str().map(str::to_owned);
        assert!(self.receipt.is_none() || self.receipt == receipt, "{} had a receipt: {body}", self.key);
        (self.offset, self.id, self.receipt) = (offset, id, receipt);
    }

    /// Begins it, or asks where it is, and sends what is missing; as far as answers come.
    async fn go_on(&mut self, payroll: &Payroll) -> Option<()> {
        let body = said(&self.file).to_string();
        let begun = payroll.try_send((Method::POST, ALL), &[("idempotency-key", &self.key)], Some(&body)).await?;
        assert_eq!(begun.status, 201, "{}", begun.body);
        self.heard(&begun.body);
        let path = format!("{ALL}/{}", self.id.as_deref().expect("an id"));
        while self.receipt.is_none() {
            let from = usize::try_from(self.offset).expect("a place");
            let end =
                (from..=(from + PIECE).min(self.file.len())).rev().find(|end| self.file.is_char_boundary(*end))?;
            let offset = self.offset.to_string();
            let headers = [("content-type", "application/partial-upload"), ("upload-offset", offset.as_str())];
            let answer = payroll.try_send((Method::PATCH, &path), &headers, Some(&self.file[from..end])).await?;
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.heard(&answer.body);
        }
        Some(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_files_are_sent_checked_and_handed_on_it_loses_and_doubles_no_record() {
    let mut counter = Counter::start().await;
    let mut payroll = Payroll::open(counter.directory.path()).await;
    let mut files = vec![Sending::new(0)];
    counter.sandbox.agencies().linger(Duration::from_millis(20));
    for round in 0..KILLS {
        payroll.renew().await;
        let mut moments = counter.sandbox.agencies().listen();
        let sending = async {
            loop {
                let last = files.last_mut().expect("one at least");
                if last.receipt.is_some() {
                    let next = Sending::new(files.len());
                    files.push(next);
                } else if last.go_on(&payroll).await.is_none() {
                    std::future::pending::<()>().await;
                }
            }
        };
        // In turn: while bytes come and are checked, when a piece has just become a filing, and when that had its effect.
        let killed = async {
            match round % 4 {
                1 => while moments.recv().await.is_ok_and(|seen| seen != Moment::Received) {},
                3 => while moments.recv().await.is_ok_and(|seen| seen != Moment::Done) {},
                _ => tokio::time::sleep(Duration::from_millis(30 + round as u64 * 37 % 400)).await,
            }
        };
        tokio::select! {
            () = sending => {}
            _ = tokio::time::timeout(Duration::from_secs(3), killed) => {}
        }
        counter.kill_and_restart().await;
    }
    counter.sandbox.agencies().linger(Duration::ZERO);
    payroll.renew().await;
    check(&counter, &payroll, files).await;
}

/// Every line has its outcome, and every filing that they name had its effect once.
async fn check(counter: &Counter, payroll: &Payroll, files: Vec<Sending>) {
    let mut filings = BTreeSet::new();
    for mut one in files {
        one.go_on(payroll).await.expect("answers");
        let id = one.id.expect("an id");
        until(payroll, &id, |bulk| bulk["progress"]["by_state"]["completed"] == RECORDS).await;
        let (mut after, mut lines) = (json!(0), 0);
        while !after.is_null() {
            let page = payroll.get(&format!("{ALL}/{id}/outcomes?after={after}&limit=1000")).await.body;
            for line in page["items"].as_array().expect("lines") {
                lines += 1;
                assert_eq!((&line["line"], &line["state"]), (&json!(lines), &json!("completed")), "{line}");
                filings.insert(line["submission_id"].as_str().expect("a filing").to_owned());
            }
            after = page["next"].clone();
        }
        assert_eq!(lines, RECORDS);
    }
    let counts = super::counted(&counter.sandbox.agencies().effects(), "pension");
    assert!(counts.values().all(|times| *times == 1), "{counts:?}");
    let mut references = BTreeSet::new();
    for id in &filings {
        let filing = payroll.get(&format!("/v1/submissions/{id}")).await.body;
        references.insert(format!("{}-0", filing["deliveries"][0]["id"].as_str().expect("an id")));
    }
    assert_eq!(counts.into_keys().collect::<BTreeSet<_>>(), references);
}
