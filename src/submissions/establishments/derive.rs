//! Which procedures follow from a form, in which stage, and why.

use crate::domain::establishment::{CompanyKind, EstablishmentForm, Stage};

/// A procedure that follows.
pub(super) struct Wanted {
    pub stage: Stage,
    pub code: &'static str,
    /// In Japanese and in English.
    pub because: (&'static str, &'static str),
}

pub(super) const CERTIFICATION: &str = "notary-articles-certification";
pub(super) const REGISTRATION: &str = "registry-establishment";
pub(super) const PENSION_MEMBERS: &str = "pension-acquisition-new-office";
pub(super) const EMPLOYMENT_MEMBERS: &str = "employment-acquisition-new-office";

/// Whether a procedure follows from a form.
type Follows = fn(&EstablishmentForm) -> bool;

/// Every procedure, in the order in which they go out: in which stage, when, and why.
const ALL: [(Stage, &str, Follows, (&str, &str)); 20] = [
    (
        Stage::Certification,
        CERTIFICATION,
        |form| form.kind == CompanyKind::Kabushiki,
        ("株式会社の定款は公証人の認証を要する", "A kabushiki kaisha’s articles are certified by a notary."),
    ),
    (
        Stage::Registration,
        REGISTRATION,
        |_| true,
        ("会社は設立の登記によって成立する", "The company comes to be by its registration."),
    ),
    (
        Stage::Notification,
        "gbizid-prime-issue",
        |_| true,
        ("登記後の手続に使う法人の共通アカウント", "The company’s account for whatever it files later."),
    ),
    (
        Stage::Notification,
        "tax-company-establishment",
        |_| true,
        ("内国法人を設立した", "A domestic corporation was established."),
    ),
    (
        Stage::Notification,
        "tax-salary-office",
        |form| form.salary.is_some(),
        ("給与を支払う（役員報酬を含む）", "It pays salaries, those of officers included."),
    ),
    (
        Stage::Notification,
        "tax-blue-return",
        |form| form.taxes.blue_return,
        ("青色申告を選ぶ", "It wants the blue return."),
    ),
    (
        Stage::Notification,
        "tax-withholding-dates",
        |form| form.taxes.withholding_twice_a_year,
        ("源泉所得税の納期の特例を選ぶ", "It wants to pay withheld tax twice a year."),
    ),
    (
        Stage::Notification,
        "tax-inventory-method",
        |form| form.taxes.inventory.is_some(),
        ("棚卸資産の評価方法を選ぶ", "It chooses how its stock is valued."),
    ),
    (
        Stage::Notification,
        "tax-depreciation-method",
        |form| form.taxes.depreciation.is_some(),
        ("減価償却資産の償却方法を選ぶ", "It chooses how its assets are depreciated."),
    ),
    (
        Stage::Notification,
        "tax-consumption-tax-choice",
        |form| form.taxes.consumption_tax,
        ("消費税の課税事業者を選ぶ", "It chooses to pay consumption tax."),
    ),
    (
        Stage::Notification,
        "tax-qualified-invoices",
        |form| form.taxes.qualified_invoices,
        ("適格請求書発行事業者の登録を受ける", "It wants to issue qualified invoices."),
    ),
    (
        Stage::Notification,
        "tax-later-returns",
        |form| form.taxes.later_returns,
        ("申告期限の延長の特例を選ぶ", "It wants a later day for its returns."),
    ),
    (
        Stage::Notification,
        "prefectural-company-establishment",
        |_| true,
        ("都道府県内に本店を置く", "Its head office is in the prefecture."),
    ),
    (
        Stage::Notification,
        "municipal-company-establishment",
        |form| !is_ward_of_tokyo(&form.head_office.municipality),
        ("市町村内に本店を置く", "Its head office is in the municipality."),
    ),
    (
        Stage::Notification,
        "labour-insurance-relation",
        |form| form.employment.is_some(),
        ("労働者を雇用する", "It employs workers."),
    ),
    (
        Stage::Notification,
        "labour-insurance-estimate",
        |form| form.employment.is_some(),
        ("労働保険の保険関係が成立する", "Labour insurance begins with the first worker."),
    ),
    (
        Stage::Notification,
        "employment-office-installation",
        |form| form.employment.as_ref().is_some_and(|employment| employment.insured > 0),
        ("雇用保険の被保険者を雇用する", "It employs workers covered by employment insurance."),
    ),
    (
        Stage::Notification,
        EMPLOYMENT_MEMBERS,
        |form| form.employment.as_ref().is_some_and(|employment| !employment.members.is_empty()),
        ("雇用保険の被保険者となる人がいる", "These people are covered by employment insurance from then on."),
    ),
    (
        Stage::Notification,
        "pension-new-application",
        |form| form.social_insurance.is_some(),
        ("法人は健康保険・厚生年金保険の適用を受ける", "A corporation is covered by health and pension insurance."),
    ),
    (
        Stage::Notification,
        PENSION_MEMBERS,
        |form| form.social_insurance.as_ref().is_some_and(|insurance| !insurance.members.is_empty()),
        ("被保険者となる人がいる", "These people are covered by health and pension insurance from then on."),
    ),
];

/// Those that follow, in the order in which they go out.
pub(super) fn derive(form: &EstablishmentForm) -> Vec<Wanted> {
    let is_wanted = |stage: Stage, code: &str| {
        stage != Stage::Notification || !form.leave_out.iter().any(|left_out| left_out == code)
    };
    let rows = ALL.into_iter().filter(|(stage, code, follows, _)| follows(form) && is_wanted(*stage, code));
    rows.map(|(stage, code, _, because)| Wanted { stage, code, because }).collect()
}

/// The 23 special wards: their residents' tax on corporations is the metropolis's (地方税法 第734条).
fn is_ward_of_tokyo(municipality: &str) -> bool {
    let number = municipality.get(..5).and_then(|five| five.parse::<u32>().ok());
    number.is_some_and(|number| (13101..=13123).contains(&number))
}
