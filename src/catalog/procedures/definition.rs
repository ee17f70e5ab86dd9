//! What a procedure is, as its file says.

use super::charset::Charset;
use super::check_digits::CheckDigit;
use super::e_gov_form::EgovForm;
use crate::domain::Words;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The most that an amount of the pension agency's forms can say: what is larger is written as this.
pub const MOST_YEN: u64 = 9_999_999;

/// The kind of agency that a procedure is filed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// 年金事務所.
    PensionOffice,
    /// 健康保険組合.
    HealthInsuranceUnion,
    /// ハローワーク（公共職業安定所）.
    EmploymentOffice,
    /// 労働局.
    LabourBureau,
    /// 税務署.
    TaxOffice,
    /// 市区町村.
    Municipality,
    /// 公証人.
    Notary,
    /// 法務局.
    LegalAffairsBureau,
    /// デジタル庁.
    DigitalAgency,
    /// 都道府県税事務所.
    PrefecturalTaxOffice,
    /// 労働基準監督署.
    LabourStandardsOffice,
}

impl AgencyKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::PensionOffice,
        Self::HealthInsuranceUnion,
        Self::EmploymentOffice,
        Self::LabourBureau,
        Self::TaxOffice,
        Self::Municipality,
        Self::Notary,
        Self::LegalAffairsBureau,
        Self::DigitalAgency,
        Self::PrefecturalTaxOffice,
        Self::LabourStandardsOffice,
    ];

    /// The name in files and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PensionOffice => "pension_office",
            Self::HealthInsuranceUnion => "health_insurance_union",
            Self::EmploymentOffice => "employment_office",
            Self::LabourBureau => "labour_bureau",
            Self::TaxOffice => "tax_office",
            Self::Municipality => "municipality",
            Self::Notary => "notary",
            Self::LegalAffairsBureau => "legal_affairs_bureau",
            Self::DigitalAgency => "digital_agency",
            Self::PrefecturalTaxOffice => "prefectural_tax_office",
            Self::LabourStandardsOffice => "labour_standards_office",
        }
    }
}

/// How many records one filing of a procedure holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordCount {
    /// One employee, or the office alone.
    One,
    /// As many as there are.
    Many,
}

/// Until when a procedure is filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// So many days after the day that an item names.
    DaysAfter {
        /// The item.
        field: String,
        /// How many.
        days: u32,
    },
    /// So many months after the day that an item names.
    MonthsAfter {
        /// The item.
        field: String,
        /// How many.
        months: u32,
        /// Whether that day counts (「以後」), so that it ends a day earlier.
        counts_first_day: bool,
        /// The item with a day before which it ends in any case.
        before: Option<String>,
    },
    /// On the day that an item names, even if offices are closed on it.
    OnDay {
        /// The item.
        field: String,
    },
    /// On a day of the month after the one that an item names.
    DayOfNextMonth {
        /// The item.
        field: String,
        /// Which day.
        day: u32,
    },
    /// Each year between two days, both included.
    Window {
        /// `MM-DD`.
        from: String,
        /// `MM-DD`.
        until: String,
    },
    /// Without delay (速やかに): no day is fixed.
    Promptly,
}

/// One of the values that an item can take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Choice {
    /// The code.
    pub code: String,
    /// What it means.
    pub words: Words,
}

/// What an item holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Full-width characters of JIS X 0208 (全角).
    Wide {
        /// Most bytes of Shift_JIS.
        bytes: usize,
    },
    /// Half-width katakana, digits, capital letters and signs of JIS X 0201 (半角カナ).
    Kana {
        /// Most bytes of Shift_JIS.
        bytes: usize,
    },
    /// Any character of JIS X 0201 and JIS X 0208.
    Text {
        /// Most bytes of Shift_JIS.
        bytes: usize,
    },
    /// Any printable characters on one line, for what goes into no Shift_JIS.
    Line {
        /// Most characters.
        characters: usize,
    },
    /// Digits, as a text: zeros in front count.
    Digits {
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
        /// What the check digit among them is.
        check: Option<CheckDigit>,
    },
    /// Yen, as a number.
    Yen {
        /// The most that can be written; more is written as this where `is_capped`, and refused else.
        most: u64,
        /// Whether more is written as the most.
        is_capped: bool,
    },
    /// A whole number.
    Number {
        /// Least.
        least: u64,
        /// Most.
        most: u64,
    },
    /// A day.
    Date,
    /// A month.
    Month,
    /// A time of day, `HH:MM`.
    Time,
    /// Yes or no.
    Flag,
    /// One of some codes.
    Code(Vec<Choice>),
}

