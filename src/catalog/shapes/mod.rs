//! The typed shapes: one Rust struct per kind of record, described to OpenAPI under a stable name.
//!
//! What for: a third party reads `years[0].employment_income_yen`, not item `0200000030`; units stand in the names, days
//! are ISO 8601, codes are words.
//!
//! How it flows: a data set's file gives an item its `field`; [`super::normalise()`] puts the content there and
//! [`ShapeKind::build`] turns the whole into the struct. When the files are loaded, every field is tried with a value of
//! its item's kind, so that a wrong field name or kind is a fault of the file, found at the start.
//!
//! How to add one more: a file here with `record!`, a variant in [`ShapeKind`] and in
//! [`super::record::DataSetRecord`], and `shape = "…"` in the data set's file.
//!
//! What it must never do: require a field. The citizen may have refused any of them.

use super::record::DataSetRecord;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A part of a record: every value may be absent, every list empty.
macro_rules! shape {
    ($(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident: $type:ty, )* }
        lists { $( $(#[$ldoc:meta])* $list:ident: $of:ty, )* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $( $(#[$fdoc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub $field: Option<$type>, )*
            $( $(#[$ldoc])*
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub $list: Vec<$of>, )*
        }
    };
}

/// A whole record: a [`shape!`] with the constant `kind` in front.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident, $kind:ident = $text:literal { $( $(#[$fdoc:meta])* $field:ident: $type:ty, )* }
        lists { $( $(#[$ldoc:meta])* $list:ident: $of:ty, )* }) => {
        $crate::catalog::record::kind_tag!($kind = $text);
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            #[doc = concat!("Always `", $text, "`.")]
            #[schema(inline)]
            pub kind: $kind,
            $( $(#[$fdoc])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub $field: Option<$type>, )*
            $( $(#[$ldoc])*
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub $list: Vec<$of>, )*
        }
    };
}

/// The values of a code, as words.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $( $(#[$vdoc:meta])* $variant:ident, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $( $(#[$vdoc])* $variant, )*
        }
    };
}

mod account;
mod care;
mod child_allowance;
mod disability;
mod health_check;
mod income;
mod insurance_card;
mod medical_expenses;
mod medicines;
mod pension;
mod residence;
mod vaccination;

pub use account::*;
pub use care::*;
pub use child_allowance::*;
pub use disability::*;
pub use health_check::*;
pub use income::*;
pub use insurance_card::*;
pub use medical_expenses::*;
pub use medicines::*;
pub use pension::*;
pub use residence::*;
pub use vaccination::*;

/// The list of shapes, once: variant, name in the files and on the wire.
macro_rules! shape_kinds {
    ($( $(#[$doc:meta])* $variant:ident = $text:literal, )*) => {
        /// Which typed shape a data set is normalised into.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ShapeKind {
            $( $(#[$doc])* $variant, )*
            /// None of them: item by item.
            Coded,
        }

        impl ShapeKind {
            /// The name in the files and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Coded => "coded",
                }
            }

            /// All names.
            #[must_use]
            pub fn names() -> Vec<&'static str> {
                vec![$( $text, )* "coded"]
            }

            /// The shape with this name, if any.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $( $text => Some(Self::$variant), )*
                    "coded" => Some(Self::Coded),
                    _ => None,
                }
            }

            /// The record that these fields make.
            pub(super) fn build(self, fields: Map<String, Value>) -> Result<DataSetRecord, serde_json::Error> {
                match self {
                    $( Self::$variant => self.read(fields).map(DataSetRecord::$variant), )*
                    Self::Coded => self.read(fields).map(DataSetRecord::Coded),
                }
            }
        }
    };
}

shape_kinds! {
    /// 所得・個人住民税.
    IncomeAndLocalTax = "income_and_local_tax",
    /// 住民票関係.
    Residence = "residence",
    /// 予防接種.
    Vaccination = "vaccination",
    /// 特定健診.
    HealthCheck = "health_check",
    /// 薬剤.
    Medicines = "medicines",
    /// 医療費通知.
    MedicalExpenses = "medical_expenses",
    /// 健康保険証.
    InsuranceCard = "insurance_card",
    /// 年金.
    Pension = "pension",
    /// 児童扶養手当など.
    ChildAllowance = "child_allowance",
    /// 障害福祉.
    Disability = "disability",
    /// 介護保険.
    LongTermCare = "long_term_care",
    /// 公的給付受取口座.
    PublicBenefitAccount = "public_benefit_account",
}

impl ShapeKind {
    /// Whether it has a type of its own.
    #[must_use]
    pub const fn is_typed(self) -> bool {
        !matches!(self, Self::Coded)
    }

    fn read<T: DeserializeOwned>(self, mut fields: Map<String, Value>) -> Result<T, serde_json::Error> {
        fields.insert("kind".to_owned(), self.as_str().into());
        serde_json::from_value(Value::Object(fields))
    }
}
