//! What the consent page says of delivered documents and links: what may be read, and what has to be done first.

use super::consent_sheet::Sheet;
use super::form::Form;
use super::reply::{Reply, Shell};
use super::wording::span;
use crate::domain::citizen_notice::CONSENT_DAYS;
use crate::domain::linkage::ServiceCode;
use crate::domain::scope::Scope;
use crate::issuer::interaction::LinkingView;

/// A provider that can be picked.
pub(super) struct ProviderView {
    pub value: String,
    pub id: String,
    pub name: String,
    pub is_picked: bool,
}

/// The section of the page.
pub(super) struct LinkingSection {
    /// What may be read.
    pub what: Vec<String>,
    /// For how long, where nothing else says it.
    pub until: Option<String>,
    /// What happens on agreeing, in order; nothing where all of it was done before.
    pub steps: Vec<String>,
    /// Providers of which one is needed; nothing where one is linked.
    pub providers: Vec<ProviderView>,
}

impl LinkingSection {
    /// The section, where documents or links are asked for.
    pub fn new(shell: &Shell<'_>, sheet: &Sheet<'_>, client: &str) -> Option<Self> {
        let documents = sheet.scope.has(Scope::PrivateDocuments);
        let links = sheet.scope.has(Scope::LinkedServices);
        if !documents && !links {
            return None;
        }
        let documents = documents.then(|| shell.with("consent-documents-text", "client", client));
        let links = links.then(|| shell.with("consent-links-text", "client", client));
        let until = shell.with("consent-documents-until", "span", &span(shell, CONSENT_DAYS));
        let needed = sheet.view.and_then(|view| view.linking.as_ref());
        Some(Self {
            what: documents.into_iter().chain(links).collect(),
            until: sheet.ask.is_none().then_some(until),
            steps: needed.map(|linking| steps(shell, linking, client)).unwrap_or_default(),
            providers: needed.map(|linking| providers(shell, linking)).unwrap_or_default(),
        })
    }
}

fn steps(shell: &Shell<'_>, linking: &LinkingView, client: &str) -> Vec<String> {
    let register = (!linking.is_registered).then(|| shell.t("consent-linking-register"));
    let link = shell.t("consent-linking-link");
    register.into_iter().chain([link, shell.with("consent-linking-read", "client", client)]).collect()
}

fn providers(shell: &Shell<'_>, linking: &LinkingView) -> Vec<ProviderView> {
    let view = |(n, (code, name, _)): (usize, &(ServiceCode, crate::domain::Words, String))| ProviderView {
        value: code.to_string(),
        id: format!("provider-{code}"),
        name: name.get(shell.lang).to_owned(),
        is_picked: n == 0,
    };
    linking.providers.iter().enumerate().map(view).collect()
}

/// The provider that the form picks; none where it is not one that was offered.
pub(super) fn picked(form: &Form, linking: &LinkingView) -> Option<ServiceCode> {
    let said = form.get("provider")?;
    linking.providers.iter().map(|(code, ..)| code).find(|code| code.as_str() == said).cloned()
}

/// Lets the page's form lead to every provider that can be picked on it.
pub(super) fn leads_to<'p>(reply: Reply<'p>, linking: Option<&LinkingView>) -> Reply<'p> {
    let providers = linking.map(|linking| linking.providers.as_slice()).unwrap_or_default();
    providers.iter().fold(reply, |reply, (_, _, origin)| reply.form_leads_to(origin))
}
