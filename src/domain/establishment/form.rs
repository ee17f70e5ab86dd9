//! What is said of a company to be founded, once for every receiver (共通項目).

use super::people::{EmploymentMember, PensionMember};
use super::taxes::TaxChoices;
use crate::domain::time::Timestamp;
use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most founders, officers and purposes.
pub const MOST_LISTED: usize = 20;
/// Most people whose 資格取得届 go with it.
pub const MOST_MEMBERS: usize = 50;

/// Which kind of company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyKind {
    /// 株式会社: its articles are certified by a notary first.
    Kabushiki,
    /// 合同会社.
    Godo,
}

impl CompanyKind {
    /// The word that its trade name must hold (会社法 第6条第2項).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kabushiki => "株式会社",
            Self::Godo => "合同会社",
        }
    }

    /// The code in the forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kabushiki => "1",
            Self::Godo => "2",
        }
    }
}

/// Where the company is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadOffice {
    /// Seven digits.
    #[schema(example = "1540000")]
    pub postal_code: String,
    /// The municipality (全国地方公共団体コード, six digits): it decides which offices are told.
    #[schema(example = "142034")]
    pub municipality: String,
    /// The whole address, from the prefecture on, in full-width characters.
    #[schema(example = "神奈川県平塚市見本町１－２－３")]
    pub address: String,
}

/// A person who founds the company (発起人・社員).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// Family and given name, full-width, with a space between.
    #[schema(example = "見本　太郎")]
    pub name: String,
    /// The same in half-width katakana.
    #[schema(example = "ﾐﾎﾝ ﾀﾛｳ")]
    pub name_kana: String,
    /// Where the person lives, full-width.
    #[schema(example = "東京都見本区見本町４－５－６")]
    pub address: String,
    /// What the person pays in (出資), in yen.
    #[schema(example = 2_000_000)]
    pub contribution: u64,
}

/// As what somebody serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficerRole {
    /// 代表取締役, of a 株式会社.
    RepresentativeDirector,
    /// 取締役, of a 株式会社.
    Director,
    /// 監査役, of a 株式会社.
    Auditor,
    /// 代表社員, of a 合同会社.
    RepresentativePartner,
    /// 業務執行社員, of a 合同会社.
    ManagingPartner,
}

impl OfficerRole {
    /// Whether it represents the company.
    #[must_use]
    pub const fn represents(self) -> bool {
        matches!(self, Self::RepresentativeDirector | Self::RepresentativePartner)
    }

    /// The kind of company that has it.
    #[must_use]
    pub const fn kind(self) -> CompanyKind {
        match self {
            Self::RepresentativeDirector | Self::Director | Self::Auditor => CompanyKind::Kabushiki,
            Self::RepresentativePartner | Self::ManagingPartner => CompanyKind::Godo,
        }
    }

    /// The code in the forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RepresentativeDirector => "1",
            Self::Director => "2",
            Self::Auditor => "3",
            Self::RepresentativePartner => "4",
            Self::ManagingPartner => "5",
        }
    }
}

/// Somebody who serves the company (役員).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// As what. Exactly one represents the company.
    pub role: OfficerRole,
    /// Family and given name, full-width, with a space between.
    #[schema(example = "見本　太郎")]
    pub name: String,
    /// The same in half-width katakana.
    #[schema(example = "ﾐﾎﾝ ﾀﾛｳ")]
    pub name_kana: String,
    /// Where the person lives, full-width.
    #[schema(example = "東京都見本区見本町４－５－６")]
    pub address: String,
    /// When the person was born.
    #[schema(value_type = String, format = "date", example = "1985-04-12")]
    pub birth_date: NaiveDate,
}

/// How the company is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactPoint {
    /// Digits of the telephone number, without hyphens.
    #[schema(example = "0300000000")]
    pub phone: String,
    /// The address for the company's account (gBizIDプライム).
    #[schema(example = "desk@mihon.example")]
    pub mail: String,
}

