//! Documents that hold, and every way in which one does not.

use super::*;
use crate::domain::Secret;
use crate::domain::xml::{Element, Node, Placing, Target, XmlSigner};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_seconds(1_796_000_000);
const ISSUER: &str = "見本生命保険株式会社";

struct Keys {
    key: String,
    anchor: String,
    right: String,
    over: String,
    other_name: String,
    self_signed: String,
}

fn named(organization: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, organization);
    params.distinguished_name.push(DnType::CommonName, "documents");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "試験認証局");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let by_root = |params: CertificateParams| params.signed_by(&key, &root).unwrap().pem();
    let mut over = named(ISSUER);
    over.not_after = date_time_ymd(2020, 1, 1);
    Keys {
        anchor: root.pem(),
        right: by_root(named(ISSUER)),
        over: by_root(over),
        other_name: by_root(named("例示損害保険株式会社")),
        self_signed: named(ISSUER).self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
});

fn part(kind: &str, body: Vec<Element>) -> Element {
    let text = Element::with_text;
    let head = vec![
        text("種類", kind),
        text("整理番号", "L-1"),
        text("発行者", ISSUER),
        text("対象年", "2026"),
        text("発行日", "2026-10-15"),
        text("名宛人", "見本　太郎"),
        Element::with_children("明細", body),
    ];
    Element::with_children("証明書", head).attribute("ID", "証明書")
}

fn premium(scheme: &str, category: &str, (certified, declared): (&str, &str)) -> Element {
    let amounts = vec![Element::with_text("証明額", certified), Element::with_text("申告額", declared)];
    Element::with_children("保険料", amounts).attribute("制度", scheme).attribute("区分", category)
}

fn signed(part: Element, certificate: &str) -> Document {
    let signer = XmlSigner::from_pem(&Secret::new(KEYS.key.clone()), certificate).unwrap();
    let mut document = Document { instructions: Vec::new(), root: Element::with_children(ROOT, vec![part]) };
    let placing = Placing { after: &[0], inside: SIGNATURE, id: "seal" };
    signer.sign(&mut document, &[Target::Element("証明書")], &placing).unwrap();
    document
}

fn life() -> Element {
    let lines = vec![premium("新", "一般", ("54000", "72000")), premium("旧", "個人年金", ("0", "96000"))];
    part("生命保険料控除証明書", lines)
}

fn opened(document: &Document) -> Result<PrivateDocument, BadDocument> {
    open(&document.to_bytes(), &Anchors::from_pem(&KEYS.anchor).unwrap(), NOW)
}

#[test]
fn a_document_that_holds_is_read_to_the_yen() {
    let read = opened(&signed(life(), &KEYS.right)).unwrap();
    assert_eq!((read.kind, read.tax_year, read.reference.as_str()), (DocumentKind::LifeInsurance, 2026, "L-1"));
    let DocumentContent::LifeInsurance(premiums) = &read.content else { unreachable!("{read:?}") };
    let brief: Vec<_> = premiums.iter().map(|one| (one.scheme, one.category, one.declared_yen)).collect();
    let wanted = [(LifeScheme::New, LifeCategory::General, 72_000), (LifeScheme::Old, LifeCategory::Pension, 96_000)];
    assert_eq!(brief, wanted);
    let mut sums = crate::domain::year_end::YearEndSums::default();
    sums.add(&read);
    sums.add(&read);
    assert_eq!((sums.life_insurance_new.general_yen, sums.life_insurance_old.pension_yen), (144_000, 192_000));
    assert_eq!(sums.life_insurance_old.general_yen, 0);
}

#[test]
fn who_signed_must_be_trusted_in_force_and_the_issuer_that_it_names() {
    for (certificate, wanted) in [
        (&KEYS.over, BadDocument::Chain(BadChain::Expired)),
        (&KEYS.other_name, BadDocument::WrongIssuer),
        (&KEYS.self_signed, BadDocument::Chain(BadChain::UnknownAuthority)),
    ] {
        assert_eq!(opened(&signed(life(), certificate)), Err(wanted));
    }
}

