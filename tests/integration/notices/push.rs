//! Third parties are told that there is a notice: its id and nothing of what it says, and only while the citizen agrees.

use super::{LIST, own_token, town_reaching};
use crate::matrix::stage::grant_of;
use crate::oauth::logout_server::LogoutServer;
use crate::support::calls::Caller;
use serde_json::{Value, json};
use std::time::Duration;

#[actix_web::test]
async fn a_notice_is_told_of_by_its_id_until_it_is_taken_and_not_after_the_consent_ended() {
    let server = LogoutServer::start(&[503]);
    let town = town_reaching(server.reach()).await;
    let own = own_token(&town.installation, &town.inbox, "notices").await;
    let caller = Caller::new(&town.inbox, &town.installation, 0);
    let put = caller.call(&own, "PUT", "/v1/webhook", Some(&json!({"url": server.uri("inbox")}))).await;
    assert_eq!(put.status, 200, "{put:?}");
    let id = town.posted(&town.notice()).await;
    server.posts(1).await;
    town.installation.clock.advance(Duration::from_secs(6));
    let posts = server.posts(2).await;
    for (_, _, body) in &posts {
        let told: Value = serde_json::from_str(body).unwrap();
        let data = json!({"notice": id, "grant_id": grant_of(&town.tokens), "place": 1, "is_looked_into": false});
        assert_eq!((&told["type"], &told["data"]), (&json!("notice.posted"), &data), "and nothing else");
    }
    assert_eq!(server.fields()[0][0], server.fields()[1][0], "it is the same message");
    let on = format!("{LIST}?after=0");
    assert_eq!(town.read("GET", &on).await.body["items"][0]["id"], json!(id), "one cursor for both");
    let events = caller.call(&own, "GET", "/v1/events", None).await.body;
    assert_eq!((&events["events"][0]["notice"], &events["events"][0]["place"]), (&json!(id), &json!(1)), "{events}");

    // Whoever stops hearing before the message goes is not told: the receiver is away until the consent has ended.
    let mut citizen = town.installation.citizen();
    let dashboard = citizen.dashboard(&town.installation.public_url).await.unwrap();
    citizen.revoke_all(&dashboard).await.unwrap();
    town.posted(&town.notice()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(server.posts(2).await.len(), 2);
}

#[actix_web::test]
async fn what_waits_to_be_told_is_not_told_when_the_consent_ended_meanwhile() {
    let server = LogoutServer::start(&[503; 50]);
    let town = town_reaching(server.reach()).await;
    let own = own_token(&town.installation, &town.inbox, "notices").await;
    let caller = Caller::new(&town.inbox, &town.installation, 0);
    let put = caller.call(&own, "PUT", "/v1/webhook", Some(&json!({"url": server.uri("inbox")}))).await;
    assert_eq!(put.status, 200, "{put:?}");
    town.posted(&town.notice()).await;
    server.posts(1).await;
    let mut citizen = town.installation.citizen();
    let dashboard = citizen.dashboard(&town.installation.public_url).await.unwrap();
    citizen.revoke_all(&dashboard).await.unwrap();
    let so_far = server.posts(1).await.len();
    server.answer_well();
    town.installation.clock.advance(Duration::from_mins(1));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(server.posts(1).await.len(), so_far, "it was dropped");
}
