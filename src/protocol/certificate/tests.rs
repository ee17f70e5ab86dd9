//! Certificates of made-up authorities, right and wrong in one way each.

use super::*;
use crate::domain::profile::CertificateSubject;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
    date_time_ymd,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
type Authority = CertifiedIssuer<'static, KeyPair>;

fn params(names: &[(DnType, &str)]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in names {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(&[(DnType::CommonName, name)]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn authority(name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn leaf() -> CertificateParams {
    let mut params = params(&[
        (DnType::CountryName, "JP"),
        (DnType::OrganizationName, "見本銀行"),
        (DnType::CommonName, "Client, one"),
    ]);
    params.subject_alt_names = vec![
        SanType::DnsName("client.bank.example".try_into().unwrap()),
        SanType::URI("https://bank.example/client".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name("Desk@bank.example".try_into().unwrap()),
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn shown(certificate: &rcgen::Certificate) -> ClientCertificate {
    ClientCertificate::new(certificate.der().to_vec(), Vec::new()).unwrap()
}

fn self_signed(params: &CertificateParams) -> ClientCertificate {
    shown(&params.self_signed(&KeyPair::generate().unwrap()).unwrap())
}

#[test]
fn what_is_no_certificate_is_not_taken() {
    let good = self_signed(&leaf()).der().to_vec();
    let followed = [good.clone(), vec![0]].concat();
    for (der, expected) in [
        (Vec::new(), CertificateError::Malformed),
        (vec![0x30, 0x00], CertificateError::Malformed),
        (good[..good.len() - 1].to_vec(), CertificateError::Malformed),
        (followed, CertificateError::Malformed),
        (vec![0x30; MOST + 1], CertificateError::TooLong),
    ] {
        assert_eq!(ClientCertificate::new(der, Vec::new()).unwrap_err(), expected);
    }
    let thumbprint = self_signed(&leaf()).thumbprint();
    assert_eq!(X5t::parse(&thumbprint.to_string()), Ok(thumbprint));
    assert!(X5t::parse("x").is_err());
}

#[test]
fn a_certificate_names_exactly_whom_the_client_registered() {
    use CertificateSubject::{SanDns, SanEmail, SanIp, SanUri, SubjectDn};
    let certificate = self_signed(&leaf());
    for (subject, expected) in [
        (SubjectDn(r"CN=Client\, one,O=見本銀行,C=JP".into()), true),
        (SubjectDn(r"cn=client\2C one, o=見本銀行, c=jp".into()), true),
        (SubjectDn(r"C=JP,O=見本銀行,CN=Client\, one".into()), false),
        (SubjectDn(r"CN=Client\, one".into()), false),
        (SanDns("Client.bank.example".into()), true),
        (SanDns("bank.example".into()), false),
        (SanDns("client.bank.example.evil.example".into()), false),
        (SanUri("https://bank.example/client".into()), true),
        (SanUri("https://bank.example/client/".into()), false),
        (SanIp("192.0.2.7".parse().unwrap()), true),
        (SanIp("2001:db8::7".parse().unwrap()), true),
        (SanIp("192.0.2.8".parse().unwrap()), false),
        (SanEmail("Desk@BANK.example".into()), true),
        (SanEmail("desk@bank.example".into()), false),
    ] {
        let named = ExpectedSubject::parse(&subject).unwrap().is_named_by(&certificate);
        assert_eq!(named, expected, "{subject:?}");
    }
    let mut wild = leaf();
    wild.subject_alt_names = vec![SanType::DnsName("*.bank.example".try_into().unwrap())];
    let expected = ExpectedSubject::parse(&SanDns("client.bank.example".into())).unwrap();
    assert!(!expected.is_named_by(&self_signed(&wild)), "a wildcard names more than one holder");
    for bad in [SubjectDn("x".into()), SanDns("*.bank.example".into()), SanDns(String::new()), SanUri("x".into())] {
        assert_eq!(ExpectedSubject::parse(&bad), Err(CertificateError::Subject), "{bad:?}");
    }
}

fn jwks(keys: &[Value]) -> Value {
    json!({ "keys": keys })
}

fn p256_jwk(key: &KeyPair) -> Value {
    let raw = key.public_key_raw();
    json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(&raw[1..33]), "y": URL_SAFE_NO_PAD.encode(&raw[33..])})
}

#[test]
fn a_self_signed_certificate_is_known_by_its_key_or_by_itself() {
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let (one, two) = (shown(&leaf().self_signed(&key).unwrap()), shown(&leaf().self_signed(&key).unwrap()));
    let foreign = shown(&leaf().self_signed(&other).unwrap());
    let by_key = RegisteredCertificates::parse(&jwks(&[p256_jwk(&key)]));
    assert!(by_key.has(&one) && by_key.has(&two) && !by_key.has(&foreign));
    let mut exact = p256_jwk(&key);
    exact["x5c"] = json!([STANDARD.encode(one.der())]);
    let exact = RegisteredCertificates::parse(&jwks(&[exact]));
    assert!(exact.has(&one) && !exact.has(&foreign));
    assert!(exact.has(&two) == (one.thumbprint() == two.thumbprint()), "the same key in another certificate");
    let ed = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(ed.public_key_raw())});
    assert!(RegisteredCertificates::parse(&jwks(&[jwk])).has(&shown(&leaf().self_signed(&ed).unwrap())));
    for none in [json!({}), jwks(&[]), jwks(&[json!({"kty": "EC"})]), jwks(&[json!({"x5c": []})]), jwks(&[json!(1)])] {
        let none = RegisteredCertificates::parse(&none);
        assert!(none.is_empty() && !none.has(&one));
    }
}

#[test]
fn an_authority_vouches_only_for_what_it_signed_for_clients_and_now() {
    let (root, stranger) = (authority("試験認証局"), authority("他所認証局"));
    let authorities = Authorities::from_pem(root.pem().as_bytes()).unwrap();
    let key = KeyPair::generate().unwrap();
    let signed = |params: &CertificateParams, by: &Authority| shown(&params.signed_by(&key, by).unwrap());
    let changed = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = leaf();
        change(&mut params);
        signed(&params, &root)
    };
    let right = signed(&leaf(), &root);
    assert_eq!(authorities.check(&right, NOW), Ok(()));
    assert_eq!(authorities.check(&right, NOW), Ok(()), "the second time by what is remembered");
    for (certificate, why) in [
        (signed(&leaf(), &stranger), "another authority"),
        (self_signed(&leaf()), "self-signed"),
        (changed(&|p| p.not_after = date_time_ymd(2020, 1, 1)), "over"),
        (changed(&|p| p.not_before = date_time_ymd(2090, 1, 1)), "not begun"),
        (changed(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]), "for servers"),
    ] {
        assert_eq!(authorities.check(&certificate, NOW), Err(CertificateError::Untrusted), "{why}");
    }
    let middle = CertifiedIssuer::signed_by(authority_params("試験中間認証局"), KeyPair::generate().unwrap(), &root);
    let middle = middle.unwrap();
    let below = leaf().signed_by(&key, &middle).unwrap();
    assert_eq!(authorities.check(&shown(&below), NOW), Err(CertificateError::Untrusted), "without its chain");
    let whole = ClientCertificate::new(below.der().to_vec(), vec![middle.der().to_vec()]).unwrap();
    assert_eq!(authorities.check(&whole, NOW), Ok(()));
    // What is remembered ends with the certificate.
    let soon = changed(&|p| p.not_after = date_time_ymd(2027, 1, 15));
    let last = Timestamp::from_seconds(1_800_000_000 - 28_800);
    assert_eq!(authorities.check(&soon, last), Ok(()));
    assert_eq!(
        authorities.check(&soon, last.plus(std::time::Duration::from_secs(30))),
        Err(CertificateError::Untrusted)
    );
    assert_eq!(Authorities::from_pem(b"").unwrap_err(), AuthoritiesError::Empty);
}

fn escaped(pem: &str) -> String {
    pem.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[test]
fn a_proxys_field_is_read_in_two_forms_and_no_other() {
    let (one, two) = (self_signed(&leaf()), self_signed(&leaf()));
    let field = |certificate: &ClientCertificate| format!(":{}:", STANDARD.encode(certificate.der()));
    let read = ClientCertificate::from_field(&field(&one), None).unwrap();
    assert_eq!(read.thumbprint(), one.thumbprint());
    let list = format!("{}, \t{}", field(&two), field(&two));
    assert_eq!(ClientCertificate::from_field(&field(&one), Some(&list)).unwrap().chain().len(), 2);
    let pem = |certificate: &ClientCertificate| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(certificate.der()))
    };
    let both = ClientCertificate::from_field(&escaped(&(pem(&one) + &pem(&two))), None).unwrap();
    assert_eq!((both.thumbprint(), both.chain()), (one.thumbprint(), &[two.der().to_vec()][..]));
    for (bad, chain) in [
        ("", None),
        ("::", None),
        (":", None),
        (":!:", None),
        ("MIIB", None),
        ("%2D%2D%2", None),
        ("%zz", None),
        ("%+1", None),
        (&*field(&one).replace(':', ""), None),
        (&*format!("{};a=1", field(&one)), None),
        (&*format!("{0}, {0}", field(&one)), None),
        (&*field(&one), Some("")),
        (&*field(&one), Some(":AA")),
        (&*escaped("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None),
    ] {
        assert!(ClientCertificate::from_field(bad, chain).is_err(), "{bad:.40} {chain:?}");
    }
    let long = vec![field(&two); 9].join(",");
    assert!(ClientCertificate::from_field(&field(&one), Some(&long)).is_err());
}

proptest! {
    #[test]
    fn no_field_is_too_strange_to_be_refused(field in ".{0,200}", chain in proptest::option::of("[ -~]{0,80}")) {
        prop_assert!(ClientCertificate::from_field(&field, chain.as_deref()).is_err());
    }

    #[test]
    fn no_byte_of_a_certificate_changes_unseen(at in 0_usize..300, with in 1_u8..) {
        let mut der = self_signed(&leaf()).der().to_vec();
        let before = Digest::of_bytes(&der);
        der[at] ^= with;
        if let Ok(changed) = ClientCertificate::new(der, Vec::new()) {
            prop_assert_ne!(changed.thumbprint().to_string(), before.base64url());
        }
    }

    #[test]
    fn names_of_any_kind_are_read_or_refused(text in "\\PC{0,60}") {
        let _ = ExpectedSubject::parse(&CertificateSubject::SubjectDn(text));
    }
}

#[test]
fn metadata_tells_what_is_offered() {
    let metadata = || {
        json!({
            "issuer": "https://a.example", "token_endpoint": "https://a.example/oauth/token",
            "authorization_endpoint": "https://a.example/oauth/authorize",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        })
    };
    let told = |rules: &CertificateRules| {
        let mut metadata = metadata();
        rules.tell(&mut metadata);
        metadata
    };
    assert_eq!(told(&CertificateRules::default()), metadata());
    let here = told(&CertificateRules { is_offered: true, ..CertificateRules::default() });
    assert_eq!(
        here["token_endpoint_auth_methods_supported"],
        json!(["private_key_jwt", "self_signed_tls_client_auth"])
    );
    assert_eq!(here.get("mtls_endpoint_aliases"), None);
    let authorities = Authorities::from_pem(authority("試験認証局").pem().as_bytes()).ok();
    let public_url = Some("https://mtls.example".to_owned());
    let there = told(&CertificateRules { is_offered: true, public_url, authorities });
    assert_eq!(there["tls_client_certificate_bound_access_tokens"], true);
    assert_eq!(there["mtls_endpoint_aliases"], json!({"token_endpoint": "https://mtls.example/oauth/token"}));
    let methods = json!(["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]);
    assert_eq!(there["token_endpoint_auth_methods_supported"], methods);
}