#[test]
fn a_changed_byte_an_unsigned_part_and_a_wrapped_one_are_no_documents() {
    let right = signed(life(), &KEYS.right);
    let text = String::from_utf8(right.to_bytes()).unwrap();
    let anchors = Anchors::from_pem(&KEYS.anchor).unwrap();
    let altered = text.replacen("72000", "72001", 1);
    let found = open(altered.as_bytes(), &anchors, NOW).unwrap_err();
    assert_eq!(found.code(), "altered");

    let mut unsigned = right.clone();
    unsigned.root.children.pop();
    assert_eq!(opened(&unsigned).unwrap_err().code(), "not_signed");

    // The signed part is moved aside, and a part of the attacker's own stands in its place.
    let forged = part("生命保険料控除証明書", vec![premium("新", "一般", ("0", "999999"))]);
    for forged in [forged.clone(), {
        let mut other = forged;
        other.attributes.clear();
        other.attribute("ID", "x")
    }] {
        for inside_signature in [false, true] {
            let mut wrapped = right.clone();
            let original = std::mem::replace(&mut wrapped.root.children[0], Node::Element(forged.clone()));
            if inside_signature {
                let Node::Element(signature) = &mut wrapped.root.children[1] else { unreachable!() };
                signature.children.push(original);
            } else {
                wrapped.root.children.push(original);
            }
            let found = opened(&wrapped).unwrap_err();
            assert!(
                matches!(
                    found,
                    BadDocument::Signature(_) | BadDocument::NotWhatIsSigned | BadDocument::Malformed(ROOT)
                ),
                "{found:?}"
            );
        }
    }
    // A signature over the whole with the part in it is not what is agreed on, either.
    let mut other = Document { instructions: Vec::new(), root: Element::with_children(ROOT, vec![life()]) };
    let signer = XmlSigner::from_pem(&Secret::new(KEYS.key.clone()), &KEYS.right).unwrap();
    let placing = Placing { after: &[0], inside: SIGNATURE, id: "seal" };
    signer.sign(&mut other, &[Target::Element("証明書"), Target::Element("証明書")], &placing).unwrap();
    assert_eq!(opened(&other), Err(BadDocument::NotWhatIsSigned));
}

#[test]
fn amounts_are_digits_and_parts_stand_in_their_places() {
    for (scheme, category, amount) in [
        ("新", "一般", "-1"),
        ("新", "一般", "+1"),
        ("新", "一般", "1,000"),
        ("新", "一般", "1.5"),
        ("新", "一般", " 1"),
        ("新", "一般", ""),
        ("新", "一般", "1000000000001"),
        ("新", "一般", "99999999999999999999"),
        ("旧", "介護医療", "1"),
        ("新", "地震", "1"),
        ("", "一般", "1"),
    ] {
        let body = part("生命保険料控除証明書", vec![premium(scheme, category, ("0", amount))]);
        let found = opened(&signed(body, &KEYS.right)).unwrap_err();
        assert!(matches!(found, BadDocument::Malformed(_)), "{scheme} {category} {amount:?}: {found:?}");
    }
    for kind in ["生命保険", "地震保険料控除証明書"] {
        let body = part(kind, vec![premium("新", "一般", ("0", "1"))]);
        assert!(matches!(opened(&signed(body, &KEYS.right)), Err(BadDocument::Malformed(_))), "{kind}");
    }
    let mut twice = life();
    let first = twice.children[1].clone();
    twice.children.insert(1, first);
    assert!(matches!(opened(&signed(twice, &KEYS.right)), Err(BadDocument::Malformed(_))));
}

#[test]
fn every_kind_reads() {
    let text = Element::with_text;
    let line = |name: &str, category: &str| {
        Element::with_children(name, vec![text("申告額", "100")]).attribute("区分", category)
    };
    let medical = vec![
        text("診療年月", "2026-04"),
        text("医療機関", "見本医院"),
        text("医療費の額", "3000"),
        text("支払った額", "900"),
    ];
    let account = ["譲渡対価", "取得費等", "配当等", "所得税", "住民税"].map(|name| text(name, "5"));
    let loan = vec![text("年末残高", "28400000"), text("当初借入金額", "35000000"), text("借入日", "2022-05-20")];
    for (kind, body) in [
        ("地震保険料控除証明書", vec![line("保険料", "地震"), line("保険料", "旧長期")]),
        ("小規模企業共済等掛金払込証明書", vec![line("掛金", "個人型年金"), line("掛金", "小規模企業共済")]),
        ("住宅ローン年末残高証明書", loan),
        ("特定口座年間取引報告書", account.to_vec()),
        ("医療費通知", vec![Element::with_children("医療費", medical)]),
        ("お知らせ・明細", vec![text("行", "見本")]),
    ] {
        let read = opened(&signed(part(kind, body), &KEYS.right)).unwrap();
        assert_eq!(read.kind.name(Lang::Ja), kind);
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_break_the_reading(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let _ = open(&bytes, &Anchors::default(), NOW);
    }
}
