//! Packages: what a filing and a withdrawal become, byte by byte, and what cannot be packed.

use super::*;
use crate::domain::submission::ArrivalNumber;
use crate::domain::xml;
use crate::domain::xml::made::signer;
use serde_json::json;

const PROCEDURE: &str = "4950008680033000";

fn skeleton() -> Skeleton {
    let form = include_str!("../../../../sandbox/egov/form.xml").replace("FORM_ID", "495000868003300001");
    let info = json!({
        "form_id": "495000868003300001", "form_version": 1, "form_name": "雇用保険被保険者資格取得届",
        "apply_file_name": "495000868003300001_01.xml",
    });
    Skeleton {
        files: vec![
            File::new("kousei.xml", include_str!("../../../../sandbox/egov/kousei.xml")),
            File::new("495000868003300001_01.xml", form),
        ],
        configurations: vec!["kousei.xml".into()],
        forms: vec![serde_json::from_value(info).unwrap()],
    }
}

fn egov() -> EgovSettings {
    let settings = json!({
        "account_url": "https://account.example/auth", "software_id": "x", "api_key_file": "x",
        "redirect_uri": "https://madoguchi.example/e-gov", "refresh_token_file": "x", "key_file": "x",
        "certificate_file": "x",
        "applicant": {
            "corporation": "見本工業株式会社", "name": "見本　太郎", "name_kana": "ミホン　タロウ",
            "postal_code": "1000000", "address": "東京都見本区例示1-1", "address_kana": "トウキョウト",
            "telephone": "03-0000-0000", "mail": "filing@mihon.example",
        },
        "destinations": {PROCEDURE: {"id": "950API00000000001001001", "name": "例示労働局"}},
    });
    serde_json::from_value(settings).unwrap()
}

fn packed(act: Act, content: &Value, skeleton: &Skeleton) -> Result<Vec<File>, Vec<Finding>> {
    let signer = signer();
    let (egov, content) = (egov(), content.to_string());
    let now = Timestamp::from_seconds(1_795_230_000);
    let arrival = ArrivalNumber::parse("202611210000000001").unwrap();
    let filing = Filing {
        reference: "dlv_1-0",
        act,
        arrival: Some(&arrival).filter(|_| act != Act::File),
        procedure: PROCEDURE,
        applicant: "8000000990001",
        content: content.as_bytes(),
    };
    match (Packing { egov: &egov, signer: &signer, now, described: None }).pack(&filing, skeleton) {
        Ok(package) => Ok(archive::read(&package.bytes).unwrap()),
        Err(Unmade::Findings(findings)) => Err(findings),
        Err(Unmade::Fault(fault)) => unreachable!("{fault}"),
    }
}

/// Every file of a package as text, its signature verified.
fn shown(files: &[File]) -> String {
    let find = |name: &str| {
        files.iter().find(|file| file.path == format!("{PROCEDURE}/{name}")).map(|file| file.bytes.as_slice())
    };
    let configurations = files.iter().filter(|file| file.name().starts_with("kousei"));
    let signed: Vec<String> = configurations
        .map(|file| {
            let main = Document::parse(&file.bytes).unwrap();
            format!("{} signs {}", file.name(), xml::verify(&main, &find).unwrap().targets.join(" "))
        })
        .collect();
    let texts: Vec<String> = files
        .iter()
        .map(|file| format!("== {}\n{}", file.path, masked(&String::from_utf8_lossy(&file.bytes))))
        .collect();
    format!("{}\n{}", signed.join("\n"), texts.join("\n"))
}

/// Without what another key makes other.
fn masked(text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["SignatureValue", "X509Certificate"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let mut parts = text.split(&open);
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = parts.map(|part| format!("{open}…{close}{}", part.split_once(&close).unwrap().1));
        text = std::iter::once(first).chain(rest).collect();
    }
    text
}

