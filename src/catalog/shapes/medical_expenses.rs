//! 医療費通知情報: what was spent on medical care, by month and institution.

use crate::catalog::value::YearMonth;
use chrono::NaiveDate;

record! {
    /// Medical expenses, one entry a month and institution.
    MedicalExpenses, MedicalExpensesKind = "medical_expenses" {
        /// Insurer (保険者名).
        insurer_name: String,
        /// Issued on (通知作成年月日).
        issued_on: NaiveDate,
        /// First month (対象期間（開始）).
        first_month: YearMonth,
        /// Last month (対象期間（終了）).
        last_month: YearMonth,
    } lists {
        /// Medical expense (医療費).
        expenses: MedicalExpense,
    }
}

shape! {
    /// The expenses of one month at one institution.
    MedicalExpense {
        /// Month of care (診療年月).
        service_month: YearMonth,
        /// Kind of care (診療区分).
        care_kind: CareKind,
        /// Patient (受診者氏名).
        patient_name: String,
        /// Institution (医療機関名).
        institution: String,
        /// Days (日数・回数).
        days: i64,
        /// Total (医療費の総額).
        total_yen: i64,
        /// Paid by the insurer (保険者の負担額).
        insurer_paid_yen: i64,
        /// Paid by public funds (公費の負担額).
        public_paid_yen: i64,
        /// Paid by the patient (窓口相当負担額).
        patient_paid_yen: i64,
        /// Meals (食事・生活療養の回数).
        meals: i64,
        /// Cost of meals (食事・生活療養の費用額).
        meals_total_yen: i64,
        /// Meals paid by the patient (食事・生活療養の標準負担額).
        meals_patient_paid_yen: i64,
    } lists {}
}

codes! {
    /// Which kind of care (診療区分).
    CareKind {
        /// Medical, in hospital (医科入院).
        Inpatient,
        /// Medical, outpatient (医科外来).
        Outpatient,
        /// Dental, in hospital (歯科入院).
        DentalInpatient,
        /// Dental (歯科外来).
        Dental,
        /// Pharmacy (調剤).
        Pharmacy,
        /// Visiting nurse (訪問看護).
        HomeNursing,
        /// Judo therapist (柔道整復).
        JudoTherapy,
        /// Acupuncture and massage (はり・きゅう、あん摩・マッサージ).
        Acupuncture,
        /// Other (その他).
        Other,
    }
}
