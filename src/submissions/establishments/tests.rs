//! Establishments: what follows from a form, and what is wrong with one.

use super::plan::{EstablishmentPlan, Maker};
use crate::adapters::agency::AgencySettings;
use crate::catalog::procedures::Procedures;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::establishment::{EstablishmentForm, Stage};
use serde_json::{Value, json};
use std::path::Path;

const TODAY: &str = "2026-12-01";

fn form() -> Value {
    let with = |more: Value| {
        let mut person = json!({
            "name": "見本　次郎", "name_kana": "ﾐﾎﾝ ｼﾞﾛｳ", "birth_date": "1990-05-06", "individual_number": "123456789018",
            "monthly_pay": 300_400,
        });
        person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        person
    };
    let hired = with(json!({
        "sex": "male", "reason": "hired", "pay_period": "month", "employment_kind": "fixed_term", "occupation": "04",
        "weekly_minutes": 2400, "term": {"from": TODAY, "until": "2027-11-30"}, "insured_number": "12345678901",
    }));
    let insured = with(json!({"category": "female", "has_dependants": true}));
    json!({
        "kind": "kabushiki", "trade_name": "株式会社見本工房", "trade_name_kana": "ﾐﾎﾝｺｳﾎﾞｳ",
        "head_office": {"postal_code": "2540000", "municipality": "142034", "address": "神奈川県平塚市見本町１－２－３"},
        "purposes": ["ソフトウェアの開発および販売", "前号に附帯する一切の業務"],
        "capital": 3_000_000, "fiscal_year_ends_in": 3, "establish_on": TODAY,
        "officers": [{
            "role": "representative_director", "name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ",
            "address": "東京都見本区見本町４－５－６", "birth_date": "1985-04-12",
        }],
        "founders": [
            {"name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "address": "東京都見本区見本町４－５－６", "contribution": 2_000_000},
            {"name": "見本　花子", "name_kana": "ﾐﾎﾝ ﾊﾅｺ", "address": "東京都見本区見本町４－５－６", "contribution": 1_000_000},
        ],
        "contact": {"phone": "0300000000", "mail": "desk@mihon.example"},
        "employment": {"workers": 3, "insured": 2, "from": TODAY, "wages": 3_600_000, "members": vec![hired; 2]},
        "salary": {"people": 4, "first_paid_on": "2026-12-25"},
        "taxes": {
            "blue_return": true, "withholding_twice_a_year": true, "inventory": "retail", "depreciation": "straight_line",
            "consumption_tax": true, "qualified_invoices": true, "later_returns": true,
        },
        "social_insurance": {"insured": 4, "from": TODAY, "members": vec![insured; 4]},
    })
}

fn agency(name: &str, procedures: &[&str], areas: &[&str]) -> AgencySettings {
    let settings = json!({
        "name": name, "base_url": "https://agency.example", "procedures": procedures, "repeats": "by_key",
        "areas": areas,
    });
    serde_json::from_value(settings).unwrap()
}

const LAST: [&str; 18] = [
    "gbizid-prime-issue",
    "tax-company-establishment",
    "tax-salary-office",
    "tax-blue-return",
    "tax-withholding-dates",
    "tax-inventory-method",
    "tax-depreciation-method",
    "tax-consumption-tax-choice",
    "tax-qualified-invoices",
    "tax-later-returns",
    "prefectural-company-establishment",
    "municipal-company-establishment",
    "labour-insurance-relation",
    "labour-insurance-estimate",
    "employment-office-installation",
    "employment-acquisition-new-office",
    "pension-new-application",
    "pension-acquisition-new-office",
];

fn agencies() -> Vec<AgencySettings> {
    vec![
        agency("notary", &["notary-articles-certification"], &[]),
        agency("everywhere", &[&["registry-establishment"], LAST.as_slice()].concat(), &[]),
    ]
}

fn planned(form: &Value, agencies: &[AgencySettings]) -> EstablishmentPlan {
    let form: EstablishmentForm = serde_json::from_value(form.clone()).unwrap();
    let procedures = Procedures::load(Path::new("policies/procedures")).unwrap();
    let agencies: Vec<&AgencySettings> = agencies.iter().collect();
    let filer = CorporateNumber::parse("7000012050002").unwrap();
    Maker::new(&form, (&procedures, &agencies), TODAY.parse().unwrap()).plan(&filer)
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut form = form();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = form.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(values) => values[name.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[name] = value.clone(),
        }
    }
    form
}