/// Whom the company employs from the beginning: absent when nobody but officers works there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Employment {
    /// How many workers (労働者) there are.
    #[schema(example = 3)]
    pub workers: u64,
    /// How many of them are covered by employment insurance (雇用保険).
    #[schema(example = 2)]
    pub insured: u64,
    /// The first one's first day; the day of establishment when it is before that.
    #[schema(value_type = String, format = "date", example = "2026-12-01")]
    pub from: NaiveDate,
    /// The wages of all until the end of March, in yen, as they are expected.
    #[schema(example = 3_600_000)]
    pub wages: u64,
    /// Everybody covered by employment insurance, for their 資格取得届; when absent you file it elsewhere. At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<EmploymentMember>,
}

/// Who is paid a salary, officers included: absent when nobody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Salary {
    /// How many people are paid.
    #[schema(example = 4)]
    pub people: u64,
    /// The first day of payment.
    #[schema(value_type = String, format = "date", example = "2026-12-25")]
    pub first_paid_on: NaiveDate,
}

/// Health and pension insurance (健康保険・厚生年金保険): absent while nobody is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SocialInsurance {
    /// How many are covered, officers included.
    #[schema(example = 4)]
    pub insured: u64,
    /// From when; the day of establishment when it is before that.
    #[schema(value_type = String, format = "date", example = "2026-12-01")]
    pub from: NaiveDate,
    /// The agency's name of the 健康保険組合 that the company joins; that of the pension office alone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "union")]
    pub union: Option<String>,
    /// Everybody covered, for their 資格取得届; when absent you file it elsewhere. At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PensionMember>,
}

/// What is said of a company to be founded, once for every receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EstablishmentForm {
    /// Your own name for it: 1 to 64 visible ASCII characters, nothing about a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "case-2026-0042")]
    pub reference: Option<String>,
    /// Which kind of company.
    pub kind: CompanyKind,
    /// Its trade name (商号), with 株式会社 or 合同会社 in it.
    #[schema(example = "株式会社見本工房")]
    pub trade_name: String,
    /// The trade name in half-width katakana, without the kind of company.
    #[schema(example = "ﾐﾎﾝｺｳﾎﾞｳ")]
    pub trade_name_kana: String,
    /// Where it is.
    pub head_office: HeadOffice,
    /// What it does (目的), 1 to 20.
    #[schema(example = json!(["ソフトウェアの開発および販売"]))]
    pub purposes: Vec<String>,
    /// What all founders pay in (資本金), in yen: the sum of their contributions.
    #[schema(example = 3_000_000)]
    pub capital: u64,
    /// The month whose last day ends its fiscal year (事業年度), 1 to 12.
    #[schema(minimum = 1, maximum = 12, example = 3)]
    pub fiscal_year_ends_in: u32,
    /// The day on which its registration is to be applied for: then it is established. Not before it is filed here, and at
    /// once when it is over by then.
    #[schema(value_type = String, format = "date", example = "2026-12-01")]
    pub establish_on: NaiveDate,
    /// Who serves it, 1 to 20.
    pub officers: Vec<Officer>,
    /// Who founds it, 1 to 20: each signs.
    pub founders: Vec<Founder>,
    /// How it is reached.
    pub contact: ContactPoint,
    /// Whom it employs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub employment: Option<Employment>,
    /// Whom it pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub salary: Option<Salary>,
    /// What it wants of the tax office.
    #[serde(default)]
    pub taxes: TaxChoices,
    /// Its health and pension insurance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub social_insurance: Option<SocialInsurance>,
    /// Procedures of the last stage that you file elsewhere, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<String>,
}

impl EstablishmentForm {
    /// Who represents the company, and at which place among the officers; none where nobody does.
    #[must_use]
    pub fn representative(&self) -> Option<(usize, &Officer)> {
        self.officers.iter().enumerate().find(|(_, one)| one.role.represents())
    }

    /// The last day of the fiscal year in which it is established on this day.
    #[must_use]
    pub fn first_fiscal_year_end(&self, established_on: NaiveDate) -> Option<NaiveDate> {
        let last_of = |year: i32| {
            let first = NaiveDate::from_ymd_opt(year, self.fiscal_year_ends_in, 1)?;
            first.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))
        };
        let this = last_of(established_on.year())?;
        if this < established_on { last_of(established_on.year() + 1) } else { Some(this) }
    }

    /// The moment from which its registration may be applied for.
    #[must_use]
    pub fn opens_at(&self) -> Option<Timestamp> {
        Timestamp::of_day_in_japan(self.establish_on)
    }
}
