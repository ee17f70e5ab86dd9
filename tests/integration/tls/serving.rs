//! The real binary, serving by a configuration with certificates of a made-up authority.

use crate::support::certificates::{Authority, Shown, authority, named};
use crate::support::child::Ears;
use rcgen::{KeyPair, SanType};
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_madoguchi");
/// Where everybody finds it, but for the port.
pub const HOST: &str = "madoguchi.example";
/// Where clients with certificates find it.
pub const MTLS_HOST: &str = "mtls.madoguchi.example";

/// A running `madoguchi serve`.
pub struct Serving {
    child: Child,
    _ears: Ears,
    authority: Authority,
    /// Where it listens.
    pub door: SocketAddr,
    /// Where it listens to clients with certificates, when that is a door of its own.
    pub second: Option<SocketAddr>,
    _directory: tempfile::TempDir,
}

impl Serving {
    /// Registers `clients` and serves. `server` stands in the section of that name; `certificates` in its own.
    pub fn start(server: &str, certificates: &str, clients: &Value) -> Self {
        crate::support::played::install_crypto();
        let directory = tempfile::tempdir().unwrap();
        let authority = authority("試験サーバ認証局");
        write_files(directory.path(), &authority, server, certificates);
        std::fs::write(directory.path().join("clients.json"), clients.to_string()).unwrap();
        let output = command(directory.path(), &["clients", "import", "clients.json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut serve = command(directory.path(), &["serve"]);
        let mut child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let opened = log.by_ref().lines().map(Result::unwrap).find(|line| line.contains("the counter is open"));
        let opened = opened.expect("it opens");
        let mut ears = Ears::default();
        ears.go_on(log, None);
        let told: Value = serde_json::from_str(&opened).unwrap_or_default();
        let place = |name: &str| told[name].as_str().and_then(|text| text.parse().ok());
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (door, second) = (place("address").unwrap_or(nowhere), place("certificates.address"));
        // Made before anything is asserted, so that it ends with the test however that ends.
        let serving = Self { _ears: ears, child, authority, door, second, _directory: directory };
        assert_ne!(serving.door, nowhere, "it does not say where it listens: {opened}");
        serving
    }

    /// A client that trusts the server's authority only; with a certificate of its own, or none.
    pub fn client(&self, shown: Option<&Shown>) -> ClientBuilder {
        let root = Certificate::from_pem(self.authority.pem().as_bytes()).unwrap();
        let client = Client::builder().no_proxy().tls_certs_only([root]).resolve(HOST, self.door);
        let client = client.resolve(MTLS_HOST, self.second.unwrap_or(self.door));
        match shown {
            Some(shown) => client.identity(Identity::from_pem(shown.pem().as_bytes()).unwrap()),
            None => client,
        }
    }

    /// The address of `path`.
    pub fn at(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.door.port())
    }

    /// The address of `path` for clients with certificates.
    pub fn at_second(&self, path: &str) -> String {
        format!("https://{MTLS_HOST}:{}{path}", self.second.unwrap_or(self.door).port())
    }

    /// The server's authority, as TLS libraries take it.
    pub fn root(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.authority.der().clone()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).args(["--config", "madoguchi.toml"]).current_dir(directory);
    command
}

fn write_files(directory: &Path, authority: &Authority, server: &str, certificates: &str) {
    let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
    write("master.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    madoguchi::cli::dev::Directory::open(directory).unwrap().gateway_key().unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = named("server");
    for host in [HOST, MTLS_HOST] {
        params.subject_alt_names.push(SanType::DnsName(host.try_into().unwrap()));
    }
    write("server.pem", &params.signed_by(&key, authority).unwrap().pem());
    write("server.key", &key.serialize_pem());
    let backend = |name: &str| {
        format!(
            "[[backends]]\nname = \"{name}\"\nbase_url = \"https://portal.example/if001\"\n\
             client_id = \"SP12345678_AB1234\"\nkey_file = \"gateway-key.pem\"\nkid = \"k1\"\n"
        )
    };
    let text = format!(
        "[server]\npublic_url = \"https://{HOST}\"\nlisten = \"127.0.0.1:0\"\nworkers = 1\n{server}\n\
         [client_certificates]\n{certificates}\n[store]\nurl = \"sqlite:madoguchi.db\"\n[hot]\nurl = \"memory:\"\n\
         [keys]\nmaster_key_file = \"master.key\"\n[policies]\ndirectory = \"{}\"\n[identity]\n\
         issuer = \"https://idp.example/realms/main\"\nclient_id = \"madoguchigateway\"\nkey_id = \"k1\"\n\
         private_key_file = \"gateway-key.pem\"\n{}{}",
        Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").display(),
        backend("myna-portal"),
        backend("health-insurance"),
    );
    write("madoguchi.toml", &text);
}
