//! Reading the part of a document that is signed, strictly: each element once, in its place, and none that is not known.

use super::{
    BadDocument, Contribution, ContributionKind, DocumentContent, DocumentKind, EarthquakeCategory, EarthquakePremium,
    HousingLoan, LifeCategory, LifePremium, LifeScheme, MOST_YEN, MedicalEntry, MedicalExpenses, PrivateDocument,
    SpecifiedAccount,
};
use crate::domain::xml::Element;
use chrono::NaiveDate;

/// Most lines of one document.
const MOST_LINES: usize = 500;
/// Most characters of one text.
const MOST_TEXT: usize = 400;

type Read<T> = Result<T, BadDocument>;

const HEAD: [&str; 7] = ["種類", "整理番号", "発行者", "対象年", "発行日", "名宛人", "明細"];

/// The document of the signed part.
pub(super) fn read(signed: &Element) -> Read<PrivateDocument> {
    let [kind, reference, issuer, year, issued, holder, body] = children(signed, &HEAD)?;
    let kind = kind_of(&text(kind, "種類")?).ok_or(BadDocument::Malformed("種類"))?;
    let year = text(year, "対象年")?.parse().ok().filter(|year| (2000..=2100).contains(year));
    Ok(PrivateDocument {
        kind,
        reference: text(reference, "整理番号")?,
        issuer: text(issuer, "発行者")?,
        tax_year: year.ok_or(BadDocument::Malformed("対象年"))?,
        issued_on: day(issued, "発行日")?,
        holder: text(holder, "名宛人")?,
        content: content(kind, body)?,
    })
}

fn kind_of(text: &str) -> Option<DocumentKind> {
    DocumentKind::ALL.into_iter().find(|kind| kind.name(crate::domain::Lang::Ja) == text)
}

fn content(kind: DocumentKind, body: &Element) -> Read<DocumentContent> {
    Ok(match kind {
        DocumentKind::LifeInsurance => DocumentContent::LifeInsurance(lines(body, "保険料", life)?),
        DocumentKind::EarthquakeInsurance => DocumentContent::EarthquakeInsurance(lines(body, "保険料", earthquake)?),
        DocumentKind::SmallScaleMutualAid => DocumentContent::SmallScaleMutualAid(lines(body, "掛金", contribution)?),
        DocumentKind::HousingLoanBalance => {
            let [balance, borrowed, on] = children(body, &["年末残高", "当初借入金額", "借入日"])?;
            DocumentContent::HousingLoanBalance(HousingLoan {
                year_end_balance_yen: yen(balance, "年末残高")?,
                borrowed_yen: yen(borrowed, "当初借入金額")?,
                borrowed_on: day(on, "借入日")?.to_string(),
            })
        }
        DocumentKind::SpecifiedAccount => DocumentContent::SpecifiedAccount(account(body)?),
        DocumentKind::MedicalExpenses => {
            let entries = lines(body, "医療費", medical)?;
            let paid_yen = entries.iter().map(|entry| entry.paid_yen).sum();
            DocumentContent::MedicalExpenses(MedicalExpenses { entries, paid_yen })
        }
        DocumentKind::Statement => DocumentContent::Statement(lines(body, "行", |line| text(line, "行"))?),
    })
}

fn life(line: &Element) -> Read<LifePremium> {
    let [certified, declared] = children(line, &["証明額", "申告額"])?;
    let scheme = match attribute(line, "制度")? {
        "新" => LifeScheme::New,
        "旧" => LifeScheme::Old,
        _ => return Err(BadDocument::Malformed("制度")),
    };
    let category = match (attribute(line, "区分")?, scheme) {
        ("一般", _) => LifeCategory::General,
        // The old scheme knows no deduction for nursing and medical insurance.
        ("介護医療", LifeScheme::New) => LifeCategory::NursingMedical,
        ("個人年金", _) => LifeCategory::Pension,
        _ => return Err(BadDocument::Malformed("区分")),
    };
    Ok(LifePremium {
        scheme,
        category,
        certified_yen: yen(certified, "証明額")?,
        declared_yen: yen(declared, "申告額")?,
    })
}

