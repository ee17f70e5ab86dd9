//! What a data set becomes on its way out: one typed record, or coded items where there is no type.

use super::data_set::{Item, ItemKind};
use super::shapes::{
    ChildAllowance, Disability, HealthCheck, IncomeAndLocalTax, InsuranceCard, LongTermCare, MedicalExpenses,
    Medicines, Pension, PublicBenefitAccount, Residence, VaccinationRecord,
};
use super::value::{Parsed, YearMonth};
use crate::domain::Words;
use crate::domain::data_set::ItemCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// One constant `kind`, so that a reader can tell the variants of a union apart (OpenAPI `discriminator`).
///
/// A field of such a type is written inline. Its documentation is a `concat!`, which the description does not take
/// over: beside an inline schema it would become an `allOf` of two schemas that no value meets.
macro_rules! kind_tag {
    ($($name:ident = $text:literal),* $(,)?) => { $(
        #[doc = concat!("The constant `", $text, "`.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($text)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                if text == $text { Ok(Self) } else { Err(serde::de::Error::custom(concat!("must be ", $text))) }
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .extensions(Some([("const", $text)].into_iter().collect()))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )* };
}
pub(crate) use kind_tag;

kind_tag! {
    CodedKind = "coded", TextKind = "text", DateKind = "date", YearMonthKind = "year_month",
    FiscalYearKind = "fiscal_year", YenKind = "yen", IntegerKind = "integer", DecimalKind = "decimal",
    CodeKind = "code",
}

/// One data set's data, normalised; `kind` says which shape it has.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("income_and_local_tax" = "#/components/schemas/IncomeAndLocalTax"),
    ("residence" = "#/components/schemas/Residence"),
    ("vaccination" = "#/components/schemas/VaccinationRecord"),
    ("health_check" = "#/components/schemas/HealthCheck"),
    ("medicines" = "#/components/schemas/Medicines"),
    ("medical_expenses" = "#/components/schemas/MedicalExpenses"),
    ("insurance_card" = "#/components/schemas/InsuranceCard"),
    ("pension" = "#/components/schemas/Pension"),
    ("child_allowance" = "#/components/schemas/ChildAllowance"),
    ("disability" = "#/components/schemas/Disability"),
    ("long_term_care" = "#/components/schemas/LongTermCare"),
    ("public_benefit_account" = "#/components/schemas/PublicBenefitAccount"),
    ("coded" = "#/components/schemas/CodedRecord"),
)))]
pub enum DataSetRecord {
    /// 所得・個人住民税.
    IncomeAndLocalTax(IncomeAndLocalTax),
    /// 住民票関係.
    Residence(Residence),
    /// 予防接種.
    Vaccination(VaccinationRecord),
    /// 特定健診.
    HealthCheck(HealthCheck),
    /// 薬剤.
    Medicines(Medicines),
    /// 医療費通知.
    MedicalExpenses(MedicalExpenses),
    /// 健康保険証.
    InsuranceCard(InsuranceCard),
    /// 年金.
    Pension(Pension),
    /// 児童扶養手当など.
    ChildAllowance(ChildAllowance),
    /// 障害福祉.
    Disability(Disability),
    /// 介護保険.
    LongTermCare(LongTermCare),
    /// 公的給付受取口座.
    PublicBenefitAccount(PublicBenefitAccount),
    /// Anything else, item by item.
    Coded(CodedRecord),
}

/// Shows nothing of what is inside: records are personal and must not reach a log.
impl fmt::Debug for DataSetRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataSetRecord(…)")
    }
}

impl DataSetRecord {
    /// A record of coded items.
    pub(super) const fn coded(items: Vec<CodedItem>) -> Self {
        Self::Coded(CodedRecord { kind: CodedKind, items })
    }
}

/// The items of a data set that has no typed shape.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodedRecord {
    #[doc = concat!("Always `coded`.")]
    #[schema(inline)]
    pub kind: CodedKind,
    /// The items, in the backend's order.
    pub items: Vec<CodedItem>,
}

/// One repetition of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodedPosition {
    /// The group's item code.
    #[schema(value_type = String, pattern = "^[0-9]{10}$", example = "8200000010")]
    pub group: ItemCode,
    /// Which repetition, from 1.
    pub occurrence: u32,
}

/// One item, named by the catalogue and typed, but in no shape.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodedItem {
    /// The item's code.
    #[schema(value_type = String, pattern = "^[0-9]{10}$", example = "8200000020")]
    pub code: ItemCode,
    /// Its name, from the catalogue.
    pub name: Words,
    /// The groups it stands in, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<CodedPosition>,
    /// Its content.
    pub value: CodedValue,
}

