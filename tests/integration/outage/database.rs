//! The database cut off.

use super::{job_path, one_node, recovers, refresh};
use crate::support::calls::{Caller, Told, consented, retrieval, wanted};
use crate::support::played::third_party::Tokens;
use std::time::Duration;

const JOBS: &str = "/v1/self-information-requests";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_a_cached_grant_lives_a_second_at_most() {
    let (installation, bank) = one_node().await;
    let Some(link) = &installation.links.store else { return };
    let caller = Caller::new(&bank, &installation, 0);
    let (kept, revoked) = (consented(&installation, &bank).await, consented(&installation, &bank).await);
    let job = caller.call(&kept.access, "POST", JOBS, Some(&retrieval())).await;
    assert_eq!(job.status, 202, "{job:?}");
    let token = revoked.refresh.as_deref().unwrap();
    assert_eq!(caller.form("/oauth/revoke", &[("token", token)]).await.status, 200);
    // What needs the grant alone, and nothing else of the database.
    assert_eq!(caller.call(&kept.access, "GET", "/v1/data-sets", None).await.status, 200);

    link.cut();
    let cut_at = tokio::time::Instant::now();
    let until_refused = async {
        loop {
            let told = caller.call(&kept.access, "GET", "/v1/data-sets", None).await;
            if told.status != 200 {
                return told;
            }
            // One second is promised; the rest is for a busy machine.
            assert!(cut_at.elapsed() < Duration::from_millis(1_500), "a cached grant lives on");
        }
    };
    // The refusal itself waits for a database that does not answer.
    let told = tokio::time::timeout(Duration::from_secs(8), until_refused).await.expect("not good for ever");
    told.assert_unavailable();
    everything_is_unavailable(&caller, &kept).await;

    link.mend();
    let within = Duration::from_secs(30);
    recovers(200, within, || caller.call(&kept.access, "GET", "/v1/consent", None)).await;
    recovers(200, within, || refresh(&caller, &kept)).await;
    let told = caller.call(&revoked.access, "GET", "/v1/consent", None).await;
    assert_eq!(told.brief(), (401, "invalid_token"), "a revocation was lost");
    let read = async {
        loop {
            let told = caller.call(&kept.access, "GET", &job_path(&job), None).await;
            if told.status != 202 {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let told = tokio::time::timeout(Duration::from_mins(1), read).await.expect("the job ends");
    assert_eq!(told.status, 200, "a job was lost: {told:?}");
}

/// While the database is away: what needs it says so, and what needs nothing goes on.
async fn everything_is_unavailable(caller: &Caller<'_>, tokens: &Tokens) {
    caller.call(&tokens.access, "POST", JOBS, Some(&retrieval())).await.assert_unavailable();
    refresh(caller, tokens).await.assert_unavailable();
    caller.call(&tokens.access, "GET", "/oauth/userinfo", None).await.assert_unavailable();
    let refresh_token = tokens.refresh.as_deref().unwrap();
    for path in ["/oauth/revoke", "/oauth/introspect"] {
        caller.form(path, &[("token", refresh_token)]).await.assert_unavailable();
    }
    let details = wanted().to_string();
    let pushed = [
        ("client_id", caller.party.file.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", caller.party.file.redirect_uri.as_str()),
        ("scope", "openid self_information"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("authorization_details", details.as_str()),
    ];
    caller.form("/oauth/par", &pushed).await.assert_unavailable();
    Told::by(caller.request("GET", "/readyz")).await.assert_unavailable();
    for path in ["/healthz", "/oauth/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(Told::by(caller.request("GET", path)).await.status, 200, "{path}");
    }
    // The pages say it in words.
    for path in ["/dashboard", "/oauth/authorize?client_id=bank&request_uri=urn:ietf:params:oauth:request_uri:x"] {
        let told = Told::by(caller.request("GET", path)).await;
        assert_ne!(told.status, 500, "{path}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_during_the_cut_is_either_acknowledged_and_kept_or_refused() {
    let (installation, bank) = one_node().await;
    let Some(link) = &installation.links.store else { return };
    let caller = Caller::new(&bank, &installation, 0);
    let mut grants = Vec::new();
    for _ in 0..6 {
        grants.push(consented(&installation, &bank).await);
    }
    let revoking = futures_util::future::join_all(grants.iter().map(|tokens| revoke(&caller, tokens)));
    let (told, ()) = tokio::join!(revoking, async {
        tokio::time::sleep(Duration::from_millis(4)).await;
        link.cut();
    });
    link.mend();
    let within = Duration::from_secs(30);
    for (tokens, told) in grants.iter().zip(told) {
        if told.status == 200 {
            recovers(400, within, || refresh(&caller, tokens)).await;
        } else {
            told.assert_unavailable();
        }
    }
}

async fn revoke(caller: &Caller<'_>, tokens: &Tokens) -> Told {
    caller.form("/oauth/revoke", &[("token", tokens.refresh.as_deref().unwrap())]).await
}
