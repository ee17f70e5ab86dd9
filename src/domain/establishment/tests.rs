//! Establishments: the legal steps, what is signed, and what is believed.

use super::*;
use crate::domain::Refusal;
use crate::domain::entropy::SystemEntropy;
use chrono::NaiveDate;
use serde_json::json;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn form(kind: &str) -> EstablishmentForm {
    let (role, word) = if kind == "godo" {
        ("representative_partner", "合同会社")
    } else {
        ("representative_director", "株式会社")
    };
    let person = json!({"name": "見本　太郎", "name_kana": "ﾐﾎﾝ ﾀﾛｳ", "address": "東京都見本区１"});
    let with = |more: serde_json::Value| {
        let mut person = person.clone();
        person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        person
    };
    let founders = [with(json!({"contribution": 1})), with(json!({"name": "見本　花子", "contribution": 2}))];
    serde_json::from_value(json!({
        "kind": kind, "trade_name": format!("{word}見本"), "trade_name_kana": "ﾐﾎﾝ",
        "head_office": {"postal_code": "1000000", "municipality": "142034", "address": "神奈川県平塚市１"},
        "purposes": ["見本"], "capital": 3, "fiscal_year_ends_in": 3, "establish_on": "2026-12-01",
        "officers": [with(json!({"role": role, "birth_date": "1985-04-12"}))], "founders": founders,
        "contact": {"phone": "0300000000", "mail": "a@b.example"},
    }))
    .unwrap()
}

fn begun(kind: &str) -> Establishment {
    let new = NewEstablishment {
        id: EstablishmentId::generate(&SystemEntropy),
        client: ClientId::parse("shoshi").unwrap(),
        filer: CorporateNumber::parse("7000012050002").unwrap(),
        weight: 1,
        key: IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") },
        receipt: ReceiptId::parse("r_1").unwrap(),
        form: form(kind),
        parts: Vec::new(),
        codes: vec!["A".into(), "B".into()],
    };
    Establishment::new(new, at(0))
}