/// Shows the code only.
impl fmt::Debug for CodedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodedItem({})", self.code)
    }
}

macro_rules! coded_values {
    ($( $(#[$doc:meta])* $name:ident: $kind:ident { $( $(#[$attr:meta])* $field:ident: $type:ty, )* } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[doc = concat!("Which kind of value this is.")]
            #[schema(inline)]
            pub kind: $kind,
            $( $(#[$attr])* pub $field: $type, )*
        }
    )* };
}

coded_values! {
    /// A text.
    TextValue: TextKind {
        /// The text.
        text: String,
    }
    /// A day.
    DateValue: DateKind {
        /// The day.
        date: NaiveDate,
    }
    /// A month of a year.
    YearMonthValue: YearMonthKind {
        /// The month, `YYYY-MM`.
        year_month: YearMonth,
    }
    /// A year (年度).
    FiscalYearValue: FiscalYearKind {
        /// The year, four digits.
        year: u16,
    }
    /// An amount of money.
    YenValue: YenKind {
        /// Whole yen.
        yen: i64,
    }
    /// A whole number.
    IntegerValue: IntegerKind {
        /// The number.
        number: i64,
        /// What it counts, where that has a name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        unit: Option<String>,
    }
    /// A measured number.
    DecimalValue: DecimalKind {
        /// The number.
        number: f64,
        /// Its unit.
        unit: String,
    }
    /// One of a list of codes.
    CodeMeaning: CodeKind {
        /// The code as the provider writes it.
        code: String,
        /// The same as a stable snake_case name.
        value: String,
        /// What it means.
        words: Words,
    }
}

/// The content of a coded item; `kind` says which of them it is.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("text" = "#/components/schemas/TextValue"),
    ("date" = "#/components/schemas/DateValue"),
    ("year_month" = "#/components/schemas/YearMonthValue"),
    ("fiscal_year" = "#/components/schemas/FiscalYearValue"),
    ("yen" = "#/components/schemas/YenValue"),
    ("integer" = "#/components/schemas/IntegerValue"),
    ("decimal" = "#/components/schemas/DecimalValue"),
    ("code" = "#/components/schemas/CodeMeaning"),
)))]
pub enum CodedValue {
    /// A text.
    Text(TextValue),
    /// A day.
    Date(DateValue),
    /// A month.
    YearMonth(YearMonthValue),
    /// A year.
    FiscalYear(FiscalYearValue),
    /// Yen.
    Yen(YenValue),
    /// A whole number.
    Integer(IntegerValue),
    /// A measured number.
    Decimal(DecimalValue),
    /// A code.
    Code(CodeMeaning),
}

/// Shows nothing of what is inside.
impl fmt::Debug for CodedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodedValue(…)")
    }
}

impl CodedValue {
    /// The value of `item` as a coded one; `None` only if the two do not belong together.
    pub(super) fn of(item: &Item, parsed: &Parsed) -> Option<Self> {
        let unit = item.kind.unit().map(str::to_owned);
        Some(match (parsed, &item.kind) {
            (Parsed::Text(text), _) => Self::Text(TextValue { kind: TextKind, text: text.clone() }),
            (Parsed::Date(date), _) => Self::Date(DateValue { kind: DateKind, date: *date }),
            (Parsed::YearMonth(at), _) => Self::YearMonth(YearMonthValue { kind: YearMonthKind, year_month: *at }),
            (Parsed::Year(year), _) => Self::FiscalYear(FiscalYearValue { kind: FiscalYearKind, year: *year }),
            (Parsed::Whole(yen), ItemKind::Yen) => Self::Yen(YenValue { kind: YenKind, yen: *yen }),
            (Parsed::Whole(number), _) => Self::Integer(IntegerValue { kind: IntegerKind, number: *number, unit }),
            (Parsed::Decimal(number), _) => {
                Self::Decimal(DecimalValue { kind: DecimalKind, number: *number, unit: unit.unwrap_or_default() })
            }
            (Parsed::Code(at), ItemKind::Enum { codes }) => {
                let found = codes.get(*at)?;
                Self::Code(CodeMeaning {
                    kind: CodeKind,
                    code: found.code.clone(),
                    value: found.value.clone(),
                    words: found.words.clone(),
                })
            }
            (Parsed::Code(_), _) => return None,
        })
    }
}
