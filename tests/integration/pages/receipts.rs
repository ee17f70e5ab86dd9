//! Receipts of the citizen's own: shown, kept, and checked by the script that their browser runs.

use super::browser::Browser;
use super::counter::{Counter, INCOME, request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use madoguchi::domain::access::{Access, AccessedDataSet, CutItems, Disposition};
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::evidence::{canonical, commitment};
use madoguchi::domain::grant::Grant;
use madoguchi::domain::ids::AccessId;
use madoguchi::domain::retrieval::OutcomeKind;
use madoguchi::domain::{Clock, Digest, Secret, SystemEntropy, Timestamp};
use madoguchi::evidence::checkpoint::Checkpoint;
use madoguchi::evidence::note::{KeyKind, Signer, Verifier};
use madoguchi::evidence::receipt::{Receipt, leaf_of, spell};
use madoguchi::evidence::tree::node_hash;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

async fn agree(counter: &Counter, browser: &mut Browser, name: &str, person: &str) -> Grant {
    let page = browser.arrive(&counter.push(name, &request()).await, person).await;
    let answer = browser.submit(&page, "/consent", &[("decision", "agree")]).await;
    let held = counter.take_code(&answer.query("code")).await;
    counter.store.find_grant(&held.grant).await.unwrap().unwrap()
}

fn line(counter: &Counter, grant: &Grant) -> Access {
    let cut = Some(CutItems { count: 3, digest: Digest::of("what was held back") });
    Access {
        id: AccessId::generate(&SystemEntropy),
        at: counter.clock.now(),
        subject: grant.subject.clone().unwrap(),
        client: grant.client.clone(),
        grant: grant.id.clone(),
        request: None,
        purpose: "loan_examination".into(),
        data_sets: vec![AccessedDataSet {
            code: DataSetCode::parse(INCOME).unwrap(),
            outcome: OutcomeKind::Ok,
            items: 2,
            cut,
            predicates: vec![],
        }],
        notices: vec![],
        private_documents: vec![],
        records: None,
        disposition: Disposition::Answered,
        acting: None,
    }
}

/// Writes `count` lines and logs everything that waits; gives the first line's receipt.
async fn logged(counter: &Counter, grant: &Grant, count: usize) -> String {
    let lines: Vec<Access> = (0..count).map(|_| line(counter, grant)).collect();
    counter.store.insert_accesses(&lines).await.unwrap();
    counter.log.turn().await.unwrap();
    lines[0].receipt().to_string()
}

#[actix_web::test]
async fn the_citizen_keeps_the_receipt_of_an_access_and_nobody_elses() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    let written = line(&counter, &grant);
    counter.store.insert_accesses(std::slice::from_ref(&written)).await.unwrap();
    let id = written.receipt().to_string();
    let dashboard = browser.dashboard("p1").await;
    let lines = dashboard.texts(".history > li");
    assert!(lines[0].contains(&id) && lines[0].contains("3 more items came and were held back"), "{lines:?}");
    let path = format!("/dashboard/receipts/{id}");
    assert!(dashboard.html.contains(&format!("href=\"{path}\"")));
    // Not in the log yet: it says so, and there is nothing to save.
    let page = browser.get(&path).await;
    assert!(page.status == 200 && page.text("main").contains("On its way into the log"), "{}", page.html);
    assert_eq!(browser.get(&format!("{path}/file")).await.location, path);
    counter.log.turn().await.unwrap();
    let page = browser.get(&path).await;
    assert!(page.text("main").contains("In the log") && page.html.contains(&format!("{path}/file")), "{}", page.html);
    let file = browser.get(&format!("{path}/file")).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"receipt.json\"");
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("application/json", "no-store"));
    let kept = Receipt::parse(&file.html).unwrap();
    assert!(kept.verify(&counter.log.verifiers().await.unwrap()).is_ok());
    assert_eq!(kept.record["data_sets"][0]["held_back"], 3);
    // Another person's receipt is as if it were not there; without a sign-in there is none.
    let mut other = Browser::at(&counter.address);
    assert_eq!(other.get(&path).await.location, "/sign-in");
    other.dashboard("p2").await;
    for path in [path.clone(), format!("{path}/file"), "/dashboard/receipts/r_unknown".into()] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn the_page_that_checks_runs_one_script_of_ours_and_says_how_to_do_without() {
    let counter = Counter::start().await;
    counter.log.turn().await.unwrap();
    for accepts in ["en", "ja"] {
        let mut browser = Browser::at(&counter.address);
        browser.accepts = accepts;
        let page = browser.get("/verify").await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self'; connect-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
        assert_eq!((page.html.matches("<script").count(), page.html.matches("</script>").count()), (1, 1));
        assert!(page.html.contains("madoguchi audit verify --receipt"), "{}", page.html);
        let script = page.html.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
        let script = browser.get(script).await;
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        // Saved, it is whole: style and script are in it, and only that script may run.
        let file = browser.get("/verify/file").await;
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"verify.html\"");
        let inline = file.html.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
        assert_eq!(inline, script.html);
        let hash = STANDARD.encode(Digest::of(inline).as_bytes());
        let document = scraper::Html::parse_document(&file.html);
        let meta = scraper::Selector::parse("meta[http-equiv=Content-Security-Policy]").unwrap();
        let policy = document.select(&meta).next().unwrap().attr("content").unwrap();
        assert!(policy.contains(&format!("script-src 'sha256-{hash}'")) && !policy.contains("connect-src"), "{policy}");
        for elsewhere in ["src=", "href=", "/*style*/", "url("] {
            assert!(!file.html.split("<script>").next().unwrap().contains(elsewhere), "{elsewhere}");
        }
    }
}

