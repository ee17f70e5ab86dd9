//! Everything that founders sign, in words.

use super::reply::Shell;
use super::wording::day;
use crate::domain::Lang;
use crate::domain::establishment::{
    CompanyKind, DepreciationMethod, Establishment, EstablishmentForm, InventoryMethod, TaxChoices,
};
use crate::services::establishments::ProcedureProgress;
use chrono::NaiveDate;

/// One part of the form.
pub(super) struct Section {
    pub title: String,
    /// Each with its name.
    pub rows: Vec<(String, String)>,
}

/// What the form says, and to whom it goes.
pub(super) fn sections(shell: &Shell<'_>, one: &Establishment, procedures: &[ProcedureProgress]) -> Vec<Section> {
    let form = &one.form;
    let mut all = vec![company(shell, one)];
    all.push(Section {
        title: shell.t("founding-founders"),
        rows: form
            .founders
            .iter()
            .map(|founder| {
                let paid = shell.with("founding-yen", "amount", &grouped(founder.contribution));
                (founder.name.clone(), format!("{}（{}） {paid}", founder.address, founder.name_kana))
            })
            .collect(),
    });
    all.push(Section {
        title: shell.t("founding-officers"),
        rows: form
            .officers
            .iter()
            .map(|officer| {
                let role = shell.t(&format!("founding-role-{}", officer.role.code()));
                let born = shell.with("founding-born", "day", &day(officer.birth_date, shell.lang));
                (role, format!("{}（{}） {} {born}", officer.name, officer.name_kana, officer.address))
            })
            .collect(),
    });
    all.push(people(shell, form));
    all.extend(members(shell, form));
    all.push(taxes(shell, form.taxes));
    all.push(Section {
        title: shell.t("founding-procedures"),
        rows: procedures
            .iter()
            .map(|procedure| {
                let title = if shell.lang == Lang::Ja { &procedure.title.ja } else { &procedure.title.en };
                (
                    shell.t(&format!("founding-stage-{}", procedure.stage.as_str())),
                    format!("{title} → {}", procedure.agency),
                )
            })
            .collect(),
    });
    all
}

fn company(shell: &Shell<'_>, one: &Establishment) -> Section {
    let form = &one.form;
    let kind = match form.kind {
        CompanyKind::Kabushiki => "founding-kind-kabushiki",
        CompanyKind::Godo => "founding-kind-godo",
    };
    let row = |id: &str, value: String| (shell.t(id), value);
    let purposes: Vec<String> = (1..).zip(&form.purposes).map(|(n, text): (u32, _)| format!("{n}. {text}")).collect();
    Section {
        title: shell.t("founding-company"),
        rows: vec![
            row("founding-kind", shell.t(kind)),
            row("founding-trade-name", format!("{}（{}）", form.trade_name, form.trade_name_kana)),
            row("founding-head-office", format!("〒{} {}", form.head_office.postal_code, form.head_office.address)),
            row("founding-purposes", purposes.join(" ")),
            row("founding-capital", shell.with("founding-yen", "amount", &grouped(form.capital))),
            row("founding-fiscal-year", form.fiscal_year_ends_in.to_string()),
            row("founding-day", day(form.establish_on, shell.lang)),
            row("founding-contact", format!("{} {}", form.contact.phone, form.contact.mail)),
            row("founding-filer", one.filer.to_string()),
        ],
    }
}

fn people(shell: &Shell<'_>, form: &EstablishmentForm) -> Section {
    let none = || shell.t("founding-none");
    let employment = form.employment.as_ref().map_or_else(none, |one| {
        let wages = shell.with("founding-yen", "amount", &grouped(one.wages));
        format!("{} / {} / {} / {wages}", one.workers, one.insured, day(one.from, shell.lang))
    });
    let salary = form
        .salary
        .as_ref()
        .map_or_else(none, |one| format!("{} / {}", one.people, day(one.first_paid_on, shell.lang)));
    let insurance = form.social_insurance.as_ref().map_or_else(none, |one| {
        let union = one.union.as_deref().map(|name| format!(" / {name}")).unwrap_or_default();
        format!("{} / {}{union}", one.insured, day(one.from, shell.lang))
    });
    Section {
        title: shell.t("founding-people"),
        rows: vec![
            (shell.t("founding-employment"), employment),
            (shell.t("founding-salary"), salary),
            (shell.t("founding-insurance"), insurance),
        ],
    }
}

/// Whose 資格取得届 go with it. Nobody's number is shown to the founders.
fn members(shell: &Shell<'_>, form: &EstablishmentForm) -> Option<Section> {
    let person = |name: &str, kana: &str, born: NaiveDate, pay: u64| {
        let born = shell.with("founding-born", "day", &day(born, shell.lang));
        format!("{name}（{kana}） {born} {}", shell.with("founding-monthly-pay", "amount", &grouped(pay)))
    };
    let insured = form.social_insurance.iter().flat_map(|one| &one.members).map(|one| {
        let told =
            person(&one.name, &one.name_kana, one.birth_date, one.monthly_pay.saturating_add(one.monthly_pay_in_kind));
        (shell.t("founding-member-insurance"), told)
    });
    let employed = form.employment.iter().flat_map(|one| &one.members).map(|one| {
        let told = person(&one.name, &one.name_kana, one.birth_date, one.monthly_pay);
        (shell.t("founding-member-employment"), told)
    });
    let rows: Vec<_> = insured.chain(employed).collect();
    (!rows.is_empty()).then(|| Section { title: shell.t("founding-members"), rows })
}

fn taxes(shell: &Shell<'_>, taxes: TaxChoices) -> Section {
    let yes = |is_so: bool| shell.t(if is_so { "founding-yes" } else { "founding-no" });
    let term = |term: Option<&str>| term.map_or_else(|| shell.t("founding-none"), str::to_owned);
    Section {
        title: shell.t("founding-taxes"),
        rows: vec![
            (shell.t("founding-blue-return"), yes(taxes.blue_return)),
            (shell.t("founding-twice-a-year"), yes(taxes.withholding_twice_a_year)),
            (shell.t("founding-inventory"), term(taxes.inventory.map(InventoryMethod::term))),
            (shell.t("founding-depreciation"), term(taxes.depreciation.map(DepreciationMethod::term))),
            (shell.t("founding-consumption-tax"), yes(taxes.consumption_tax)),
            (shell.t("founding-qualified-invoices"), yes(taxes.qualified_invoices)),
            (shell.t("founding-later-returns"), yes(taxes.later_returns)),
        ],
    }
}

/// 1234567 as 1,234,567.
fn grouped(amount: u64) -> String {
    let digits = amount.to_string();
    let mut told = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn amounts_are_told_in_groups_of_three() {
        for (amount, told) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(amount), told);
        }
    }
}
