//! 児童扶養手当: allowance for single parents and others who bring up a child.

use super::YesNo;
use crate::catalog::value::YearMonth;
use chrono::NaiveDate;

record! {
    /// A child rearing allowance.
    ChildAllowance, ChildAllowanceKind = "child_allowance" {
        /// Certificate number (証書番号).
        certificate_number: String,
        /// Paid in full or part (支給区分).
        status: AllowanceStatus,
        /// Paid from (支給開始年月).
        paid_from: YearMonth,
        /// Paid to (支給終了年月).
        paid_to: YearMonth,
        /// Amount of the month (手当月額).
        monthly_amount_yen: i64,
        /// Certified on (認定年月日).
        certified_on: NaiveDate,
        /// Reason (支給要件).
        reason: AllowanceReason,
        /// Number of children (対象児童数).
        child_count: i64,
        /// Last report (現況届提出年月日).
        reported_on: NaiveDate,
    } lists {
        /// Child (対象児童).
        children: AllowanceChild,
        /// Payment (支払情報).
        payments: AllowancePayment,
    }
}

shape! {
    /// One child that counts for the allowance.
    AllowanceChild {
        /// Child: full name (児童の氏名).
        full_name: String,
        /// Child: date of birth (児童の生年月日).
        birth_date: NaiveDate,
        /// Child: counted from (対象開始年月).
        counted_from: YearMonth,
        /// Child: counted to (対象終了年月).
        counted_to: YearMonth,
        /// Child: disability (児童の障害の有無).
        has_disability: YesNo,
    } lists {}
}

shape! {
    /// One payment.
    AllowancePayment {
        /// Paid on (支払年月日).
        paid_on: NaiveDate,
        /// Amount (支払額).
        amount_yen: i64,
        /// First month (支払対象月（開始）).
        first_month: YearMonth,
        /// Last month (支払対象月（終了）).
        last_month: YearMonth,
    } lists {}
}

codes! {
    /// How much is paid (支給区分).
    AllowanceStatus {
        /// Paid in full (全部支給).
        Full,
        /// Paid in part (一部支給).
        Partial,
        /// Suspended (全部停止).
        Suspended,
    }
}

codes! {
    /// Why it is paid (支給要件).
    AllowanceReason {
        /// Divorce of the parents (父母の離婚).
        Divorce,
        /// Death of a parent (父または母の死亡).
        Death,
        /// Disability of a parent (父または母の障害).
        Disability,
        /// A parent missing or gone (父または母の生死不明・遺棄).
        Missing,
        /// A parent detained (父または母の拘禁).
        Detained,
        /// Born outside marriage (婚姻によらない出生).
        Unmarried,
        /// Protection order (DV保護命令).
        ProtectionOrder,
        /// Other (その他).
        Other,
    }
}