#[test]
fn a_filing_becomes_the_package_that_was_agreed() {
    let content = json!({
        "insured_name": "見本　太郎", "employer_number": "1301-123456-1", "birth_date": {"era": "平成", "year": 2},
        "attachments": [{"name": "雇用契約書", "file_name": "contract.pdf", "data": "JVBERi0xLjcK"}],
    });
    insta::assert_snapshot!(shown(&packed(Act::File, &content, &skeleton()).unwrap()));
}

#[test]
fn a_withdrawal_becomes_the_package_that_was_agreed() {
    insta::assert_snapshot!(shown(&packed(Act::Withdraw, &json!({}), &skeleton()).unwrap()));
}

/// A procedure whose parts are signed one by one.
fn separate() -> Skeleton {
    let mut skeleton = skeleton();
    for (name, id) in
        [("kousei20261101090000001.xml", "999000000000000009"), ("kousei20261101090000002.xml", "999000000000000001")]
    {
        let blank = include_str!("../../../../sandbox/egov/kousei.xml").replace("999000000000000001", id);
        skeleton.files.push(File::new(name, blank));
        skeleton.configurations.push(name.to_owned());
    }
    skeleton
}

#[test]
fn parts_that_are_signed_one_by_one_are_named_and_signed_by_their_own_configurations() {
    let content = json!({
        "insured_name": "見本　太郎",
        "attachments": [{"name": "続柄確認書類", "file_name": "family.pdf", "data": "JVBERi0xLjcK"}],
    });
    let shown = shown(&packed(Act::File, &content, &separate()).unwrap());
    let signed: Vec<&str> = shown.lines().take(3).collect();
    let wanted = [
        "kousei.xml signs #構成情報 495000868003300001_01.xml kousei20261101090000001.xml kousei20261101090000002.xml family.pdf",
        "kousei20261101090000001.xml signs #構成情報 495000868003300001_01.xml",
        "kousei20261101090000002.xml signs #構成情報 family.pdf",
    ];
    assert_eq!(signed, wanted);
    let (main, parts) = shown.split_once("== 4950008680033000/495000868003300001_01.xml").unwrap();
    assert!(main.contains("<申請種別>新規申請</申請種別>") && !main.contains("申請書属性情報"), "{main}");
    assert_eq!(main.matches("<添付書類属性情報>").count(), 4, "{main}");
    assert!(parts.contains("<申請種別>申請書作成</申請種別>") && parts.contains("<申請書属性情報>"), "{parts}");
    assert!(parts.contains("<申請種別>添付書類署名</申請種別>"), "{parts}");
}

#[test]
fn without_anything_attached_nothing_signs_it_and_a_withdrawal_has_one_configuration() {
    let names = |files: Vec<File>| files.iter().map(|file| file.name().to_owned()).collect::<Vec<_>>();
    let amended = packed(Act::Amend, &json!({"note": "x"}), &separate()).unwrap();
    assert!(shown(&amended).contains("<申請種別>補正</申請種別>"));
    assert_eq!(names(amended), ["kousei.xml", "495000868003300001_01.xml", "kousei20261101090000001.xml"]);
    let withdrawn = packed(Act::Withdraw, &json!({}), &separate()).unwrap();
    assert_eq!(names(withdrawn), ["kousei.xml", "torisageirai.xml"]);
}

/// The same procedure with a second form.
fn with_two_forms(mut skeleton: Skeleton) -> Skeleton {
    let form = include_str!("../../../../sandbox/egov/forms/electronic_delivery.xml");
    skeleton.files.push(File::new("495000868003300002_01.xml", form.replace("FORM_ID", "495000868003300002")));
    let info = json!({
        "form_id": "495000868003300002", "form_version": 2, "form_name": "二つ目の様式",
        "apply_file_name": "495000868003300002_01.xml",
    });
    skeleton.forms.push(serde_json::from_value(info).unwrap());
    skeleton
}

