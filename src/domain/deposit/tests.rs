//! Ranges agree with a simple model, and a deposit takes legal steps only.

use super::*;
use proptest::prelude::*;

fn at(days: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + days * 86_400)
}

fn declared() -> Deposit {
    let declared = Declaration {
        id: DepositId::parse("dep_1").unwrap(),
        client: ClientId::parse("payroll").unwrap(),
        company: CorporateNumber::none(),
        delegation: None,
        agency: "tax".into(),
        procedure: "p".into(),
        origin: "https://cloud.example".into(),
        reference: None,
        key: IdempotencyKey { key: Digest::of("k"), body: Digest::of("b") },
        declared_at: at(0),
    };
    Deposit { declared, filed: None, withdrawn_at: None, outage: None, place: None }
}

fn filed(years: u32) -> Deposit {
    let holding = Holding {
        location: "https://cloud.example/ledger".into(),
        size: 1,
        media_type: "text/csv".into(),
        schema: "s".into(),
        digest: Digest::of("x"),
    };
    let keep_until = Filed::duty_ends(at(1), years);
    let expires_at = keep_until.plus(Duration::from_hours(24 * 365));
    let submission = SubmissionId::parse("sub_1").unwrap();
    Deposit { filed: Some(Filed { at: at(1), submission, holding, keep_until, expires_at }), ..declared() }
}

#[test]
fn what_is_declared_is_filed_or_withdrawn_or_runs_out() {
    let one = declared();
    assert_eq!(one.state(at(399)), DepositState::Declared);
    assert_eq!(one.state(at(400)), DepositState::Expired);
    assert!(one.check_filing(at(1)).is_ok() && one.check_withdrawal(at(1)).is_ok());
    assert_eq!(one.check_filing(at(400)).unwrap_err().code, "conflict");
    let gone = Deposit { withdrawn_at: Some(at(2)), ..declared() };
    assert_eq!(gone.state(at(2)), DepositState::Withdrawn);
    assert_eq!(gone.check_filing(at(3)).unwrap_err().code, "conflict");
    assert_eq!(gone.check_withdrawal(at(3)).unwrap_err().code, "conflict");
}

#[test]
fn what_is_filed_is_kept_until_the_duty_is_over_and_expires_later() {
    let one = filed(7);
    let kept = one.filed.as_ref().unwrap();
    let day = at(1).date_in_japan().checked_add_months(Months::new(84)).unwrap();
    assert_eq!(kept.keep_until.date_in_japan(), day);
    let early = one.check_withdrawal(kept.keep_until.minus(Duration::from_millis(1))).unwrap_err();
    assert_eq!(early.code, "kept_by_duty");
    assert!(early.public.contains(&day.to_string()), "{}", early.public);
    assert!(one.check_withdrawal(kept.keep_until).is_ok());
    assert_eq!(one.check_filing(at(2)).unwrap_err().code, "conflict");
    assert_eq!(one.state(kept.expires_at.minus(Duration::from_millis(1))), DepositState::Filed);
    assert_eq!(one.state(kept.expires_at), DepositState::Expired);
    assert_eq!(one.check_withdrawal(kept.expires_at).unwrap_err().code, "conflict");
    // A leap day has no day of its own in most years.
    let leap = Timestamp::of_day_in_japan(chrono::NaiveDate::from_ymd_opt(2028, 2, 29).unwrap()).unwrap();
    assert_eq!(Filed::duty_ends(leap, 1).date_in_japan().to_string(), "2029-02-28");
}

#[test]
fn a_range_is_read_as_the_rfc_says() {
    let span = |first, last| Ok(ByteSpan::of(first, last));
    for (field, wanted) in [
        ("bytes=0-0", span(0, 0)),
        ("bytes=2-", span(2, 9)),
        ("BYTES=2-5", span(2, 5)),
        ("bytes=5-99", span(5, 9)),
        ("bytes=-3", span(7, 9)),
        ("bytes=-99", span(0, 9)),
        ("bytes=-0", Err(Unsatisfiable)),
        ("bytes=10-", Err(Unsatisfiable)),
        ("bytes=10-20", Err(Unsatisfiable)),
        ("bytes=99999999999999999999999-", Err(Unsatisfiable)),
        ("bytes=0-99999999999999999999999", span(0, 9)),
        ("bytes=5-2", Ok(None)),
        ("bytes=0-1,3-4", Ok(None)),
        ("bytes=-", Ok(None)),
        ("bytes=a-b", Ok(None)),
        ("bytes=+1-2", Ok(None)),
        ("items=0-1", Ok(None)),
        ("0-1", Ok(None)),
        ("", Ok(None)),
    ] {
        assert_eq!(ByteSpan::read(field, 10), wanted, "{field}");
    }
    assert_eq!(ByteSpan::read("bytes=0-", 0), Err(Unsatisfiable));
}

#[test]
fn there_are_as_many_digests_as_pieces() {
    let digests = |n: usize| vec![Digest::of("x"); n];
    assert!(Pieces::of(digests(1), 1).is_ok() && Pieces::of(digests(1), PIECE).is_ok());
    assert!(Pieces::of(digests(1), PIECE + 1).is_err() && Pieces::of(digests(2), PIECE + 1).is_ok());
    assert!(Pieces::of(digests(0), 0).is_err());
    assert!(Pieces::of(digests(MOST_PIECES), MOST_PIECES as u64 * PIECE).is_ok());
    assert!(Pieces::of(digests(MOST_PIECES + 1), MOST_PIECES as u64 * PIECE + 1).is_err());
    assert!(Pieces::of(digests(1), u64::MAX).is_err());
    let two = Pieces::of(vec![Digest::of("a"), Digest::of("b")], PIECE + 1).unwrap();
    assert_eq!(Pieces::from_bytes(&two.bytes()), Some(two.clone()));
    assert_eq!(Pieces::from_bytes(&[0; 33]), None);
    assert!(two.is(1, b"b") && !two.is(0, b"b") && !two.is(2, b"b") && !two.is(u64::MAX, b"b"));
}

proptest! {
    #[test]
    fn the_pieces_of_a_range_make_the_range(size in 1..5 * PIECE, first in 0..5 * PIECE, length in 1..3 * PIECE) {
        let first = first % size;
        let last = (first + length - 1).min(size - 1);
        let field = format!("bytes={first}-{last}");
        let span = ByteSpan::read(&field, size).unwrap().unwrap();
        prop_assert_eq!((span.first(), span.last(), span.len()), (first, last, last - first + 1));
        let (from, to) = span.pieces();
        let mut next = first;
        for number in from..=to {
            let piece = ByteSpan::of_piece(number, size).unwrap();
            let part = span.within(number);
            prop_assert!(!part.is_empty() && part.end as u64 <= piece.len());
            prop_assert_eq!(piece.first() + part.start as u64, next);
            next += part.len() as u64;
        }
        prop_assert_eq!(next, last + 1);
        prop_assert_eq!(ByteSpan::of_piece(Pieces::count(size) as u64, size), None);
    }
}