/// Runs the script on every case; none where Node.js is not there.
#[expect(clippy::print_stderr, reason = "says why nothing was checked")]
fn run(cases: &[Value]) -> Option<Vec<Value>> {
    let mut node = match Command::new("node")
        .arg("tests/integration/pages/verify.mjs")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Ok(node) => node,
        Err(error) => {
            eprintln!("note: the script that checks receipts was not run: Node.js is not there ({error})");
            return None;
        }
    };
    node.stdin.take().unwrap().write_all(json!(cases).to_string().as_bytes()).unwrap();
    let out = node.wait_with_output().unwrap();
    assert!(out.status.success(), "{out:?}");
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

/// A receipt, changed.
fn changed(kept: &Value, pointer: &str, to: impl Into<Value>) -> String {
    let mut kept = kept.clone();
    *kept.pointer_mut(pointer).unwrap() = to.into();
    kept.to_string()
}

#[actix_web::test]
async fn the_script_finds_a_receipt_good_or_names_the_step_at_which_it_fails() {
    let counter = Counter::start().await;
    let mut browser = Browser::at(&counter.address);
    let grant = agree(&counter, &mut browser, "1", "p1").await;
    browser.dashboard("p1").await;
    let id = logged(&counter, &grant, 6).await;
    let text = browser.get(&format!("/dashboard/receipts/{id}/file")).await.html;
    let kept: Value = serde_json::from_str(&text).unwrap();
    let key = counter.log.verifiers().await.unwrap()[0].vkey();
    let other = Signer::new("other.example/evidence", KeyKind::Log, &Secret::new([9; 32])).unwrap();
    let hash = |byte: u8| spell(&[byte; 32]);
    let index = kept["leaf_index"].as_u64().unwrap();
    let note = kept["checkpoint"].as_str().unwrap();
    let lines: Vec<&str> = note.splitn(3, '\n').collect();
    let resized = format!("{}\n{}\n{}", lines[0], lines[1].parse::<u64>().unwrap() + 1, lines[2]);
    let short = kept["inclusion_proof"].as_array().unwrap()[1..].to_vec();
    let other_key = other.verifier().vkey();
    let good = (text.clone(), key.as_str());
    let mut table = vec![
        (good.clone(), ("ok", "growth", "offline")),
        ((text[..text.len() / 2].to_owned(), &key), ("bad", "form", "not-json")),
        ((changed(&kept, "/salt", "AAAA"), &key), ("bad", "form", "not-receipt")),
        ((changed(&kept, "/inclusion_proof/0", "x"), &key), ("bad", "form", "not-receipt")),
        ((changed(&kept, "/receipt", "r_other"), &key), ("bad", "form", "other-receipt")),
        ((changed(&kept, "/checkpoint", "x"), &key), ("bad", "signature", "checkpoint-form")),
        ((changed(&kept, "/checkpoint", resized), &key), ("bad", "signature", "forged")),
        ((text.clone(), &key[..key.len() - 4]), ("bad", "signature", "key-form")),
        ((text.clone(), other_key.as_str()), ("bad", "signature", "unsigned")),
        ((changed(&kept, "/record/purpose", "advertising"), &key), ("bad", "inclusion", "not-logged")),
        ((changed(&kept, "/record/data_sets/0/items", 1), &key), ("bad", "inclusion", "not-logged")),
        ((changed(&kept, "/salt", hash(7)), &key), ("bad", "inclusion", "not-logged")),
        ((changed(&kept, "/inclusion_proof/0", hash(7)), &key), ("bad", "inclusion", "not-logged")),
        ((changed(&kept, "/leaf_index", index ^ 1), &key), ("bad", "inclusion", "not-logged")),
        ((changed(&kept, "/leaf_index", 9_999), &key), ("bad", "inclusion", "not-in-tree")),
        ((changed(&kept, "/inclusion_proof", short), &key), ("bad", "inclusion", "proof-length")),
    ];
    let mut cases: Vec<Value> =
        table.iter().map(|((receipt, keys), _)| json!({"receipt": receipt, "keys": keys})).collect();
    // The log grows over several tiles; the script reads them where the log is served.
    logged(&counter, &grant, 700).await;
    cases.push(json!({"receipt": text, "keys": key, "base": counter.address}));
    table.push((good.clone(), ("ok", "", "")));
    let later = browser.get(&format!("/dashboard/receipts/{id}/file")).await.html;
    cases.push(json!({"receipt": later, "keys": key, "base": counter.address}));
    table.push((good.clone(), ("ok", "", "")));
    cases.push(json!({"receipt": text, "keys": key, "without": "NotSupportedError"}));
    table.push((good.clone(), ("unknown", "signature", "no-ed25519")));
    for ((case, ((receipt, keys), _)), place) in cases.iter().zip(&table).zip(0..16) {
        // The program finds the same.
        let verifiers: Vec<Verifier> = keys.lines().filter_map(|line| Verifier::parse(line).ok()).collect();
        let is_good = Receipt::parse(receipt).is_ok_and(|receipt| receipt.verify(&verifiers).is_ok());
        assert_eq!(is_good, place == 0, "{case}");
    }
    compare(&cases, &table.iter().map(|(_, expected)| *expected).collect::<Vec<_>>()).await;
}

