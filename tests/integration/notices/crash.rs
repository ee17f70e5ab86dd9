//! The process that lets notices become visible and tells third parties of them, killed with SIGKILL again and again: each
//! notice is seen once, and told of at least once.
//!
//! The killed process is this test's own child, on the store's ports as the counter uses them; its output is the receiver.

use crate::store::samples::{NOW, at, grant};
use crate::support::engines::{TestStore, master, new_store};
use madoguchi::domain::citizen_notice::{CitizenNotice, NewCitizenNotice, NoticeText};
use madoguchi::domain::ids::{CitizenNoticeId, ClientId, GrantId, NoticeBulkId, SubjectId};
use madoguchi::domain::notice_bulk::{NoticeBulk, NoticePiece};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::webhook::{Told, Webhook};
use madoguchi::domain::{Clock as _, Digest, SystemClock, SystemEntropy, Words};
use madoguchi::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Tells the child which store to work on.
const CHILD_STORE: &str = "MADOGUCHI_TEST_CHILD_STORE";
const CITIZENS: usize = 100;
/// How often it is killed before it may end.
const KILLS: usize = 12;
/// How long what is being told is one process's own.
const LEASE: Duration = Duration::from_millis(400);

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

async fn release(store: Arc<dyn Store>) {
    while store.release_notices(at(1), 50).await.unwrap() > 0 {}
}

