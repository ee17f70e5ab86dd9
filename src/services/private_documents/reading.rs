//! Reading at the providers that a citizen is linked with.

use super::PrivateDocumentsParts;
use crate::adapters::linkage::{DeliveryProvider, ListedDocument, Opened, ProviderTrouble};
use crate::domain::ids::SubjectId;
use crate::domain::linkage::{HeldLink, ServiceCode};
use crate::domain::{Failure, Fault, Refusal};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long after a credential was refused it is looked whether another call has renewed it.
const SETTLED: Duration = Duration::from_millis(200);

/// What one provider told.
pub(super) struct Told {
    /// Which.
    pub service: ServiceCode,
    /// What it has; nothing where there was trouble.
    pub documents: Vec<ListedDocument>,
    /// Why it gave nothing.
    pub trouble: Option<ProviderTrouble>,
}

/// The citizen's links with providers, as they stood when reading began.
pub(super) struct Reading<'a> {
    parts: &'a PrivateDocumentsParts,
    subject: &'a SubjectId,
    links: Vec<Linked>,
}

/// One of them.
struct Linked {
    held: HeldLink,
    provider: Arc<DeliveryProvider>,
    opened: OnceCell<Result<Opened, ProviderTrouble>>,
}

impl<'a> Reading<'a> {
    /// Begins to read for a citizen.
    ///
    /// # Errors
    /// `not_linked` where they are linked with no provider.
    pub async fn begin(parts: &'a PrivateDocumentsParts, subject: &'a SubjectId) -> Result<Self, Failure> {
        let held = parts.store.list_links(subject).await?;
        let links = held.into_iter().filter_map(|held| {
            let provider = Arc::clone(parts.linked.provider(&held.link.service)?);
            Some(Linked { held, provider, opened: OnceCell::new() })
        });
        let links: Vec<_> = links.collect();
        if links.is_empty() {
            return Err(not_linked().into());
        }
        Ok(Self { parts, subject, links })
    }

    /// What every provider has; they are asked at once.
    pub async fn list(&self) -> Vec<Told> {
        let ask = self.links.iter().map(|one| async move {
            let listed = match self.open(one).await {
                Ok(opened) => opened.list().await,
                Err(trouble) => Err(trouble),
            };
            let (documents, trouble) = match listed {
                Ok(documents) => (documents, None),
                // There is always a list.
                Err(ProviderTrouble::Missing) => (Vec::new(), Some(ProviderTrouble::Unreadable("its list"))),
                Err(trouble) => (Vec::new(), Some(trouble)),
            };
            Told { service: one.provider.code().clone(), documents, trouble }
        });
        join_all(ask).await
    }

    /// The bytes of one document, and the provider that delivered it.
    ///
    /// # Errors
    /// `not_found`; `not_linked`, `provider_unreachable`, `provider_refused`.
    pub async fn fetch(&self, id: &str) -> Result<(&Arc<DeliveryProvider>, Vec<u8>), Failure> {
        let missing = || Refusal::new("not_found", "No linked provider has a document with this id.").at("id");
        let (service, own) = id.split_once('.').ok_or_else(missing)?;
        let one = self.find(service).ok_or_else(missing)?;
        let fetched = match self.open(one).await {
            Ok(opened) => opened.fetch(own).await,
            Err(trouble) => Err(trouble),
        };
        match fetched {
            Ok(bytes) => Ok((&one.provider, bytes)),
            Err(ProviderTrouble::Missing) => Err(missing().into()),
            Err(trouble) => Err(refusal_of(trouble).into()),
        }
    }

    /// Several documents of one provider, in the order of their ids.
    pub async fn fetch_all(&self, service: &ServiceCode, ids: &[&str]) -> Vec<Result<Vec<u8>, ProviderTrouble>> {
        let Some(one) = self.find(service.as_str()) else {
            return ids.iter().map(|_| Err(ProviderTrouble::Ended)).collect();
        };
        let opened = match self.open(one).await {
            Ok(opened) => opened,
            Err(trouble) => return ids.iter().map(|_| Err(trouble)).collect(),
        };
        let mut fetched = Vec::with_capacity(ids.len());
        for id in ids {
            fetched.push(opened.fetch(id).await);
        }
        fetched
    }

