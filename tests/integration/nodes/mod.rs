//! Two gateways on one store and one hot state: what one does, the other knows.
//!
//! Only PostgreSQL and Redis can be shared by two processes, so on the embedded pair there is nothing to show and these
//! tests end at once; `tests/run` names servers in its second round.

mod acting;
mod lost_word;

use crate::support::calls::{Caller, INCOME, Told, agreed, consented, retrieval};
use crate::support::engines::{postgres_server, redis_url};
use crate::support::installation::Installation;
use crate::support::played::third_party::ThirdParty;
use futures_util::future::join_all;
use madoguchi::domain::client::ClientClass;
use std::time::Duration;

/// Two gateways, and a bank that uses both.
async fn two_nodes(rate_plan: &str) -> Option<(Installation, ThirdParty)> {
    postgres_server()?;
    redis_url()?;
    let installation = Installation::start(2).await;
    let bank = installation.party("bank", ClientClass::Bank, rate_plan).await;
    Some((installation, bank))
}

fn callers<'a>(installation: &'a Installation, bank: &'a ThirdParty) -> [Caller<'a>; 2] {
    [Caller::new(bank, installation, 0), Caller::new(bank, installation, 1)]
}

/// Prints how long it took from the answer to the revocation until the other node refused: what is soon enough below the
/// promise is for people to judge.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "a measurement is read by people")]
async fn a_revocation_on_one_node_refuses_on_the_other_within_a_second() {
    const TIMES: usize = 20;
    let Some((installation, bank)) = two_nodes("measurement").await else { return };
    let callers = callers(&installation, &bank);
    let mut spans = Vec::new();
    for n in 0..TIMES {
        let (revoker, asker) = (&callers[n % 2], &callers[(n + 1) % 2]);
        let tokens = consented(&installation, &bank).await;
        // Now both hold the grant as good.
        for caller in &callers {
            assert_eq!(caller.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);
        }
        let refresh = tokens.refresh.as_deref().unwrap();
        assert_eq!(revoker.form("/oauth/revoke", &[("token", refresh)]).await.status, 200);
        let start = tokio::time::Instant::now();
        let refused = async {
            while asker.call(&tokens.access, "GET", "/v1/consent", None).await.brief() != (401, "invalid_token") {}
        };
        // One second is promised; the rest is for a busy machine.
        tokio::time::timeout(Duration::from_millis(2_500), refused).await.expect("refused in time");
        spans.push(start.elapsed());
        let told = asker.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!(told.brief(), (400, "invalid_grant"));
    }
    spans.sort_unstable();
    println!("from revocation to refusal elsewhere: p50 {:?}, longest {:?}", spans[TIMES / 2], spans[TIMES - 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proofs_and_assertions_used_at_one_node_are_used_up_at_the_other() {
    let Some((installation, bank)) = two_nodes("measurement").await else { return };
    let [first, second] = callers(&installation, &bank);
    let tokens = consented(&installation, &bank).await;
    // Learns the server's nonce, if it asks for one.
    assert_eq!(first.call(&tokens.access, "GET", "/v1/consent", None).await.status, 200);
    for path in ["/v1/consent", "/oauth/userinfo"] {
        let proof = first.proof("GET", path, Some(&tokens.access));
        let send = |caller: &Caller<'_>| {
            let request = caller.request("GET", path).header("authorization", format!("DPoP {}", tokens.access));
            Told::by(request.header("dpop", &proof))
        };
        assert_eq!(send(&first).await.status, 200, "{path}");
        assert_eq!(send(&second).await.brief(), (401, "invalid_dpop_proof"), "{path}");
    }
    let assertion = bank.assertion().unwrap();
    let form = [
        ("client_assertion_type", crate::support::calls::ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
        ("token", "unknown"),
    ];
    let path = "/oauth/introspect";
    assert_eq!(Told::by(first.request("POST", path).form(&form)).await.status, 200);
    assert_eq!(Told::by(second.request("POST", path).form(&form)).await.brief(), (401, "invalid_client"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_exchanged_once_whichever_node_is_asked() {
    let Some((installation, bank)) = two_nodes("measurement").await else { return };
    let callers = callers(&installation, &bank);
    let (pending, answer) = agreed(&installation, &bank).await;
    let code = answer.query_pairs().find(|(name, _)| name == "code").map(|(_, value)| value.into_owned()).unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", bank.file.redirect_uri.as_str()),
        ("code_verifier", pending.verifier()),
    ];
    let told = join_all((0..20).map(|n| callers[n % 2].form("/oauth/token", &form))).await;
    let won: Vec<&Told> = told.iter().filter(|told| told.status == 200).collect();
    assert_eq!(won.len(), 1, "{told:?}");
    assert!(told.iter().all(|told| told.status == 200 || told.brief() == (400, "invalid_grant")), "{told:?}");
    // RFC 9700 §4.2.4: the second use ended what the first one got, on both nodes.
    let access = won[0].body["access_token"].as_str().unwrap();
    for caller in &callers {
        let told = caller.call(access, "GET", "/v1/consent", None).await;
        assert_eq!(told.brief(), (401, "invalid_token"), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_made_at_one_node_is_read_at_the_other() {
    let Some((installation, bank)) = two_nodes("measurement").await else { return };
    let [first, second] = callers(&installation, &bank);
    let tokens = consented(&installation, &bank).await;
    let made = first.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&retrieval())).await;
    assert_eq!(made.status, 202, "{made:?}");
    let path = url::Url::parse(&bank.file.issuer).unwrap().join(made.header("location")).unwrap().path().to_owned();
    let read = async {
        loop {
            let told = second.call(&tokens.access, "GET", &path, None).await;
            if told.status != 202 {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(20), read).await.expect("a result in time");
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(
        (&told.body["data_sets"][0]["code"], &told.body["data_sets"][0]["outcome"]),
        (&INCOME.into(), &"ok".into())
    );
    // A result is given out once, whoever is asked again.
    for caller in [&first, &second] {
        let again = caller.call(&tokens.access, "GET", &path, None).await;
        assert_eq!(again.brief(), (410, "result_gone"), "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_nodes_count_against_one_limit() {
    let Some((installation, bank)) = two_nodes("standard").await else { return };
    let callers = callers(&installation, &bank);
    let tokens = consented(&installation, &bank).await;
    // The plan allows sixty calls about one citizen in a minute. Fifty at each node are more than that only together.
    let mut refused = [0, 0];
    for n in 0..100 {
        let told = callers[n % 2].call(&tokens.access, "GET", "/v1/consent", None).await;
        if told.status != 200 {
            assert_eq!(told.brief(), (429, "rate_limited"), "{told:?}");
            assert!(told.header("retry-after").parse::<u32>().is_ok(), "{told:?}");
            refused[n % 2] += 1;
        }
    }
    assert!(refused.iter().all(|count| *count > 0), "{refused:?}");
}
