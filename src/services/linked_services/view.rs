//! What citizens' software sees of links.

use crate::adapters::linkage::LinkedServices;
use crate::domain::Timestamp;
use crate::domain::linkage::{HeldLink, LinkedServiceKind};
use serde::Serialize;
use utoipa::ToSchema;

/// A service that is linked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkedService)]
pub struct LinkedServiceView {
    /// The service, as this installation calls it.
    #[schema(example = "mihon-post")]
    pub service: String,
    /// What it is for.
    pub kind: LinkedServiceKind,
    /// Its name in Japanese; its code where this installation has it no more.
    #[schema(example = "見本電子私書箱（サンドボックス）")]
    pub name_ja: String,
    /// Its name in English.
    #[schema(example = "Mihon e-Mailbox (sandbox)")]
    pub name_en: String,
    /// Since when (RFC 3339).
    #[schema(format = "date-time")]
    pub linked_at: String,
}

/// With what a citizen's account is linked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LinkedServices)]
pub struct LinkedServicesView {
    /// Whether the account is registered (利用者登録). It is from its first link on.
    pub is_registered: bool,
    /// Since when (RFC 3339); absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub registered_at: Option<String>,
    /// The links.
    pub items: Vec<LinkedServiceView>,
}

impl LinkedServicesView {
    pub(super) fn of(registered_at: Option<Timestamp>, links: &[HeldLink], services: &LinkedServices) -> Self {
        let view = |held: &HeldLink| {
            let code = &held.link.service;
            let name = services.name(code);
            LinkedServiceView {
                service: code.to_string(),
                kind: services.kind(code).unwrap_or(LinkedServiceKind::PrivateDelivery),
                name_ja: name.as_ref().map_or_else(|| code.to_string(), |name| name.ja.clone()),
                name_en: name.as_ref().map_or_else(|| code.to_string(), |name| name.en.clone()),
                linked_at: held.link.linked_at.rfc3339(),
            }
        };
        Self {
            is_registered: registered_at.is_some(),
            registered_at: registered_at.map(Timestamp::rfc3339),
            items: links.iter().map(view).collect(),
        }
    }
}
