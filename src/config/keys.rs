//! Every key of the configuration file, once: its name, its default, and the words for the example.

/// How a key is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Must be given; the text is what the example shows.
    Must(&'static str),
    /// Has this default.
    Default(&'static str),
    /// A secret that must be given, as itself or as `…_file`; the text is the file that the example shows.
    Secret(&'static str),
    /// May be left out; the text is what the example shows, commented out.
    May(&'static str),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// `section.key`.
    pub name: &'static str,
    /// How it is given.
    pub given: Given,
    /// What it is for, in a line or two.
    pub words: &'static str,
}

const fn key(name: &'static str, given: Given, words: &'static str) -> Key {
    Key { name, given, words }
}

/// Every key outside the list of backends, in the order of the example.
pub const KEYS: &[Key] = &[
    key(
        "server.public_url",
        Given::Must("https://madoguchi.example"),
        "The address that citizens and third parties see; also the issuer (RFC 8414). https only.",
    ),
    key(
        "server.environment",
        Given::Default("production"),
        "`production`, or `sandbox` where only made-up persons are: then identity.issuer may be http on this machine.",
    ),
    key("server.listen", Given::Default("0.0.0.0:8443"), "The address and port to listen on."),
    key(
        "server.tls_certificate_file",
        Given::May("/etc/madoguchi/tls.crt"),
        "The TLS certificate chain, PEM. Not needed behind a proxy that terminates TLS.",
    ),
    key("server.tls_key_file", Given::May("/etc/madoguchi/tls.key"), "Its private key, PEM."),
    key(
        "server.behind_tls_proxy",
        Given::Default("false"),
        "true when a proxy in front terminates TLS: the counter then listens in plain HTTP.",
    ),
    key(
        "server.trusted_proxies",
        Given::Default(""),
        "Addresses of those proxies; only they may name the caller in `X-Forwarded-For`.",
    ),
    key("server.workers", Given::Default("0"), "Threads that answer requests; 0 for one for each core."),
    key("server.drain_seconds", Given::Default("2"), "How long calls in hand may take to end when it stops."),
    key(
        "client_certificates.accepted",
        Given::Default("false"),
        "true lets clients prove themselves, and bind tokens, by TLS certificates (RFC 8705).",
    ),
    key(
        "client_certificates.listen",
        Given::May("0.0.0.0:8444"),
        "A second address and port that ask for certificates, so that browsers at the first are never asked.",
    ),
    key(
        "client_certificates.public_url",
        Given::May("https://mtls.madoguchi.example"),
        "The address at which clients with certificates see it (`mtls_endpoint_aliases`), when it is another.",
    ),
    key(
        "client_certificates.authorities_file",
        Given::May("/etc/madoguchi/client-authorities.pem"),
        "Who vouches for the certificates of `tls_client_auth`, PEM; without it only self-signed ones are offered.",
    ),
    key(
        "client_certificates.proxy_field",
        Given::May("Client-Cert"),
        "The field in which a trusted proxy passes a certificate on: RFC 9440, or percent-encoded PEM.",
    ),
    key(
        "store.url",
        Given::Secret("/etc/madoguchi/store.url"),
        "`sqlite:PATH` on one machine, `postgres://USER:PASSWORD@HOST/DATABASE` on several.",
    ),
    key(
        "hot.url",
        Given::Secret("/etc/madoguchi/hot.url"),
        "`memory:` on one machine, `redis://HOST/` or `rediss://HOST/` on several.",
    ),
    key(
        "keys.master_key",
        Given::Secret("/etc/madoguchi/master.key"),
        "32 random bytes in base64url (`openssl rand -base64 32 | tr +/ -_ | tr -d =`); everything sealed hangs on it.",
    ),
    key(
        "keys.former_master_key_files",
        Given::May("/etc/madoguchi/master-2025.key"),
        "Master keys of before, separated by commas, which open what they sealed; after `madoguchi keys reseal` and a day they can go.",
    ),
    key("keys.rotation_days", Given::Default("30"), "How many days a key of ours is in use before the next one is."),
    key(
        "keys.request_object_encryption",
        Given::Default("ECDH-ES RSA-OAEP-256"),
        "How clients may encrypt request objects to us, separated by spaces.",
    ),
    key(
        "policies.directory",
        Given::Default("policies"),
        "Rules, rate plans and data sets. SIGHUP reads the rules again, and them only.",
    ),
    key("identity.issuer", Given::Must("https://idp.example/realms/main"), "The citizens' identity provider."),
    key("identity.client_id", Given::Must("madoguchigateway"), "Our client id there."),
    key("identity.key_id", Given::Must("madoguchi-1"), "The name (`kid`) of our key there."),
    key(
        "identity.private_key",
        Given::Secret("/etc/madoguchi/identity.pem"),
        "Our private key there: P-256, PKCS#8, PEM.",
    ),
    key(
        "companies.issuer",
        Given::May("https://gbiz-id.example/oauth/"),
        "The companies' identity provider (of the shape of gBizID), exactly as it names itself; companies cannot sign in without.",
    ),
    key("companies.client_id", Given::May("madoguchigateway"), "Our client id there."),
    key(
        "companies.client_secret_file",
        Given::May("/etc/madoguchi/companies.secret"),
        "The file with our secret there (client_secret_basic).",
    ),
    key(
        "companies.scopes",
        Given::Default(""),
        "What the provider gave us on application, each asked for and held against the rest: some of [\"mandate\", \"role\", \"delegation_info\", \"jp_gbizid_v1_ida\"].",
    ),
    key(
        "provision_records.base_url",
        Given::May("https://records.example/api"),
        "The system that discloses records of exchanges (情報提供等記録); without, only reads through this counter are listed.",
    ),
    key("provision_records.client_id", Given::May("SP12345678_AB1234"), "Our id there."),
    key("provision_records.key_id", Given::May("madoguchi-1"), "The name (`kid`) of our key there."),
    key(
        "provision_records.private_key_file",
        Given::May("/etc/madoguchi/provision-records.pem"),
        "The file with our private key there: P-256, PKCS#8, PEM.",
    ),
    key(
        "provision_records.authorities_file",
        Given::May("/etc/madoguchi/provision-records-authority.pem"),
        "Who vouches for its TLS certificate, when that is an authority of its own; else those of the system.",
    ),
    key(
        "health_insurance.insurers_url",
        Given::May("https://insurers.example/api"),
        "The insurers' server (医療保険者中間サーバー), which tells insured numbers; without, no card is registered.",
    ),
    key(
        "health_insurance.base_url",
        Given::May("https://qualification.example/api"),
        "The qualification system (オンライン資格確認等システム), where cards are registered.",
    ),
    key("health_insurance.client_id", Given::May("SP12345678_AB1234"), "Our id at both."),
    key("health_insurance.key_id", Given::May("madoguchi-1"), "The name (`kid`) of our key at both."),
    key(
        "health_insurance.private_key_file",
        Given::May("/etc/madoguchi/health-insurance.pem"),
        "The file with our private key at both: P-256, PKCS#8, PEM.",
    ),
    key(
        "health_insurance.authorities_file",
        Given::May("/etc/madoguchi/health-insurance-authority.pem"),
        "Who vouches for their TLS certificates, when that is an authority of its own; else those of the system.",
    ),
    key(
        "signatures.signing_url",
        Given::May("https://idp.example/realms/main/signing/transactions"),
        "The signing service of the identity provider (署名API), whose redirect URI is `/signatures/callback`; without, who applied is checked in person.",
    ),
    key(
        "signatures.trust_anchors_file",
        Given::May("/etc/madoguchi/signature-authorities.pem"),
        "The authorities that certificates for signing (署名用電子証明書) lead to, PEM.",
    ),
    key(
        "signatures.crl_urls",
        Given::Default(""),
        "Where the lists of revoked certificates (CRL) are, one for each authority: [\"http://ca.example/crl.der\"].",
    ),
    key(
        "signatures.certificate_policies",
        Given::Default(""),
        "The kinds of certificates that are taken, as policy OIDs: [\"1.3.6.1.4.1.32473.1\"]; those of the 署名用電子証明書.",
    ),
    key(
        "service_search.base_url",
        Given::May("https://search.example/Application/api/v1/ws/"),
        "The search web service of ぴったりサービス, up to `/ws/`; no procedures are known without (municipalities are).",
    ),
    key("service_search.id", Given::May("madoguchi"), "Our id there."),
    key(
        "service_search.password_file",
        Given::May("/etc/madoguchi/service-search.password"),
        "The file with our password there.",
    ),
    key(
        "service_search.authorities_file",
        Given::May("/etc/madoguchi/service-search-authority.pem"),
        "Who vouches for its TLS certificate, when that is an authority of its own; else those of the system.",
    ),
    key(
        "service_search.municipalities",
        Given::Default(""),
        "Whose procedures are read, by code: [\"152048\"]; those of every municipality and prefecture when none is named.",
    ),
    key(
        "service_search.refresh_minutes",
        Given::Default("360"),
        "How long after a reading the next one begins. Only what changed is fetched.",
    ),
    key(
        "payments.base_url",
        Given::May("https://pay.example/madoguchi"),
        "The payment service (公金決済): Pay-easy, mobile register and card; nothing can be paid without.",
    ),
    key("payments.shop", Given::May("madoguchi"), "Our name there."),
    key(
        "payments.secret_file",
        Given::May("/etc/madoguchi/payments.secret"),
        "The file with the secret that both sign with: 32 bytes at least.",
    ),
    key(
        "payments.authorities_file",
        Given::May("/etc/madoguchi/payments-authority.pem"),
        "Who vouches for its TLS certificate, when that is an authority of its own; else those of the system.",
    ),
    key(
        "applications.file_drops",
        Given::Default(""),
        "Folders for municipalities on closed networks: [\"CLIENT FOLDER\"], the client_id of the municipality and where its files are put. On one node.",
    ),
    key(
        "registration.issuer",
        Given::May("https://register.example"),
        "The register whose software statements let third parties register themselves (RFC 7591); nobody can without.",
    ),
    key("registration.jwks_file", Given::May("/etc/madoguchi/register.jwks"), "Its public keys: a JWK Set."),
    key(
        "evidence.most_pending",
        Given::Default("100000"),
        "Leaves that may wait for the log of evidence; with more, new disclosures are refused (503) until it moves.",
    ),
    key(
        "evidence.witnesses",
        Given::Default(""),
        "Who signs the log's heads beside it: [\"KEY\"] or [\"KEY URL\"], the URL where it is asked (C2SP tlog-witness).",
    ),
    key("evidence.witness_quorum", Given::Default("0"), "How many of them `madoguchi audit verify` demands."),
    key(
        "conformance.strict",
        Given::Default("false"),
        "true: `/readyz` fails while a clause of the security profile is broken (see `/conformance`).",
    ),
    key("log.format", Given::Default("json"), "`json` for machines, `text` for people."),
    key(
        "log.filter",
        Given::Default("info"),
        "`error`, `warn`, `info`, `debug`, or directives such as `info,madoguchi::issuer=debug`.",
    ),
    key(
        "metrics.listen",
        Given::May("127.0.0.1:9464"),
        "A second address that tells figures to Prometheus at `/metrics`, and nothing else; keep it inside. None without.",
    ),
];

/// The variable that is laid over `key`: `server.public_url` → `MADOGUCHI_SERVER_PUBLIC_URL`.
#[must_use]
pub fn variable(key: &str) -> String {
    format!("{}{}", super::load::PREFIX, key.replace('.', "_").to_ascii_uppercase())
}
