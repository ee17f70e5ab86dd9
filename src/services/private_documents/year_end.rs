//! All certificates for one year-end adjustment (年末調整), in one call.

use super::query::tax_year;
use super::reading::{Reading, Told, word_of};
use super::view::DocumentProviderView;
use super::{PrivateDocuments, citizen};
use crate::adapters::linkage::ListedDocument;
use crate::domain::private_document::{self, BadDocument, DocumentKind, PrivateDocument};
use crate::domain::year_end::YearEndSums;
use crate::domain::{Failure, Refusal};
use crate::gateway::Permit;
use crate::services::body::unknown;
use serde::Serialize;
use std::collections::HashMap;
use url::form_urlencoded;
use utoipa::ToSchema;

/// Most certificates that one call fetches.
const MOST: usize = 200;

/// A certificate that is in the sums.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CountedCertificate)]
pub struct CountedCertificateView {
    /// Its id: its document can be fetched by it.
    #[schema(example = "mihon-post.life-2026-1")]
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Who issued it.
    #[schema(example = "見本生命保険株式会社")]
    pub issuer: String,
    /// Its issuer's own number of it (整理番号).
    #[schema(example = "ML-2026-000123")]
    pub reference: String,
    /// To whom, as the issuer writes them: whoever has the tool compares it with the employee.
    #[schema(example = "見本　太郎")]
    pub holder: String,
    /// What it adds to the sums.
    pub amounts: YearEndSums,
}

/// A certificate that is not in the sums because another one is the same: one issuer's, of one number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DuplicateCertificate)]
pub struct DuplicateCertificateView {
    /// Its id.
    pub id: String,
    /// The one that is in the sums.
    pub same_as: String,
}

/// A certificate that is not in the sums because it could not be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnreadableCertificate)]
pub struct UnreadableCertificateView {
    /// Its id.
    pub id: String,
    /// What its provider says that it is.
    pub kind: DocumentKind,
    /// Who issued it, as its provider says.
    pub issuer: String,
    /// Why: a problem of the provider's (`provider_unreachable`, `provider_refused`, `not_linked`, `not_found`), or of the
    /// document (`malformed`, `not_signed`, `unknown_signature`, `altered`, `not_what_is_signed`, `certificate_expired`,
    /// `certificate_not_yet_valid`, `untrusted_issuer`, `wrong_issuer`, `other_than_listed`), or `too_many`.
    #[schema(example = "altered")]
    pub problem: &'static str,
}

/// What a citizen's certificates come to for one year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = YearEndAdjustment)]
pub struct YearEndAdjustmentView {
    /// The year.
    #[schema(example = 2026)]
    pub tax_year: u16,
    /// Whether every provider answered and every certificate was read. Where it is false the sums are of a part.
    pub is_complete: bool,
    /// The sums of what is declared (申告額).
    pub sums: YearEndSums,
    /// The certificates that are in them.
    pub certificates: Vec<CountedCertificateView>,
    /// Those that are not because another is the same.
    pub duplicates: Vec<DuplicateCertificateView>,
    /// Those that are not because they could not be read.
    pub unreadable: Vec<UnreadableCertificateView>,
    /// Every provider that is linked, and whether it answered.
    pub providers: Vec<DocumentProviderView>,
}

fn year_of(query: &str) -> Result<u16, Refusal> {
    let mut year = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "tax_year" => year = Some(tax_year(&value)?),
            _ => return Err(unknown(&name, "tax_year")),
        }
    }
    year.ok_or_else(|| Refusal::new("invalid_value", "Say which year, e.g. 2026.").at("tax_year"))
}

impl PrivateDocuments {
    /// Every certificate of a year that an employer needs for the year-end adjustment, and what they come to.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_value`; `not_linked`; `evidence_unavailable`. A provider's or a document's trouble is told
    /// in the answer.
    pub async fn year_end(&self, permit: &Permit, query: &str) -> Result<YearEndAdjustmentView, Failure> {
        let tax_year = year_of(query)?;
        self.parts.gateway.clear_private_documents(permit).await?;
        let reading = Reading::begin(&self.parts, citizen(permit)?).await?;
        let told = reading.list().await;
        let mut view = YearEndAdjustmentView {
            tax_year,
            is_complete: told.iter().all(|one| one.trouble.is_none()),
            sums: YearEndSums::default(),
            certificates: Vec::new(),
            duplicates: Vec::new(),
            unreadable: Vec::new(),
            providers: told.iter().map(DocumentProviderView::of).collect(),
        };
        let mut known = HashMap::new();
        let mut left = MOST;
        for one in &told {
            let wanted = |document: &&ListedDocument| document.tax_year == tax_year && document.kind.is_for_year_end();
            let wanted: Vec<&ListedDocument> = one.documents.iter().filter(wanted).collect();
            let (now, too_many) = wanted.split_at(wanted.len().min(left));
            left -= now.len();
            for (listed, opened) in now.iter().zip(self.open_all(&reading, one, now).await) {
                view.count((format!("{}.{}", one.service, listed.id), listed), opened, &mut known);
            }
            for listed in too_many {
                view.count((format!("{}.{}", one.service, listed.id), listed), Err("too_many"), &mut known);
            }
        }
        view.is_complete = view.is_complete && view.unreadable.is_empty();
        let shown = view.certificates.iter().map(|one| one.id.clone());
        let shown = shown.chain(view.duplicates.iter().map(|one| one.id.clone())).collect();
        self.shown(permit, shown).await?;
        reading.is_standing().await?;
        Ok(view)
    }

    /// The documents of one provider, each opened or with why it is not.
    async fn open_all(
        &self,
        reading: &Reading<'_>,
        told: &Told,
        wanted: &[&ListedDocument],
    ) -> Vec<Result<PrivateDocument, &'static str>> {
        let Some(provider) = reading.provider(&told.service).filter(|_| !wanted.is_empty()) else {
            return Vec::new();
        };
        let ids: Vec<&str> = wanted.iter().map(|one| one.id.as_str()).collect();
        let fetched = reading.fetch_all(&told.service, &ids).await;
        let now = self.parts.clock.now();
        let opened = fetched.into_iter().zip(wanted).map(|(fetched, listed)| {
            let bytes = fetched.map_err(word_of)?;
            let opened = private_document::open(&bytes, provider.anchors(), now).map_err(BadDocument::code)?;
            let is_listed = opened.kind == listed.kind && opened.tax_year == listed.tax_year;
            if is_listed { Ok(opened) } else { Err("other_than_listed") }
        });
        opened.collect()
    }
}

impl YearEndAdjustmentView {
    fn count(
        &mut self,
        (id, listed): (String, &ListedDocument),
        opened: Result<PrivateDocument, &'static str>,
        known: &mut HashMap<(String, String), String>,
    ) {
        let document = match opened {
            Ok(document) => document,
            Err(problem) => {
                let (kind, issuer) = (listed.kind, listed.issuer.clone());
                self.unreadable.push(UnreadableCertificateView { id, kind, issuer, problem });
                return;
            }
        };
        let name = (document.issuer.clone(), document.reference.clone());
        if let Some(same_as) = known.get(&name) {
            self.duplicates.push(DuplicateCertificateView { id, same_as: same_as.clone() });
            return;
        }
        known.insert(name, id.clone());
        let mut amounts = YearEndSums::default();
        amounts.add(&document);
        self.sums.add(&document);
        let PrivateDocument { kind, issuer, reference, holder, .. } = document;
        self.certificates.push(CountedCertificateView { id, kind, issuer, reference, holder, amounts });
    }
}
