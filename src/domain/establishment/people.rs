//! Whom a new company has covered from its first day: what their 資格取得届 say of them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 種別 of somebody covered by health and pension insurance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PensionCategory {
    /// 男.
    Male,
    /// 女.
    Female,
    /// 坑内員.
    Miner,
}

impl PensionCategory {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
            Self::Miner => "3",
        }
    }
}

/// One person covered by health and pension insurance from the beginning (被保険者).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PensionMember {
    /// Family and given name, full-width, with a space between.
    #[schema(example = "見本　太郎")]
    pub name: String,
    /// The same in half-width katakana.
    #[schema(example = "ﾐﾎﾝ ﾀﾛｳ")]
    pub name_kana: String,
    /// When the person was born.
    #[schema(value_type = String, format = "date", example = "1985-04-12")]
    pub birth_date: NaiveDate,
    /// 種別.
    pub category: PensionCategory,
    /// 個人番号, 12 digits; or the basic pension number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub individual_number: Option<String>,
    /// 基礎年金番号, 10 digits; the address is told with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1234567890")]
    pub basic_pension_number: Option<String>,
    /// Seven digits; where the individual number is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1540000")]
    pub postal_code: Option<String>,
    /// The address in half-width katakana; where the individual number is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ﾄｳｷｮｳﾄﾐﾎﾝｸ")]
    pub address_kana: Option<String>,
    /// Whether there are dependants (被扶養者): their own notification is filed apart.
    #[serde(default)]
    pub has_dependants: bool,
    /// 報酬月額 in money, in yen.
    #[schema(example = 300_000)]
    pub monthly_pay: u64,
    /// 報酬月額 in kind, in yen.
    #[serde(default)]
    pub monthly_pay_in_kind: u64,
}

/// Why somebody is covered by employment insurance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HiringReason {
    /// 新規雇用（新規学卒）.
    FromSchool,
    /// 新規雇用（その他）.
    Hired,
    /// 日雇からの切替.
    FromDayLabour,
    /// その他.
    Other,
}

impl HiringReason {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FromSchool => "1",
            Self::Hired => "2",
            Self::FromDayLabour => "3",
            Self::Other => "4",
        }
    }
}

/// How pay is reckoned (賃金支払の態様).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayPeriod {
    /// 月給.
    Month,
    /// 週給.
    Week,
    /// 日給.
    Day,
    /// 時間給.
    Hour,
    /// その他.
    Other,
}

impl PayPeriod {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Month => "1",
            Self::Week => "2",
            Self::Day => "3",
            Self::Hour => "4",
            Self::Other => "5",
        }
    }
}

/// 雇用形態.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentKind {
    /// 日雇.
    DayLabour,
    /// 派遣.
    Dispatched,
    /// パートタイム.
    PartTime,
    /// 有期契約労働者.
    FixedTerm,
    /// 季節的雇用.
    Seasonal,
    /// 船員.
    Seaman,
    /// その他: a regular employee is one of these.
    Other,
}

impl EmploymentKind {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DayLabour => "1",
            Self::Dispatched => "2",
            Self::PartTime => "3",
            Self::FixedTerm => "4",
            Self::Seasonal => "5",
            Self::Seaman => "6",
            Self::Other => "7",
        }
    }
}

/// 性別, where a form asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormSex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl FormSex {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }
}

/// The time for which somebody is employed (契約期間), both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractTerm {
    /// The first day.
    #[schema(value_type = String, format = "date", example = "2026-12-01")]
    pub from: NaiveDate,
    /// The last day.
    #[schema(value_type = String, format = "date", example = "2027-11-30")]
    pub until: NaiveDate,
}

/// One person covered by employment insurance from the beginning (雇用保険の被保険者).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmploymentMember {
    /// Family and given name, full-width, with a space between.
    #[schema(example = "見本　花子")]
    pub name: String,
    /// The same in half-width katakana.
    #[schema(example = "ﾐﾎﾝ ﾊﾅｺ")]
    pub name_kana: String,
    /// When the person was born.
    #[schema(value_type = String, format = "date", example = "1987-01-15")]
    pub birth_date: NaiveDate,
    /// 性別.
    pub sex: FormSex,
    /// 個人番号, 12 digits.
    pub individual_number: String,
    /// 被保険者番号, 11 digits: of somebody who was covered before (再取得).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "12345678901")]
    pub insured_number: Option<String>,
    /// Why the person is covered.
    pub reason: HiringReason,
    /// How pay is reckoned.
    pub pay_period: PayPeriod,
    /// 賃金月額 in yen; the form says it in thousands, rounded to the nearest.
    #[schema(example = 240_000)]
    pub monthly_pay: u64,
    /// 雇用形態.
    pub employment_kind: EmploymentKind,
    /// 職種: two digits of the form's list, as in `employment_acquisition`.
    #[schema(example = "04")]
    pub occupation: String,
    /// 1週間の所定労働時間, in minutes.
    #[schema(example = 2400)]
    pub weekly_minutes: u64,
    /// 契約期間; absent where it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub term: Option<ContractTerm>,
}
