//! The categories and life events that procedures are found by.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a procedure is about, as ぴったりサービス groups them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceCategory)]
pub enum Category {
    /// 子育て.
    ChildRearing,
    /// 介護.
    Care,
    /// 被災者支援.
    Disaster,
    /// 税.
    Tax,
    /// くらし.
    Living,
    /// 健康・年金.
    Health,
    /// 施設・催し.
    Facilities,
    /// 道路・建築・港湾.
    Construction,
    /// 事業者.
    Business,
    /// 市政・採用.
    CityHall,
    /// Anything else, or a service code that is not known here.
    Other,
}

/// What happens in a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceLifeEvent)]
pub enum LifeEvent {
    /// 妊娠.
    Pregnancy,
    /// 出生.
    Birth,
    /// 子育て.
    ChildRearing,
    /// 就学.
    School,
    /// 引越し.
    Moving,
    /// 結婚・離婚.
    MarriageDivorce,
    /// 就職・退職.
    Employment,
    /// 住まい.
    Housing,
    /// 車.
    Vehicle,
    /// 介護.
    Care,
    /// 被災.
    Disaster,
    /// 死亡・相続.
    Bereavement,
    /// 事業.
    Business,
    /// 日々のくらし.
    DailyLife,
}

/// Code, service code of the search web service, Japanese, English, and how the Japanese is read. Only `CHILDCARE` is publicly known: the others are
/// ours.
type CategoryRow = (Category, &'static str, &'static str, &'static str, &'static str, &'static str);

const CATEGORIES: [CategoryRow; 11] = [
    (Category::ChildRearing, "child_rearing", "CHILDCARE", "子育て", "Child rearing", "こそだて"),
    (Category::Care, "care", "CARE", "介護", "Long-term care", "かいご"),
    (Category::Disaster, "disaster", "DISASTER", "被災者支援", "Disaster relief", "ひさいしゃしえん"),
    (Category::Tax, "tax", "TAX", "税", "Tax", "ぜい"),
    (Category::Living, "living", "LIVING", "くらし", "Living", "くらし"),
    (Category::Health, "health", "HEALTH", "健康・年金", "Health and pension", "けんこう・ねんきん"),
    (Category::Facilities, "facilities", "FACILITIES", "施設・催し", "Facilities and events", "しせつ・もよおし"),
    (
        Category::Construction,
        "construction",
        "CONSTRUCTION",
        "道路・建築・港湾",
        "Roads, buildings and ports",
        "どうろ・けんちく・こうわん",
    ),
    (Category::Business, "business", "BUSINESS", "事業者", "Businesses", "じぎょうしゃ"),
    (Category::CityHall, "city_hall", "CITYHALL", "市政・採用", "City hall", "しせい・さいよう"),
    (Category::Other, "other", "OTHER", "その他", "Other", "そのた"),
];

const LIFE_EVENTS: [(LifeEvent, &str, &str, &str, &str); 14] = [
    (LifeEvent::Pregnancy, "pregnancy", "妊娠", "Pregnancy", "にんしん"),
    (LifeEvent::Birth, "birth", "出生", "Birth", "しゅっしょう"),
    (LifeEvent::ChildRearing, "child_rearing", "子育て", "Bringing up children", "こそだて"),
    (LifeEvent::School, "school", "就学", "School", "しゅうがく"),
    (LifeEvent::Moving, "moving", "引越し", "Moving", "ひっこし"),
    (LifeEvent::MarriageDivorce, "marriage_divorce", "結婚・離婚", "Marriage and divorce", "けっこん・りこん"),
    (LifeEvent::Employment, "employment", "就職・退職", "Taking up or leaving work", "しゅうしょく・たいしょく"),
    (LifeEvent::Housing, "housing", "住まい", "Housing", "すまい"),
    (LifeEvent::Vehicle, "vehicle", "車", "Cars", "くるま"),
    (LifeEvent::Care, "care", "介護", "Care", "かいご"),
    (LifeEvent::Disaster, "disaster", "被災", "Disaster", "ひさい"),
    (LifeEvent::Bereavement, "bereavement", "死亡・相続", "Bereavement", "しぼう・そうぞく"),
    (LifeEvent::Business, "business", "事業", "Business", "じぎょう"),
    (LifeEvent::DailyLife, "daily_life", "日々のくらし", "Daily life", "ひびのくらし"),
];

impl Category {
    fn row(self) -> Option<&'static CategoryRow> {
        CATEGORIES.iter().find(|row| row.0 == self)
    }

    /// Every category, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        CATEGORIES.iter().map(|row| row.0)
    }

    /// Its code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// Its `serviceCode` at the search web service.
    #[must_use]
    pub fn service_code(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// Its name in Japanese.
    #[must_use]
    pub fn ja(self) -> &'static str {
        self.row().map_or("", |row| row.3)
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().map_or("", |row| row.4)
    }

    /// How its Japanese name is read, in hiragana.
    #[must_use]
    pub(super) fn reading(self) -> &'static str {
        self.row().map_or("", |row| row.5)
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        CATEGORIES.iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// What a `serviceCode` stands for.
    #[must_use]
    pub fn of_service(code: &str) -> Self {
        CATEGORIES.iter().find(|row| row.2 == code).map_or(Self::Other, |row| row.0)
    }
}

impl LifeEvent {
    fn row(self) -> Option<&'static (Self, &'static str, &'static str, &'static str, &'static str)> {
        LIFE_EVENTS.iter().find(|row| row.0 == self)
    }

    /// Every life event, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        LIFE_EVENTS.iter().map(|row| row.0)
    }

    /// Its code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// Its name in Japanese.
    #[must_use]
    pub fn ja(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// How its Japanese name is read, in hiragana.
    #[must_use]
    pub(super) fn reading(self) -> &'static str {
        self.row().map_or("", |row| row.4)
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().map_or("", |row| row.3)
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        LIFE_EVENTS.iter().find(|row| row.1 == text).map(|row| row.0)
    }
}
