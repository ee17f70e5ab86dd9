//! kill -9 at any moment: what was acknowledged is there afterwards, and what was taken once stays taken.

use super::samples::{NOW, at, grant, request, subject_id};
use crate::support::engines::{TestStore, master, new_store};
use madoguchi::domain::Digest;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::{GrantId, RequestId};
use madoguchi::domain::retrieval::RequestState;
use madoguchi::store::{InsertedRequest, Store};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Tells the child which store to write to.
const CHILD_STORE: &str = "MADOGUCHI_TEST_CHILD_STORE";

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

/// Writes grant after grant and says each thing once it is acknowledged, until it is killed.
async fn write_for_ever(store: Arc<dyn Store>) {
    for n in 0_u64.. {
        let grant = grant(Some(&subject_id()));
        store.insert_grant(&grant).await.unwrap();
        say(&format!("granted {}", grant.id));
        assert!(store.take_assertion(Digest::of(grant.id.as_str()), at(1_000_000)).await.unwrap());
        say(&format!("taken {}", grant.id));
        let request = request(&grant);
        assert_eq!(store.insert_request(&request, "node", at(30)).await.unwrap(), InsertedRequest::New);
        say(&format!("accepted {} {}", request.id, grant.id));
        if n % 2 == 0 {
            assert!(store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap());
            say(&format!("revoked {}", grant.id));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child of the test below, which starts it"]
#[expect(clippy::disallowed_methods, reason = "its parent tells it by environment which store to write to")]
async fn child_that_writes() {
    let store = madoguchi::store::open(&std::env::var(CHILD_STORE).unwrap(), &master()).await.unwrap();
    let writers: Vec<_> = (0..8).map(|_| tokio::spawn(write_for_ever(Arc::clone(&store)))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

/// Starts the child, kills it after `lines` acknowledgements, and gives all that it said.
fn acknowledged_before_kill(url: &str, lines: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["store::durability::child_that_writes", "--exact", "--ignored", "--nocapture"])
        .env(CHILD_STORE, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    let is_word = |line: &String| ["granted ", "taken ", "accepted ", "revoked "].iter().any(|w| line.starts_with(w));
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).filter(is_word);
    said.extend(out.by_ref().take(lines));
    child.kill().unwrap();
    said.extend(out);
    child.wait().unwrap();
    // The last line may have been cut by the kill.
    said.pop();
    assert!(said.len() + 1 >= lines, "the child stopped by itself after {} lines", said.len());
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let TestStore { url, store, directory: _directory, watch: _watch } = new_store().await;
    drop(store); // so that the child alone holds the file, and opening it again recovers
    let mut said = Vec::new();
    for lines in [40, 150, 333] {
        let url = url.clone();
        said.extend(tokio::task::spawn_blocking(move || acknowledged_before_kill(&url, lines)).await.unwrap());
    }
    let store = madoguchi::store::open(&url, &master()).await.unwrap();
    let revoked: BTreeSet<&str> = said.iter().filter_map(|line| line.strip_prefix("revoked ")).collect();
    for line in &said {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["granted", id] => assert!(find_grant(&*store, id).await.is_some(), "{line}"),
            ["taken", id] => assert!(!store.take_assertion(Digest::of(id), at(1_000_000)).await.unwrap(), "{line}"),
            ["accepted", id, grant] => {
                let kept = store.find_request(&RequestId::parse(id).unwrap()).await.unwrap().expect(line);
                // A revocation may have been written and not yet been said when the kill came.
                let is_right = match kept.state {
                    RequestState::Accepted => !revoked.contains(grant),
                    RequestState::Cancelled => !find_grant(&*store, grant).await.unwrap().is_in_force(NOW),
                    _ => false,
                };
                assert!(is_right, "{line}: {:?}", kept.state);
            }
            ["revoked", id] => assert!(!find_grant(&*store, id).await.unwrap().is_in_force(NOW), "{line}"),
            _ => panic!("{line}"),
        }
    }
}

async fn find_grant(store: &dyn Store, id: &str) -> Option<Grant> {
    store.find_grant(&GrantId::parse(id).unwrap()).await.unwrap()
}
