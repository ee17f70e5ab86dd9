//! Servers that go away mid-flight: what is documented is answered, nothing acknowledged is lost, and it all comes back.
//!
//! A database or a Redis can be cut off only where there is one: on the embedded pair those tests end at once; `tests/run`
//! names servers in its second round. The backend is cut off in both.

mod backend;
mod database;
mod hot_state;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::client::ClientClass;
use std::time::Duration;

/// One gateway with a bank.
async fn one_node() -> (Installation, ThirdParty) {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "measurement").await;
    (installation, bank)
}

/// Asks again until the answer has this status; every other answer until then must be a 503 as documented.
async fn recovers<F: Future<Output = Told>>(wanted: u16, within: Duration, mut ask: impl FnMut() -> F) -> Told {
    let asking = async {
        loop {
            let told = ask().await;
            if told.status == wanted {
                return told;
            }
            told.assert_unavailable();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(within, asking).await.expect("it comes back by itself")
}

/// A refresh.
async fn refresh(caller: &Caller<'_>, tokens: &Tokens) -> Told {
    let refresh = tokens.refresh.as_deref().unwrap();
    caller.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
}

/// The path of a job just made.
fn job_path(made: &Told) -> String {
    let location = made.header("location");
    assert!(!location.is_empty(), "{made:?}");
    url::Url::parse("http://localhost").unwrap().join(location).unwrap().path().to_owned()
}
