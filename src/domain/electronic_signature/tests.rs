//! Chains as they are, and as somebody would like them to be.

use super::*;
use crate::domain::time::Timestamp;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RevocationReason, RevokedCertParams, RsaKeySize, SerialNumber,
    date_time_ymd,
};
use std::sync::LazyLock;
use std::time::Duration;

/// 2027-01-15.
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const POLICY: &str = "1.3.6.1.4.1.32473.2";
const DOCUMENT: &str = r#"{"answers":{},"procedure":"nursery-application"}"#;

/// RSA keys take a moment: of the root, of what is between, of the signer, of a stranger.
static KEYS: LazyLock<[String; 4]> = LazyLock::new(|| {
    std::array::from_fn(|_| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap().serialize_pem())
});

fn key(n: usize) -> KeyPair {
    KeyPair::from_pem_and_sign_algo(&KEYS[n], &PKCS_RSA_SHA256).unwrap()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    params.custom_extensions = vec![policy(2)];
    params
}

/// A critical policy below the number that is kept for examples.
fn policy(last: u8) -> CustomExtension {
    let der = vec![0x30, 0x0D, 0x30, 0x0B, 0x06, 0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x81, 0xFD, 0x59, last];
    let mut policy = CustomExtension::from_oid_content(&[2, 5, 29, 32], der);
    policy.set_criticality(true);
    policy
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn person() -> CertificateParams {
    let mut params = params("SANDBOX1");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.serial_number = Some(SerialNumber::from_slice(&[0x41, 2, 3]));
    params
}

fn root() -> Certificate {
    authority("ROOT").self_signed(&key(0)).unwrap()
}

fn under_root(params: &CertificateParams, subject: usize) -> Vec<u8> {
    let root = authority("ROOT");
    params.signed_by(&key(subject), &Issuer::from_params(&root, key(0))).unwrap().der().to_vec()
}

fn under(params: &CertificateParams, (name, signer): (&str, usize)) -> Vec<u8> {
    let above = authority(name);
    params.signed_by(&key(2), &Issuer::from_params(&above, key(signer))).unwrap().der().to_vec()
}

fn rules() -> SignerRules {
    SignerRules::new(&root().pem(), vec![POLICY.to_owned()]).unwrap()
}

/// A list by the authority of this name, signed with this key.
fn list((name, signer): (&str, usize), change: impl FnOnce(&mut CertificateRevocationListParams)) -> Vec<u8> {
    let at = |seconds: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(seconds).unwrap());
    let mut params = CertificateRevocationListParams {
        this_update: at(NOW.seconds() - 3600),
        next_update: at(NOW.seconds() + 3600),
        crl_number: SerialNumber::from(7),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    change(&mut params);
    let issuer = authority(name);
    params.signed_by(&Issuer::from_params(&issuer, key(signer))).unwrap().der().to_vec()
}

fn revoked(serial: &[u8]) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: Some(RevocationReason::CertificateHold),
        invalidity_date: None,
    }
}

/// What comes of a chain with lists of both authorities that name nobody.
fn came_to(chain: &[Vec<u8>]) -> Result<(), BadSigner> {
    let lists = [list(("ROOT", 0), |_| ()), list(("BETWEEN", 1), |_| ())];
    rules().verify(chain, &lists, NOW).map(drop)
}

fn signed(document: &str) -> Vec<u8> {
    let der = key(2).serialize_der();
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signing_input(document).as_bytes(), &mut signature).unwrap();
    signature
}

