//! The second door of an installation: TLS that asks for client certificates, at an address of its own.

use super::certificates::{Authority, Shown, authority, below, named, self_signed};
use madoguchi::cli::server::Door;
use madoguchi::cli::tls::{self, Asks};
use madoguchi::protocol::certificate::{Authorities, CertificateRules};
use rcgen::{KeyPair, SanType};
use reqwest::{Certificate, Client, Identity};
use std::net::TcpListener;

/// What callers of the second door must know.
pub struct Mutual {
    /// Its address.
    pub public_url: String,
    /// Who vouches for the names of clients.
    clients: Authority,
    /// Who vouches for the door's own.
    servers: Authority,
}

impl Mutual {
    /// Opens one on a free port.
    pub fn open() -> (Self, Door) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let servers = authority("試験サーバー認証局");
        let key = KeyPair::generate().unwrap();
        let mut params = named("localhost");
        params.subject_alt_names = vec![SanType::DnsName("localhost".try_into().unwrap())];
        let certificate = params.signed_by(&key, &servers).unwrap();
        let directory = tempfile::tempdir().expect("a temporary directory");
        let [certificate_path, key_path] = ["certificate.pem", "key.pem"].map(|name| directory.path().join(name));
        std::fs::write(&certificate_path, certificate.pem()).unwrap();
        std::fs::write(&key_path, key.serialize_pem()).unwrap();
        let tls = tls::config(&certificate_path, &key_path, Asks::Everybody).expect("a TLS configuration");
        let public_url = format!("https://localhost:{port}");
        let mutual = Self { public_url, clients: authority("試験認証局"), servers };
        (mutual, Door { listener, tls: Some(tls) })
    }

    /// What the installation is told of it.
    pub fn rules(&self) -> CertificateRules {
        let authorities = Authorities::from_pem(self.clients.pem().as_bytes()).expect("an authority");
        CertificateRules { is_offered: true, public_url: Some(self.public_url.clone()), authorities: Some(authorities) }
    }

    /// A certificate of a client that the authority vouches for.
    pub fn vouched(&self, name: &str) -> Shown {
        below(&self.clients, name)
    }

    /// One that a client made for itself.
    pub fn own(name: &str) -> Shown {
        self_signed(name)
    }

    /// An HTTP client that knows the door, and shows this certificate if there is one.
    pub fn http(&self, shown: Option<&Shown>) -> Client {
        let root = Certificate::from_pem(self.servers.pem().as_bytes()).expect("a root");
        let mut builder = Client::builder().redirect(reqwest::redirect::Policy::none()).tls_certs_merge([root]);
        if let Some(shown) = shown {
            let pem = [shown.certificate_pem(), shown.key.serialize_pem()].concat();
            builder = builder.identity(Identity::from_pem(pem.as_bytes()).expect("an identity"));
        }
        builder.build().expect("an HTTP client")
    }
}
