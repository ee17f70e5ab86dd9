//! 障害福祉: certificates, services and allowances for a disability.

use crate::catalog::value::YearMonth;
use chrono::NaiveDate;

record! {
    /// Support for a disability: what each provider has on record.
    Disability, DisabilityKind = "disability" {
        /// Recipient number (受給者証番号).
        recipient_number: String,
        /// Support category (障害支援区分).
        support_category: SupportCategory,
        /// Category valid from (区分認定有効期間開始年月日).
        category_valid_from: NaiveDate,
        /// Category valid to (区分認定有効期間終了年月日).
        category_valid_to: NaiveDate,
    } lists {
        /// Certificate (障害者手帳情報).
        handbooks: DisabilityCertificate,
        /// Service (支給決定情報).
        services: DisabilityService,
        /// Allowance (手当情報).
        allowances: DisabilityAllowance,
    }
}

shape! {
    /// One certificate (障害者手帳).
    DisabilityCertificate {
        /// Kind of certificate (手帳の種類).
        kind: DisabilityCertificateKind,
        /// Grade (等級).
        grade: String,
        /// Certificate number (手帳番号).
        number: String,
        /// Issued on (交付年月日).
        issued_on: NaiveDate,
        /// Expires on (有効期限).
        expires_on: NaiveDate,
        /// Disability (障害名).
        disability: String,
    } lists {}
}

shape! {
    /// One service decided on (支給決定).
    DisabilityService {
        /// Kind of service (サービスの種類).
        kind: DisabilityServiceKind,
        /// Decided on (支給決定年月日).
        decided_on: NaiveDate,
        /// Valid from (支給決定期間開始年月日).
        valid_from: NaiveDate,
        /// Valid to (支給決定期間終了年月日).
        valid_to: NaiveDate,
        /// Days a month (支給量).
        days_per_month: i64,
        /// Facility (施設・事業所名).
        facility: String,
        /// Monthly ceiling (利用者負担上限月額).
        monthly_limit_yen: i64,
    } lists {}
}

shape! {
    /// One allowance (手当).
    DisabilityAllowance {
        /// Kind of allowance (手当の種類).
        kind: DisabilityAllowanceKind,
        /// Grade (障害の級).
        grade: String,
        /// Paid from (支給開始年月).
        paid_from: YearMonth,
        /// Paid to (支給終了年月).
        paid_to: YearMonth,
        /// Amount of the month (手当月額).
        monthly_amount_yen: i64,
        /// Paid or suspended (支給停止区分).
        status: DisabilityAllowanceStatus,
        /// Certified on (認定年月日).
        certified_on: NaiveDate,
    } lists {}
}

codes! {
    /// How much support is needed (障害支援区分).
    SupportCategory {
        /// None (非該当).
        NotApplicable,
        /// Category 1 (区分1).
        Category1,
        /// Category 2 (区分2).
        Category2,
        /// Category 3 (区分3).
        Category3,
        /// Category 4 (区分4).
        Category4,
        /// Category 5 (区分5).
        Category5,
        /// Category 6 (区分6).
        Category6,
    }
}

codes! {
    /// Which certificate (手帳の種類).
    DisabilityCertificateKind {
        /// Physical disability certificate (身体障害者手帳).
        Physical,
        /// Rehabilitation certificate (療育手帳).
        Intellectual,
        /// Mental disability certificate (精神障害者保健福祉手帳).
        Mental,
    }
}

codes! {
    /// Which service.
    DisabilityServiceKind {
        /// Medical long-term care (療養介護).
        MedicalCare,
        /// Residence in a facility (施設入所支援).
        FacilityResidence,
        /// Daily care (生活介護).
        DailyCare,
        /// Home help (居宅介護).
        HomeHelp,
        /// Group home (共同生活援助).
        GroupHome,
        /// Other (その他).
        Other,
    }
}

codes! {
    /// Which allowance.
    DisabilityAllowanceKind {
        /// Special child rearing allowance (特別児童扶養手当).
        SpecialChildRearing,
        /// Welfare allowance for children with disabilities (障害児福祉手当).
        ChildWithDisability,
        /// Special allowance for persons with disabilities (特別障害者手当).
        SpecialDisability,
        /// Welfare allowance (transitional) (福祉手当（経過措置）).
        TransitionalWelfare,
    }
}

codes! {
    /// Whether it is paid.
    DisabilityAllowanceStatus {
        /// Paid (支給).
        Paid,
        /// Suspended (支給停止).
        Suspended,
    }
}
