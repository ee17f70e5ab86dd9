//! What payments are held against.

use super::*;
use crate::domain::secret::Digest;

fn payment() -> Payment {
    let day = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    Payment {
        id: PaymentId::parse("pmt_1").unwrap(),
        client: ClientId::parse("city").unwrap(),
        payee: Words { ja: "見本市".into(), en: "Mihon City".into() },
        numbers: PaymentNumbers {
            institution: "13999".into(),
            number: "12345678901234".into(),
            confirmation: "123456".into(),
            category: None,
        },
        payer_kana: None,
        amount: 12_500,
        title: Words { ja: "市民税".into(), en: "Tax".into() },
        due_on: day,
        about: None,
        ways: vec![PaymentWay::PayEasy],
        key: IdempotencyKey { key: Digest::of("k"), body: Digest::of("b") },
        created_at: Timestamp::of_day_in_japan(day).unwrap(),
    }
}

#[test]
fn what_is_taken_in_the_last_moment_of_the_due_day_in_japan_is_in_time() {
    let one = payment();
    assert_eq!(one.due_at().rfc3339(), "2026-12-01T00:00:00+09:00");
    let last = Timestamp::from_millis(one.due_at().millis() - 1);
    let mut taking =
        Taking { reference: "t".into(), amount: 12_500, way: PaymentWay::Card, bank: None, taken_at: last };
    assert_eq!(one.excess_of(&taking), None);
    taking.taken_at = one.due_at();
    assert_eq!(one.excess_of(&taking), Some(SettlementKind::Late));
    taking.amount = 12_499;
    assert_eq!(one.excess_of(&taking), Some(SettlementKind::AmountDiffers));
}

#[test]
fn numbers_have_the_lengths_that_banks_take() {
    let with = |change: &dyn Fn(&mut PaymentNumbers)| {
        let mut numbers = payment().numbers;
        change(&mut numbers);
        numbers.fault().map(|(member, _)| member)
    };
    assert_eq!(with(&|_| ()), None);
    assert_eq!(with(&|n| n.category = Some("1234567890".into())), None);
    for bad in ["", "1234", "123456", "１２３４５", "1234a"] {
        assert_eq!(with(&|n| n.institution = bad.into()), Some("institution_number"), "{bad}");
    }
    for bad in ["", "123456789012345678901", "12 34"] {
        assert_eq!(with(&|n| n.number = bad.into()), Some("payment_number"), "{bad}");
    }
    assert_eq!(with(&|n| n.confirmation = "1234567".into()), Some("confirmation_number"));
    assert_eq!(with(&|n| n.category = Some("12345678901".into())), Some("payment_category"));
}

#[test]
fn a_signature_is_good_for_what_was_signed_alone() {
    let key = PaymentKey::new(&Secret::new("s".repeat(32))).unwrap();
    assert!(PaymentKey::new(&Secret::new("short".to_owned())).is_none());
    let signature = key.sign("notice", &[b"ab", b"c"]);
    assert!(key.is_signed("notice", &[b"ab", b"c"], &signature));
    assert!(!key.is_signed("return", &[b"ab", b"c"], &signature));
    assert!(!key.is_signed("notice", &[b"a", b"bc"], &signature));
    let other = PaymentKey::new(&Secret::new("t".repeat(32))).unwrap();
    assert!(!other.is_signed("notice", &[b"ab", b"c"], &signature));
    assert!(!key.is_signed("notice", &[b"ab", b"c"], "!"));
}
