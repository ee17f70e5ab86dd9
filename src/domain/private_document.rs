//! A document from a private delivery provider (民間送達): a certificate (控除証明書等) or a statement, signed by whoever issued it.
//!
//! delivered → opened, or told to be none that holds. It is opened by `open` alone: the signature covers the very part that is
//! read, its certificate leads up to an authority that the operator trusts, and names whoever the document says issued it.

mod content;
mod read;

pub use content::{
    Contribution, ContributionKind, DocumentContent, EarthquakeCategory, EarthquakePremium, HousingLoan, LifeCategory,
    LifePremium, LifeScheme, MedicalEntry, MedicalExpenses, SpecifiedAccount,
};

use super::chain::{Anchors, BadChain};
use super::time::Timestamp;
use super::words::Lang;
use super::xml::{self, BadSignature, Document};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use x509_parser::prelude::{AttributeTypeAndValue, FromDer as _, X509Certificate};

/// Most yen of one amount.
pub const MOST_YEN: u64 = 1_000_000_000_000;
/// The part that is signed.
const SIGNED: &str = "証明書";
/// Where its signature is.
const SIGNATURE: &str = "署名情報";
/// The whole.
const ROOT: &str = "電子的控除証明書等";

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 生命保険料控除証明書.
    LifeInsurance,
    /// 地震保険料控除証明書.
    EarthquakeInsurance,
    /// 小規模企業共済等掛金払込証明書.
    SmallScaleMutualAid,
    /// 住宅ローン年末残高証明書.
    HousingLoanBalance,
    /// 特定口座年間取引報告書.
    SpecifiedAccount,
    /// 医療費通知.
    MedicalExpenses,
    /// Any other statement (お知らせ, 明細).
    Statement,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::LifeInsurance,
        Self::EarthquakeInsurance,
        Self::SmallScaleMutualAid,
        Self::HousingLoanBalance,
        Self::SpecifiedAccount,
        Self::MedicalExpenses,
        Self::Statement,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LifeInsurance => "life_insurance",
            Self::EarthquakeInsurance => "earthquake_insurance",
            Self::SmallScaleMutualAid => "small_scale_mutual_aid",
            Self::HousingLoanBalance => "housing_loan_balance",
            Self::SpecifiedAccount => "specified_account",
            Self::MedicalExpenses => "medical_expenses",
            Self::Statement => "statement",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Its official name.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::LifeInsurance, Lang::Ja) => "生命保険料控除証明書",
            (Self::LifeInsurance, Lang::En) => "Certificate of life insurance premiums",
            (Self::EarthquakeInsurance, Lang::Ja) => "地震保険料控除証明書",
            (Self::EarthquakeInsurance, Lang::En) => "Certificate of earthquake insurance premiums",
            (Self::SmallScaleMutualAid, Lang::Ja) => "小規模企業共済等掛金払込証明書",
            (Self::SmallScaleMutualAid, Lang::En) => "Certificate of mutual aid and iDeCo contributions",
            (Self::HousingLoanBalance, Lang::Ja) => "住宅ローン年末残高証明書",
            (Self::HousingLoanBalance, Lang::En) => "Certificate of a housing loan's year-end balance",
            (Self::SpecifiedAccount, Lang::Ja) => "特定口座年間取引報告書",
            (Self::SpecifiedAccount, Lang::En) => "Annual report of a specified account",
            (Self::MedicalExpenses, Lang::Ja) => "医療費通知",
            (Self::MedicalExpenses, Lang::En) => "Notice of medical expenses",
            (Self::Statement, Lang::Ja) => "お知らせ・明細",
            (Self::Statement, Lang::En) => "Statement",
        }
    }

    /// Whether an employer needs it for the year-end adjustment (年末調整).
    #[must_use]
    pub const fn is_for_year_end(self) -> bool {
        matches!(
            self,
            Self::LifeInsurance | Self::EarthquakeInsurance | Self::SmallScaleMutualAid | Self::HousingLoanBalance
        )
    }
}

/// A document that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateDocument {
    /// What it is.
    pub kind: DocumentKind,
    /// Its issuer's own number of it (整理番号).
    pub reference: String,
    /// Who issued it: whoever the certificate of its signature names.
    pub issuer: String,
    /// The year that it is about (対象年).
    pub tax_year: u16,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// To whom, as the issuer writes them.
    pub holder: String,
    /// What it says.
    pub content: DocumentContent,
}

/// Why a document does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    /// It is none as documented: `0` names the element, or the rule, that is broken.
    #[error("it is no document as issuers have to write them: {0}")]
    Malformed(&'static str),
    /// Its signature does not hold.
    #[error("{0}")]
    Signature(BadSignature),
    /// What is signed is not what would be read.
    #[error("the signature is of another part than the one that would be read")]
    NotWhatIsSigned,
    /// Nobody who is trusted vouches for who signed it.
    #[error("{0}")]
    Chain(BadChain),
    /// It was signed by somebody else than it says.
    #[error("the signature is not of the issuer that the document names")]
    WrongIssuer,
}

impl BadDocument {
    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Signature(BadSignature::Missing) => "not_signed",
            Self::Signature(BadSignature::Unknown) => "unknown_signature",
            Self::Signature(BadSignature::Reference | BadSignature::Changed) => "altered",
            Self::NotWhatIsSigned => "not_what_is_signed",
            Self::Chain(BadChain::Expired) => "certificate_expired",
            Self::Chain(BadChain::NotYetValid) => "certificate_not_yet_valid",
            Self::Chain(_) => "untrusted_issuer",
            Self::WrongIssuer => "wrong_issuer",
        }
    }
}

/// Opens a document: it is read only where its signature holds `now`, up to one of `anchors`, and covers what is read.
///
/// # Errors
/// [`BadDocument`].
pub fn open(bytes: &[u8], anchors: &Anchors, now: Timestamp) -> Result<PrivateDocument, BadDocument> {
    let document = Document::parse(bytes).map_err(|_| BadDocument::Malformed("no XML"))?;
    let verified = xml::verify(&document, &|_| None).map_err(BadDocument::Signature)?;
    anchors.verify(&verified.certificate, &verified.between, now).map_err(BadDocument::Chain)?;
    // Nothing is searched for: what is read stands at its one place, and is the one thing that is signed (signature wrapping).
    if document.root.name != ROOT {
        return Err(BadDocument::Malformed(ROOT));
    }
    let parts: Vec<_> = document.root.elements().collect();
    let [signed, signature] = parts.as_slice() else { return Err(BadDocument::Malformed(ROOT)) };
    let id = signed.get("ID").unwrap_or_default();
    let is_signed = !id.is_empty() && verified.targets == [format!("#{id}")];
    if signed.name != SIGNED || signature.name != SIGNATURE || !is_signed {
        return Err(BadDocument::NotWhatIsSigned);
    }
    let read = read::read(signed)?;
    if is_named(&verified.certificate, &read.issuer) { Ok(read) } else { Err(BadDocument::WrongIssuer) }
}

/// Whether a certificate is of the organisation of this name.
fn is_named(certificate: &[u8], issuer: &str) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
    let mut names = certificate.subject().iter_organization();
    matches!((names.next().map(AttributeTypeAndValue::as_str), names.next()), (Some(Ok(name)), None) if name == issuer)
}

#[cfg(test)]
pub(crate) mod tests;
