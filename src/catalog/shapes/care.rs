//! 介護保険: certification, benefits and premiums of long-term care insurance.

use crate::catalog::value::YearMonth;
use chrono::NaiveDate;

record! {
    /// Long-term care insurance.
    LongTermCare, LongTermCareKind = "long_term_care" {
        /// Insured person's number (被保険者番号).
        insured_number: String,
        /// Insurer number (保険者番号).
        insurer_number: String,
        /// Insurer (保険者名).
        insurer_name: String,
        /// Class of insured person (被保険者区分).
        insured_class: CareInsuredClass,
        /// Share paid (利用者負担割合).
        copayment_tenths: i64,
        /// Share valid from (負担割合適用開始年月日).
        copayment_valid_from: NaiveDate,
        /// Share valid to (負担割合適用終了年月日).
        copayment_valid_to: NaiveDate,
    } lists {
        /// Certification (要介護認定情報).
        certifications: CareCertification,
        /// Benefit (給付実績情報).
        benefits: CareBenefit,
        /// Premium (保険料賦課情報).
        premiums: CarePremium,
    }
}

shape! {
    /// One certification (要介護認定).
    CareCertification {
        /// Applied for (申請区分).
        application_kind: CareApplicationKind,
        /// Applied on (申請年月日).
        applied_on: NaiveDate,
        /// Certified on (認定年月日).
        certified_on: NaiveDate,
        /// Care level (要介護状態区分).
        care_level: CareLevel,
        /// Valid from (認定有効期間開始年月日).
        valid_from: NaiveDate,
        /// Valid to (認定有効期間終了年月日).
        valid_to: NaiveDate,
        /// Monthly limit (支給限度基準額).
        monthly_limit_units: i64,
    } lists {}
}

shape! {
    /// One month of one service (給付実績).
    CareBenefit {
        /// Month of service (サービス提供年月).
        service_month: YearMonth,
        /// Service (サービス種類).
        service: String,
        /// Provider (事業所名).
        provider: String,
        /// Units (サービス単位数).
        units: i64,
        /// Total (費用額).
        total_yen: i64,
        /// Paid by the insurer (保険給付額).
        insurer_paid_yen: i64,
        /// Paid by the user (利用者負担額).
        user_paid_yen: i64,
    } lists {}
}

shape! {
    /// The premium of one year (保険料).
    CarePremium {
        /// Fiscal year (賦課年度).
        fiscal_year: u16,
        /// Income step (所得段階).
        income_step: i64,
        /// Premium of the year (年間保険料額).
        annual_premium_yen: i64,
        /// Collection (徴収方法).
        collection: PremiumCollection,
    } lists {}
}

codes! {
    /// Class of insured person (被保険者区分).
    CareInsuredClass {
        /// First (aged 65 or over) (第1号被保険者).
        First,
        /// Second (aged 40 to 64) (第2号被保険者).
        Second,
        /// Other (その他).
        Other,
    }
}

codes! {
    /// What was applied for (申請区分).
    CareApplicationKind {
        /// Care (要介護).
        Care,
        /// Support (要支援).
        Support,
    }
}

codes! {
    /// How much care is needed (要介護状態区分).
    CareLevel {
        /// Not certified (非該当).
        NotCertified,
        /// Participant of the programme (事業対象者).
        ProgrammeParticipant,
        /// Support level 1 (要支援1).
        Support1,
        /// Support level 2 (要支援2).
        Support2,
        /// Care level 1 (要介護1).
        Care1,
        /// Care level 2 (要介護2).
        Care2,
        /// Care level 3 (要介護3).
        Care3,
        /// Care level 4 (要介護4).
        Care4,
        /// Care level 5 (要介護5).
        Care5,
    }
}

codes! {
    /// How the premium is collected (徴収方法).
    PremiumCollection {
        /// Taken off the pension (特別徴収).
        FromPension,
        /// By payment slip (普通徴収).
        ByPaymentSlip,
        /// Both (併徴).
        Both,
    }
}
