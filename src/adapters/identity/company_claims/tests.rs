//! What is told under the scopes on application, right, contradictory and hostile.

use super::*;
use serde_json::json;

const OWN: &str = "8999900000001";
const OTHER: &str = "7000012050002";

fn verified(level: &str, permission: &str) -> Value {
    json!({
        "verification": {
            "trust_framework": FRAMEWORK, "assurance_level": level, "assurance_process": {"procedure": "one_stop"},
        },
        "claims": {"corporate_number": OWN, "authority": {"permission": permission}},
    })
}

fn claims() -> Claims {
    Claims {
        mandate: json!([{"corporate_number": OTHER, "name": "見本", "from": "20260401", "until": "20270331"}]),
        role: json!({"levels": ["本社", "総務部"], "permission": "jp_gbizid_prime"}),
        delegation_info: json!([{"corporate_number": OTHER, "procedures": ["2200700"]}]),
        verified_claims: verified("ial2", "prime"),
    }
}

fn told(number: &CorporateNumber, rank: AccountRank) -> Profiled<'_> {
    Profiled { number: Some(number), rank, today: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap() }
}

fn kind<T: std::fmt::Debug>(answer: Result<T, IdentityError>) -> IdentityErrorKind {
    answer.unwrap_err().kind
}

#[test]
fn what_fits_together_is_believed_and_what_was_not_asked_for_counts_for_nothing() {
    let own = CorporateNumber::parse(OWN).unwrap();
    let prime = told(&own, AccountRank::Prime);
    assert_eq!(rank(&CompanyScope::ALL, &claims(), prime).unwrap(), AccountRank::Prime);
    let found = mandates(&CompanyScope::ALL, &claims(), prime).unwrap();
    assert_eq!((found.len(), found[0].company.as_str(), found[0].name.as_str()), (1, OTHER, "見本"));
    assert_eq!(found[0].procedures.as_ref().unwrap().names(), ["2200700"]);
    assert_eq!(rank(&[], &Claims::default(), prime).unwrap(), AccountRank::Prime);
    assert!(mandates(&[], &claims(), prime).unwrap().is_empty());
    let without = mandates(&[CompanyScope::Mandate], &claims(), prime).unwrap();
    assert_eq!(without[0].procedures, None, "what they cover was not asked");
    let low = Claims { verified_claims: verified("ial1", "prime"), ..claims() };
    assert_eq!(rank(&CompanyScope::ALL, &low, prime).unwrap(), AccountRank::Entry, "not checked surely enough");
    for permission in ["jp_gbizid_administrator", "jp_gbizid_member"] {
        let role = json!({"levels": [], "permission": permission});
        let member = Claims { role, verified_claims: verified("ial2", "member"), ..claims() };
        let told = told(&own, AccountRank::Member);
        assert_eq!(rank(&CompanyScope::ALL, &member, told).unwrap(), AccountRank::Member, "never the head");
    }
}

#[test]
fn nobody_comes_in_by_claims_that_contradict_each_other() {
    let (own, other) = (CorporateNumber::parse(OWN).unwrap(), CorporateNumber::parse(OTHER).unwrap());
    let all = &CompanyScope::ALL;
    for (claims, told) in [
        (claims(), told(&other, AccountRank::Prime)),
        (claims(), Profiled { number: None, ..told(&own, AccountRank::Prime) }),
        (claims(), told(&own, AccountRank::Member)),
        (claims(), told(&own, AccountRank::Entry)),
        (Claims { verified_claims: verified("ial2", "member"), ..claims() }, told(&own, AccountRank::Prime)),
        (Claims { verified_claims: verified("ial1", "member"), ..claims() }, told(&own, AccountRank::Prime)),
        (
            Claims { role: json!({"levels": [], "permission": "jp_gbizid_member"}), ..claims() },
            told(&own, AccountRank::Prime),
        ),
        (
            Claims { role: json!({"levels": [], "permission": "jp_gbizid_administrator"}), ..claims() },
            told(&own, AccountRank::Prime),
        ),
    ] {
        assert_eq!(kind(rank(all, &claims, told)), IdentityErrorKind::Contradictory, "{claims:?}");
    }
    let one = |number: &str, from: &str, until: &str| json!({"corporate_number": number, "name": "", "from": from, "until": until});
    let right = one(OTHER, "20260401", "20270331");
    for (mandate, info) in [
        (json!([right, right]), json!([])),
        (json!([one(OTHER, "20270331", "20260401")]), json!([])),
        (json!([one(OWN, "20260401", "20270331")]), json!([])),
        (json!([]), json!([{"corporate_number": OTHER, "procedures": ["*"]}])),
    ] {
        let claims = Claims { mandate, delegation_info: info, ..claims() };
        let answer = mandates(all, &claims, told(&own, AccountRank::Prime));
        assert_eq!(kind(answer), IdentityErrorKind::Contradictory, "{claims:?}");
    }
}

