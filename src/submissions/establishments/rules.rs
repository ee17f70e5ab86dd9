//! What must hold between the items of a form, whatever the single procedures say. The numbers begin with `MG4`.

use super::facts::TAXABLE_FROM;
use crate::catalog::procedures::is_municipality;
use crate::domain::establishment::{CompanyKind, EstablishmentForm, MOST_LISTED, MOST_MEMBERS};
use crate::domain::submission::{Finding, Severity};
use chrono::{Days, NaiveDate};

/// How far ahead a day of establishment can be.
const LONGEST_WAIT_DAYS: u64 = 90;
/// Fewer than that many paid people may pay withheld tax twice a year.
const MANY: u64 = 10;

/// What is wrong.
pub(super) fn check(form: &EstablishmentForm, today: NaiveDate) -> Vec<Finding> {
    let mut found = Vec::new();
    lists(form, &mut found);
    company(form, &mut found);
    officers(form, &mut found);
    day(form, today, &mut found);
    people(form, &mut found);
    members(form, &mut found);
    taxes(form, &mut found);
    found
}

fn reject(found: &mut Vec<Finding>, rule: &str, place: impl Into<String>, (ja, en): (&str, &str)) {
    found.push(Finding::reject(rule, place, ja, en));
}

fn warn(found: &mut Vec<Finding>, rule: &str, place: &str, (ja, en): (&str, &str)) {
    found.push(Finding { severity: Severity::Warn, ..Finding::reject(rule, place, ja, en) });
}

fn lists(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    for (place, count) in
        [("/purposes", form.purposes.len()), ("/officers", form.officers.len()), ("/founders", form.founders.len())]
    {
        if !(1..=MOST_LISTED).contains(&count) {
            reject(found, "MG401", place, ("1件以上20件以下としてください。", "Give 1 to 20 of them."));
        }
    }
    for (n, one) in form.founders.iter().enumerate() {
        let is_same =
            |other: &&crate::domain::establishment::Founder| other.name == one.name && other.address == one.address;
        if form.founders.iter().take(n).any(|other| is_same(&other)) {
            let words = ("同じ人が二度挙げられています。", "The same person is there twice.");
            reject(found, "MG412", format!("/founders/{n}"), words);
        }
    }
}

fn company(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    let (word, name) = (form.kind.word(), form.trade_name.as_str());
    let rest = name.strip_prefix(word).or_else(|| name.strip_suffix(word));
    let other = [CompanyKind::Kabushiki, CompanyKind::Godo].into_iter().find(|kind| *kind != form.kind);
    let is_other = other.is_some_and(|kind| name.contains(kind.word()));
    if rest.is_none_or(|rest| rest.trim().is_empty()) || is_other {
        let ja = format!("商号は「{word}」で始まるか終わるものとしてください（会社法第6条）。");
        let en = format!("The trade name must begin or end with {word}, and say more than that.");
        reject(found, "MG403", "/trade_name", (&ja, &en));
    }
    let paid_in = form.founders.iter().fold(0_u64, |sum, one| sum.saturating_add(one.contribution));
    if form.capital == 0 || form.capital != paid_in {
        let ja = format!("資本金は1円以上で、発起人・社員の出資の合計（{paid_in}円）と一致させてください。");
        let en = format!("The capital must be at least a yen, and the sum of the contributions, which is {paid_in}.");
        reject(found, "MG402", "/capital", (&ja, &en));
    }
    if !is_municipality(&form.head_office.municipality) {
        let words = (
            "全国地方公共団体コード（検査数字を含む6桁）としてください。",
            "It must be a municipality's code: five digits and their check digit.",
        );
        reject(found, "MG407", "/head_office/municipality", words);
    }
    if !(1..=12).contains(&form.fiscal_year_ends_in) {
        reject(found, "MG408", "/fiscal_year_ends_in", ("1から12の月としてください。", "It must be a month, 1 to 12."));
    }
    let is_name = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if form.reference.as_deref().is_some_and(|text| !is_name(text)) {
        let words = ("半角の表示文字1～64字としてください。", "Use 1 to 64 visible ASCII characters.");
        reject(found, "MG414", "/reference", words);
    }
    if form.leave_out.len() > MOST_LISTED {
        reject(found, "MG401", "/leave_out", ("20件以下としてください。", "Give 20 of them at most."));
    }
}

