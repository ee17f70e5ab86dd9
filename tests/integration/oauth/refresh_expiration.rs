//! How long a refresh token and the authorization behind it last (draft-ietf-oauth-refresh-token-expiration-03).

use super::counter::{Counter, Party, Reply, with};
use std::time::Duration;

const DAY: u64 = 86_400;

async fn refreshed(counter: &Counter, party: &Party, token: &str) -> Reply {
    counter.token(party, &counter.refreshing(party, token)).await
}

fn lives(reply: &Reply) -> (Option<u64>, Option<u64>) {
    (reply.json["refresh_token_timeout"].as_u64(), reply.json["authorization_expires_in"].as_u64())
}

/// A counter whose bank may go on for two years, and the tokens of a citizen who agreed to that.
async fn for_two_years() -> (Counter, Reply) {
    let counter = Counter::open().await;
    counter.change_bank(|client| client.purposes[0].max_access_days = 730).await;
    let tokens = counter.tokens_for_days(730).await;
    (counter, tokens)
}

#[actix_web::test]
async fn a_timeout_never_exceeds_the_authorization() {
    let counter = Counter::open().await;
    let tokens = counter.tokens(&counter.bank).await;
    assert_eq!(lives(&tokens), (Some(30 * DAY), Some(30 * DAY)));
    counter.clock.advance(Duration::from_secs(10 * DAY));
    let later = refreshed(&counter, &counter.bank, &tokens.text("refresh_token")).await;
    assert_eq!(lives(&later), (Some(20 * DAY), Some(20 * DAY)));
    assert_eq!(tokens.json.get("refresh_token_expires_in"), None);
}

#[actix_web::test]
async fn a_refresh_token_left_unused_is_over_before_its_grant() {
    let (counter, tokens) = for_two_years().await;
    assert_eq!(lives(&tokens), (Some(90 * DAY), Some(730 * DAY)));
    let token = tokens.text("refresh_token");
    counter.clock.advance(Duration::from_secs(90 * DAY - 1));
    let told = counter.introspect(&counter.bank, &token).await;
    assert_eq!(lives(&told), (Some(1), Some(640 * DAY + 1)), "looking is no use");
    counter.clock.advance(Duration::from_secs(1));
    let late = refreshed(&counter, &counter.bank, &token).await;
    assert_eq!(late.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn each_use_begins_the_time_anew_until_the_authorization_is_over() {
    let (counter, tokens) = for_two_years().await;
    let token = tokens.text("refresh_token");
    for n in 1..=12 {
        counter.clock.advance(Duration::from_secs(60 * DAY));
        let reply = refreshed(&counter, &counter.bank, &token).await;
        let left = (730 - n * 60) * DAY;
        assert_eq!(lives(&reply), (Some(left.min(90 * DAY)), Some(left)), "{n}");
    }
    counter.clock.advance(Duration::from_secs(10 * DAY));
    assert_eq!(refreshed(&counter, &counter.bank, &token).await.error(), (400, "invalid_grant"));
}

#[actix_web::test]
async fn what_there_is_no_refresh_token_for_has_no_timeout_and_metadata_tells_the_kinds() {
    let counter = Counter::open().await;
    let pairs = with(counter.authentication(&counter.bank), "grant_type", Some("client_credentials"));
    assert_eq!(lives(&counter.token(&counter.bank, &pairs).await), (None, None));
    let path = "/.well-known/oauth-authorization-server";
    let metadata = counter.send(actix_web::test::TestRequest::get().uri(path)).await;
    let kinds = serde_json::json!(["authorization", "token_timeout"]);
    assert_eq!(metadata.json["refresh_token_expiration_types_supported"], kinds);
}
