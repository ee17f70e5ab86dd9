//! The calls.

use super::wire::{DetailAnswer, ListAnswer};
use super::{InvalidServiceSearch, ServiceSearchSettings, ServiceSource, SourceError};
use crate::adapters::http;
use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::{Listing, Particulars, Psid};
use crate::domain::{Digest, Secret};
use async_trait::async_trait;
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use url::Url;

/// Most bytes of a list or of particulars.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// The service over HTTP.
pub struct ServiceSearchClient {
    client: Client,
    base: Url,
    id: String,
    password: Secret<String>,
}

impl ServiceSearchClient {
    /// A client of the service as configured.
    ///
    /// # Errors
    /// [`InvalidServiceSearch`].
    pub fn new(settings: &ServiceSearchSettings) -> Result<Self, InvalidServiceSearch> {
        settings.check()?;
        let authorities = settings.authorities_file.as_deref();
        let client =
            http::client(&settings.base_url, authorities, settings.call_timeout).map_err(InvalidServiceSearch)?;
        let password = Secret::new(Digest::of(settings.password.expose()).hex());
        Ok(Self { client, base: settings.base_url.clone(), id: settings.id.clone(), password })
    }

    async fn ask(&self, call: &str, mut body: Value) -> Result<Vec<u8>, SourceError> {
        let mut url = self.base.clone();
        let away = |words: &str| SourceError::Away(words.to_owned());
        url.path_segments_mut().map_err(|()| away("no address"))?.pop_if_empty().push(call);
        if let Some(members) = body.as_object_mut() {
            members.insert("id".to_owned(), self.id.clone().into());
            members.insert("password".to_owned(), self.password.expose().clone().into());
        }
        let request = self.client.post(url).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        // An error of the client names our own address at most; it is told without it.
        let answer = request.send().await.map_err(|error| SourceError::Away(error.without_url().to_string()))?;
        if answer.status().as_u16() != 200 {
            return Err(SourceError::Away(format!("status {}", answer.status().as_u16())));
        }
        http::whole(answer, MOST_BYTES).await.map_err(|unread| match unread {
            http::Unread::Broken(error) => SourceError::Away(error.without_url().to_string()),
            http::Unread::TooLarge => SourceError::Unreadable("it is too large"),
        })
    }
}

#[async_trait]
impl ServiceSource for ServiceSearchClient {
    async fn list(&self, municipality: MunicipalityCode) -> Result<Vec<Listing>, SourceError> {
        let body = json!({"cityCode": municipality.to_string(), "keyword": []});
        ListAnswer::read(&self.ask("eLinkServProcListSearch", body).await?, municipality)
    }

    async fn detail(&self, psid: &Psid) -> Result<Particulars, SourceError> {
        DetailAnswer::read(&self.ask("eLinkServProcDetailSearch", json!({"psid": psid.as_str()})).await?, psid)
    }
}