fn officers(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    for (n, one) in form.officers.iter().enumerate() {
        if one.role.kind() != form.kind {
            let words = ("この種類の会社にない役職です。", "This kind of company has no such officer.");
            reject(found, "MG404", format!("/officers/{n}/role"), words);
        }
        let is_partner = form.founders.iter().any(|founder| founder.name == one.name);
        if form.kind == CompanyKind::Godo && !is_partner {
            let words = (
                "合同会社の業務執行社員・代表社員は社員（founders）のうちの人としてください。",
                "In a godo kaisha whoever manages it must be one of its founders.",
            );
            reject(found, "MG405", format!("/officers/{n}/name"), words);
        }
    }
    if form.officers.iter().filter(|one| one.role.represents()).count() != 1 {
        let words = ("会社を代表する人を1人としてください。", "Exactly one officer must represent the company.");
        reject(found, "MG404", "/officers", words);
    }
}

fn day(form: &EstablishmentForm, today: NaiveDate, found: &mut Vec<Finding>) {
    let last = today.checked_add_days(Days::new(LONGEST_WAIT_DAYS));
    if form.establish_on < today || last.is_some_and(|last| form.establish_on > last) {
        let words = (
            "設立を希望する日は、今日から90日以内の日としてください。",
            "The day must be today or one of the next 90 days.",
        );
        reject(found, "MG406", "/establish_on", words);
    } else if crate::catalog::procedures::calendar::is_off(form.establish_on) {
        let words = (
            "法務局の休日です。登記申請日（会社成立の日）は次の開庁日になることがあります。",
            "The bureau is closed on that day: the company may come to be on the next one on which it is open.",
        );
        warn(found, "MG411", "/establish_on", words);
    }
}

fn people(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    if form.employment.as_ref().is_some_and(|employment| employment.insured > employment.workers) {
        let words = ("労働者数を超えています。", "There are more of them than workers.");
        reject(found, "MG409", "/employment/insured", words);
    }
    if form.employment.is_some() && form.salary.is_none() {
        let words =
            ("労働者を雇用する場合は給与の支払（salary）が必要です。", "Whoever employs somebody pays: give salary.");
        reject(found, "MG409", "/salary", words);
    }
    if form.salary.is_some() && form.social_insurance.is_none() {
        let words = (
            "報酬を受ける人がいる法人は、原則として健康保険・厚生年金保険の適用を受けます。",
            "A corporation that pays somebody is covered by health and pension insurance as a rule.",
        );
        warn(found, "MG415", "/social_insurance", words);
    }
}

/// Whose 資格取得届 go with it: everybody's or nobody's.
fn members(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    let employment = form.employment.iter().map(|one| ("/employment", one.insured, one.members.len()));
    let insurance = form.social_insurance.iter().map(|one| ("/social_insurance", one.insured, one.members.len()));
    for (place, insured, listed) in employment.chain(insurance) {
        let at = format!("{place}/members");
        if listed > MOST_MEMBERS {
            reject(found, "MG401", at, ("50人以下としてください。", "Give 50 of them at most."));
        } else if listed == 0 && insured > 0 {
            let words = (
                "被保険者資格取得届は、被保険者（members）が挙げられていないため、別途提出が必要です。",
                "Nobody is listed, so that their notifications of acquisition (資格取得届) are yours to file.",
            );
            warn(found, "MG416", &at, words);
        } else if listed > 0 && u64::try_from(listed) != Ok(insured) {
            let ja = format!("被保険者数（{insured}人）と一致させてください。");
            let en = format!("List everybody who is covered: {insured}.");
            reject(found, "MG409", at, (&ja, &en));
        }
    }
}

fn taxes(form: &EstablishmentForm, found: &mut Vec<Finding>) {
    let few = form.salary.as_ref().is_some_and(|salary| salary.people < MANY);
    if form.taxes.withholding_twice_a_year && !few {
        let words = (
            "納期の特例は、給与の支払を受ける人が常時10人未満の場合に限ります。",
            "Fewer than ten people must be paid for that.",
        );
        reject(found, "MG410", "/taxes/withholding_twice_a_year", words);
    }
    if form.taxes.consumption_tax && form.capital >= TAXABLE_FROM {
        let words = (
            "資本金1,000万円以上の法人は新設法人の特例により課税事業者となるため、選択届出書は不要です。",
            "With a capital of ten million yen or more it pays consumption tax anyway: leave this out.",
        );
        reject(found, "MG417", "/taxes/consumption_tax", words);
    }
}
