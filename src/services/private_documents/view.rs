//! What citizens' software sees of documents.

use super::query::Place;
use super::reading::{Told, word_of};
use crate::adapters::linkage::ListedDocument;
use crate::domain::linkage::ServiceCode;
use crate::domain::private_document::{
    Contribution, DocumentContent, DocumentKind, EarthquakePremium, HousingLoan, LifePremium, MedicalExpenses,
    PrivateDocument, SpecifiedAccount,
};
use crate::domain::{Digest, Lang};
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// A document as its provider lists it. What its signature vouches for is in the document itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrivateDocumentSummary)]
pub struct PrivateDocumentSummaryView {
    /// Its id.
    #[schema(example = "mihon-post.life-2026-1")]
    pub id: String,
    /// The provider that keeps it.
    #[schema(example = "mihon-post")]
    pub provider: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Its official name in Japanese.
    #[schema(example = "生命保険料控除証明書")]
    pub kind_name: &'static str,
    /// The year that it is about (対象年).
    #[schema(example = 2026)]
    pub tax_year: u16,
    /// Its title.
    pub title: String,
    /// Who issued it.
    #[schema(example = "見本生命保険株式会社")]
    pub issuer: String,
    /// When.
    #[schema(format = "date", example = "2026-10-15")]
    pub issued_on: String,
    /// How many bytes it has.
    pub size: u64,
}

/// How a provider that is linked answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentProvider)]
pub struct DocumentProviderView {
    /// Which.
    #[schema(example = "mihon-post")]
    pub provider: String,
    /// Whether its documents are in the list.
    pub is_answered: bool,
    /// Why they are not: `provider_unreachable`, `provider_refused`, or `not_linked` where the link was ended there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "provider_unreachable")]
    pub problem: Option<&'static str>,
}

/// Some documents, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrivateDocumentPage {
    /// The documents.
    pub items: Vec<PrivateDocumentSummaryView>,
    /// `after` with which the list goes on; absent on its last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-10-15.mihon-post.life-2026-1")]
    pub next: Option<String>,
    /// Every provider that is linked, and whether it answered.
    pub providers: Vec<DocumentProviderView>,
}

/// What a document says: the one member of its kind.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = PrivateDocumentContent)]
pub struct DocumentContentView {
    /// Of a `life_insurance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub life_insurance: Option<Vec<LifePremium>>,
    /// Of an `earthquake_insurance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub earthquake_insurance: Option<Vec<EarthquakePremium>>,
    /// Of a `small_scale_mutual_aid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub small_scale_mutual_aid: Option<Vec<Contribution>>,
    /// Of a `housing_loan_balance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub housing_loan_balance: Option<HousingLoan>,
    /// Of a `specified_account`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub specified_account: Option<SpecifiedAccount>,
    /// Of a `medical_expenses`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub medical_expenses: Option<MedicalExpenses>,
    /// Of a `statement`: its lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub statement: Option<Vec<String>>,
}

/// A document whose signature holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrivateDocument)]
pub struct PrivateDocumentView {
    /// Its id.
    #[schema(example = "mihon-post.life-2026-1")]
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Its official name in Japanese.
    #[schema(example = "生命保険料控除証明書")]
    pub kind_name: &'static str,
    /// Its issuer's own number of it (整理番号).
    #[schema(example = "ML-2026-000123")]
    pub reference: String,
    /// Who issued it: whoever the certificate of its signature names.
    #[schema(example = "見本生命保険株式会社")]
    pub issuer: String,
    /// The year that it is about (対象年).
    #[schema(example = 2026)]
    pub tax_year: u16,
    /// When it was issued.
    #[schema(format = "date", example = "2026-10-15")]
    pub issued_on: String,
    /// To whom, as the issuer writes them.
    #[schema(example = "見本　太郎")]
    pub holder: String,
    /// SHA-256 of it as it was delivered, base64url.
    pub sha256: String,
    /// What it says.
    pub content: DocumentContentView,
}

impl PrivateDocumentSummaryView {
    pub(super) fn of(service: &ServiceCode, one: &ListedDocument) -> Self {
        Self {
            id: format!("{service}.{}", one.id),
            provider: service.to_string(),
            kind: one.kind,
            kind_name: one.kind.name(Lang::Ja),
            tax_year: one.tax_year,
            title: one.title.clone(),
            issuer: one.issuer.clone(),
            issued_on: one.issued_on.to_string(),
            size: one.size,
        }
    }

    pub(super) fn place(&self) -> Place {
        (Reverse(self.issued_on.clone()), self.id.clone())
    }

    pub(super) fn cursor(&self) -> String {
        format!("{}.{}", self.issued_on, self.id)
    }
}

impl DocumentProviderView {
    pub(super) fn of(told: &Told) -> Self {
        let problem = told.trouble.map(word_of);
        Self { provider: told.service.to_string(), is_answered: problem.is_none(), problem }
    }
}

impl DocumentContentView {
    fn of(content: &DocumentContent) -> Self {
        let mut view = Self::default();
        match content.clone() {
            DocumentContent::LifeInsurance(premiums) => view.life_insurance = Some(premiums),
            DocumentContent::EarthquakeInsurance(premiums) => view.earthquake_insurance = Some(premiums),
            DocumentContent::SmallScaleMutualAid(paid) => view.small_scale_mutual_aid = Some(paid),
            DocumentContent::HousingLoanBalance(loan) => view.housing_loan_balance = Some(loan),
            DocumentContent::SpecifiedAccount(account) => view.specified_account = Some(account),
            DocumentContent::MedicalExpenses(expenses) => view.medical_expenses = Some(expenses),
            DocumentContent::Statement(lines) => view.statement = Some(lines),
        }
        view
    }
}

impl PrivateDocumentView {
    pub(super) fn of(id: &str, document: &PrivateDocument, bytes: &[u8]) -> Self {
        Self {
            id: id.to_owned(),
            kind: document.kind,
            kind_name: document.kind.name(Lang::Ja),
            reference: document.reference.clone(),
            issuer: document.issuer.clone(),
            tax_year: document.tax_year,
            issued_on: document.issued_on.to_string(),
            holder: document.holder.clone(),
            sha256: Digest::of_bytes(bytes).base64url(),
            content: DocumentContentView::of(&document.content),
        }
    }
}