async fn tell(store: Arc<dyn Store>) {
    let mut idle = 0;
    // Longer than what a killed one before had taken up is its own.
    while idle < 20 {
        // Later than what is told of, whenever this runs.
        let now = SystemClock.now().plus(Duration::from_hours(24 * 3660));
        let messages = store.lease_messages(now, now.plus(LEASE), 32).await.unwrap();
        idle = if messages.is_empty() { idle + 1 } else { 0 };
        for message in &messages {
            let mention = message.event.notice.as_ref().expect("a notice");
            say(&format!("told {} {} {}", message.id, mention.id, mention.place));
            store.settle_message(message, &Told::Done).await.unwrap();
        }
        if messages.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child of the tests below, which start it"]
#[expect(clippy::disallowed_methods, reason = "its parent tells it by environment which store to work on")]
async fn child_that_tells() {
    let store = madoguchi::store::open(&std::env::var(CHILD_STORE).unwrap(), &master()).await.unwrap();
    let releasing: Vec<_> = (0..2).map(|_| tokio::spawn(release(Arc::clone(&store)))).collect();
    let telling: Vec<_> = (0..4).map(|_| tokio::spawn(tell(Arc::clone(&store)))).collect();
    for task in releasing.into_iter().chain(telling) {
        task.await.unwrap();
    }
    say("ended");
}

fn start(url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["notices::crash::child_that_tells", "--exact", "--ignored", "--nocapture"])
        .env(CHILD_STORE, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts the child, and kills it after so many words, or lets it end; gives what it told.
fn told_by(url: &str, lines: Option<usize>) -> Vec<String> {
    let mut child = start(url);
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let (mut told, mut has_ended) = (0, false);
    while lines.is_none_or(|most| told < most)
        && let Some(line) = out.next()
    {
        told += usize::from(line.starts_with("told "));
        has_ended |= line == "ended";
        said.push(line);
    }
    child.kill().unwrap();
    said.extend(out);
    child.wait().unwrap();
    assert!(lines.is_some() || has_ended, "it did not come to its end");
    // A line whose ids were cut by the kill was not heard, and what it told was not settled.
    said.retain(|line| line.starts_with("told ") && line.split(' ').count() == 4);
    said
}

fn person(n: usize) -> SubjectId {
    SubjectId::parse(&format!("s_{}", n % CITIZENS)).unwrap()
}

fn notice(n: usize) -> NewCitizenNotice {
    let key = Digest::of(&format!("{n}"));
    let notice = CitizenNotice {
        id: CitizenNoticeId::generate(&SystemEntropy),
        client: ClientId::parse("city").unwrap(),
        sender: Words { ja: "見本市".into(), en: "Mihon".into() },
        subject: person(n),
        category: "tax".into(),
        ja: NoticeText { title: format!("{n}"), body: "見本".into() },
        en: None,
        attachments: vec![],
        payment: None,
        response: None,
        reminder_of: None,
        key: IdempotencyKey { key, body: key },
        posted_at: NOW,
        deliver_at: at(1),
        expires_at: at(10_000),
    };
    NewCitizenNotice { notice, files: vec![], remind_at: None }
}

/// Consents of every citizen to one inbox, which wants to be told, and so many notices that are due.
async fn prepare(store: &dyn Store, count: usize) {
    let inbox = ClientId::parse("inbox").unwrap();
    let webhook = Webhook { client: inbox.clone(), url: "https://inbox.example/".into(), since: NOW };
    store.put_webhook(&webhook).await.unwrap();
    for n in 0..CITIZENS {
        let mut given = grant(Some(&person(n)));
        given.id = GrantId::parse(&format!("g_{n}")).unwrap();
        given.client = inbox.clone();
        given.scope = ScopeSet::parse("notices").unwrap();
        store.insert_grant(&given).await.unwrap();
    }
    let key = Digest::of("file");
    let mut file = NoticeBulk {
        id: NoticeBulkId::generate(&SystemEntropy),
        client: ClientId::parse("city").unwrap(),
        key: IdempotencyKey { key, body: key },
        created_at: NOW,
        bytes: 0,
        lines: 0,
        rejected: 0,
        is_complete: false,
    };
    store.insert_notice_bulk(&file).await.unwrap();
    while file.lines < count as u64 {
        let at = file.bytes;
        let first = usize::try_from(file.lines).unwrap();
        let notices: Vec<_> = (first..count.min(first + 1000)).map(notice).collect();
        file.bytes += notices.len() as u64;
        file.lines += notices.len() as u64;
        let piece = NoticePiece { after: file.clone(), at, notices, rejected: vec![] };
        assert!(store.append_notices(&piece).await.unwrap());
    }
}

async fn killed_again_and_again(count: usize) {
    let TestStore { url, store, directory: _directory, watch: _watch } = new_store().await;
    prepare(&*store, count).await;
    drop(store); // so that the child alone holds the file, and opening it again recovers
    let told = tokio::task::spawn_blocking({
        let url = url.clone();
        move || {
            let mut told = Vec::new();
            for n in 0..KILLS {
                told.extend(told_by(&url, Some((count / KILLS / 2).max(1) + n * 7)));
            }
            told.extend(told_by(&url, None));
            told
        }
    });
    let told = told.await.unwrap();
    let store = madoguchi::store::open(&url, &master()).await.unwrap();
    // Each is seen once: every citizen's places are one after another, and every notice has one of them.
    let mut seen = BTreeMap::new();
    for n in 0..CITIZENS {
        let mut after = 0;
        loop {
            let page = store.list_citizen_notices(&person(n), after, (at(2), 500)).await.unwrap();
            for one in &page {
                assert_eq!(one.place, Some(after + 1));
                after += 1;
                assert!(seen.insert(one.notice.id.to_string(), after).is_none());
            }
            if page.len() < 500 {
                break;
            }
        }
    }
    assert_eq!(seen.len(), count, "none is lost");
    // Word of each was left once.
    let (mut events, mut last) = (BTreeSet::new(), 0);
    loop {
        let page = store.list_submission_events(None, last, 1000).await.unwrap();
        let Some(end) = page.last() else { break };
        last = end.place;
        for event in page {
            let mention = event.notice.unwrap();
            assert_eq!(seen.get(mention.id.as_str()), Some(&mention.place));
            assert!(events.insert(mention.id.to_string()), "told of twice by the cursor");
        }
    }
    assert_eq!(events.len(), count);
    // And it came at least once, under one id however often.
    let mut messages: BTreeMap<&str, &str> = BTreeMap::new();
    for line in &told {
        let words: Vec<&str> = line.split(' ').collect();
        let earlier = messages.insert(words[2], words[1]);
        assert!(earlier.is_none_or(|earlier| earlier == words[1]), "{line}: another message before");
    }
    assert_eq!(messages.len(), count, "{} words came", told.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_shows_each_notice_once_and_tells_of_all() {
    killed_again_and_again(3_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some two minutes for 100,000 notices: tests/run runs it by name, and tests/run --fast does not"]
async fn killed_again_and_again_at_a_hundred_thousand() {
    killed_again_and_again(100_000).await;
}
