//! What a citizen's certificates come to for the year-end adjustment (年末調整): exact sums of what is declared (申告額).
//!
//! Sums of certificates, and no deductions: those follow from them by rules that change, and the employer applies them.

use super::private_document::{
    ContributionKind, DocumentContent, EarthquakeCategory, LifeCategory, LifeScheme, PrivateDocument,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Life insurance premiums of the new scheme (新制度), in yen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NewLifeInsuranceSums)]
pub struct NewLife {
    /// 一般.
    #[schema(example = 72_000)]
    pub general_yen: u64,
    /// 介護医療.
    #[schema(example = 30_000)]
    pub nursing_medical_yen: u64,
    /// 個人年金.
    pub pension_yen: u64,
}

/// Life insurance premiums of the old scheme (旧制度), in yen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OldLifeInsuranceSums)]
pub struct OldLife {
    /// 一般.
    pub general_yen: u64,
    /// 個人年金.
    #[schema(example = 96_000)]
    pub pension_yen: u64,
}

/// Earthquake insurance premiums, in yen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EarthquakeInsuranceSums)]
pub struct Earthquake {
    /// 地震.
    #[schema(example = 24_000)]
    pub earthquake_yen: u64,
    /// 旧長期.
    pub old_long_term_yen: u64,
}

/// Contributions to small-scale enterprise mutual aid and alike, in yen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MutualAidSums)]
pub struct MutualAid {
    /// 小規模企業共済.
    pub mutual_aid_yen: u64,
    /// 企業型年金加入者掛金.
    pub corporate_pension_yen: u64,
    /// 個人型年金加入者掛金 (iDeCo).
    #[schema(example = 276_000)]
    pub ideco_yen: u64,
    /// 心身障害者扶養共済.
    pub disability_support_yen: u64,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = YearEndSums)]
pub struct YearEndSums {
    /// 生命保険料, new scheme.
    pub life_insurance_new: NewLife,
    /// 生命保険料, old scheme.
    pub life_insurance_old: OldLife,
    /// 地震保険料.
    pub earthquake_insurance: Earthquake,
    /// 小規模企業共済等掛金.
    pub small_scale_mutual_aid: MutualAid,
    /// 住宅ローン年末残高 in yen, of all loans.
    #[schema(example = 28_400_000)]
    pub housing_loan_balance_yen: u64,
}

impl YearEndSums {
    /// Adds a certificate. No sum can run over: an amount, their number in a document and that of documents are bounded.
    pub fn add(&mut self, document: &PrivateDocument) {
        match &document.content {
            DocumentContent::LifeInsurance(premiums) => {
                for one in premiums {
                    *self.life(one.scheme, one.category) += one.declared_yen;
                }
            }
            DocumentContent::EarthquakeInsurance(premiums) => {
                for one in premiums {
                    let sum = match one.category {
                        EarthquakeCategory::Earthquake => &mut self.earthquake_insurance.earthquake_yen,
                        EarthquakeCategory::OldLongTerm => &mut self.earthquake_insurance.old_long_term_yen,
                    };
                    *sum += one.declared_yen;
                }
            }
            DocumentContent::SmallScaleMutualAid(contributions) => {
                for one in contributions {
                    *self.contribution(one.category) += one.declared_yen;
                }
            }
            DocumentContent::HousingLoanBalance(loan) => self.housing_loan_balance_yen += loan.year_end_balance_yen,
            DocumentContent::SpecifiedAccount(_)
            | DocumentContent::MedicalExpenses(_)
            | DocumentContent::Statement(_) => {}
        }
    }

    fn life(&mut self, scheme: LifeScheme, category: LifeCategory) -> &mut u64 {
        match (scheme, category) {
            (LifeScheme::New, LifeCategory::General) => &mut self.life_insurance_new.general_yen,
            // The old scheme has none, and reading lets none in.
            (_, LifeCategory::NursingMedical) => &mut self.life_insurance_new.nursing_medical_yen,
            (LifeScheme::New, LifeCategory::Pension) => &mut self.life_insurance_new.pension_yen,
            (LifeScheme::Old, LifeCategory::General) => &mut self.life_insurance_old.general_yen,
            (LifeScheme::Old, LifeCategory::Pension) => &mut self.life_insurance_old.pension_yen,
        }
    }

    fn contribution(&mut self, kind: ContributionKind) -> &mut u64 {
        let sums = &mut self.small_scale_mutual_aid;
        match kind {
            ContributionKind::MutualAid => &mut sums.mutual_aid_yen,
            ContributionKind::CorporatePension => &mut sums.corporate_pension_yen,
            ContributionKind::Ideco => &mut sums.ideco_yen,
            ContributionKind::DisabilitySupport => &mut sums.disability_support_yen,
        }
    }
}
