//! RP-Initiated Logout 1.0 and Back-Channel Logout 1.0, as a citizen, a third party and its server go through them.

use super::logout_server::{BYE, Scene, told_in};
use crate::support::played::browser::Browser;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

fn browser() -> Browser {
    Browser::new("en").unwrap()
}

#[actix_web::test]
async fn a_third_party_sends_the_citizen_here_and_the_citizen_signs_out() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let mut citizen = browser();
    let tokens = scene.tokens(&bank, &mut citizen, 0).await;
    scene.dashboard(&mut citizen, 0).await;
    let hint = tokens.id_token.clone().unwrap();
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "a b&c")];
    let page = scene.logout(&mut citizen, &pairs).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.texts("#logout-told li"), ["試験銀行"]);
    assert!(page.texts("#logout-back")[0].contains("bank.example"), "{}", page.text());
    assert!(page.texts("#logout-another").is_empty(), "{}", page.text());
    assert!(!page.html.contains(&hint), "the id_token goes no further");
    // To look is not to sign out: whoever draws a preview of the address ends nothing.
    assert!(scene.dashboard(&mut citizen, 0).await.form_to("/sign-out").is_ok());
    let back = scene.confirm(&mut citizen, &page).await;
    assert_eq!(back.url.as_str(), "https://bank.example/bye?state=a+b%26c");
    let signed_out = citizen.open(&format!("{}/dashboard", scene.url()), "").await.unwrap();
    assert!(signed_out.form_with("pin").is_ok(), "the dashboard asks for a sign-in");

    let [(client, token)] = <[_; 1]>::try_from(scene.server.hears(1).await).unwrap();
    assert_eq!(client, "bank");
    let (told, claims) = (scene.verified(&token).await, told_in(&tokens));
    for name in ["iss", "aud", "sub", "sid"] {
        assert!(told[name].is_string() && told[name] == claims[name], "{name}: {told} {claims}");
    }
    assert_eq!(told["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap() <= 120);
    assert!(told["jti"].is_string() && told.get("nonce").is_none());

    // The same form once more leads the same way and tells nobody.
    let again = scene.confirm(&mut citizen, &page).await;
    assert_eq!(again.url, back.url);
    scene.tokens(&bank, &mut citizen, 0).await;
    let page = scene.logout(&mut citizen, &pairs).await;
    scene.confirm(&mut citizen, &page).await;
    scene.server.hears(2).await;
}

#[actix_web::test]
async fn what_the_client_cannot_take_now_is_told_again_and_a_no_is_a_no() {
    let scene = Scene::open(&[503, 429, 200, 400]).await;
    let bank = scene.told("bank").await;
    let mut citizen = browser();
    let mut sids = Vec::new();
    for attempts in [1..=3, 4..=4, 5..=5] {
        let tokens = scene.tokens(&bank, &mut citizen, 0).await;
        sids.push(told_in(&tokens)["sid"].clone());
        let page = scene.logout(&mut citizen, &[]).await;
        let home = scene.confirm(&mut citizen, &page).await;
        assert_eq!(home.texts("[role=status]"), ["You are signed out."]);
        for attempt in attempts {
            let tokens = scene.server.hears(attempt).await;
            // Each time it is a new token: the one before may be over.
            let ids: BTreeSet<_> = tokens.iter().map(|(_, token)| token).collect();
            assert_eq!(ids.len(), tokens.len());
            assert_eq!(scene.verified(&tokens[attempt - 1].1).await["sid"], sids[sids.len() - 1]);
            // The pauses between tries: 5 seconds, then 10. Longer ones would make the third party's own clock wrong.
            scene.installation.clock.advance(Duration::from_secs(if attempt == 2 { 10 } else { 5 }));
        }
    }
}

#[actix_web::test]
async fn a_request_that_is_not_in_order_stays_here_and_ends_nothing() {
    let scene = Scene::open(&[]).await;
    let (bank, shop) = (scene.told("bank").await, scene.told("shop").await);
    scene.change("shop", |client| client.profile.logout.post_logout_redirect_uris.clear()).await;
    let mut citizen = browser();
    let hint = scene.tokens(&bank, &mut citizen, 0).await.id_token.unwrap();
    let access = scene.tokens(&bank, &mut citizen, 0).await.access;
    let cases: [(&[(&str, &str)], &str); 12] = [
        (&[("post_logout_redirect_uri", BYE)], "post_logout_redirect_uri"),
        (
            &[("client_id", "bank"), ("post_logout_redirect_uri", "https://bank.example/bye/")],
            "post_logout_redirect_uri",
        ),
        (&[("client_id", "bank"), ("post_logout_redirect_uri", "https://evil.example/")], "post_logout_redirect_uri"),
        (&[("client_id", "bank"), ("post_logout_redirect_uri", "//evil.example")], "post_logout_redirect_uri"),
        (&[("client_id", "shop"), ("post_logout_redirect_uri", BYE)], "post_logout_redirect_uri"),
        (&[("id_token_hint", &hint), ("post_logout_redirect_uri", "javascript:alert(1)")], "post_logout_redirect_uri"),
        (&[("id_token_hint", &hint), ("client_id", "shop"), ("post_logout_redirect_uri", BYE)], "client_id"),
        (&[("client_id", "nobody"), ("post_logout_redirect_uri", BYE)], "client_id"),
        (&[("client_id", "<script>")], "client_id"),
        (&[("id_token_hint", "nonsense"), ("client_id", "bank"), ("post_logout_redirect_uri", BYE)], "id_token_hint"),
        (&[("id_token_hint", &access)], "id_token_hint"),
        (&[("id_token_hint", "a.b.c.d.e")], "id_token_hint"),
    ];
    for (pairs, name) in cases {
        let page = scene.logout(&mut citizen, pairs).await;
        assert_eq!((page.status, page.url.path()), (400, "/oauth/logout"), "{pairs:?}");
        let detail = page.texts("#failure-detail");
        assert!(detail[0].starts_with(&format!("{name}:")), "{pairs:?}: {detail:?}");
        assert!(!page.html.contains("evil.example") && !page.html.contains("<script"), "{pairs:?}");
    }
    let twice = format!("{}/oauth/logout?client_id=bank&client_id=shop", scene.url());
    assert_eq!(citizen.open(&twice, "").await.unwrap().status, 400);
    scene.change("shop", |client| client.status = madoguchi::domain::client::ClientStatus::Suspended).await;
    let page = scene.logout(&mut citizen, &[("client_id", "shop")]).await;
    assert_eq!(page.status, 400);
    // Both sign-ins stand.
    let page = scene.logout(&mut citizen, &[("id_token_hint", &hint)]).await;
    assert_eq!(page.texts("#logout-told li").len(), 1);
    assert_eq!(scene.server.tokens(), []);
    drop(shop);
}

#[actix_web::test]
async fn where_nobody_is_signed_in_the_way_back_is_taken_at_once() {
    let scene = Scene::open(&[]).await;
    scene.told("bank").await;
    let pairs = [("client_id", "bank"), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let back = scene.logout(&mut browser(), &pairs).await;
    assert_eq!(back.url.as_str(), "https://bank.example/bye?state=s");
    let home = scene.logout(&mut browser(), &[("ui_locales", "ja"), ("logout_hint", "somebody")]).await;
    assert_eq!((home.status, home.url.path()), (200, "/"));
}

#[actix_web::test]
async fn a_posted_request_is_asked_about_on_our_page_without_its_token() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let mut citizen = browser();
    let hint = scene.tokens(&bank, &mut citizen, 0).await.id_token.unwrap();
    // From the third party's page: our cookies do not come with it.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "s"), ("ui_locales", "ja")];
    let body = serde_urlencoded::to_string(form).unwrap();
    let posted = http.post(format!("{}/oauth/logout", scene.url()));
    let posted =
        posted.header("content-type", "application/x-www-form-urlencoded").header("origin", "https://bank.example");
    let posted = posted.header("sec-fetch-site", "cross-site").body(body).send().await.unwrap();
    let location = posted.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(posted.status(), 303);
    assert!(
        location.starts_with("/oauth/logout?ui_locales=ja&client_id=bank&") && !location.contains(&hint),
        "{location}"
    );
    assert!(posted.headers().get("access-control-allow-origin").is_none());
    let page = citizen.open(&format!("{}{location}", scene.url()), "").await.unwrap();
    assert_eq!((page.status, page.texts("#logout")), (200, vec!["サインアウトする".to_owned()]));
    assert_eq!(scene.server.tokens(), []);
    let back = scene.confirm(&mut citizen, &page).await;
    assert_eq!(back.url.as_str(), "https://bank.example/bye?state=s");
    scene.server.hears(1).await;
}

#[actix_web::test]
async fn a_form_that_is_not_this_browsers_own_ends_nothing() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let (mut citizen, mut other) = (browser(), browser());
    scene.tokens(&bank, &mut citizen, 0).await;
    scene.tokens(&bank, &mut other, 1).await;
    let page = scene.logout(&mut citizen, &[]).await;
    let theirs = scene.logout(&mut other, &[]).await.form_to("/oauth/logout/confirm").unwrap();
    for token in [String::new(), "AAAA".to_owned(), theirs.fields[0].1.clone()] {
        let mut form = page.form_to("/oauth/logout/confirm").unwrap();
        form.set("token", &token);
        assert_eq!(citizen.submit(&page, &form, "").await.unwrap().status, 403, "{token}");
    }
    // Not even with its token is another address gone to, nor does a GET do what the button does.
    let mut form = page.form_to("/oauth/logout/confirm").unwrap();
    form.set("client_id", "bank");
    form.set("post_logout_redirect_uri", "https://evil.example/");
    assert_eq!(citizen.submit(&page, &form, "").await.unwrap().status, 400);
    let address = format!("{}/oauth/logout/confirm?token={}", scene.url(), form.fields[0].1);
    assert_eq!(citizen.open(&address, "").await.unwrap().status, 405);
    assert_eq!(scene.logout(&mut citizen, &[]).await.texts("#logout-told li").len(), 1);
    assert_eq!(scene.server.tokens(), []);
}