/// What is changed of a right certificate, and what comes of it.
type Case = (&'static str, fn(&mut CertificateParams), BadSigner);

#[test]
fn a_persons_certificate_counts_as_it_has_to_be_and_no_other() {
    let right = person();
    assert_eq!(came_to(&[under_root(&right, 2)]), Ok(()));
    let changed = |change: fn(&mut CertificateParams)| {
        let mut params = person();
        change(&mut params);
        came_to(&[under_root(&params, 2)])
    };
    let cases: [Case; 9] = [
        ("over", |p| p.not_after = date_time_ymd(2026, 1, 1), BadSigner::Expired),
        ("not begun", |p| p.not_before = date_time_ymd(2030, 1, 1), BadSigner::NotYetValid),
        ("for signing in", |p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature], BadSigner::WrongUsage),
        ("for anything", |p| p.key_usages = Vec::new(), BadSigner::WrongUsage),
        ("an authority", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), BadSigner::WrongUsage),
        ("for servers", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth], BadSigner::WrongUsage),
        ("of another kind", |p| p.custom_extensions = vec![policy(3)], BadSigner::OtherPolicy),
        ("of no kind", |p| p.custom_extensions.clear(), BadSigner::OtherPolicy),
        (
            "with something that must be understood",
            |p| {
                let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 32473, 9], vec![5, 0]);
                extension.set_criticality(true);
                p.custom_extensions.push(extension);
            },
            BadSigner::Malformed,
        ),
    ];
    for (words, change, wanted) in cases {
        assert_eq!(changed(change), Err(wanted), "{words}");
    }
    let above = authority("ROOT");
    let elliptic = right.signed_by(&KeyPair::generate().unwrap(), &Issuer::from_params(&above, key(0)));
    assert_eq!(came_to(&[elliptic.unwrap().der().to_vec()]), Err(BadSigner::WrongUsage), "not by RSA");
}

#[test]
fn no_path_leads_past_the_authorities() {
    let between = under_root(&authority("BETWEEN"), 1);
    let leaf = under(&person(), ("BETWEEN", 1));
    assert_eq!(came_to(&[leaf.clone(), between.clone()]), Ok(()));
    assert_eq!(came_to(&[leaf.clone(), between.clone(), root().der().to_vec()]), Ok(()), "the anchor may come along");
    let mut no_authority = authority("BETWEEN");
    no_authority.is_ca = IsCa::ExplicitNoCa;
    let mut over = authority("BETWEEN");
    over.not_after = date_time_ymd(2026, 1, 1);
    let mut other_kind = authority("BETWEEN");
    other_kind.custom_extensions = vec![policy(3)];
    let mut no_issuing = authority("BETWEEN");
    no_issuing.key_usages = vec![KeyUsagePurpose::CrlSign];
    let foreign = authority("STRANGE").self_signed(&key(3)).unwrap().der().to_vec();
    let by_person = under(&person(), ("SANDBOX1", 2));
    let elsewhere = under(&person(), ("ELSEWHERE", 1));
    for (words, chain, wanted) in [
        ("nothing", vec![], BadSigner::Malformed),
        ("no certificate", vec![vec![0x30, 0]], BadSigner::Malformed),
        ("one and more", vec![[under_root(&person(), 2), vec![0]].concat()], BadSigner::Malformed),
        ("nothing between", vec![leaf.clone()], BadSigner::UnknownAuthority),
        ("another one between", vec![leaf.clone(), foreign.clone()], BadSigner::UnknownAuthority),
        ("a stranger's", vec![under(&person(), ("STRANGE", 3)), foreign], BadSigner::UnknownAuthority),
        ("the root's name, a stranger's key", vec![under(&person(), ("ROOT", 3))], BadSigner::UnknownAuthority),
        ("the right key, another name", vec![elsewhere, between.clone()], BadSigner::UnknownAuthority),
        ("between is none", vec![leaf.clone(), under_root(&no_authority, 1)], BadSigner::WrongUsage),
        ("between is not for issuing", vec![leaf.clone(), under_root(&no_issuing, 1)], BadSigner::WrongUsage),
        ("between is over", vec![leaf.clone(), under_root(&over, 1)], BadSigner::Expired),
        ("between is of another kind", vec![leaf.clone(), under_root(&other_kind, 1)], BadSigner::OtherPolicy),
        ("a person issues", vec![by_person, under_root(&person(), 2)], BadSigner::WrongUsage),
        ("too long", vec![leaf, between.clone(), between.clone(), between.clone(), between], BadSigner::Malformed),
    ] {
        assert_eq!(came_to(&chain), Err(wanted), "{words}");
    }
}