    fn find(&self, service: &str) -> Option<&Linked> {
        self.links.iter().find(|one| one.provider.code().as_str() == service)
    }

    /// The provider of this code, where it is linked.
    pub fn provider(&self, service: &ServiceCode) -> Option<&Arc<DeliveryProvider>> {
        self.find(service.as_str()).map(|one| &one.provider)
    }

    /// The citizen's account at a provider; opened once in a call.
    async fn open<'o>(&self, one: &'o Linked) -> Result<&'o Opened, ProviderTrouble> {
        let opened = one.opened.get_or_init(|| async {
            match self.opened(one, &one.held).await {
                // Another call may have been given the next credential, and be about to keep it.
                Err(ProviderTrouble::Ended) => {
                    tokio::time::sleep(SETTLED).await;
                    let now = self.parts.store.list_links(self.subject).await.map_err(|_| ProviderTrouble::Away)?;
                    let renewed = now.iter().find(|now| now.link.id == one.held.link.id);
                    match renewed.filter(|now| now.version != one.held.version) {
                        Some(now) => self.opened(one, now).await,
                        None => Err(ProviderTrouble::Ended),
                    }
                }
                other => other,
            }
        });
        opened.await.as_ref().map_err(|trouble| *trouble)
    }

    async fn opened(&self, one: &Linked, held: &HeldLink) -> Result<Opened, ProviderTrouble> {
        let (opened, renewed) = one.provider.open(&held.link.credential).await?;
        if let Some(renewed) = renewed {
            match self.parts.store.update_link(held, &renewed).await {
                Ok(true) => {}
                // Ended meanwhile, or renewed by another call: then this one opens nothing any more, or is not needed.
                Ok(false) => tracing::info!("a link's credential was renewed by another call"),
                Err(fault) => {
                    tracing::warn!(error = %fault, "a link's renewed credential could not be kept");
                    return Err(ProviderTrouble::Away);
                }
            }
        }
        Ok(opened)
    }

    /// Whether every link that was read by still stands: asked last, so that nothing is handed on that was unlinked meanwhile.
    ///
    /// # Errors
    /// `not_linked`.
    pub async fn is_standing(&self) -> Result<(), Failure> {
        let now: Result<_, Fault> = self.parts.store.list_links(self.subject).await;
        let now = now?;
        let stands = |linked: &Linked| now.iter().any(|one| one.link.id == linked.held.link.id);
        if self.links.iter().all(stands) { Ok(()) } else { Err(not_linked().into()) }
    }
}

fn not_linked() -> Refusal {
    let words = "The person's account is linked with no private delivery provider, or not any more: ask for their consent \
                 anew, and they can link one.";
    Refusal::new("not_linked", words)
}

/// What a caller is told of a provider's trouble with one document.
pub(super) fn refusal_of(trouble: ProviderTrouble) -> Refusal {
    match trouble {
        ProviderTrouble::Ended => not_linked(),
        ProviderTrouble::Away => Refusal::new("provider_unreachable", "Its provider does not answer: try later."),
        ProviderTrouble::Missing => Refusal::new("not_found", "Its provider has it no more.").at("id"),
        ProviderTrouble::Unreadable(_) => Refusal::new("provider_refused", "What its provider answers cannot be used."),
    }
}

/// A provider's trouble, by a stable name.
pub(super) const fn word_of(trouble: ProviderTrouble) -> &'static str {
    match trouble {
        ProviderTrouble::Ended => "not_linked",
        ProviderTrouble::Away => "provider_unreachable",
        ProviderTrouble::Missing => "not_found",
        ProviderTrouble::Unreadable(_) => "provider_refused",
    }
}
