//! The search of what people apply for, what keeps its catalogue, and the description of the API, of which the tools for agents
//! are made.

use crate::adapters::servicesearch::{ServiceSearchClient, ServiceSearchSettings};
use crate::catalog::services::{ServiceCatalogue, Standards};
use crate::cli::ground::Rules;
use crate::domain::lifecycle::Retiring;
use crate::http::v1::Mcp;
use crate::http::{Documents, openapi};
use crate::services::applications::Applications;
use crate::services::service_search::{Refresh, RefreshSettings, ServiceSearch, ServiceSearchParts, Shelf};
use actix_web::web;
use std::sync::Arc;

/// The search.
pub(super) struct Searching {
    search: web::Data<ServiceSearch>,
    mcp: web::Data<Mcp>,
    documents: web::Data<Documents>,
    shelf: Arc<Shelf>,
    source: Option<(RefreshSettings, Arc<ServiceSearchClient>)>,
    standards: Arc<Standards>,
}

impl Searching {
    /// # Errors
    /// When the service is not usable as configured, or a municipality is named that there is not.
    pub fn new(
        settings: Option<ServiceSearchSettings>,
        rules: &Rules,
        (applications, (public_url, lifecycle)): (web::Data<Applications>, (&str, &'static [Retiring])),
    ) -> anyhow::Result<Self> {
        let source = settings.map(|settings| source(&settings, rules)).transpose()?;
        // Without a source there is nothing to wait for: the catalogue is empty.
        let shelf = if source.is_some() { Shelf::default() } else { Shelf::with(ServiceCatalogue::default()) };
        let shelf = Arc::new(shelf);
        let parts = ServiceSearchParts {
            municipalities: Arc::clone(&rules.municipalities),
            standards: Arc::clone(&rules.standards),
            shelf: Arc::clone(&shelf),
            public_url: public_url.to_owned(),
        };
        let search = web::Data::new(ServiceSearch::new(parts));
        let description = openapi::document_of(lifecycle);
        Ok(Self {
            mcp: web::Data::new(Mcp::new((search.clone(), applications), &description, public_url)),
            documents: web::Data::new(Documents::new(&description)),
            search,
            shelf,
            source,
            standards: Arc::clone(&rules.standards),
        })
    }

    /// What the board looks at; none without a source.
    pub fn watched(&self) -> Option<web::Data<ServiceSearch>> {
        self.source.as_ref().map(|_| self.search.clone())
    }

    /// Where its catalogue is.
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }

    /// Hands it to a worker.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.search.clone()).app_data(self.mcp.clone()).app_data(self.documents.clone());
    }

    /// What reads the catalogue again and again; none without a source.
    pub fn refresh(&self) -> Option<Refresh> {
        let (settings, source) = self.source.clone()?;
        let onto = (Arc::clone(&self.standards), Arc::clone(&self.shelf));
        Some(Refresh::new(settings, source, onto))
    }
}

fn source(
    settings: &ServiceSearchSettings,
    rules: &Rules,
) -> anyhow::Result<(RefreshSettings, Arc<ServiceSearchClient>)> {
    let known = &rules.municipalities;
    if let Some(unknown) = settings.municipalities.iter().find(|code| !known.has(**code)) {
        anyhow::bail!("service_search.municipalities: there is no municipality {unknown}");
    }
    let all = || known.prefectures().map(|one| one.code).chain(known.iter().map(|one| one.code)).collect();
    let named = settings.municipalities.clone();
    let municipalities = if named.is_empty() { all() } else { named };
    let client = ServiceSearchClient::new(settings)?;
    Ok((RefreshSettings { municipalities, every: settings.every }, Arc::new(client)))
}