impl Kind {
    /// The name in files and on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Wide { .. } => "wide",
            Self::Kana { .. } => "kana",
            Self::Text { .. } => "text",
            Self::Line { .. } => "line",
            Self::Digits { .. } => "digits",
            Self::Yen { .. } => "yen",
            Self::Number { .. } => "number",
            Self::Date => "date",
            Self::Month => "month",
            Self::Time => "time",
            Self::Flag => "flag",
            Self::Code(_) => "code",
        }
    }
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// Its real name (項目名).
    pub title: Words,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether it is a person's name: family and given name with a space between.
    pub is_name: bool,
    /// The CSV columns that it fills, from 1; none where it is in no column.
    pub columns: Vec<usize>,
    /// How many digits stand in each column, where digits are spread over more than one.
    pub parts: Vec<usize>,
}

/// A column that always says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The column, from 1.
    pub column: usize,
    /// What it says.
    pub value: String,
}

/// A column that is the sum of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The column, from 1.
    pub column: usize,
    /// The amounts.
    pub of: Vec<String>,
    /// Whether what is under a thousand yen falls away.
    pub in_thousands: bool,
}

/// The form of a procedure in the pension agency's CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvForm {
    /// How many columns a data line has.
    pub columns: usize,
    /// Items of the office that each data line repeats, with their columns.
    pub office: Vec<(String, usize)>,
    /// Columns that always say the same.
    pub constants: Vec<Constant>,
    /// Columns that are sums.
    pub sums: Vec<Sum>,
}

/// What holds between items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At least one of them is there.
    OneOf(Vec<String>),
    /// When an item is there (and says this), others must be there, too.
    When {
        /// The item; true of a flag, and this value of anything else.
        field: String,
        /// What it says; anything when none.
        value: Option<String>,
        /// What must be there then.
        then: Vec<String>,
    },
    /// When an item is absent, others must be there.
    Without {
        /// The item.
        field: String,
        /// What must be there then.
        then: Vec<String>,
    },
    /// One day is not before another.
    NotBefore {
        /// The earlier.
        earlier: String,
        /// The later.
        later: String,
    },
    /// One day is exactly so many days after another.
    DaysAfter {
        /// The earlier.
        earlier: String,
        /// The later.
        later: String,
        /// How many.
        days: u32,
    },
}

/// A procedure.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// 届書コード of a CSV form, else the 16 digits of e-Gov's 手続識別子, else a code of our own.
    pub code: String,
    /// Its name.
    pub title: Words,
    /// With which kind of agency it is filed.
    pub agency: AgencyKind,
    /// The municipalities (市区町村コード, six digits) that alone take it in this form; every one where none is named.
    pub municipalities: Vec<String>,
    /// Whether it goes to the company's 健康保険組合, too, where it has one.
    pub is_for_union: bool,
    /// e-Gov's 手続識別子, where it has one.
    pub e_gov: Option<String>,
    /// How many records one filing holds.
    pub records: RecordCount,
    /// Until when it is filed.
    pub due: Due,
    /// Its form in the pension agency's CSV, where it has one.
    pub csv: Option<CsvForm>,
    /// Its form at e-Gov, where it is described.
    pub e_gov_forms: Vec<EgovForm>,
    /// Items of the office, once for each filing.
    pub office: Vec<Field>,
    /// Items of each record.
    pub fields: Vec<Field>,
    /// What holds between them.
    pub rules: Vec<Rule>,
    /// Which characters there are.
    pub(super) charset: Arc<Charset>,
}

impl Field {
    /// The CSV columns that it fills, from 1.
    pub fn all_columns(&self) -> impl Iterator<Item = usize> + use<> {
        let count = match self.kind {
            Kind::Date => 2,
            Kind::Month => 3,
            Kind::Digits { .. } if !self.parts.is_empty() => self.parts.len(),
            _ => 1,
        };
        self.columns.first().copied().into_iter().flat_map(move |first| first..first + count)
    }

    /// Whether it fills this column.
    #[must_use]
    pub fn fills(&self, column: usize) -> bool {
        self.all_columns().any(|one| one == column)
    }
}

impl Procedure {
    /// The item of the records with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The item of the office with this name.
    #[must_use]
    pub fn office_field(&self, name: &str) -> Option<&Field> {
        self.office.iter().find(|field| field.name == name)
    }

    /// The characters that can be written.
    #[must_use]
    pub fn charset(&self) -> &Charset {
        &self.charset
    }
}
