//! The companies' identity provider: named whole, or not at all.

use super::installation::is_loopback_http;
use super::reader::Reader;
use crate::domain::company_scope::CompanyScope;
use crate::domain::{Environment, Secret};

const ISSUER: &str = "companies.issuer";
const CLIENT: &str = "companies.client_id";
const SECRET: &str = "companies.client_secret_file";
const SCOPES: &str = "companies.scopes";

/// Who we are at the companies' identity provider.
#[derive(Clone, Debug)]
pub struct CompanyClient {
    /// The provider, exactly as it names itself: gBizID's issuer ends with a slash.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Secret<String>,
    /// What the provider gives us on application.
    pub scopes: Vec<CompanyScope>,
}

/// The provider, when one is named: by all three keys, or not at all.
pub(super) fn read(reader: &mut Reader<'_>, environment: Environment) -> Option<CompanyClient> {
    let scopes = scopes(reader);
    let given = [ISSUER, CLIENT, SECRET].map(|key| reader.given(key));
    if given.iter().all(Option::is_none) {
        return None;
    }
    let [issuer, client_id, file] = given;
    for (key, value) in [(ISSUER, &issuer), (CLIENT, &client_id), (SECRET, &file)] {
        if value.is_none() {
            reader.fault(key, "is missing", "name issuer, client_id and client_secret_file, or none of them");
        }
    }
    let is_sandbox = environment == Environment::Sandbox;
    let url = reader.url(ISSUER)?;
    if url.scheme() != "https" && !(is_sandbox && is_loopback_http(&url)) {
        let fix = "give the provider's https address; http on a loopback host only where server.environment is sandbox";
        reader.fault(ISSUER, &format!("{url} is not https"), fix);
    }
    let client_secret = reader.read_secret(SECRET, &file?)?;
    Some(CompanyClient { issuer: issuer?, client_id: client_id?, client_secret, scopes })
}

fn scopes(reader: &mut Reader<'_>) -> Vec<CompanyScope> {
    let mut read = Vec::new();
    for text in reader.list(SCOPES) {
        match CompanyScope::parse(&text) {
            Some(scope) if !read.contains(&scope) => read.push(scope),
            _ => {
                let known = CompanyScope::ALL.map(CompanyScope::as_str).join(", ");
                reader.fault(SCOPES, &format!("{text:?} is none, or there twice"), &format!("name some of: {known}"));
            }
        }
    }
    if read.contains(&CompanyScope::DelegationInfo) && !read.contains(&CompanyScope::Mandate) {
        reader.fault(SCOPES, "delegation_info says what mandates cover", "name mandate beside it");
    }
    read
}