#[actix_web::test]
async fn one_browser_signs_out_and_another_stays_signed_in() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let (mut here, mut there) = (browser(), browser());
    let first = scene.tokens(&bank, &mut here, 0).await;
    let second = scene.tokens(&bank, &mut there, 0).await;
    assert_eq!(first.subject, second.subject);
    assert_ne!(told_in(&first)["sid"], told_in(&second)["sid"]);
    let page = scene.logout(&mut here, &[]).await;
    scene.confirm(&mut here, &page).await;
    let [(_, token)] = <[_; 1]>::try_from(scene.server.hears(1).await).unwrap();
    assert_eq!(scene.verified(&token).await["sid"], told_in(&first)["sid"]);
    assert_eq!(scene.logout(&mut there, &[]).await.texts("#logout-told li").len(), 1);
    // Of another person's id_token the page says so, and the citizen decides about themselves.
    let stranger = scene.tokens(&bank, &mut browser(), 1).await.id_token.unwrap();
    let page = scene.logout(&mut there, &[("id_token_hint", &stranger)]).await;
    assert_eq!(page.texts("#logout-another").len(), 1, "{}", page.text());
    assert!(!page.html.contains(&second.subject.unwrap()), "nobody is named");
}

#[actix_web::test]
async fn two_clients_are_told_by_names_that_they_cannot_compare() {
    let scene = Scene::open(&[]).await;
    let (bank, shop) = (scene.told("bank").await, scene.told("shop").await);
    let silent = scene.told("silent").await;
    scene.change("silent", |client| client.profile.logout.backchannel_logout_uri = None).await;
    let mut citizen = browser();
    let mut told = Vec::new();
    for party in [&bank, &shop, &silent] {
        told.push(told_in(&scene.tokens(party, &mut citizen, 0).await));
    }
    assert!(told[0]["sid"] != told[1]["sid"] && told[0]["sub"] != told[1]["sub"], "{told:?}");
    assert_eq!(told[2].get("sid"), None, "who is not told needs no name for it");
    let page = scene.dashboard(&mut citizen, 0).await;
    let form = page.form_to("/sign-out").unwrap();
    citizen.submit(&page, &form, "").await.unwrap();
    let heard = scene.server.hears(2).await;
    for (client, token) in heard {
        let claims = scene.verified(&token).await;
        let own = told.iter().find(|own| own["aud"] == json!(client)).unwrap();
        assert!(["aud", "sub", "sid"].iter().all(|name| claims[name] == own[name]), "{claims} {own}");
    }
}

