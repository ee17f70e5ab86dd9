//! Keys at an address of the client's own (RFC 7591 §2, FAPI 2.0 SP §5.4.2): over TLS that is checked, within bounds,
//! kept for a while, and asked for again at a limited rate.

use super::counter::{Counter, ISSUER, Party, Reply};
use actix_web::{App, HttpResponse, HttpServer, web};
use madoguchi::adapters::outward::{Outward, Reach};
use madoguchi::cli::install_cryptography;
use madoguchi::issuer::{Issuer, IssuerSettings};
use madoguchi::protocol::jose::Es256Signer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a busy machine may take: only the test of the deadline itself has a shorter one.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a client's server answers at each path, and how often it was asked.
#[derive(Default)]
struct Served {
    keys: Mutex<String>,
    asked: AtomicUsize,
}

/// A client's server over TLS, and the authority that its certificate is by.
struct KeyServer {
    served: Arc<Served>,
    port: u16,
    authority: Vec<u8>,
}

/// A server whose certificate names `name`.
fn serve(name: &str) -> KeyServer {
    install_cryptography();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let tls = rustls::ServerConfig::builder().with_no_client_auth();
    let tls = tls.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let served = Arc::new(Served::default());
    let data = web::Data::from(Arc::clone(&served));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/jwks", web::get().to(keys))
            .route(
                "/moved",
                web::get().to(|| async { HttpResponse::Found().insert_header(("Location", "/jwks")).finish() }),
            )
            .route("/gone", web::get().to(|| async { HttpResponse::NotFound().finish() }))
            .route("/large", web::get().to(|| async { HttpResponse::Ok().body(" ".repeat(100_000)) }))
            .route(
                "/slow",
                web::get().to(|| async {
                    tokio::time::sleep(Duration::from_mins(1)).await;
                    HttpResponse::Ok().finish()
                }),
            )
    });
    let server = server.workers(1).disable_signals().bind_rustls_0_23(("127.0.0.1", 0), tls).unwrap();
    let port = server.addrs()[0].port();
    actix_web::rt::spawn(server.run());
    KeyServer { served, port, authority: authority.der().to_vec() }
}

async fn keys(served: web::Data<Served>) -> HttpResponse {
    served.asked.fetch_add(1, Ordering::SeqCst);
    HttpResponse::Ok().content_type("application/jwk-set+json").body(served.keys.lock().unwrap().clone())
}

impl KeyServer {
    fn publish(&self, keys: &[&Es256Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public_jwk()).collect();
        *self.served.keys.lock().unwrap() = json!({ "keys": keys }).to_string();
    }

    fn asked(&self) -> usize {
        self.served.asked.load(Ordering::SeqCst)
    }

    fn uri(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }
}

/// A counter that may call this machine and trusts the server's authority; the bank's keys are at `path`.
async fn counter(server: &KeyServer, path: &str) -> Counter {
    let authorities = vec![server.authority.clone()];
    reaching(Reach { this_machine: true, authorities, deadline: Some(PATIENCE) }, &server.uri(path)).await
}

async fn reaching(reach: Reach, uri: &str) -> Counter {
    install_cryptography();
    let mut counter = Counter::open().await;
    let outward = Outward::new(reach);
    let settings = IssuerSettings { public_url: ISSUER.into(), outward, ..IssuerSettings::default() };
    counter.issuer = Arc::new(Issuer::open(settings, counter.parts.clone()).await.unwrap());
    let uri = uri.to_owned();
    counter
        .change_bank(|bank| {
            bank.jwks = json!({"keys": []});
            bank.profile.jwks_uri = Some(uri);
        })
        .await;
    counter
}

async fn push(counter: &Counter, party: &Party) -> Reply {
    counter.post("/oauth/par", &counter.pushed(party), None).await
}

fn with_key(key: Es256Signer) -> Party {
    Party { id: "bank", key, dpop: Es256Signer::generate().unwrap().0 }
}

