//! Calls go only to a server that proves to be the one that was named (FAPI 2.0 SP §5.2.1-5, RFC 9525).

use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server with this certificate that says `{}` to one caller; gives its port.
fn serve(certificate: &rcgen::Certificate, key: &KeyPair) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = Stream::new(&mut connection, &mut socket);
        let mut heard = [0_u8; 4096];
        if stream.read(&mut heard).is_ok() {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
            stream.conn.send_close_notify();
            drop(stream.flush());
        }
    });
    port
}

async fn is_called(port: u16, authorities: &std::path::Path) -> bool {
    let settings: BackendSettings = serde_json::from_value(serde_json::json!({
        "name": "b", "base_url": format!("https://localhost:{port}/"), "client_id": "c", "key_file": "k", "kid": "k",
        "authorities_file": authorities,
    }))
    .unwrap();
    let client = BackendClient::new(&settings).unwrap();
    let (path, content_type, body) = ("/x", "application/json", Vec::new());
    let answer = client.post(Outgoing { path, content_type, body, token: None, scenario: None }).await;
    match answer {
        Ok(body) => body == b"{}",
        Err(why) => {
            assert_eq!(why, NoAnswer::NotSent, "nothing may have left");
            false
        }
    }
}

#[tokio::test]
async fn only_a_server_of_that_name_by_a_trusted_authority_and_in_force_is_called() {
    let (root, stranger) = (authority("試験認証局"), authority("他所認証局"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authorities.pem");
    std::fs::write(&file, root.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let named = |name: &str| {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        params
    };
    let mut over = named("localhost");
    over.not_after = date_time_ymd(2020, 1, 1);
    let mut early = named("localhost");
    early.not_before = date_time_ymd(2090, 1, 1);
    for (certificate, expected, why) in [
        (named("localhost").signed_by(&key, &root), true, "right"),
        (named("elsewhere.example").signed_by(&key, &root), false, "another name"),
        (over.signed_by(&key, &root), false, "over"),
        (early.signed_by(&key, &root), false, "not begun"),
        (named("localhost").self_signed(&key), false, "self-signed"),
        (named("localhost").signed_by(&key, &stranger), false, "another authority"),
    ] {
        assert_eq!(is_called(serve(&certificate.unwrap(), &key), &file).await, expected, "{why}");
    }
}