#[test]
fn everything_that_a_form_wants_follows_in_its_order_with_its_day() {
    let plan = planned(&form(), &agencies());
    assert_eq!(plan.findings, [], "the form is right");
    let due: Vec<_> = plan
        .filings
        .iter()
        .map(|one| (one.code.as_str(), one.due_on.map(|day| day.to_string()).unwrap_or_default()))
        .collect();
    let due: Vec<(&str, &str)> = due.iter().map(|(code, day)| (*code, day.as_str())).collect();
    let wanted = [
        ("notary-articles-certification", ""),
        ("registry-establishment", ""),
        ("gbizid-prime-issue", ""),
        ("tax-company-establishment", "2027-02-01"),
        ("tax-salary-office", "2027-01-04"),
        ("tax-blue-return", "2027-03-01"),
        ("tax-withholding-dates", ""),
        ("tax-inventory-method", "2027-05-31"),
        ("tax-depreciation-method", "2027-05-31"),
        ("tax-consumption-tax-choice", "2027-03-31"),
        ("tax-qualified-invoices", "2027-03-31"),
        ("tax-later-returns", "2027-03-31"),
        ("prefectural-company-establishment", "2026-12-16"),
        ("municipal-company-establishment", "2027-01-04"),
        ("labour-insurance-relation", "2026-12-11"),
        ("labour-insurance-estimate", "2027-01-20"),
        ("employment-office-installation", "2026-12-11"),
        ("employment-acquisition-new-office", "2027-01-12"),
        ("pension-new-application", "2026-12-07"),
        ("pension-acquisition-new-office", "2026-12-07"),
    ];
    assert_eq!(due, wanted);
    let stages: Vec<Stage> = plan.filings.iter().map(|one| one.stage).collect();
    assert!(stages.is_sorted() && plan.parts().len() == 20);
}

#[test]
fn what_does_not_follow_is_left_out() {
    let codes = |form: &Value| planned(form, &agencies()).filings.into_iter().map(|one| one.code).collect::<Vec<_>>();
    let mut small = with(&[
        ("/kind", json!("godo")),
        ("/trade_name", json!("合同会社見本")),
        ("/officers/0/role", json!("representative_partner")),
        ("/taxes", json!({})),
        // 世田谷区: a ward of Tokyo takes no notification of its own.
        ("/head_office/municipality", json!("131121")),
    ]);
    for name in ["employment", "salary", "social_insurance"] {
        small.as_object_mut().unwrap().remove(name);
    }
    let wanted = [
        "registry-establishment",
        "gbizid-prime-issue",
        "tax-company-establishment",
        "prefectural-company-establishment",
    ];
    assert_eq!((codes(&small), planned(&small, &agencies()).findings), (wanted.map(str::to_owned).to_vec(), vec![]));
    let nobody_insured = codes(&with(&[("/employment/insured", json!(0)), ("/employment/members", json!([]))]));
    assert!(!nobody_insured.iter().any(|code| code == "employment-office-installation"));
    let left_out = with(&[("/leave_out", json!(["gbizid-prime-issue"]))]);
    assert!(!codes(&left_out).iter().any(|code| code == "gbizid-prime-issue"));
}