fn earthquake(line: &Element) -> Read<EarthquakePremium> {
    let [declared] = children(line, &["申告額"])?;
    let category = match attribute(line, "区分")? {
        "地震" => EarthquakeCategory::Earthquake,
        "旧長期" => EarthquakeCategory::OldLongTerm,
        _ => return Err(BadDocument::Malformed("区分")),
    };
    Ok(EarthquakePremium { category, declared_yen: yen(declared, "申告額")? })
}

fn contribution(line: &Element) -> Read<Contribution> {
    let [declared] = children(line, &["申告額"])?;
    let category = match attribute(line, "区分")? {
        "小規模企業共済" => ContributionKind::MutualAid,
        "企業型年金" => ContributionKind::CorporatePension,
        "個人型年金" => ContributionKind::Ideco,
        "心身障害者扶養共済" => ContributionKind::DisabilitySupport,
        _ => return Err(BadDocument::Malformed("区分")),
    };
    Ok(Contribution { category, declared_yen: yen(declared, "申告額")? })
}

fn account(body: &Element) -> Read<SpecifiedAccount> {
    const NAMES: [&str; 5] = ["譲渡対価", "取得費等", "配当等", "所得税", "住民税"];
    let [proceeds, costs, dividends, income_tax, local_tax] = children(body, &NAMES)?;
    let (proceeds_yen, costs_yen) = (yen(proceeds, "譲渡対価")?, yen(costs, "取得費等")?);
    let gain_yen = proceeds_yen.cast_signed() - costs_yen.cast_signed();
    Ok(SpecifiedAccount {
        proceeds_yen,
        costs_yen,
        gain_yen,
        dividends_yen: yen(dividends, "配当等")?,
        income_tax_yen: yen(income_tax, "所得税")?,
        local_tax_yen: yen(local_tax, "住民税")?,
    })
}

fn medical(line: &Element) -> Read<MedicalEntry> {
    let [month, institution, total, paid] = children(line, &["診療年月", "医療機関", "医療費の額", "支払った額"])?;
    let month = text(month, "診療年月")?;
    if NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").is_err() {
        return Err(BadDocument::Malformed("診療年月"));
    }
    Ok(MedicalEntry {
        month,
        institution: text(institution, "医療機関")?,
        total_yen: yen(total, "医療費の額")?,
        paid_yen: yen(paid, "支払った額")?,
    })
}

/// Exactly these children, in this order.
fn children<'e, const N: usize>(of: &'e Element, names: &[&'static str; N]) -> Read<[&'e Element; N]> {
    let found: Vec<&Element> = of.elements().collect();
    if let Some((_, name)) = found.iter().zip(names).find(|(child, name)| child.name != **name) {
        return Err(BadDocument::Malformed(name));
    }
    let last = names.last().copied().unwrap_or_default();
    found.try_into().map_err(|_| BadDocument::Malformed(last))
}

/// At least one child of this name, and no other.
fn lines<T>(body: &Element, name: &'static str, read: fn(&Element) -> Read<T>) -> Read<Vec<T>> {
    let found: Vec<&Element> = body.elements().collect();
    if found.is_empty() || found.len() > MOST_LINES || found.iter().any(|line| line.name != name) {
        return Err(BadDocument::Malformed(name));
    }
    found.into_iter().map(read).collect()
}

fn attribute<'e>(of: &'e Element, name: &'static str) -> Read<&'e str> {
    of.get(name).ok_or(BadDocument::Malformed(name))
}

fn text(of: &Element, name: &'static str) -> Read<String> {
    let text = of.text();
    let is_text = of.elements().next().is_none() && !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_text && text.chars().count() <= MOST_TEXT { Ok(text) } else { Err(BadDocument::Malformed(name)) }
}

/// Digits alone: no sign, no comma, no blank.
fn yen(of: &Element, name: &'static str) -> Read<u64> {
    let text = text(of, name)?;
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let amount = text.parse().ok().filter(|amount| is_digits && *amount <= MOST_YEN);
    amount.ok_or(BadDocument::Malformed(name))
}

fn day(of: &Element, name: &'static str) -> Read<NaiveDate> {
    NaiveDate::parse_from_str(&text(of, name)?, "%Y-%m-%d").map_err(|_| BadDocument::Malformed(name))
}
