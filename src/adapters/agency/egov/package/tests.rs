//! Packages: what a filing and a withdrawal become, byte by byte, and what cannot be packed.

use super::*;
use crate::domain::Secret;
use crate::domain::submission::ArrivalNumber;
use crate::domain::xml;
use serde_json::json;

const KEY: &str = include_str!("../../../../sandbox/egov/applicant-key.pem");
const CERTIFICATE: &str = include_str!("../../../../sandbox/egov/applicant-certificate.pem");
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
    let signer = XmlSigner::from_pem(&Secret::new(KEY.to_owned()), CERTIFICATE).unwrap();
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
    let main = Document::parse(find("kousei.xml").unwrap()).unwrap();
    let targets = xml::verify(&main, &find).unwrap().targets;
    let texts: Vec<String> =
        files.iter().map(|file| format!("== {}\n{}", file.path, String::from_utf8_lossy(&file.bytes))).collect();
    format!("signed: {}\n{}", targets.join(" "), texts.join("\n"))
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
