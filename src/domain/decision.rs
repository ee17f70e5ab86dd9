//! What the operator's rules are asked, and what came of it. Codes only, so that it can be kept and asked again.

use super::acr::Acr;
use super::client::{ClientClass, ClientStatus};
use super::data_set::DataSetCode;
use super::ids::{ClientId, DecisionId};
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read the catalogue.
    ReadCatalogue,
    /// Ask a citizen for a data set.
    RequestDataSet,
    /// Have a data set fetched under a citizen's consent.
    RetrieveDataSet,
    /// Read who asked whom for what about a citizen, under their consent.
    ReadProvisionRecords,
    /// Have a citizen's card known where a health insurance card is asked for, under their consent.
    RegisterHealthInsurance,
    /// File for another company than one's own, by its delegation.
    FileForAnother,
    /// Establish companies for their founders.
    EstablishCompany,
    /// Ask for payments as the agency that it is.
    CollectPayments,
    /// Reference what was deposited for the agency that it is.
    ReferenceDeposit,
    /// Search what people apply for at municipalities.
    SearchServices,
    /// Read a citizen's notices under their consent.
    ReadNotices,
    /// Read a citizen's documents from linked private delivery providers, and what is linked, under their consent.
    ReadPrivateDocuments,
    /// Post notices to citizens as the agency that it is.
    PostNotices,
    /// Apply to municipalities for citizens, with their consent.
    ApplyForCitizen,
    /// Take what citizens applied for at the municipality that it is.
    TakeApplications,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 15] = [
        Self::ReadCatalogue,
        Self::RequestDataSet,
        Self::RetrieveDataSet,
        Self::ReadProvisionRecords,
        Self::RegisterHealthInsurance,
        Self::FileForAnother,
        Self::EstablishCompany,
        Self::CollectPayments,
        Self::ReferenceDeposit,
        Self::SearchServices,
        Self::ReadNotices,
        Self::ReadPrivateDocuments,
        Self::PostNotices,
        Self::ApplyForCitizen,
        Self::TakeApplications,
    ];

    /// The action's name in the rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadCatalogue => "read_catalogue",
            Self::RequestDataSet => "request_data_set",
            Self::RetrieveDataSet => "retrieve_data_set",
            Self::ReadProvisionRecords => "read_provision_records",
            Self::RegisterHealthInsurance => "register_health_insurance",
            Self::FileForAnother => "file_for_another",
            Self::EstablishCompany => "establish_company",
            Self::CollectPayments => "collect_payments",
            Self::ReferenceDeposit => "reference_deposit",
            Self::SearchServices => "search_services",
            Self::ReadNotices => "read_notices",
            Self::ReadPrivateDocuments => "read_private_documents",
            Self::PostNotices => "post_notices",
            Self::ApplyForCitizen => "apply_for_citizen",
            Self::TakeApplications => "take_applications",
        }
    }

    /// Whether it is about one data set.
    #[must_use]
    pub const fn is_about_data(self) -> bool {
        matches!(self, Self::RequestDataSet | Self::RetrieveDataSet)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

/// What the rules know of a data set; the catalogue's facts, handed over by whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSetFacts {
    /// Its code.
    pub code: DataSetCode,
    /// Its group's code.
    pub group: String,
    /// Which kinds of third party the catalogue opens it to.
    pub classes: Vec<ClientClass>,
    /// How surely the citizen must be recognised.
    pub min_acr: Acr,
    /// Whether it is sensitive (要配慮個人情報 and the like).
    pub is_sensitive: bool,
}

/// Everything that the rules are told for one decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Who asks.
    pub client: ClientId,
    /// What kind of third party that is.
    pub class: ClientClass,
    /// Whether it may act at all.
    pub status: ClientStatus,
    /// What is to be done.
    pub action: Action,
    /// With which data set; nothing for the catalogue as a whole.
    pub data_set: Option<DataSetFacts>,
    /// How surely the citizen was recognised, once that is known.
    pub acr: Option<Acr>,
    /// The code of the purpose, as registered.
    pub purpose: Option<String>,
    /// For how many days it is asked for, or was agreed to; 0 for once.
    pub access_days: Option<u32>,
    /// The hour of the day in Japan, 0 to 23.
    pub hour: u8,
}

/// What the rules came to once, kept so that it can be explained later. There is nothing of a person in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// Its id: the same for the same question to the same rules.
    pub id: DecisionId,
    /// When it was last kept.
    pub at: Timestamp,
    /// What was asked.
    pub facts: Facts,
    /// Whether it was allowed.
    pub is_allowed: bool,
    /// The rule that it was named after.
    pub rule: String,
    /// Digest of the rules that were in force, in base64url.
    pub rules: String,
}

impl DecisionRecord {
    /// The record of an answer to `facts` by the rules with the digest `rules`.
    #[must_use]
    pub fn new(facts: Facts, (is_allowed, rule): (bool, &str), rules: Digest, at: Timestamp) -> Self {
        let rules = rules.base64url();
        // Codes and numbers always serialise.
        let asked = serde_json::to_string(&facts).unwrap_or_default();
        let id = DecisionId::of(Digest::of(&format!("{rules} {is_allowed} {rule} {asked}")));
        Self { id, at, facts, is_allowed, rule: rule.to_owned(), rules }
    }
}