#[test]
fn an_authority_issues_no_deeper_than_it_may() {
    let mut shallow = authority("ROOT");
    shallow.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let anchor = shallow.self_signed(&key(0)).unwrap();
    let rules = SignerRules::new(&anchor.pem(), vec![POLICY.to_owned()]).unwrap();
    let lists = [list(("ROOT", 0), |_| ()), list(("BETWEEN", 1), |_| ())];
    let direct = rules.verify(&[under_root(&person(), 2)], &lists, NOW);
    assert_eq!(direct.map(drop), Ok(()));
    let deep = [under(&person(), ("BETWEEN", 1)), under_root(&authority("BETWEEN"), 1)];
    assert_eq!(rules.verify(&deep, &lists, NOW).map(drop), Err(BadSigner::WrongUsage));
}

/// A list of one part of what an authority issued.
fn part(place: &str, scope: CrlScope) -> Vec<u8> {
    list(("ROOT", 0), |l| {
        l.issuing_distribution_point = Some(CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![place.to_owned()] },
            scope: Some(scope),
        });
    })
}

/// A list that is in force in the years between.
fn in_years(from: i32, until: i32) -> Vec<u8> {
    list(("ROOT", 0), |l| {
        (l.this_update, l.next_update) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
    })
}

#[test]
fn nothing_counts_whose_status_is_not_known() {
    let leaf = under_root(&person(), 2);
    let whole = || list(("ROOT", 0), |_| ());
    let naming = |serial: &[u8]| list(("ROOT", 0), |l| l.revoked_certs = vec![revoked(serial)]);
    let unknown = Err(BadSigner::UnknownStatus);
    for (words, lists, wanted) in [
        ("none", vec![], unknown),
        ("right", vec![whole()], Ok(())),
        ("beside rubbish", vec![vec![0x30, 0x82], whole()], Ok(())),
        ("rubbish", vec![vec![], vec![0x30, 0], leaf.clone()], unknown),
        ("one and more", vec![[whole(), vec![0]].concat()], unknown),
        ("another's", vec![list(("BETWEEN", 1), |_| ())], unknown),
        ("its name, a stranger's key", vec![list(("ROOT", 3), |_| ())], unknown),
        ("by the person", vec![list(("ROOT", 2), |_| ())], unknown),
        ("over", vec![in_years(2025, 2026)], unknown),
        ("of tomorrow", vec![in_years(2030, 2031)], unknown),
        ("named", vec![naming(&[0x41, 2, 3])], Err(BadSigner::Revoked)),
        ("named in one of two", vec![whole(), naming(&[0x41, 2, 3])], Err(BadSigner::Revoked)),
        ("others named", vec![naming(&[0x41, 2, 4])], Ok(())),
        ("of authorities alone", vec![part("http://ca.example/1", CrlScope::CaCertsOnly)], unknown),
        ("of another part", vec![part("http://ca.example/2", CrlScope::UserCertsOnly)], unknown),
    ] {
        assert_eq!(rules().verify(std::slice::from_ref(&leaf), &lists, NOW).map(drop), wanted, "{words}");
    }
    assert!(is_current_list(&whole(), NOW) && !is_current_list(&in_years(2025, 2026), NOW));
    let mut of_a_part = person();
    of_a_part.crl_distribution_points = vec![CrlDistributionPoint { uris: vec!["http://ca.example/1".into()] }];
    let lists = [part("http://ca.example/1", CrlScope::UserCertsOnly)];
    assert_eq!(rules().verify(&[under_root(&of_a_part, 2)], &lists, NOW).map(drop), Ok(()));
}

#[test]
fn an_authority_that_was_taken_back_vouches_for_nobody() {
    let mut between = authority("BETWEEN");
    between.serial_number = Some(SerialNumber::from_slice(&[0x55]));
    let chain = [under(&person(), ("BETWEEN", 1)), under_root(&between, 1)];
    let of_between = list(("BETWEEN", 1), |_| ());
    let named = list(("ROOT", 0), |l| l.revoked_certs = vec![revoked(&[0x55])]);
    assert_eq!(rules().verify(&chain, &[of_between.clone(), named], NOW).map(drop), Err(BadSigner::Revoked));
    assert_eq!(rules().verify(&chain, &[of_between], NOW).map(drop), Err(BadSigner::UnknownStatus));
}