#[actix_web::test]
async fn revoking_everything_tells_clients_too() {
    let scene = Scene::open(&[]).await;
    let (bank, shop) = (scene.told("bank").await, scene.told("shop").await);
    let mut citizen = browser();
    for party in [&bank, &shop] {
        scene.tokens(party, &mut citizen, 0).await;
    }
    scene.tokens(&bank, &mut browser(), 1).await;
    let page = scene.dashboard(&mut citizen, 0).await;
    let confirm = citizen.submit(&page, &page.form_to("/dashboard/revoke-all").unwrap(), "").await.unwrap();
    citizen.submit(&confirm, &confirm.form_to("/dashboard/revoke-all").unwrap(), "").await.unwrap();
    let heard = scene.server.hears(2).await;
    let clients: BTreeSet<_> = heard.iter().map(|(client, _)| client.as_str()).collect();
    assert_eq!(clients, BTreeSet::from(["bank", "shop"]));
}

#[actix_web::test]
async fn a_code_that_is_used_after_the_sign_out_opens_nothing() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let mut citizen = browser();
    let (pending, answer) = scene.agree(&bank, &mut citizen, 0).await;
    let page = scene.logout(&mut citizen, &[]).await;
    scene.confirm(&mut citizen, &page).await;
    let refused = bank.exchange(pending, &answer).await.err().unwrap();
    assert!(format!("{refused:#}").contains("invalid_grant"), "{refused:#}");
    let dashboard = scene.dashboard(&mut citizen, 0).await;
    assert!(dashboard.texts("article.grant.is-over").len() == 1, "nothing stands as if somebody had it");
}

#[actix_web::test]
async fn the_page_is_sent_safely_and_whole_in_both_languages() {
    let scene = Scene::open(&[]).await;
    let bank = scene.told("bank").await;
    let mut citizen = browser();
    scene.tokens(&bank, &mut citizen, 0).await;
    for (lang, heading) in [("en", "Sign out of the counter?"), ("ja", "窓口からサインアウトしますか")] {
        let pairs = [("client_id", "bank"), ("post_logout_redirect_uri", BYE), ("lang", lang)];
        let page = scene.logout(&mut citizen, &pairs).await;
        assert_eq!((page.texts("html[lang] h1"), page.texts("script").len()), (vec![heading.to_owned()], 0));
        for selector in ["form input:not([id])", "button:not([id])", "[src^='http']", "link[href^='http']"] {
            assert!(page.texts(selector).is_empty(), "{selector}");
        }
        let switch = page.html.split("hreflang=").count();
        assert_eq!(switch, 2, "a way to the other language");
    }
}
