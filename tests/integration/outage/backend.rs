//! The pretend government cut off: a data set's own outcome says so, and the counter stays whole.

use super::{job_path, one_node};
use crate::support::calls::{Caller, Told, consented, retrieval, wanted};
use std::time::Duration;

const JOBS: &str = "/v1/self-information-requests";

/// Makes a job and waits for its end.
async fn ended(caller: &Caller<'_>, token: &str) -> Told {
    let made = caller.call(token, "POST", JOBS, Some(&retrieval())).await;
    assert_eq!(made.status, 202, "{made:?}");
    let path = job_path(&made);
    let read = async {
        loop {
            let told = caller.call(token, "GET", &path, None).await;
            if told.status != 202 {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    // The backend's own deadline in these tests is twenty seconds.
    let told = tokio::time::timeout(Duration::from_secs(40), read).await.expect("every job ends");
    assert_eq!(told.status, 200, "{told:?}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retrieval_fails_by_its_own_outcome_and_works_again_afterwards() {
    let (installation, bank) = one_node().await;
    let caller = Caller::new(&bank, &installation, 0);
    let tokens = consented(&installation, &bank).await;
    // Mid-flight: the job is accepted, then its backend goes.
    let made = caller.call(&tokens.access, "POST", JOBS, Some(&retrieval())).await;
    installation.links.government.cut();
    assert_eq!(made.status, 202, "{made:?}");

    let told = ended(&caller, &tokens.access).await;
    let outcome = &told.body["data_sets"][0];
    assert_eq!((&outcome["outcome"], &outcome["is_retryable"]), (&"failed".into(), &true.into()), "{told:?}");
    assert_eq!(caller.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);
    assert_eq!(caller.call(&tokens.access, "GET", "/v1/data-sets", None).await.status, 200);

    installation.links.government.mend();
    let works = async {
        while ended(&caller, &tokens.access).await.body["data_sets"][0]["outcome"] != "ok" {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), works).await.expect("it works again by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_who_cannot_be_signed_in_is_told_in_words() {
    let (installation, bank) = one_node().await;
    let pending = bank.push("openid offline_access self_information", &wanted()).await.unwrap();
    installation.links.government.cut();
    let told = Told::by(bank.http.get(&pending.address)).await;
    assert_eq!(told.status, 503, "{told:?}");
    assert!(told.header("content-type").starts_with("text/html"), "{told:?}");

    // The same address works as soon as the provider is back.
    installation.links.government.mend();
    let arrives = async {
        while installation.citizen().arrive(&pending.address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrives).await.expect("the consent page");
}
