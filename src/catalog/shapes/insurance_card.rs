//! 健康保険証: the insured person's qualification.

use super::Sex;
use chrono::NaiveDate;

record! {
    /// A medical-insurance qualification.
    InsuranceCard, InsuranceCardKind = "insurance_card" {
        /// Insurer number (保険者番号).
        insurer_number: String,
        /// Symbol (記号).
        symbol: String,
        /// Number (番号).
        number: String,
        /// Branch number (枝番).
        branch_number: String,
        /// Insurer (保険者名).
        insurer_name: String,
        /// Insured person (被保険者氏名).
        insured_name: String,
        /// Insured person in kana (被保険者氏名のフリガナ).
        insured_name_kana: String,
        /// Date of birth (生年月日).
        birth_date: NaiveDate,
        /// Sex (性別).
        sex: Sex,
        /// In person or as family (本人・家族の区分).
        insured_as: InsuredKind,
        /// Kind of insurance (保険の種類).
        scheme: InsuranceScheme,
        /// Qualified on (資格取得年月日).
        qualified_on: NaiveDate,
        /// Lost on (資格喪失年月日).
        lost_on: NaiveDate,
        /// Issued on (交付年月日).
        issued_on: NaiveDate,
        /// Expires on (有効期限).
        expires_on: NaiveDate,
        /// Share paid (負担割合).
        copayment_tenths: i64,
        /// Ceiling class (限度額適用区分).
        copayment_limit: CopaymentLimitClass,
    } lists {}
}

codes! {
    /// Insured in person or as family (本人・家族).
    InsuredKind {
        /// Insured person (本人).
        Insured,
        /// Dependant (家族（被扶養者）).
        Dependant,
    }
}

codes! {
    /// Which insurance (保険の種類).
    InsuranceScheme {
        /// National Health Insurance (国民健康保険).
        NationalHealthInsurance,
        /// Japan Health Insurance Association (全国健康保険協会).
        HealthInsuranceAssociation,
        /// Health insurance society (健康保険組合).
        HealthInsuranceSociety,
        /// Mutual aid association (共済組合).
        MutualAid,
        /// Seamen's Insurance (船員保険).
        Seamen,
        /// Medical care for those aged 75 or over (後期高齢者医療).
        Elderly,
    }
}

codes! {
    /// Class of the monthly ceiling (限度額適用区分).
    CopaymentLimitClass {
        /// A (ア（標準報酬月額83万円以上）).
        ClassA,
        /// B (イ（53～79万円）).
        ClassB,
        /// C (ウ（28～50万円）).
        ClassC,
        /// D (エ（26万円以下）).
        ClassD,
        /// E (オ（住民税非課税）).
        ClassE,
    }
}
