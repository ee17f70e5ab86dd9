//! How a bulk filing changes, and what it refuses.

use super::*;
use crate::domain::Entropy;
use crate::domain::entropy::SeededEntropy;

fn bulk() -> Bulk {
    let entropy: &dyn Entropy = &SeededEntropy::new(1);
    let now = Timestamp::from_millis(0);
    Bulk {
        id: BulkId::generate(entropy),
        client: ClientId::parse("payroll").unwrap(),
        applicant: CorporateNumber::parse("8000000990001").unwrap(),
        delegation: None,
        key: IdempotencyKey { key: Digest::of("k"), body: Digest::of("b") },
        agency: "pension".into(),
        procedure: "2225700".into(),
        digest: Digest::of("file"),
        length: 100,
        format: RecordFormat::Ndjson,
        columns: Vec::new(),
        is_dry_run: false,
        on_reject: OnReject::Refuse,
        office_bytes: 2,
        weight: 1,
        created_at: now,
        expires_at: now.plus(UPLOAD_LIFE),
        state: BulkState::Uploading,
        reason: None,
        received: 40,
        pieces: 1,
        lines: 4,
        rejected: 0,
        handed_on: 0,
        accepted_at: None,
        receipt: None,
    }
}

#[test]
fn a_file_goes_on_where_it_ended_and_nowhere_else() {
    assert!(bulk().goes_on_at(40).is_ok());
    for offset in [0, 39, 41, 100] {
        let refusal = bulk().goes_on_at(offset).unwrap_err();
        assert_eq!((refusal.code, refusal.pointer.as_deref()), ("conflict", Some("Upload-Offset")));
        assert!(refusal.public.contains("40"), "{}", refusal.public);
    }
    for state in [BulkState::Checked, BulkState::Accepted, BulkState::Refused, BulkState::Cancelled] {
        assert_eq!(Bulk { state, ..bulk() }.goes_on_at(40).unwrap_err().code, "conflict");
    }
}

#[test]
fn nothing_is_filed_of_another_file_of_no_record_or_with_rejected_ones_unless_they_are_skipped() {
    use BulkRefusal::{DigestMismatch, NoRecord, RejectedRecords};
    use BulkState::{Accepted, Checked};
    for (is_same, lines, rejected, on_reject, is_dry_run, expected) in [
        (true, 4, 0, OnReject::Refuse, false, Ok(Accepted)),
        (true, 4, 0, OnReject::Refuse, true, Ok(Checked)),
        (true, 4, 1, OnReject::Refuse, false, Err(RejectedRecords)),
        (true, 4, 1, OnReject::Refuse, true, Err(RejectedRecords)),
        (true, 4, 1, OnReject::Skip, false, Ok(Accepted)),
        (true, 4, 4, OnReject::Skip, false, Err(NoRecord)),
        (true, 0, 0, OnReject::Refuse, false, Err(NoRecord)),
        (false, 4, 0, OnReject::Skip, true, Err(DigestMismatch)),
    ] {
        let one = Bulk { is_dry_run, on_reject, lines, rejected, ..bulk() };
        assert_eq!(one.verdict((is_same, true)), expected);
    }
}

#[test]
fn what_is_filed_is_not_called_off_as_a_whole() {
    for (state, is_possible) in [
        (BulkState::Uploading, true),
        (BulkState::Checked, true),
        (BulkState::Accepted, false),
        (BulkState::Distributed, false),
        (BulkState::Refused, false),
        (BulkState::Cancelled, false),
        (BulkState::Expired, false),
    ] {
        assert_eq!(Bulk { state, ..bulk() }.cancel().is_ok(), is_possible, "{state:?}");
    }
}

#[test]
fn a_file_says_how_it_is_written_by_its_media_type() {
    use RecordFormat::{CsvShiftJis, CsvUtf8, Ndjson};
    for (text, expected) in [
        ("application/x-ndjson", Some(Ndjson)),
        ("Application/X-NDJSON; charset=UTF-8", Some(Ndjson)),
        ("text/csv", Some(CsvUtf8)),
        ("text/csv; charset=\"utf-8\"; header=present", Some(CsvUtf8)),
        ("text/csv;charset=Shift_JIS", Some(CsvShiftJis)),
        ("text/csv; charset=windows-31j", Some(CsvShiftJis)),
        ("text/csv; header=absent", None),
        ("text/csv; charset=euc-jp", None),
        ("application/x-ndjson; charset=shift_jis", None),
        ("application/json", None),
        ("text/csv;", None),
        ("", None),
    ] {
        assert_eq!(RecordFormat::of_media_type(text), expected, "{text}");
    }
    for format in [Ndjson, CsvUtf8, CsvShiftJis] {
        assert_eq!(RecordFormat::of_media_type(format.media_type()), Some(format));
    }
}

#[test]
fn nothing_is_filed_for_a_company_that_does_not_let_it() {
    assert_eq!(bulk().verdict((true, false)), Err(BulkRefusal::NotDelegated));
    assert_eq!(bulk().verdict((false, false)), Err(BulkRefusal::DigestMismatch));
}

#[test]
fn a_bound_file_opens_itself_for_its_own_company() {
    let company = |text: &str| CorporateNumber::parse(text).unwrap();
    let (own, other) = (company("8000000990001"), company("7000012050002"));
    let any = BoundFile { digest: Digest::of("file"), applicant: None };
    let one = BoundFile { applicant: Some(own.clone()), ..any.clone() };
    for (bound, digest, applicant, place) in [
        (&any, "file", &own, None),
        (&any, "file", &other, None),
        (&any, "another", &own, Some("/digest")),
        (&one, "file", &own, None),
        (&one, "file", &other, Some("/applicant")),
        (&one, "another", &own, Some("/digest")),
    ] {
        let told = bound.opens(Digest::of(digest), applicant).err();
        assert_eq!(told.as_ref().and_then(|refusal| refusal.pointer.as_deref()), place, "{digest} {applicant}");
    }
}
