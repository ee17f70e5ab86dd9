//! How long, and by how many, a client is told that a sign-in is over (Back-Channel Logout §2.5 to §2.8).

use super::counter::{Counter, ISSUER, claims};
use super::elsewhere::{change, counter};
use super::logout_server::LogoutServer;
use futures_util::future::join_all;
use madoguchi::adapters::outward::{Outward, Reach};
use madoguchi::domain::Digest;
use madoguchi::issuer::logout::GIVE_UP;
use madoguchi::issuer::{Issuer, IssuerSettings};
use madoguchi::store::Ended;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A counter whose bank is told at the server.
async fn told_at(server: &LogoutServer) -> Counter {
    let mut counter = counter().await;
    counter.issuer = node(&counter, server).await;
    let uri = server.uri("bank");
    change(&counter, "bank", |client| client.profile.logout.backchannel_logout_uri = Some(uri)).await;
    counter
}

/// Another node of the same counter.
async fn node(counter: &Counter, server: &LogoutServer) -> Arc<Issuer> {
    let settings = IssuerSettings {
        public_url: ISSUER.into(),
        outward: Outward::new(server.reach()),
        ..IssuerSettings::default()
    };
    Arc::new(Issuer::open(settings, counter.parts.clone()).await.unwrap())
}

/// The citizen signs in; gives the `sid`.
async fn sign_in(counter: &Counter) -> String {
    claims(&counter.tokens(&counter.bank).await.text("id_token"))["sid"].as_str().unwrap().to_owned()
}

/// The citizen signs out of the one browser; gives how many are to be told.
async fn sign_out(counter: &Counter) -> u64 {
    let ended = Ended { browser: Some(Digest::of("the one browser")), session: None };
    counter.store().end_sign_ins(ended, counter.now()).await.unwrap()
}

#[actix_web::test]
async fn a_client_that_stays_away_is_told_for_a_day_and_no_longer() {
    let server = LogoutServer::start(&[503; 100]);
    let counter = told_at(&server).await;
    sign_in(&counter).await;
    assert_eq!(sign_out(&counter).await, 1);
    let mut tries = 0;
    let end = counter.now().plus(GIVE_UP);
    while counter.now() < end {
        tries += counter.issuer.send_logout_notices().await.unwrap();
        assert_eq!(server.tokens().len(), tries);
        counter.clock.advance(Duration::from_mins(30));
    }
    assert!((20..48).contains(&tries), "{tries}: less and less often");
    for _ in 0..3 {
        tries += counter.issuer.send_logout_notices().await.unwrap();
        counter.clock.advance(Duration::from_hours(2));
    }
    let at_last = tries;
    counter.clock.advance(Duration::from_hours(48));
    assert_eq!(counter.issuer.send_logout_notices().await.unwrap(), 0);
    assert_eq!(server.tokens().len(), at_last);
}

#[actix_web::test]
async fn several_nodes_tell_each_client_once() {
    let server = LogoutServer::start(&[]);
    let counter = told_at(&server).await;
    let nodes = [Arc::clone(&counter.issuer), node(&counter, &server).await];
    let mut sids = BTreeSet::new();
    for _ in 0..5 {
        sids.insert(sign_in(&counter).await);
    }
    assert_eq!(sign_out(&counter).await, 5);
    let rounds = join_all((0..50).map(|n| {
        let node = Arc::clone(&nodes[n % 2]);
        async move { node.send_logout_notices().await.unwrap_or_default() }
    }));
    let told: usize = rounds.await.into_iter().sum();
    assert_eq!(told, 5);
    let heard = server.hears(5).await;
    let heard: BTreeSet<_> = heard.iter().map(|(_, token)| claims(token)["sid"].as_str().unwrap().to_owned()).collect();
    assert_eq!(heard, sids);
}

#[actix_web::test]
async fn an_address_that_must_not_be_called_is_not_called_and_not_tried_again() {
    let server = LogoutServer::start(&[]);
    let mut counter = told_at(&server).await;
    // The operator lets nothing on this machine be reached.
    let outward = Outward::new(Reach { this_machine: false, ..server.reach() });
    let settings = IssuerSettings { public_url: ISSUER.into(), outward, ..IssuerSettings::default() };
    counter.issuer = Arc::new(Issuer::open(settings, counter.parts.clone()).await.unwrap());
    sign_in(&counter).await;
    assert_eq!(sign_out(&counter).await, 1);
    assert_eq!(counter.issuer.send_logout_notices().await.unwrap(), 1);
    counter.clock.advance(Duration::from_hours(2));
    assert_eq!(counter.issuer.send_logout_notices().await.unwrap(), 0);
    assert_eq!(server.tokens(), []);
}

#[actix_web::test]
async fn a_client_that_no_longer_wants_to_know_is_not_told() {
    let server = LogoutServer::start(&[]);
    let counter = told_at(&server).await;
    sign_in(&counter).await;
    assert_eq!(sign_out(&counter).await, 1);
    change(&counter, "bank", |client| client.profile.logout.backchannel_logout_uri = None).await;
    assert_eq!(counter.issuer.send_logout_notices().await.unwrap(), 1);
    assert_eq!(counter.issuer.send_logout_notices().await.unwrap(), 0);
    assert_eq!(server.tokens(), []);
}
