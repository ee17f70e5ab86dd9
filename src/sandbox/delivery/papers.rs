//! What the made-up people have in their boxes: for each the same papers, with amounts of their own.

use crate::domain::Timestamp;
use crate::domain::xml::Element;
use chrono::Datelike as _;

/// Life insurer, life insurer with the old scheme, insurer, pension fund, bank, broker, health insurer: all made up.
pub(super) const ISSUERS: [&str; 7] = [
    "見本生命保険株式会社",
    "例示生命保険相互会社",
    "例示損害保険株式会社",
    "見本年金基金連合会",
    "株式会社見本銀行",
    "例示証券株式会社",
    "見本健康保険組合",
];

/// A paper before it is signed.
pub(super) struct Paper {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) issuer: &'static str,
    pub(super) year: i32,
    pub(super) part: Element,
}

/// The year that the newest papers are about: insurers send them in October.
#[must_use]
pub fn newest_year(now: Timestamp) -> i32 {
    let day = now.date_in_japan();
    if day.month() >= 10 { day.year() } else { day.year() - 1 }
}

/// Somebody's papers of two years at a provider.
pub(super) fn papers(provider: &str, (person, holder): (usize, &str), newest: i32) -> Vec<Paper> {
    let one_year = |year: i32| -> Vec<Paper> {
        let made = Made { year, holder, extra: u64::try_from(person).unwrap_or_default() * 1_000 };
        if provider == "mihon-post" { made.post() } else { made.mailbox() }
    };
    [newest, newest - 1].into_iter().flat_map(one_year).collect()
}

struct Made<'a> {
    year: i32,
    holder: &'a str,
    extra: u64,
}

fn premium(scheme: Option<&str>, category: &str, amount: u64) -> Element {
    let declared = Element::with_text("申告額", &amount.to_string());
    match scheme {
        Some(scheme) => {
            let certified = Element::with_text("証明額", &(amount / 12 * 9).to_string());
            let line = Element::with_children("保険料", vec![certified, declared]);
            line.attribute("制度", scheme).attribute("区分", category)
        }
        None => Element::with_children("保険料", vec![declared]).attribute("区分", category),
    }
}

impl Made<'_> {
    fn post(&self) -> Vec<Paper> {
        let ideco = Element::with_text("申告額", &(144_000 + self.extra).to_string());
        let ideco = Element::with_children("掛金", vec![ideco]).attribute("区分", "個人型年金");
        let visit = |month: &str, total: u64| {
            let texts = [
                ("診療年月", format!("{}-{month}", self.year)),
                ("医療機関", "見本クリニック（見本）".to_owned()),
                ("医療費の額", total.to_string()),
                ("支払った額", (total / 10 * 3).to_string()),
            ];
            let parts = texts.iter().map(|(name, text)| Element::with_text(name, text)).collect();
            Element::with_children("医療費", parts)
        };
        vec![
            self.life(),
            self.paper("life-old", (1, "生命保険料控除証明書"), vec![premium(Some("旧"), "個人年金", 96_000)]),
            self.paper("ideco", (3, "小規模企業共済等掛金払込証明書"), vec![ideco]),
            self.paper("medical", (6, "医療費通知"), vec![visit("04", 12_000), visit("07", 8_000 + self.extra)]),
        ]
    }

    fn mailbox(&self) -> Vec<Paper> {
        let texts = |pairs: &[(&str, String)]| -> Vec<Element> {
            pairs.iter().map(|(name, text)| Element::with_text(name, text)).collect()
        };
        let loan = texts(&[
            ("年末残高", (28_400_000 + self.extra).to_string()),
            ("当初借入金額", "35000000".to_owned()),
            ("借入日", "2022-05-20".to_owned()),
        ]);
        let account = texts(&[
            ("譲渡対価", "1200000".to_owned()),
            ("取得費等", "1350000".to_owned()),
            ("配当等", "40000".to_owned()),
            ("所得税", "6126".to_owned()),
            ("住民税", "2000".to_owned()),
        ]);
        let quake = vec![premium(None, "地震", 24_000 + self.extra), premium(None, "旧長期", 10_000)];
        vec![
            // The same certificate as at the other provider: it is one.
            self.life(),
            self.paper("quake", (2, "地震保険料控除証明書"), quake),
            self.paper("loan", (4, "住宅ローン年末残高証明書"), loan),
            self.paper("account", (5, "特定口座年間取引報告書"), account),
            self.paper("letter", (4, "お知らせ・明細"), texts(&[("行", "見本です。効力はありません。".to_owned())])),
        ]
    }

    fn life(&self) -> Paper {
        let lines = vec![premium(Some("新"), "一般", 72_000 + self.extra), premium(Some("新"), "介護医療", 30_000)];
        self.paper("life", (0, "生命保険料控除証明書"), lines)
    }

    fn paper(&self, id: &str, (issuer, name): (usize, &'static str), lines: Vec<Element>) -> Paper {
        let issuer = ISSUERS.get(issuer).copied().unwrap_or_default();
        let head = [
            ("種類", name.to_owned()),
            ("整理番号", format!("SANDBOX-{}-{id}-{}", self.year, self.extra)),
            ("発行者", issuer.to_owned()),
            ("対象年", self.year.to_string()),
            ("発行日", format!("{}-10-15", self.year)),
            ("名宛人", self.holder.to_owned()),
        ];
        let mut parts: Vec<Element> = head.iter().map(|(name, text)| Element::with_text(name, text)).collect();
        parts.push(Element::with_children("明細", lines));
        let part = Element::with_children("証明書", parts).attribute("ID", "証明書");
        Paper { id: format!("{id}-{}", self.year), kind: kind_of(name), name, issuer, year: self.year, part }
    }
}

fn kind_of(name: &str) -> &'static str {
    match name {
        "生命保険料控除証明書" => "life_insurance",
        "地震保険料控除証明書" => "earthquake_insurance",
        "小規模企業共済等掛金払込証明書" => "small_scale_mutual_aid",
        "住宅ローン年末残高証明書" => "housing_loan_balance",
        "特定口座年間取引報告書" => "specified_account",
        "医療費通知" => "medical_expenses",
        _ => "statement",
    }
}
