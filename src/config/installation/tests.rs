//! The configuration: what reads, what does not, and that every fault is told at once.

use super::super::example;
use super::*;

const GOOD: &str = r#"
[server]
public_url = "https://madoguchi.example"
behind_tls_proxy = true
trusted_proxies = ["10.0.0.1"]
[store]
url = "sqlite:/tmp/x.db"
[hot]
url = "memory:"
[keys]
master_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
[identity]
issuer = "https://idp.example/realms/main"
client_id = "madoguchigateway"
key_id = "k1"
private_key = "pem"
[[backends]]
name = "myna-portal"
base_url = "https://portal.example/if001"
client_id = "SP12345678_AB1234"
key_file = "portal.pem"
kid = "k1"
"#;

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let variables: Vec<_> = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let faults = |faults: ConfigFaults| faults.0.into_iter().map(|fault| fault.key).collect();
    Config::parse(text, &variables, Path::new("/etc/madoguchi")).map_err(faults)
}

#[test]
fn a_good_file_reads_with_its_defaults() {
    let config = parse(GOOD, &[]).unwrap();
    assert_eq!(config.server.listen.port(), 8443);
    assert_eq!(config.server.listener, Listener::BehindProxy);
    assert_eq!(config.policies, Path::new("/etc/madoguchi/policies"));
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn the_environment_lies_over_the_file() {
    let variables = [
        ("MADOGUCHI_SERVER_LISTEN", "127.0.0.1:9000"),
        ("MADOGUCHI_SERVER_TRUSTED_PROXIES", "10.0.0.2, 10.1.0.0/16"),
        ("MADOGUCHI_SERVER_WORKERS", "3"),
    ];
    let config = parse(GOOD, &variables).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.server.workers, 3);
}

#[test]
fn a_provider_in_the_clear_is_taken_on_this_machine_and_in_a_sandbox_only() {
    for (issuer, environment, is_good) in [
        ("http://localhost:8090/idp/api/realms/main", "sandbox", true),
        ("http://127.0.0.1:8090/idp/api/realms/main", "sandbox", true),
        ("http://localhost:8090/idp/api/realms/main", "production", false),
        ("http://idp.example/realms/main", "sandbox", false),
        ("https://idp.example/realms/main", "sandbox", true),
    ] {
        let variables = [("MADOGUCHI_IDENTITY_ISSUER", issuer), ("MADOGUCHI_SERVER_ENVIRONMENT", environment)];
        let read = parse(GOOD, &variables);
        assert_eq!(read.is_ok(), is_good, "{issuer} {environment}");
    }
    assert_eq!(parse(GOOD, &[("MADOGUCHI_SERVER_ENVIRONMENT", "test")]).unwrap_err(), ["server.environment"]);
}

#[test]
fn every_fault_is_told_at_once() {
    let told =
        parse("[server]\npublic_ur = 'https://x.example'\n[stores]\n", &[("MADOGUCHI_NO_SUCH", "1")]).unwrap_err();
    for key in [
        "MADOGUCHI_NO_SUCH",
        "server.public_ur",
        "server.public_url",
        "server",
        "store.url",
        "hot.url",
        "keys.master_key",
        "identity.issuer",
        "identity.client_id",
        "identity.key_id",
        "identity.private_key",
        "backends",
    ] {
        assert!(told.iter().any(|t| t == key), "{key} is not told in {told:?}");
    }
}

