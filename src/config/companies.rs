//! The companies' identity provider: named whole, or not at all.

use super::installation::is_loopback_http;
use super::reader::Reader;
use crate::domain::company_scope::CompanyScope;
use crate::domain::{Environment, Secret};

const ISSUER: &str = "companies.issuer";
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
    let [issuer, client_id, file] = reader.whole("companies", ["issuer", "client_id", "client_secret_file"])?;
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
