//! The variants of the two FAPI 2.0 plans: two clients for each way of registering them, one suite configuration for each
//! way of running them.

use super::keys::{Authority, Certificate, Jwk};
use serde_json::{Value, json};

/// How a pair of clients is registered; the counter holds them to it.
#[derive(Clone, Copy)]
pub struct Case {
    /// `client_auth_type`: certificates instead of assertions.
    pub is_mtls_client: bool,
    /// `sender_constrain`: certificates instead of DPoP.
    pub is_mtls_bound: bool,
    /// Signed requests and responses are required (Message Signing).
    pub is_signed: bool,
}

/// Two clients, with everything that only their owner has.
pub struct Pair {
    pub case: Case,
    clients: [Owned; 2],
}

struct Owned {
    id: String,
    key: Jwk,
    certificate: Certificate,
}

/// Where everybody is.
pub struct Places {
    pub issuer: String,
    /// Where client certificates are asked for.
    pub mtls: String,
    pub identity: String,
    pub suite: String,
}

/// What a browser is told to do, with the counter's stable ids.
const BROWSER: &str = include_str!("browser.json");

const PLAIN: &str = "fapi2-security-profile-final-test-plan";
const SIGNED: &str = "fapi2-message-signing-final-test-plan";
const MODULE: &str = "fapi2-security-profile-final";

impl Case {
    pub fn all() -> Vec<Self> {
        let flags = [false, true];
        let mut all = Vec::new();
        for is_signed in flags {
            for is_mtls_client in flags {
                all.extend(flags.map(|is_mtls_bound| Self { is_mtls_client, is_mtls_bound, is_signed }));
            }
        }
        all
    }

    /// Also the suite's alias, so that plans of different cases can run at once.
    pub fn name(self) -> String {
        let client = if self.is_mtls_client { "mtls" } else { "private-key-jwt" };
        let bound = if self.is_mtls_bound { "mtls" } else { "dpop" };
        format!("madoguchi-{client}-{bound}{}", if self.is_signed { "-signed" } else { "" })
    }
}

impl Pair {
    /// Client 1 signs with PS256, client 2 with ES256: the suite asks for different keys.
    pub fn new(case: Case, authority: &Authority) -> anyhow::Result<Self> {
        let owned = |number: u8| -> anyhow::Result<Owned> {
            let id = format!("{}-{number}", case.name());
            let key = if number == 1 { Jwk::ps256(&id)? } else { Jwk::es256(&id)? };
            Ok(Owned { certificate: authority.client(&id)?, key, id })
        };
        Ok(Self { case, clients: [owned(1)?, owned(2)?] })
    }

    /// Client metadata (RFC 7591) for `madoguchi clients import`.
    pub fn metadata(&self, suite: &str) -> Vec<Value> {
        self.clients.iter().map(|client| client.metadata(self.case, suite)).collect()
    }

    /// The plan expression, the name of its configuration, and the configuration, for each way of running it.
    pub fn plans(&self, places: &Places, authority: &Authority) -> Vec<(String, String, Value)> {
        let runs = [("openid_connect", "simple"), ("plain_oauth", "simple"), ("openid_connect", "rar")];
        runs.into_iter().map(|(openid, request)| self.plan(places, authority, (openid, request))).collect()
    }

