//! Versions and suites (BCP 195, FAPI 2.0 SP §5.2): what is agreed on, and what is refused before anything is read.

use super::serving::{HOST, Serving};
use madoguchi::cli::tls::provider;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

const OWN_TLS: &str = "tls_certificate_file = \"server.pem\"\ntls_key_file = \"server.key\"";

fn serving() -> Serving {
    let key = madoguchi::protocol::jose::Es256Signer::generate().unwrap().0;
    let client = json!([{
        "client_id": "bank", "client_name": "Mihon Bank", "client_name#ja": "見本銀行", "client_class": "bank",
        "corporate_number": "8000000990001", "contacts": ["desk@bank.example"], "phone": "03-0000-0000",
        "redirect_uris": ["https://bank.example/callback"], "scope": "catalog", "jwks": {"keys": [key.public_jwk()]},
    }]);
    Serving::start(OWN_TLS, "accepted = true", &client)
}

#[test]
fn the_suites_are_those_that_were_agreed() {
    let names: Vec<String> = provider().cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
    let expected = [
        "TLS13_AES_256_GCM_SHA384",
        "TLS13_AES_128_GCM_SHA256",
        "TLS13_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ];
    assert_eq!(names, expected);
}

/// Whether a handshake with this one suite comes to an end.
fn agrees(serving: &Serving, suite: rustls::SupportedCipherSuite, version: &'static SupportedProtocolVersion) -> bool {
    let all = rustls::crypto::aws_lc_rs::default_provider();
    let one = CryptoProvider { cipher_suites: vec![suite], ..all };
    let mut roots = RootCertStore::empty();
    roots.add(serving.root()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(one)).with_protocol_versions(&[version]).unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let mut client = ClientConnection::new(Arc::new(config), ServerName::try_from(HOST).unwrap()).unwrap();
    let mut socket = TcpStream::connect(serving.door).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    while client.is_handshaking() {
        if client.complete_io(&mut socket).is_err() {
            return false;
        }
    }
    // TLS 1.3 lets the client finish first: only an answer shows that the server agreed.
    let mut stream = rustls::Stream::new(&mut client, &mut socket);
    let request = format!("GET /livez HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    let mut answer = [0_u8; 12];
    stream.write_all(request.as_bytes()).is_ok() && stream.read_exact(&mut answer).is_ok() && &answer == b"HTTP/1.1 200"
}

#[test]
fn only_the_agreed_suites_are_negotiated() {
    let serving = serving();
    for suite in rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES {
        let name = format!("{:?}", suite.suite());
        let version = if suite.tls13().is_some() { &TLS13 } else { &TLS12 };
        // The server's key is an EC key.
        let expected = provider().cipher_suites.contains(suite) && !name.contains("_RSA_");
        assert_eq!(agrees(&serving, *suite, version), expected, "{name}");
    }
}

/// A ClientHello of `version` with `suites`, as a library of that time would send it.
fn hello(version: [u8; 2], suites: &[[u8; 2]]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let extension = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &sized(body)].concat();
    let name = [&[0][..], &sized(HOST.as_bytes())].concat();
    let extensions = [
        extension(0, &sized(&name)),
        extension(10, &sized(&[0, 23, 0, 24])),
        extension(11, &[1, 0]),
        extension(13, &sized(&[4, 3, 5, 3, 8, 4, 4, 1, 2, 1])),
    ]
    .concat();
    let body = [&version[..], &[7; 32], &[0], &sized(&suites.concat()), &[1, 0], &sized(&extensions)].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let handshake = [&[1], &length[1..], &body].concat();
    [&[22, 3, 1][..], &sized(&handshake)].concat()
}

/// The alert that such a hello is answered with.
fn alert(door: SocketAddr, hello: &[u8]) -> Option<u8> {
    let mut socket = TcpStream::connect(door).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket.write_all(hello).unwrap();
    let mut record = [0_u8; 7];
    socket.read_exact(&mut record).unwrap();
    // RFC 5246 §7.2: type 21, level fatal.
    (record[0] == 21 && record[5] == 2).then_some(record[6])
}

#[test]
fn disallow_tls10_and_tls11_and_weak_suites() {
    const PROTOCOL_VERSION: u8 = 70;
    const HANDSHAKE_FAILURE: u8 = 40;
    let serving = serving();
    let usual = [[0xc0, 0x2b], [0xc0, 0x2f], [0xc0, 0x09], [0xc0, 0x13], [0x00, 0x2f]];
    for version in [[3, 0], [3, 1], [3, 2]] {
        assert_eq!(alert(serving.door, &hello(version, &usual)), Some(PROTOCOL_VERSION), "{version:?}");
    }
    // CBC, RC4, 3DES, RSA key exchange, DHE, ChaCha20 under TLS 1.2, CCM.
    for suite in [
        [0xc0, 0x09],
        [0xc0, 0x13],
        [0xc0, 0x07],
        [0x00, 0x0a],
        [0x00, 0x2f],
        [0x00, 0x9c],
        [0x00, 0x9e],
        [0xcc, 0xa9],
        [0xcc, 0xa8],
        [0xc0, 0xac],
    ] {
        assert_eq!(alert(serving.door, &hello([3, 3], &[suite])), Some(HANDSHAKE_FAILURE), "{suite:02x?}");
    }
    // The same hello with a suite that is agreed is answered by a ServerHello.
    assert_eq!(alert(serving.door, &hello([3, 3], &[[0xc0, 0x2b]])), None);
}