async fn compare(cases: &[Value], expected: &[(&str, &str, &str)]) {
    let given = cases.to_vec();
    let Some(found) = tokio::task::spawn_blocking(move || run(&given)).await.unwrap() else { return };
    for ((found, (verdict, step, why)), case) in found.iter().zip(expected).zip(cases) {
        assert_eq!(*found, json!({"verdict": verdict, "step": step, "why": why}), "{case}");
    }
}

#[actix_web::test]
async fn the_script_tells_a_log_that_was_rewritten_or_cut() {
    let signer = Signer::new("log.example/evidence", KeyKind::Log, &Secret::new([4; 32])).unwrap();
    let record = json!({"version": 1, "kind": "disclosure", "receipt": "r_1", "note": "見本\n\u{1}\""});
    let salt = [5; 32];
    let (leaf, neighbour) = (leaf_of(commitment(&salt, &canonical(&record))), [6; 32]);
    let sign = |size, root| {
        let head = Checkpoint { origin: "log.example/evidence".into(), size, root };
        head.sign(&signer, Timestamp::from_seconds(1))
    };
    let root = node_hash(&leaf, &neighbour);
    let receipt = json!({
        "receipt": "r_1", "record": record, "salt": STANDARD.encode(salt), "leaf_index": 0,
        "inclusion_proof": [spell(&neighbour)], "checkpoint": sign(2, root),
    });
    let case = |newest: String| {
        json!({
            "receipt": receipt.to_string(), "keys": signer.verifier().vkey(), "base": "https://log.example",
            "answers": {"/evidence/checkpoint": newest},
        })
    };
    let cases = [case(sign(2, root)), case(sign(2, [8; 32])), case(sign(1, leaf))];
    let expected = [("ok", "", ""), ("bad", "growth", "log-forked"), ("bad", "growth", "log-shrunk")];
    compare(&cases, &expected).await;
}