    fn plan(&self, places: &Places, authority: &Authority, (openid, request): (&str, &str)) -> (String, String, Value) {
        let case = self.case;
        let plan = if case.is_signed { SIGNED } else { PLAIN };
        let mut expression = format!(
            "{plan}[client_auth_type={}][sender_constrain={}][openid={openid}][authorization_request_type={request}]\
             [fapi_profile=plain_fapi]",
            if case.is_mtls_client { "mtls" } else { "private_key_jwt" },
            if case.is_mtls_bound { "mtls" } else { "dpop" },
        );
        if case.is_signed {
            expression.push_str("[fapi_request_method=signed_non_repudiation][fapi_response_mode=jarm]");
        }
        let mut scope = match openid {
            "openid_connect" => "openid offline_access".to_owned(),
            _ => "catalog offline_access".to_owned(),
        };
        if request == "rar" {
            scope.push_str(" self_information");
        }
        let name = format!("{}-{openid}-{request}.json", case.name());
        let [one, two] = &self.clients;
        let api = if case.is_mtls_bound { &places.mtls } else { &places.issuer };
        let mut config = json!({
            "alias": case.name(),
            "description": expression,
            "server": {"discoveryUrl": format!("{}/.well-known/openid-configuration", places.issuer)},
            "client": one.configured(&scope),
            "client2": two.configured(&scope),
            "resource": {"resourceUrl": format!("{api}/v1/account"), "resourceMethod": "GET"},
            "browser": browser(places, "agree"),
            "override": overrides(places),
        });
        if request == "rar" {
            config["resource"]["richAuthorizationRequest"] = details();
        }
        if case.is_mtls_client || case.is_mtls_bound {
            config["mtls"] = one.certified(authority);
            config["mtls2"] = two.certified(authority);
        }
        (expression, name, config)
    }
}

impl Owned {
    fn metadata(&self, case: Case, suite: &str) -> Value {
        let callback = format!("{suite}/test/a/{}/callback", case.name());
        let mut metadata = json!({
            "client_id": self.id,
            "client_name#ja": "見本判定株式会社",
            "client_name#en": "Mihon Judging, Ltd.",
            // The suite's second client comes back with a query, to see that it is compared exactly.
            "redirect_uris": [callback, format!("{callback}?dummy1=lorem&dummy2=ipsum")],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid offline_access catalog self_information",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [self.key.public()]},
            "purposes": [{
                "code": "conformance",
                "words": {"ja": "適合性の判定", "en": "Judging conformance"},
                "if_refused": {"ja": "判定ができなくなります。", "en": "Nothing can be judged."},
                "retention_days": 1, "recipients": [], "max_access_days": 30,
            }],
        });
        if case.is_mtls_client {
            metadata["token_endpoint_auth_method"] = json!("tls_client_auth");
            metadata["tls_client_auth_subject_dn"] = json!(format!("CN={}", self.id));
        }
        let bound =
            if case.is_mtls_bound { "tls_client_certificate_bound_access_tokens" } else { "dpop_bound_access_tokens" };
        metadata[bound] = json!(true);
        if case.is_signed {
            metadata["require_signed_request_object"] = json!(true);
            metadata["response_modes"] = json!(["jwt"]);
        }
        metadata
    }

    fn configured(&self, scope: &str) -> Value {
        let key = self.key.private();
        let alg = key["alg"].clone();
        json!({"client_id": self.id, "scope": scope, "jwks": {"keys": [key]}, "dpop_signing_alg": alg})
    }

    fn certified(&self, authority: &Authority) -> Value {
        json!({"cert": self.certificate.pem, "key": self.certificate.key_pem, "ca": authority.pem})
    }
}

/// What a citizen is asked for in a run with authorization details (RFC 9396).
fn details() -> Value {
    json!([{
        "type": "self_information",
        "purpose": "conformance",
        "data_sets": [{"code": "TM00000000000002", "items": ["0200000010"]}],
        "access_days": 30,
    }])
}

fn browser(places: &Places, decision: &str) -> Value {
    let text = BROWSER
        .replace("{issuer}", &places.issuer)
        .replace("{identity}", &places.identity)
        .replace("{suite}", &places.suite)
        .replace("{decision}", decision);
    serde_json::from_str(&text).unwrap_or_default()
}

/// Modules in which the citizen does something else than sign in and agree.
fn overrides(places: &Places) -> Value {
    let mut looks_first = browser(places, "agree");
    let look = json!({
        "match": format!("{}/oauth/authorize*", places.issuer),
        "match-limit": 1,
        "tasks": [{"task": "Look, and go away", "match": "*"}],
    });
    if let Some(visits) = looks_first.as_array_mut() {
        visits.insert(0, look);
    }
    json!({
        format!("{MODULE}-user-rejects-authentication"): {"browser": browser(places, "refuse")},
        format!("{MODULE}-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"): {"browser": looks_first},
    })
}