fn person(name: &str) -> SubjectId {
    SubjectId::parse(name).unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn it_goes_out_with_the_last_signature_and_begins_with_what_its_kind_wants() {
    for (kind, first) in [("kabushiki", EstablishmentState::Certifying), ("godo", EstablishmentState::Registering)] {
        let mut one = begun(kind);
        let digest = one.digest;
        one.sign(0, (&person("s_1"), digest), at(1)).unwrap();
        assert_eq!((one.state, one.founders[0].code.as_deref()), (EstablishmentState::AwaitingSignatures, None));
        assert_eq!(one.founders[1].code.as_deref(), Some("B"));
        one.sign(1, (&person("s_2"), digest), at(2)).unwrap();
        assert_eq!((one.state, one.stages.len(), one.changed_at), (first, 1, at(2)));
        assert_eq!(one.current().unwrap().submission, None);
    }
}

#[test]
fn a_signature_is_one_persons_once_in_time_and_of_what_is_filed() {
    let mut one = begun("kabushiki");
    let digest = one.digest;
    assert_eq!(code(one.sign(0, (&person("s_1"), Digest::of("another")), at(1))), "conflict");
    assert_eq!(code(one.sign(2, (&person("s_1"), digest), at(1))), "conflict", "there is no third");
    one.sign(0, (&person("s_1"), digest), at(1)).unwrap();
    assert_eq!(code(one.sign(0, (&person("s_2"), digest), at(2))), "conflict", "it was signed");
    assert_eq!(code(one.sign(1, (&person("s_1"), digest), at(2))), "conflict", "by the same person");
    let late = one.sign_until;
    assert_eq!(code(one.sign(1, (&person("s_2"), digest), late)), "conflict", "too late");
    assert_eq!(code(one.clone().expire(at(2))), "conflict");
    let mut over = one.clone();
    over.expire(late).unwrap();
    assert_eq!((over.state, over.founders[1].code.as_deref()), (EstablishmentState::Expired, None));
    one.decline(1, (&person("s_2"), digest), at(3)).unwrap();
    assert_eq!((one.state, one.kept_from()), (EstablishmentState::Declined, Some(at(3))));
    assert_eq!(code(one.cancel(at(4))), "not_cancellable");
}

#[test]
fn what_is_signed_changes_with_every_item_and_every_receiver() {
    let one = begun("kabushiki");
    let part = |agency: &str| EstablishmentPart {
        stage: Stage::Registration,
        procedure: "registry-establishment".into(),
        agency: agency.into(),
    };
    let other = EstablishmentForm { capital: 4, ..one.form.clone() };
    let digests = [
        digest_of(&one.form, &[]),
        digest_of(&other, &[]),
        digest_of(&one.form, &[part("a")]),
        digest_of(&one.form, &[part("b")]),
    ];
    let distinct: std::collections::BTreeSet<_> = digests.iter().map(Digest::base64url).collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn it_can_be_called_off_until_its_registration_is_under_way() {
    let mut waiting = begun("kabushiki");
    waiting.cancel(at(1)).unwrap();
    assert_eq!(waiting.state, EstablishmentState::Cancelled);
    let mut one = begun("kabushiki");
    let digest = one.digest;
    one.sign(0, (&person("s_1"), digest), at(1)).unwrap();
    one.sign(1, (&person("s_2"), digest), at(1)).unwrap();
    let mut early = one.clone();
    early.cancel(at(2)).unwrap();
    assert_eq!(early.state, EstablishmentState::Cancelled, "nothing was handed in");
    one.intend(at(2));
    assert_eq!(code(one.clone().cancel(at(2))), "conflict", "it is handed in just now");
    one.handed_in(SubmissionId::parse("sub_1").unwrap());
    let mut off = one.clone();
    off.cancel(at(2)).unwrap();
    assert_eq!(off.state, EstablishmentState::Cancelling);
    assert_eq!(code(off.begin(Stage::Registration, at(3))), "conflict", "nothing begins any more");
    off.cancelled(at(3)).unwrap();
    assert!(off.state.is_final());
    one.begin(Stage::Registration, at(3)).unwrap();
    assert_eq!(one.stages[0].ended_at, Some(at(3)));
    one.intend(at(3));
    one.handed_in(SubmissionId::parse("sub_2").unwrap());
    assert_eq!(code(one.cancel(at(4))), "not_cancellable");
}

#[test]
fn no_state_is_left_but_by_a_legal_step() {
    let count: usize = EstablishmentState::ALL
        .iter()
        .map(|from| EstablishmentState::ALL.iter().filter(|to| from.may_become(**to)).count())
        .sum();
    assert_eq!(count, 14);
    for state in EstablishmentState::ALL.iter().filter(|state| state.is_final()) {
        assert!(EstablishmentState::ALL.iter().all(|next| !state.may_become(*next)), "{}", state.as_str());
    }
}

#[test]
fn what_the_registry_says_is_believed_only_as_the_answer_to_this_form() {
    let (form, filer) = (form("kabushiki"), CorporateNumber::parse("7000012050002").unwrap());
    let entry = RegistryEntry {
        corporate_number: CorporateNumber::parse("8000000990001").unwrap(),
        trade_name: form.trade_name.clone(),
        head_office: form.head_office.address.clone(),
        established_on: day("2026-12-01"),
        applied_on: day("2026-12-01"),
    };
    let days = (day("2026-12-01"), day("2026-12-08"));
    assert_eq!(entry.believe(&form, &filer, days), Ok(()));
    let number =
        |text: &str| RegistryEntry { corporate_number: CorporateNumber::parse(text).unwrap(), ..entry.clone() };
    for (wrong, why) in [
        (number("7000012050002"), Disbelieved::Number),
        (number("6000020999016"), Disbelieved::Number),
        (RegistryEntry { corporate_number: CorporateNumber::none(), ..entry.clone() }, Disbelieved::Number),
        (RegistryEntry { trade_name: "株式会社他".into(), ..entry.clone() }, Disbelieved::Another),
        (RegistryEntry { head_office: "他".into(), ..entry.clone() }, Disbelieved::Another),
        (RegistryEntry { established_on: day("2026-12-02"), ..entry.clone() }, Disbelieved::Days),
        (
            RegistryEntry { established_on: day("2026-11-30"), applied_on: day("2026-11-30"), ..entry.clone() },
            Disbelieved::Days,
        ),
        (
            RegistryEntry { established_on: day("2026-12-09"), applied_on: day("2026-12-09"), ..entry.clone() },
            Disbelieved::Days,
        ),
    ] {
        assert_eq!(wrong.believe(&form, &filer, days), Err(why), "{wrong:?}");
    }
}

#[test]
fn the_first_fiscal_year_ends_in_its_month() {
    for (month, on, end) in [
        (3, "2026-12-01", "2027-03-31"),
        (12, "2026-12-01", "2026-12-31"),
        (11, "2026-12-01", "2027-11-30"),
        (2, "2027-12-01", "2028-02-29"),
        (3, "2026-03-31", "2026-03-31"),
    ] {
        let form = EstablishmentForm { fiscal_year_ends_in: month, ..form("godo") };
        assert_eq!(form.first_fiscal_year_end(day(on)), Some(day(end)), "{month} {on}");
    }
    assert_eq!(
        EstablishmentForm { fiscal_year_ends_in: 13, ..form("godo") }.first_fiscal_year_end(day("2026-01-01")),
        None
    );
}