#[test]
fn each_bad_value_is_told_by_its_key() {
    for (from, to, key) in [
        ("https://madoguchi.example", "http://madoguchi.example", "server.public_url"),
        ("https://madoguchi.example", "https://madoguchi.example/x", "server.public_url"),
        ("https://madoguchi.example", "madoguchi", "server.public_url"),
        ("https://idp.example", "http://idp.example", "identity.issuer"),
        ("behind_tls_proxy = true", "", "server"),
        ("behind_tls_proxy = true", "behind_tls_proxy = 'maybe'", "server.behind_tls_proxy"),
        ("behind_tls_proxy = true", "behind_tls_proxy = true\ntls_key_file = 'k'", "server.behind_tls_proxy"),
        ("10.0.0.1", "ten", "server.trusted_proxies"),
        ("sqlite:/tmp/x.db", "mysql://x", "store.url"),
        ("memory:", "", "hot.url"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAA", "keys.master_key"),
        ("private_key = ", "private_key_file = 'y'\nprivate_key = ", "identity.private_key"),
        ("private_key = ", "private_key_file = ", "identity.private_key_file"),
        ("[[backends]]", "[log]\nformat = 'xml'\n[[backends]]", "log.format"),
        ("kid = \"k1\"", "kid = \"k1\"\nport = 1", "backends[0]"),
        ("https://portal.example", "http://portal.example", "backends[0]"),
        ("[server]", "[server", "the file"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let told = parse(&GOOD.replacen(from, to, 1), &[]).unwrap_err();
        assert!(told.iter().any(|t| t == key), "{to}: {key} is not told in {told:?}");
    }
}

#[test]
fn a_fault_never_repeats_a_secret() {
    let text = GOOD.replace("sqlite:/tmp/x.db", "mysql://user:hunter2@db");
    let faults = Config::parse(&text, &[], Path::new(".")).unwrap_err();
    assert!(!faults.to_string().contains("hunter2"));
}

#[test]
fn the_example_lacks_nothing_but_its_files() {
    let text = example().replace("# behind_tls_proxy = false", "behind_tls_proxy = true");
    let told = parse(&text, &[]).unwrap_err();
    assert!(told.iter().all(|key| key.ends_with("_file")), "{told:?}");
}

#[test]
fn certificates_are_accepted_only_where_somebody_can_ask_for_them() {
    let with = |section: &str| parse(&format!("{GOOD}[client_certificates]\n{section}\n"), &[]);
    assert_eq!(parse(GOOD, &[]).unwrap().client_certificates, None);
    let right = with("accepted = true\nproxy_field = 'Client-Cert'\npublic_url = 'https://mtls.example'").unwrap();
    assert_eq!(right.client_certificates.unwrap().proxy_field.as_deref(), Some("Client-Cert"));
    for (section, key) in [
        ("accepted = 'maybe'", "client_certificates.accepted"),
        ("proxy_field = 'Client-Cert'", "client_certificates.accepted"),
        ("accepted = true", "client_certificates.proxy_field"),
        ("accepted = true\nproxy_field = 'Authorization'", "client_certificates.proxy_field"),
        ("accepted = true\nproxy_field = 'a b'", "client_certificates.proxy_field"),
        (
            "accepted = true\nproxy_field = 'Client-Cert'\npublic_url = 'http://m.example'",
            "client_certificates.public_url",
        ),
        ("accepted = true\nproxy_field = 'Client-Cert'\nlisten = '0.0.0.0:1'", "client_certificates.listen"),
        ("accepted = true\nproxy_field = 'Client-Cert'\nlisten = 'x'", "client_certificates.listen"),
    ] {
        let told = with(section).unwrap_err();
        assert!(told.iter().any(|t| t == key), "{section}: {key} is not told in {told:?}");
    }
    let untrusted = GOOD.replace("trusted_proxies = [\"10.0.0.1\"]\n", "");
    let told = parse(&format!("{untrusted}[client_certificates]\naccepted = true\nproxy_field = 'C'\n"), &[]);
    assert!(told.unwrap_err().iter().any(|key| key == "client_certificates.proxy_field"));
    let own = GOOD.replace("behind_tls_proxy = true", "tls_certificate_file = 'c'\ntls_key_file = 'k'");
    let told = parse(&format!("{own}[client_certificates]\naccepted = true\nlisten = '0.0.0.0:8444'\n"), &[]);
    assert!(told.unwrap_err().iter().any(|key| key == "client_certificates.public_url"));
}

#[test]
fn witnesses_are_named_by_key_and_address() {
    // Of one key pair, once as a witness's (0x04) and once as a log's (0x01).
    let one = "w.example/1+32fb0f85+BG56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/M2AUFvx";
    let log = "w.example/1+ad4e08c7+AW56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/M2AUFvx";
    let section = |witnesses: String, quorum: u8| {
        let section = format!("[evidence]\nwitnesses = [{witnesses}]\nwitness_quorum = {quorum}\n[[backends]]");
        parse(&GOOD.replace("[[backends]]", &section), &[])
    };
    let good = section(format!("\"{one} https://w.example/log\""), 1).unwrap();
    assert_eq!((good.witnesses.len(), good.witness_quorum), (1, 1));
    assert_eq!(good.witnesses[0].url.as_ref().unwrap().as_str(), "https://w.example/log");
    assert!(section(format!("\"{one}\""), 0).unwrap().witnesses[0].url.is_none());
    for (witnesses, quorum, key) in [
        (format!("\"{log}\""), 0, "evidence.witnesses"),
        (format!("\"{one} http://w.example\""), 0, "evidence.witnesses"),
        (format!("\"{one} nowhere\""), 0, "evidence.witnesses"),
        (format!("\"{one}\", \"{one}\""), 0, "evidence.witnesses"),
        ("\"x\"".to_owned(), 0, "evidence.witnesses"),
        (format!("\"{one}\""), 2, "evidence.witness_quorum"),
    ] {
        assert_eq!(section(witnesses.clone(), quorum).unwrap_err(), [key], "{witnesses}");
    }
}

#[test]
fn signatures_are_named_whole_or_not_at_all() {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize};
    assert!(parse(GOOD, &[]).unwrap().signatures.is_none());
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anchors.pem");
    std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
    let whole = [
        ("MADOGUCHI_SIGNATURES_SIGNING_URL", "https://idp.example/signing"),
        ("MADOGUCHI_SIGNATURES_TRUST_ANCHORS_FILE", file.to_str().unwrap()),
        ("MADOGUCHI_SIGNATURES_CRL_URLS", "http://ca.example/crl.der"),
        ("MADOGUCHI_SIGNATURES_CERTIFICATE_POLICIES", "1.3.6.1.4.1.32473.2"),
    ];
    let read = parse(GOOD, &whole).unwrap().signatures.unwrap();
    assert_eq!((read.crl_urls.len(), read.certificate_policies.len()), (1, 1));
    let keys = ["signing_url", "trust_anchors_file", "crl_urls", "certificate_policies"];
    for (n, key) in keys.iter().enumerate() {
        let mut part = whole.to_vec();
        part.remove(n);
        assert!(parse(GOOD, &part).unwrap_err().contains(&format!("signatures.{key}")), "{key}");
    }
    for (n, value, at) in [
        (0, "http://idp.example/signing", "signatures.signing_url"),
        (1, "/nowhere.pem", "signatures.trust_anchors_file"),
        (2, "ldap://ca.example/crl", "signatures.signing_url"),
        (2, "crl", "signatures.crl_urls"),
        (3, "signing", "signatures.signing_url"),
    ] {
        let mut wrong = whole;
        wrong[n].1 = value;
        assert!(parse(GOOD, &wrong).unwrap_err().iter().any(|key| key == at), "{value}");
    }
}
