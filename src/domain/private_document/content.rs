//! What documents of each kind say. Amounts are whole yen.

use serde::Serialize;
use utoipa::ToSchema;

/// Under which scheme a life insurance premium is deducted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifeScheme {
    /// 新制度: contracts from 2012 on.
    New,
    /// 旧制度: contracts until 2011.
    Old,
}

/// Which of its three deductions it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifeCategory {
    /// 一般.
    General,
    /// 介護医療; of the new scheme alone.
    NursingMedical,
    /// 個人年金.
    Pension,
}

/// A premium of a life insurance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LifePremium)]
pub struct LifePremium {
    /// New or old scheme.
    pub scheme: LifeScheme,
    /// For which deduction.
    pub category: LifeCategory,
    /// Paid until the certificate was issued (証明額), in yen.
    #[schema(example = 54_000)]
    pub certified_yen: u64,
    /// What the year comes to (申告額), in yen: what is declared.
    #[schema(example = 72_000)]
    pub declared_yen: u64,
}

/// What an earthquake insurance premium is deducted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EarthquakeCategory {
    /// 地震.
    Earthquake,
    /// 旧長期.
    OldLongTerm,
}

/// A premium of an earthquake insurance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EarthquakePremium)]
pub struct EarthquakePremium {
    /// What it is deducted as.
    pub category: EarthquakeCategory,
    /// What the year comes to, in yen.
    #[schema(example = 24_000)]
    pub declared_yen: u64,
}

/// To what a contribution was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContributionKind {
    /// 小規模企業共済.
    MutualAid,
    /// 企業型年金加入者掛金.
    CorporatePension,
    /// 個人型年金加入者掛金 (iDeCo).
    Ideco,
    /// 心身障害者扶養共済.
    DisabilitySupport,
}

/// A contribution (掛金).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MutualAidContribution)]
pub struct Contribution {
    /// To what.
    pub category: ContributionKind,
    /// What the year comes to, in yen.
    #[schema(example = 276_000)]
    pub declared_yen: u64,
}

/// A housing loan at the end of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HousingLoan)]
pub struct HousingLoan {
    /// What is left at the end of the year (年末残高), in yen.
    #[schema(example = 28_400_000)]
    pub year_end_balance_yen: u64,
    /// What was borrowed (当初借入金額), in yen.
    #[schema(example = 35_000_000)]
    pub borrowed_yen: u64,
    /// When.
    #[schema(format = "date", example = "2022-05-20")]
    pub borrowed_on: String,
}

/// A year of a specified account (特定口座).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SpecifiedAccountReport)]
pub struct SpecifiedAccount {
    /// 譲渡の対価の額 in yen.
    pub proceeds_yen: u64,
    /// 取得費及び譲渡に要した費用の額等 in yen.
    pub costs_yen: u64,
    /// The difference (差引金額) in yen; below zero for a loss.
    pub gain_yen: i64,
    /// 配当等の額 in yen.
    pub dividends_yen: u64,
    /// Income tax withheld (源泉徴収税額 所得税) in yen.
    pub income_tax_yen: u64,
    /// Local tax withheld (住民税) in yen.
    pub local_tax_yen: u64,
}

/// A line of a notice of medical expenses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MedicalExpenseEntry)]
pub struct MedicalEntry {
    /// The month of treatment (診療年月).
    #[schema(example = "2026-04")]
    pub month: String,
    /// Where.
    #[schema(example = "見本クリニック")]
    pub institution: String,
    /// What it cost in all, in yen.
    pub total_yen: u64,
    /// What the person paid (窓口相当額), in yen.
    pub paid_yen: u64,
}

/// A notice of medical expenses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MedicalExpenses)]
pub struct MedicalExpenses {
    /// Its lines.
    pub entries: Vec<MedicalEntry>,
    /// What the person paid in all, in yen.
    pub paid_yen: u64,
}

/// What a document says: one of these, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentContent {
    /// Premiums of life insurances.
    LifeInsurance(Vec<LifePremium>),
    /// Premiums of earthquake insurances.
    EarthquakeInsurance(Vec<EarthquakePremium>),
    /// Contributions.
    SmallScaleMutualAid(Vec<Contribution>),
    /// A housing loan.
    HousingLoanBalance(HousingLoan),
    /// A specified account.
    SpecifiedAccount(SpecifiedAccount),
    /// Medical expenses.
    MedicalExpenses(MedicalExpenses),
    /// Lines of text.
    Statement(Vec<String>),
}