#[test]
fn every_form_that_is_filled_is_named_and_signed_and_no_other_is_sent() {
    let two = json!({"insured_name": "見本　太郎", "more_forms": [{"note": "二つ目"}]});
    let files = packed(Act::File, &two, &with_two_forms(skeleton())).unwrap();
    let shown = shown(&files);
    let wanted = "kousei.xml signs #構成情報 495000868003300001_01.xml 495000868003300002_01.xml";
    assert_eq!(shown.lines().next(), Some(wanted), "{shown}");
    assert!(shown.contains("<申請書様式バージョン>0002</申請書様式バージョン>"), "{shown}");
    assert_eq!((shown.matches("<申請書属性情報>").count(), shown.matches("<備考>二つ目</備考>").count()), (2, 1));
    for one in [json!({"insured_name": "見本　太郎"}), json!({"insured_name": "x", "more_forms": [null]})] {
        let files = packed(Act::File, &one, &with_two_forms(skeleton())).unwrap();
        assert!(files.iter().all(|file| file.name() != "495000868003300002_01.xml"), "what is blank stays here");
        assert_eq!(self::shown(&files).matches("<申請書属性情報>").count(), 1);
    }
    for (content, rule, pointer) in [
        (json!({"more_forms": [{}, {}]}), "EG018", ""),
        (json!({"more_forms": {}}), "EG019", "/more_forms"),
        (json!({"more_forms": [1]}), "EG019", "/more_forms/0"),
        (json!({"more_forms": [{"nickname": "x"}]}), "EG010", "/more_forms/0/nickname"),
    ] {
        let found = packed(Act::File, &content, &with_two_forms(skeleton())).unwrap_err();
        assert_eq!((found[0].rule.as_str(), found[0].pointer.as_str()), (rule, pointer), "{content}");
    }
}

#[test]
fn two_forms_are_signed_by_a_configuration_each() {
    let mut skeleton = with_two_forms(separate());
    let blank = include_str!("../../../../sandbox/egov/kousei.xml");
    let name = "kousei20261101090000003.xml";
    skeleton.files.push(File::new(name, blank.replace("999000000000000001", "999000000000000009")));
    skeleton.configurations.push(name.to_owned());
    let two = json!({"insured_name": "見本　太郎", "more_forms": [{"note": "二つ目"}]});
    let signed = shown(&packed(Act::File, &two, &skeleton).unwrap());
    for wanted in [
        "kousei20261101090000001.xml signs #構成情報 495000868003300001_01.xml",
        "kousei20261101090000003.xml signs #構成情報 495000868003300002_01.xml",
    ] {
        assert!(signed.contains(wanted), "{signed}");
    }
    // One form alone takes its own configuration with it, and no other.
    let one = packed(Act::File, &json!({"note": "x"}), &skeleton).unwrap();
    assert!(one.iter().all(|file| file.name() != name && file.name() != "495000868003300002_01.xml"));
    // Two forms and one configuration: nobody knows how that is signed.
    assert_eq!(packed(Act::File, &two, &with_two_forms(separate())).unwrap_err()[0].rule, "EG003");
}

#[test]
fn what_cannot_be_packed_is_named() {
    let three = Skeleton { configurations: vec!["kousei.xml".into(); 3], ..skeleton() };
    assert_eq!(packed(Act::File, &json!({"note": "x"}), &three).unwrap_err()[0].rule, "EG003");
    for attachments in [
        json!({}),
        json!([{"name": "x", "file_name": "a/b", "data": ""}]),
        json!([{"name": "x", "file_name": "kousei.xml", "data": ""}]),
        json!([{"name": "x", "file_name": "a", "data": "?"}]),
        json!([{"name": "x", "file_name": "a", "data": ""}, {"name": "x", "file_name": "a", "data": ""}]),
    ] {
        let found = packed(Act::File, &json!({"attachments": attachments}), &skeleton()).unwrap_err();
        assert_eq!(found[0].rule, "EG004", "{attachments}");
    }
    let odd = json!({"attachments": [{"name": "x", "file_name": "..", "data": ""}]});
    assert_eq!(packed(Act::File, &odd, &skeleton()).unwrap_err()[0].rule, "EG005");
}
