//! The blank forms: made up, in the shape of the real ones, and what the check of a form (形式チェック) wants of them.

use super::answer::report;
use crate::domain::xml::Element;
use serde_json::Value;

/// A procedure with its blank form.
pub(super) struct Blank {
    pub procedure: &'static str,
    pub name: &'static str,
    /// Its forms with the elements that must be filled; `FORM_ID` stands for a form's number.
    pub forms: &'static [(&'static str, &'static [&'static str])],
    /// Whether each part is signed by itself (個別ファイル署名形式).
    pub is_separate: bool,
}

const PLAIN: &str = include_str!("form.xml");
const PLAIN_REQUIRED: &[&str] = &["被保険者氏名", "事業所番号"];
const CERTIFICATE_REQUIRED: &[&str] = &["離職者氏名", "離職理由", "事業所番号4桁", "事業所番号6桁", "事業所番号CD"];
const REQUIRED: &[&str] = &["被保険者氏名フリガナ", "事業所番号4桁", "事業所番号6桁", "事業所番号CD"];

const fn plain(procedure: &'static str, name: &'static str) -> Blank {
    Blank { procedure, name, forms: &[(PLAIN, PLAIN_REQUIRED)], is_separate: false }
}

type Forms = &'static [(&'static str, &'static [&'static str])];

const fn described(procedure: &'static str, name: &'static str, forms: Forms) -> Blank {
    Blank { procedure, name, forms, is_separate: false }
}

/// Every procedure: five whose forms nobody describes, and those of the employment office.
pub(super) const BLANKS: [Blank; 17] = [
    plain("950A990000000001", "健康保険・厚生年金保険被保険者資格取得届（見本）"),
    plain("950A990000000002", "健康保険・厚生年金保険被保険者資格喪失届（見本）"),
    plain("950A990000000003", "雇用保険被保険者資格取得届（見本）"),
    Blank {
        is_separate: true,
        ..plain("950A990000000004", "健康保険被扶養者（異動）届（個別ファイル署名形式、見本）")
    },
    Blank {
        forms: &[(include_str!("forms/electronic_delivery.xml"), &["事業所番号"])],
        ..plain("900A990000000001", "電子送達利用申込み（見本）")
    },
    described(
        "4950008680033000",
        "雇用保険被保険者資格取得届",
        &[(include_str!("forms/employment_acquisition.xml"), REQUIRED)],
    ),
    described(
        "4950008680034000",
        "雇用保険被保険者資格喪失届（離職票交付なし）",
        &[(include_str!("forms/employment_loss.xml"), REQUIRED)],
    ),
    described(
        "4950008680035000",
        "雇用保険被保険者資格喪失届（離職票交付あり）",
        &[
            (include_str!("forms/employment_loss_certificate.xml"), REQUIRED),
            (include_str!("forms/employment_loss_certificate_2.xml"), CERTIFICATE_REQUIRED),
        ],
    ),
    described(
        "4950008680040000",
        "雇用保険被保険者転勤届",
        &[(include_str!("forms/employment_transfer.xml"), REQUIRED)],
    ),
    described("4950008680044000", "雇用保険60歳到達時等賃金証明書", &[(include_str!("forms/pay_at_60.xml"), REQUIRED)]),
    described(
        "4950008680045000",
        "高年齢雇用継続給付受給資格確認票・（初回）支給申請書",
        &[(include_str!("forms/elderly_benefit_first.xml"), REQUIRED)],
    ),
    described(
        "4950008680046000",
        "高年齢雇用継続基本給付金支給申請書",
        &[(include_str!("forms/elderly_benefit.xml"), REQUIRED)],
    ),
    described(
        "4950008680047000",
        "高年齢再就職給付金支給申請書",
        &[(include_str!("forms/elderly_benefit_reemployment.xml"), REQUIRED)],
    ),
    described(
        "4950008680048000",
        "雇用保険被保険者休業開始時賃金月額証明書",
        &[(include_str!("forms/leave_pay_certificate.xml"), REQUIRED)],
    ),
    described(
        "4950008680050000",
        "育児休業給付金支給申請書（2回目以降）",
        &[(include_str!("forms/child_care_benefit.xml"), REQUIRED)],
    ),
    described(
        "4950008680051000",
        "介護休業給付金支給申請書",
        &[(include_str!("forms/nursing_care_benefit.xml"), REQUIRED)],
    ),
    described(
        "4950008680182000",
        "育児休業給付受給資格確認票・（初回）育児休業給付金支給申請書",
        &[(include_str!("forms/child_care_benefit_first.xml"), REQUIRED)],
    ),
];

/// What an element may hold, by its name; anything where none is named.
enum Holds {
    Digits(usize, usize),
    Wide,
    Era,
}

fn holds(name: &str) -> Option<Holds> {
    Some(match name {
        "年" | "月" | "日" | "時間" | "分" => Holds::Digits(1, 2),
        "年号" => Holds::Era,
        "個人番号" => Holds::Digits(12, 12),
        "法人番号" => Holds::Digits(13, 13),
        "賃金月額" | "賃金額" | "平均賃金月額" => Holds::Digits(1, 8),
        _ if name.ends_with("フリガナ") => Holds::Wide,
        _ if name.ends_with("番号4桁") => Holds::Digits(4, 4),
        _ if name.ends_with("番号6桁") => Holds::Digits(6, 6),
        _ if name.ends_with("番号CD") => Holds::Digits(1, 1),
        _ => return None,
    })
}

impl Holds {
    fn fault(&self, text: &str) -> Option<&'static str> {
        let is_good = match self {
            Self::Digits(least, most) => {
                (*least..=*most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
            }
            Self::Wide => text.chars().all(|c| !c.is_ascii() && !('\u{FF61}'..='\u{FF9F}').contains(&c)),
            Self::Era => matches!(text, "昭和" | "平成" | "令和"),
        };
        let words = match self {
            Self::Digits(..) => "半角数字の桁数が正しくありません。",
            Self::Wide => "全角文字で入力してください。",
            Self::Era => "元号が正しくありません。",
        };
        (!is_good).then_some(words)
    }
}

/// What is wrong with a form that was filled, by its place among those of its procedure.
pub(super) fn faults(blank: &Blank, place: usize, (file, form): (&str, &Element)) -> Vec<Value> {
    let mut faults = Vec::new();
    let required = blank.forms.get(place).map_or(&[][..], |(_, required)| required);
    for name in required {
        if form.find(name).is_none_or(|element| element.text().trim().is_empty()) {
            faults.push(report(file, name, "必須項目です。"));
        }
    }
    // The forms that nobody describes are filled by hand: what they hold is a person's to look at.
    if required == REQUIRED || required == CERTIFICATE_REQUIRED {
        shapes(form, file, &mut faults);
    }
    faults
}

fn shapes(element: &Element, file: &str, faults: &mut Vec<Value>) {
    for child in element.elements() {
        let (name, text) = (child.local_name(), child.text());
        let is_leaf = child.elements().next().is_none();
        if let Some(words) = holds(name).filter(|_| is_leaf && !text.is_empty()).and_then(|holds| holds.fault(&text)) {
            faults.push(report(file, name, words));
        }
        shapes(child, file, faults);
    }
}