#[test]
fn the_receiver_is_whoever_is_there_for_the_smallest_area() {
    let mut all = agencies();
    all.push(agency("kanagawa", &["prefectural-company-establishment", "municipal-company-establishment"], &["14"]));
    all.push(agency("hiratsuka", &["municipal-company-establishment"], &["142034"]));
    all.push(agency("tokyo", &["prefectural-company-establishment"], &["13"]));
    all.push(agency("union", &["pension-new-application", "pension-acquisition-new-office"], &["99"]));
    let with_union = with(&[("/social_insurance/union", json!("union"))]);
    let plan = planned(&with_union, &all);
    let of = |code: &str| {
        let found = plan.filings.iter().filter(|one| one.code == code);
        found.filter_map(|one| one.agency.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("prefectural-company-establishment"), ["kanagawa"]);
    assert_eq!(of("municipal-company-establishment"), ["hiratsuka"]);
    assert_eq!(of("tax-company-establishment"), ["everywhere"]);
    assert_eq!(of("pension-new-application"), ["everywhere", "union"]);
    assert_eq!(of("pension-acquisition-new-office"), ["everywhere", "union"]);
    let nowhere = planned(&with(&[("/social_insurance/union", json!("another"))]), &all);
    let found: Vec<_> = nowhere.findings.iter().map(|f| (f.rule.as_str(), f.pointer.as_str())).collect();
    assert_eq!(found, [("MG301", "/social_insurance/union"); 2], "新規適用届 and 資格取得届");
    let found = planned(&form(), &all[..1]).findings;
    assert_eq!(found.iter().filter(|f| f.rule == "MG301").count(), 19, "nobody takes the others");
}

#[test]
fn what_is_wrong_is_told_at_its_place_in_the_form() {
    for (changes, rule, place) in [
        (("/trade_name", json!("見本工房")), "MG403", "/trade_name"),
        (("/trade_name", json!("株式会社")), "MG403", "/trade_name"),
        (("/trade_name", json!("株式会社見本合同会社")), "MG403", "/trade_name"),
        (("/capital", json!(3_000_001)), "MG402", "/capital"),
        (("/capital", json!(18_446_744_073_709_551_615_u64)), "MG214", "/capital"),
        (("/purposes", json!([])), "MG401", "/purposes"),
        (("/purposes", json!(["a\u{202e}b"])), "MG219", "/purposes"),
        (("/purposes", json!([format!("{:1$}", "x", 3000)])), "MG204", "/purposes"),
        (("/head_office/municipality", json!("142035")), "MG407", "/head_office/municipality"),
        (("/head_office/address", json!("神奈川県 ABC")), "MG206", "/head_office/address"),
        (("/head_office/postal_code", json!("254")), "MG209", "/head_office/postal_code"),
        (("/fiscal_year_ends_in", json!(13)), "MG408", "/fiscal_year_ends_in"),
        (("/establish_on", json!("2026-11-30")), "MG406", "/establish_on"),
        (("/establish_on", json!("2027-03-02")), "MG406", "/establish_on"),
        (("/establish_on", json!("2026-12-06")), "MG411", "/establish_on"),
        (("/officers/0/role", json!("representative_partner")), "MG404", "/officers/0/role"),
        (("/officers/0/role", json!("director")), "MG404", "/officers"),
        (("/officers/0/name", json!("見本　髙太郎")), "MG205", "/officers/0/name"),
        (("/founders/1/name", json!("見本")), "MG208", "/founders/1/name"),
        (("/founders/1/name", json!("見本　太郎")), "MG412", "/founders/1"),
        (("/contact/phone", json!("03-0000")), "MG209", "/contact/phone"),
        (("/employment/insured", json!(4)), "MG409", "/employment/insured"),
        (("/salary/people", json!(10)), "MG410", "/taxes/withholding_twice_a_year"),
        (("/social_insurance", json!(null)), "MG415", "/social_insurance"),
        (("/employment/members", json!([])), "MG416", "/employment/members"),
        (("/social_insurance/members", json!([])), "MG416", "/social_insurance/members"),
        (("/social_insurance/insured", json!(5)), "MG409", "/social_insurance/members"),
        (
            ("/social_insurance/members/1/individual_number", json!("123456789012")),
            "MG210",
            "/social_insurance/members/1/individual_number",
        ),
        (
            ("/social_insurance/members/0/monthly_pay", json!(u64::MAX)),
            "MG215",
            "/social_insurance/members/0/monthly_pay",
        ),
        (("/employment/members/0/insured_number", json!("1")), "MG209", "/employment/members/0/insured_number"),
        (("/employment/members/0/occupation", json!("4")), "MG209", "/employment/members/0/occupation"),
        (("/employment/members/0/weekly_minutes", json!(0)), "MG214", "/employment/members/0/weekly_minutes"),
        (("/employment/members/1/term/until", json!("2026-11-30")), "MG232", "/employment/members/1/term/until"),
        (("/capital", json!(10_000_000)), "MG417", "/taxes/consumption_tax"),
        (("/leave_out", json!(["registry-establishment"])), "MG413", "/leave_out/0"),
        (("/leave_out", json!(["no-such"])), "MG413", "/leave_out/0"),
        (("/reference", json!("a b")), "MG414", "/reference"),
    ] {
        let found = planned(&with(std::slice::from_ref(&changes)), &agencies()).findings;
        let is_there = found.iter().any(|one| one.rule == rule && one.pointer == place);
        assert!(is_there, "{changes:?}: {rule} at {place}, but {found:#?}");
        assert!(found.iter().all(|one| !one.words.ja.is_empty() && !one.words.en.is_empty()));
    }
}

#[test]
fn who_manages_a_godo_kaisha_is_one_of_its_founders() {
    let form = with(&[
        ("/kind", json!("godo")),
        ("/trade_name", json!("見本合同会社")),
        ("/officers/0/role", json!("representative_partner")),
        ("/officers/0/name", json!("見本　次郎")),
    ]);
    let found: Vec<_> = planned(&form, &agencies()).findings.into_iter().map(|f| (f.rule, f.pointer)).collect();
    assert_eq!(found, [("MG405".to_owned(), "/officers/0/name".to_owned())]);
}
