//! A record holds what it may and is hidden by its salt.

use super::*;
use crate::domain::access::{AccessedDataSet, Disposition};
use crate::domain::data_set::DataSetCode;
use crate::domain::entropy::SeededEntropy;
use crate::domain::ids::{AccessId, DecisionId, RequestId};
use crate::domain::retrieval::OutcomeKind;

fn line(disposition: Disposition) -> Access {
    Access {
        id: AccessId::parse("a_1234").unwrap(),
        at: Timestamp::from_seconds(1_800_000_000),
        subject: SubjectId::parse("s_who").unwrap(),
        client: ClientId::parse("loan-bank").unwrap(),
        grant: GrantId::parse("g_1").unwrap(),
        request: Some(RequestId::parse("sir_1").unwrap()),
        purpose: "loan_examination".into(),
        data_sets: vec![AccessedDataSet {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            outcome: OutcomeKind::Ok,
            items: 2,
            cut: None,
            predicates: vec![],
        }],
        notices: vec![],
        private_documents: vec![],
        records: None,
        disposition,
        acting: None,
    }
}

#[test]
fn a_disclosures_record_has_codes_and_counts_and_nobodys_id() {
    let leaf = Leaf::of(&Event::Access(&line(Disposition::Answered)), &SeededEntropy::new(1));
    assert_eq!(
        leaf.record,
        r#"{"at":"2027-01-15T17:00:00+09:00","client":"loan-bank","data_sets":[{"code":"TM00000000000002","items":2,"outcome":"ok"}],"grant":"g_1","kind":"disclosure","purpose":"loan_examination","receipt":"r_1234","request":"sir_1","version":1}"#
    );
    assert!(!leaf.record.contains("s_who"));
    assert_eq!(leaf.receipt.as_str(), "r_1234");
    assert_eq!(leaf.commitment, commitment(&leaf.salt, &leaf.record));
}

#[test]
fn a_refusals_record_names_its_code() {
    let leaf = |code: &str, decision| {
        let refused = Disposition::Refused { code: code.into(), decision };
        Leaf::of(&Event::Access(&line(refused)), &SeededEntropy::new(1)).record
    };
    let plain = leaf("not_consented", None);
    assert!(plain.contains(r#""code":"not_consented""#) && plain.contains(r#""kind":"refusal""#), "{plain}");
    assert!(!plain.contains("decision"), "{plain}");
    let decided = leaf("refused_by_policy", Some(DecisionId::of(Digest::of("a decision"))));
    assert!(decided.contains(r#""decision":"pd_"#), "{decided}");
}

#[test]
fn the_end_of_a_grant_says_by_whom() {
    let (grant, client) = (GrantId::parse("g_1").unwrap(), ClientId::parse("c_1").unwrap());
    let at = Timestamp::from_seconds(1_800_000_000);
    let change = Change::Ended(RevokedBy::Citizen);
    let event = Event::Consent { grant: &grant, client: &client, subject: None, change, at };
    let leaf = Leaf::of(&event, &SeededEntropy::new(1));
    let record: Value = serde_json::from_str(&leaf.record).unwrap();
    assert_eq!((&record["change"], &record["by"]), (&json!("ended"), &json!("citizen")));
    assert_eq!(record["receipt"], leaf.receipt.as_str());
}

#[test]
fn the_same_event_is_never_committed_to_alike() {
    let line = line(Disposition::Answered);
    let entropy = SeededEntropy::new(1);
    let (one, other) = (Leaf::of(&Event::Access(&line), &entropy), Leaf::of(&Event::Access(&line), &entropy));
    assert_eq!(one.record, other.record);
    assert_ne!(one.commitment, other.commitment);
    let mut salt = one.salt;
    salt[0] ^= 1;
    assert_ne!(commitment(&salt, &one.record), one.commitment);
    assert_ne!(commitment(&one.salt, &one.record.replace("\"items\":2", "\"items\":3")), one.commitment);
}

#[test]
fn json_has_one_form() {
    let value: Value = serde_json::from_str(r#"{"b": [1, {"z": "\u0001\n\"é", "a": null}], "a": true}"#).unwrap();
    assert_eq!(canonical(&value), "{\"a\":true,\"b\":[1,{\"a\":null,\"z\":\"\\u0001\\n\\\"é\"}]}");
}
