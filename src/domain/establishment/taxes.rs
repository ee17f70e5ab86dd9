//! What a new company chooses at the tax office (国税の届出・申請).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How stock is valued (棚卸資産の評価方法; 法人税法施行令 第28条).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InventoryMethod {
    /// 個別法による原価法.
    SpecificCost,
    /// 先入先出法による原価法.
    FirstInFirstOut,
    /// 総平均法による原価法.
    PeriodicAverage,
    /// 移動平均法による原価法.
    MovingAverage,
    /// 売価還元法による原価法.
    Retail,
    /// 低価法, on the last purchase's price (最終仕入原価法).
    LowerOfCostOrMarket,
}

impl InventoryMethod {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SpecificCost => "1",
            Self::FirstInFirstOut => "2",
            Self::PeriodicAverage => "3",
            Self::MovingAverage => "4",
            Self::Retail => "5",
            Self::LowerOfCostOrMarket => "6",
        }
    }

    /// The term of the law.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::SpecificCost => "個別法による原価法",
            Self::FirstInFirstOut => "先入先出法による原価法",
            Self::PeriodicAverage => "総平均法による原価法",
            Self::MovingAverage => "移動平均法による原価法",
            Self::Retail => "売価還元法による原価法",
            Self::LowerOfCostOrMarket => "低価法",
        }
    }
}

/// How movable assets are depreciated (減価償却資産の償却方法; 法人税法施行令 第48条の2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DepreciationMethod {
    /// 定額法.
    StraightLine,
    /// 定率法.
    DecliningBalance,
}

impl DepreciationMethod {
    /// The code in the form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::StraightLine => "1",
            Self::DecliningBalance => "2",
        }
    }

    /// The term of the law.
    #[must_use]
    pub const fn term(self) -> &'static str {
        match self {
            Self::StraightLine => "定額法",
            Self::DecliningBalance => "定率法",
        }
    }
}

/// What the company wants of the tax office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a filing of its own")]
pub struct TaxChoices {
    /// The blue return (青色申告).
    #[serde(default)]
    pub blue_return: bool,
    /// To pay withheld tax twice a year (源泉所得税の納期の特例): for fewer than ten paid people.
    #[serde(default)]
    pub withholding_twice_a_year: bool,
    /// To value its stock so; the last purchase's price when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub inventory: Option<InventoryMethod>,
    /// To depreciate its movable assets so; the declining balance when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub depreciation: Option<DepreciationMethod>,
    /// To pay consumption tax from the first day (課税事業者の選択): with a capital below ten million yen; above, it does.
    #[serde(default)]
    pub consumption_tax: bool,
    /// To be registered for qualified invoices from the first day (適格請求書発行事業者).
    #[serde(default)]
    pub qualified_invoices: bool,
    /// A month more for its returns of corporation tax (申告期限の延長の特例): where its articles have the annual meeting
    /// later than two months after the fiscal year.
    #[serde(default)]
    pub later_returns: bool,
}