#[test]
fn a_signature_is_over_one_document_by_one_certificate_and_is_verified_anew() {
    let lists = [list(("ROOT", 0), |_| ())];
    let chain = [under_root(&person(), 2), root().der().to_vec()];
    let made = signed(DOCUMENT);
    let verified = |document: &str, signature: &[u8]| {
        ElectronicSignature::verified(&rules(), (document, signature), (&chain, &lists), NOW)
    };
    let one = verified(DOCUMENT, &made).unwrap();
    assert_eq!((one.serial.expose().as_str(), one.certificates.len()), ("410203", 1), "what is above is cut");
    assert!(one.issuer.contains("ROOT"), "{}", one.issuer);
    assert_eq!(verified("{}", &made), Err(BadSigner::WrongSignature));
    assert_eq!(verified(DOCUMENT, &signed("{}")), Err(BadSigner::WrongSignature));
    for bad in [Vec::new(), vec![0; 256], made[1..].to_vec(), [made.clone(), vec![0]].concat()] {
        assert_eq!(verified(DOCUMENT, &bad), Err(BadSigner::WrongSignature));
    }
    let others = [under_root(&person(), 3)];
    let by_another = ElectronicSignature::verified(&rules(), (DOCUMENT, &made), (&others, &lists), NOW);
    assert_eq!(by_another, Err(BadSigner::WrongSignature));

    assert_eq!(one.verify_anew(&rules(), &lists, NOW), Ok(()));
    let named = [list(("ROOT", 0), |l| l.revoked_certs = vec![revoked(&[0x41, 2, 3])])];
    assert_eq!(one.verify_anew(&rules(), &named, NOW), Err(BadSigner::Revoked));
    let none: [Vec<u8>; 0] = [];
    assert_eq!(one.verify_anew(&rules(), &none, NOW), Err(BadSigner::UnknownStatus));
    let changed = ElectronicSignature { document: "{}".into(), ..one };
    assert_eq!(changed.verify_anew(&rules(), &lists, NOW), Err(BadSigner::WrongSignature));
}

#[test]
fn rules_are_of_authorities_and_name_kinds() {
    let pem = root().pem();
    let kinds = || vec![POLICY.to_owned()];
    let elliptic = authority("E").self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    let nobody = person().self_signed(&key(2)).unwrap().pem();
    assert!(SignerRules::new(&format!("{pem}{pem}"), kinds()).is_some());
    for (words, pem, kinds) in [
        ("nothing", "", kinds()),
        ("no kind", pem.as_str(), Vec::new()),
        ("a kind that is none", pem.as_str(), vec!["signing".to_owned()]),
        ("not by RSA", elliptic.as_str(), kinds()),
        ("no authority", nobody.as_str(), kinds()),
    ] {
        assert!(SignerRules::new(pem, kinds).is_none(), "{words}");
    }
}

#[test]
fn whatever_changes_a_draft_voids_its_signature() {
    let (at, until) = (NOW, NOW.plus(Duration::from_hours(1)));
    let begun = Signing::Begun { attempt: "a".into(), transaction: "t".into(), document: Digest::of(DOCUMENT), until };
    assert_eq!(begun.after_change(at), Signing::Void { at });
    assert_eq!(Signing::Asked { until }.after_change(at), Signing::Asked { until });
    assert_eq!(Signing::None.after_change(at), Signing::None);
    assert_eq!(Signing::Void { at }.after_change(until), Signing::Void { at });
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_reading(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        static RULES: LazyLock<SignerRules> = LazyLock::new(rules);
        let _ = is_current_list(&bytes, NOW);
        proptest::prop_assert!(RULES.verify(std::slice::from_ref(&bytes), std::slice::from_ref(&bytes), NOW).is_err());
    }
}