#[test]
fn what_does_not_read_or_does_not_come_lets_nobody_in() {
    let own = CorporateNumber::parse(OWN).unwrap();
    let prime = told(&own, AccountRank::Prime);
    let long = "あ".repeat(LONGEST_LEVEL + 1);
    let with = |at: &str, value: Value| {
        let mut verified = verified("ial2", "prime");
        *verified.pointer_mut(at).unwrap() = value;
        Claims { verified_claims: verified, ..claims() }
    };
    for claims in [
        Claims { role: Value::Null, ..claims() },
        Claims { role: json!("jp_gbizid_prime"), ..claims() },
        Claims { role: json!({"levels": [], "permission": "root"}), ..claims() },
        Claims { role: json!({"levels": [long], "permission": "jp_gbizid_prime"}), ..claims() },
        Claims { role: json!({"levels": vec!["a"; MOST_LEVELS + 1], "permission": "jp_gbizid_prime"}), ..claims() },
        Claims { verified_claims: Value::Null, ..claims() },
        Claims { verified_claims: json!([verified("ial2", "prime")]), ..claims() },
        with("/verification/trust_framework", json!("another")),
        with("/verification/assurance_level", json!("ial3")),
        with("/verification/assurance_process/procedure", json!("hearsay")),
        with("/verification/assurance_process", Value::Null),
        with("/claims/corporate_number", json!("8999900000002")),
        with("/claims/corporate_number", json!(8_999_900_000_001_i64)),
        with("/claims/authority/permission", json!("PRIME")),
        with("/claims", Value::Null),
    ] {
        assert_eq!(kind(rank(&CompanyScope::ALL, &claims, prime)), IdentityErrorKind::Malformed, "{claims:?}");
    }
    let one = |until: &str| json!({"corporate_number": OTHER, "name": "", "from": "20260401", "until": until});
    let info = |procedures: Value| json!([{"corporate_number": OTHER, "procedures": procedures}]);
    for (mandate, info) in [
        (Value::Null, json!([])),
        (json!({}), json!([])),
        (json!([one("20261332")]), json!([])),
        (json!([one("+2027033")]), json!([])),
        (json!([one("2027-03-31")]), json!([])),
        (json!([one("20270331")]), Value::Null),
        (json!([one("20270331")]), info(json!([]))),
        (json!([one("20270331")]), info(json!(["a b"]))),
        (json!([one("20270331")]), info(json!(["*", "a"]))),
        (json!(vec![one("20270331"); MOST_MANDATES + 1]), json!([])),
    ] {
        let claims = Claims { mandate, delegation_info: info, ..claims() };
        assert_eq!(kind(mandates(&CompanyScope::ALL, &claims, prime)), IdentityErrorKind::Malformed, "{claims:?}");
    }
}

#[test]
fn a_mandate_counts_from_its_first_to_its_last_day() {
    let own = CorporateNumber::parse(OWN).unwrap();
    for (today, is_there) in
        [((2026, 3, 31), false), ((2026, 4, 1), true), ((2027, 3, 31), true), ((2027, 4, 1), false)]
    {
        let today = NaiveDate::from_ymd_opt(today.0, today.1, today.2).unwrap();
        let told = Profiled { today, ..told(&own, AccountRank::Prime) };
        assert_eq!(mandates(&CompanyScope::ALL, &claims(), told).unwrap().len() == 1, is_there, "{today}");
    }
    let noisy = Claims {
        mandate: json!([{"corporate_number": OTHER, "name": "a\u{0}\u{1b}b", "from": "20260401", "until": "20270331"}]),
        ..claims()
    };
    assert_eq!(mandates(&CompanyScope::ALL, &noisy, told(&own, AccountRank::Prime)).unwrap()[0].name, "ab");
}
