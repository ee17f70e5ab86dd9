//! 年金: pensions and the benefits that go with them.

use crate::catalog::value::YearMonth;
use chrono::NaiveDate;

record! {
    /// Pensions and benefits received.
    Pension, PensionKind = "pension" {
        /// Basic pension number (基礎年金番号).
        basic_pension_number: String,
        /// Certificate number (年金証書番号).
        certificate_number: String,
    } lists {
        /// Benefit (受給情報).
        benefits: PensionBenefit,
        /// Payment (支払情報).
        payments: PensionPayment,
    }
}

shape! {
    /// One pension or benefit.
    PensionBenefit {
        /// Kind of benefit (年金・給付金の種類).
        kind: PensionBenefitKind,
        /// Pension code (年金コード).
        pension_code: String,
        /// Disability grade (障害等級).
        disability_grade: PensionDisabilityGrade,
        /// Entitled on (受給権取得年月日).
        entitled_on: NaiveDate,
        /// Paid from (支給開始年月).
        paid_from: YearMonth,
        /// Paid to (支給終了年月).
        paid_to: YearMonth,
        /// Amount of the year (年金額（年額）).
        annual_amount_yen: i64,
        /// Amount of the month (支給月額).
        monthly_amount_yen: i64,
        /// Paid or suspended (支給停止区分).
        status: PensionStatus,
        /// Suspended from (支給停止開始年月).
        suspended_from: YearMonth,
        /// Suspended to (支給停止終了年月).
        suspended_to: YearMonth,
        /// Children added for (加算対象の子の数).
        added_children: i64,
        /// Next medical certificate (次回診断書提出年月).
        next_report_month: YearMonth,
    } lists {}
}

shape! {
    /// One payment.
    PensionPayment {
        /// Paid on (支払年月日).
        paid_on: NaiveDate,
        /// Amount (支払額).
        amount_yen: i64,
        /// Tax withheld (源泉徴収税額).
        withheld_tax_yen: i64,
        /// Care premium withheld (介護保険料額).
        withheld_care_premium_yen: i64,
    } lists {}
}

codes! {
    /// Which pension or benefit.
    PensionBenefitKind {
        /// Disability basic pension (障害基礎年金).
        DisabilityBasic,
        /// Old-age basic pension (老齢基礎年金).
        OldAgeBasic,
        /// Survivors' basic pension (遺族基礎年金).
        SurvivorsBasic,
        /// Special disability benefit (特別障害給付金).
        SpecialDisabilityBenefit,
        /// Pensioner support benefit, old age (老齢年金生活者支援給付金).
        PensionerSupportOldAge,
        /// Pensioner support benefit, disability (障害年金生活者支援給付金).
        PensionerSupportDisability,
        /// Pensioner support benefit, survivors (遺族年金生活者支援給付金).
        PensionerSupportSurvivors,
    }
}

codes! {
    /// Grade of disability for a pension (障害等級).
    PensionDisabilityGrade {
        /// Grade 1 (1級).
        Grade1,
        /// Grade 2 (2級).
        Grade2,
    }
}

codes! {
    /// Whether it is paid (支給停止区分).
    PensionStatus {
        /// Paid (支給).
        Paid,
        /// Partly suspended (一部支給停止).
        PartlySuspended,
        /// Suspended (全額支給停止).
        Suspended,
    }
}