#[actix_web::test]
async fn keys_are_fetched_once_and_kept() {
    let server = serve("localhost");
    let counter = counter(&server, "/jwks").await;
    server.publish(&[&counter.bank.key]);
    for _ in 0..3 {
        assert_eq!(push(&counter, &counter.bank).await.status, 201);
        counter.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(server.asked(), 1);
    counter.clock.advance(Duration::from_mins(10));
    assert_eq!(push(&counter, &counter.bank).await.status, 201);
    assert_eq!(server.asked(), 2);
}

#[actix_web::test]
async fn fifty_callers_fetch_once() {
    let server = serve("localhost");
    let counter = counter(&server, "/jwks").await;
    server.publish(&[&counter.bank.key]);
    let replies = futures_util::future::join_all((0..50).map(|_| push(&counter, &counter.bank))).await;
    // A database in the network may ask some of so many at once to come again; nobody is told anything else.
    assert!(replies.iter().all(|reply| matches!(reply.status, 201 | 503)), "{replies:?}");
    for _ in replies.iter().filter(|reply| reply.status == 503) {
        assert_eq!(push(&counter, &counter.bank).await.status, 201);
    }
    assert_eq!(server.asked(), 1);
}

#[actix_web::test]
async fn a_new_key_is_found_at_once_but_strangers_cannot_make_us_ask_often() {
    let server = serve("localhost");
    let counter = counter(&server, "/jwks").await;
    server.publish(&[&counter.bank.key]);
    assert_eq!(push(&counter, &counter.bank).await.status, 201);
    counter.clock.advance(Duration::from_secs(31));
    let next = with_key(Es256Signer::generate().unwrap().0);
    server.publish(&[&counter.bank.key, &next.key]);
    assert_eq!(push(&counter, &next).await.status, 201, "a rotation takes no waiting");
    assert_eq!(server.asked(), 2);
    for _ in 0..20 {
        let stranger = with_key(Es256Signer::generate().unwrap().0);
        assert_eq!(push(&counter, &stranger).await.error(), (401, "invalid_client"));
    }
    assert_eq!(server.asked(), 2);
    counter.clock.advance(Duration::from_secs(31));
    let stranger = with_key(Es256Signer::generate().unwrap().0);
    assert_eq!(push(&counter, &stranger).await.error(), (401, "invalid_client"));
    assert_eq!(server.asked(), 3);
}

#[actix_web::test]
async fn a_key_that_was_taken_out_is_refused_when_the_set_is_read_again() {
    let server = serve("localhost");
    let counter = counter(&server, "/jwks").await;
    server.publish(&[&counter.bank.key]);
    assert_eq!(push(&counter, &counter.bank).await.status, 201);
    let next = with_key(Es256Signer::generate().unwrap().0);
    server.publish(&[&next.key]);
    counter.clock.advance(Duration::from_mins(11));
    assert_eq!(push(&counter, &counter.bank).await.error(), (401, "invalid_client"));
    assert_eq!(push(&counter, &next).await.status, 201);
}

#[actix_web::test]
async fn a_server_that_is_away_for_a_while_keeps_nobody_out() {
    let server = serve("localhost");
    let counter = counter(&server, "/jwks").await;
    server.publish(&[&counter.bank.key]);
    assert_eq!(push(&counter, &counter.bank).await.status, 201);
    *server.served.keys.lock().unwrap() = "no longer JSON".into();
    counter.clock.advance(Duration::from_mins(30));
    assert_eq!(push(&counter, &counter.bank).await.status, 201);
    counter.clock.advance(Duration::from_mins(31));
    assert_eq!(push(&counter, &counter.bank).await.error(), (401, "invalid_client"));
}

#[actix_web::test]
async fn whatever_is_there_instead_of_keys_is_refused() {
    let server = serve("localhost");
    for (path, words) in [("/moved", "302"), ("/gone", "404"), ("/large", "65536"), ("/jwks", "JSON")] {
        let counter = counter(&server, path).await;
        let reply = push(&counter, &counter.bank).await;
        assert_eq!(reply.error(), (401, "invalid_client"), "{path}");
        assert!(reply.text("error_description").contains(words), "{path}: {reply:?}");
    }
    assert_eq!(server.asked(), 1, "a redirect was followed");
    let counter = counter(&server, "/jwks").await;
    for wrong in [r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "[]", ""] {
        *server.served.keys.lock().unwrap() = wrong.to_owned();
        assert_eq!(push(&counter, &counter.bank).await.error(), (401, "invalid_client"), "{wrong}");
        counter.clock.advance(Duration::from_secs(31));
    }
}

/// FAPI 2.0 SP §5.2.1-5 (RFC 9525): the certificate must be for the name, and by an authority that is trusted.
#[actix_web::test]
async fn the_servers_certificate_is_checked() {
    let other_name = serve("other.example");
    let bank_at = counter(&other_name, "/jwks").await;
    other_name.publish(&[&bank_at.bank.key]);
    assert_eq!(push(&bank_at, &bank_at.bank).await.error(), (401, "invalid_client"));
    let right = serve("localhost");
    let unknown_authority = reaching(Reach { this_machine: true, ..Reach::default() }, &right.uri("/jwks")).await;
    right.publish(&[&unknown_authority.bank.key]);
    assert_eq!(push(&unknown_authority, &unknown_authority.bank).await.error(), (401, "invalid_client"));
    assert_eq!(other_name.asked() + right.asked(), 0);
}

/// Server-side request forgery: neither an address nor a name may lead into our own network.
#[actix_web::test]
async fn nothing_on_this_machine_or_a_private_network_is_called() {
    let server = serve("localhost");
    let authorities = vec![server.authority.clone()];
    let at = |host: &str| format!("https://{host}:{}/jwks", server.port);
    for uri in [at("localhost"), at("127.0.0.1"), at("[::1]"), at("[::ffff:127.0.0.1]"), "https://10.0.0.1/".into()] {
        let counter = reaching(Reach { authorities: authorities.clone(), ..Reach::default() }, &uri).await;
        let reply = push(&counter, &counter.bank).await;
        assert_eq!(reply.error(), (401, "invalid_client"), "{uri}");
        assert!(reply.text("error_description").contains("not public"), "{uri}: {reply:?}");
    }
    assert_eq!(server.asked(), 0);
}

#[actix_web::test]
async fn a_server_that_never_answers_is_not_waited_for() {
    let server = serve("localhost");
    let authorities = vec![server.authority.clone()];
    let deadline = Some(Duration::from_millis(200));
    let counter = reaching(Reach { this_machine: true, authorities, deadline }, &server.uri("/slow")).await;
    assert_eq!(push(&counter, &counter.bank).await.error(), (401, "invalid_client"));
}
