//! The canonical form, signatures made here and elsewhere, documents of strangers.

use super::made::{pairs, signer};
use super::*;
use crate::domain::Secret;
use proptest::prelude::*;

/// Made with xmlsec1 1.2.37: `xmlsec1 --sign --id-attr:ID urn:example:form:構成情報 --privkey-pem …`.
const KNOWN: &str = include_str!("known/signed-by-xmlsec1.xml");

#[test]
fn the_canonical_form_is_that_of_the_recommendation() {
    // The examples of Canonical XML 1.0 §3.2 and §3.4 that need no document type.
    for (text, wanted) in [
        (
            "<doc>\n   <clean>   </clean>\n   <mixed>A<c/>B</mixed>\n</doc>",
            "<doc>\n   <clean>   </clean>\n   <mixed>A<c></c>B</mixed>\n</doc>",
        ),
        (
            "<doc><e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\" xmlns:b=\"http://www.ietf.org\" \
             xmlns:a=\"http://www.w3.org\" xmlns=\"http://example.org\"/></doc>",
            "<doc><e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" \
             attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5></doc>",
        ),
        (
            "<a xmlns=\"urn:x\"><b xmlns=\"\"><c xmlns=\"\"/></b><d xmlns=\"urn:x\"/></a>",
            "<a xmlns=\"urn:x\"><b xmlns=\"\"><c></c></b><d></d></a>",
        ),
        (
            "<doc>\r\n<v>a&#13;b</v><c><![CDATA[x>0 && \"y\"]]></c><n a='&quot;&#9;&#10;&gt; \n'/></doc>",
            "<doc>\n<v>a&#xD;b</v><c>x&gt;0 &amp;&amp; \"y\"</c><n a=\"&quot;&#x9;&#xA;>  \"></n></doc>",
        ),
    ] {
        assert_eq!(Document::parse(text.as_bytes()).unwrap().canonical(&[]).unwrap(), wanted);
    }
}

#[test]
fn what_another_implementation_signed_verifies_here() {
    let document = Document::parse(KNOWN.as_bytes()).unwrap();
    let verified = verify(&document, &|_| None).unwrap();
    assert_eq!(verified.targets, ["#構成情報", ""]);
    // Written and read again it is still the same.
    let again = Document::parse(&document.to_bytes()).unwrap();
    assert_eq!(verify(&again, &|_| None).unwrap(), verified);
}

#[test]
fn what_is_signed_here_has_the_digest_of_another_implementation() {
    let known = Document::parse(KNOWN.as_bytes()).unwrap();
    let digest = known.root.find("DigestValue").unwrap().text();
    let mut document = known.clone();
    let place = document.root.path_to("署名情報").unwrap();
    let (last, above) = place.split_last().unwrap();
    document.root.at_mut(above).unwrap().children.remove(*last);
    let after = document.root.path_to("構成情報").unwrap();
    let placing = Placing { after: &after, inside: "署名情報", id: "20261121190000" };
    let form = "<様式/>".as_bytes();
    let targets = [Target::Element("構成情報"), Target::File("495_01.xml", form)];
    signer().sign(&mut document, &targets, &placing).unwrap();
    assert_eq!(document.root.find("DigestValue").unwrap().text(), digest);
    let verified = verify(&document, &|name| (name == "495_01.xml").then_some(form)).unwrap();
    assert_eq!(verified.targets, ["#構成情報", "495_01.xml"]);
    assert_eq!(verify(&document, &|_| Some(b"another")), Err(BadSignature::Changed));
    assert_eq!(verify(&document, &|_| None), Err(BadSignature::Reference));
}

#[test]
fn every_change_breaks_a_signature() {
    for (from, to, wanted) in [
        ("見本", "例示", BadSignature::Changed),
        ("a=\"1\"", "a=\"2\"", BadSignature::Changed),
        ("<その他/>", "<その他>1</その他>", BadSignature::Changed),
        ("FUeV2R", "FUeV2S", BadSignature::Changed),
        ("rsa-sha256", "rsa-sha1", BadSignature::Unknown),
        ("<その他/>", "<その他 Id=\"構成情報\"/>", BadSignature::Reference),
        ("<その他/>", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>", BadSignature::Missing),
        ("#enveloped-signature", "#base64", BadSignature::Unknown),
        ("<SignatureValue>Q", "<SignatureValue>R", BadSignature::Changed),
    ] {
        assert!(KNOWN.contains(from), "{from}");
        let document = Document::parse(KNOWN.replace(from, to).as_bytes()).unwrap();
        assert_eq!(verify(&document, &|_| None), Err(wanted), "{from} → {to}");
    }
    let plain = Document::parse(b"<a/>").unwrap();
    assert_eq!(verify(&plain, &|_| None), Err(BadSignature::Missing));
}

#[test]
fn a_key_and_the_certificate_of_another_do_not_sign() {
    let [(key, certificate), (_, other)] = pairs();
    let key = Secret::new(key.clone());
    assert_eq!(XmlSigner::from_pem(&key, other).unwrap_err(), InvalidSigner::Certificate);
    assert_eq!(XmlSigner::from_pem(&key, "none").unwrap_err(), InvalidSigner::Certificate);
    assert_eq!(XmlSigner::from_pem(&Secret::new("none".into()), certificate).unwrap_err(), InvalidSigner::Key);
}

#[test]
fn hostile_documents_are_refused() {
    let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
    let wide = format!("<a>{}</a>", "<b/>".repeat(200_001));
    for (text, wanted) in [
        ("", BadXml::Malformed),
        ("<a>", BadXml::Malformed),
        ("<a></b>", BadXml::Malformed),
        ("<a/><b/>", BadXml::Malformed),
        ("<a/>text", BadXml::Malformed),
        ("<a b='1' b='2'/>", BadXml::Malformed),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", BadXml::Entity),
        ("<a>&x;</a>", BadXml::Entity),
        ("<a>&#0;</a>", BadXml::Malformed),
        ("<?xml version='1.0' encoding='Shift_JIS'?><a/>", BadXml::Malformed),
        (deep.as_str(), BadXml::TooLarge),
        (wide.as_str(), BadXml::TooLarge),
    ] {
        assert_eq!(Document::parse(text.as_bytes()), Err(wanted), "{}", &text[..text.len().min(40)]);
    }
    assert_eq!(Document::parse(b"<a>\xff</a>"), Err(BadXml::Malformed));
}

proptest! {
    #[test]
    fn any_text_reads_or_is_refused_and_what_reads_is_written_the_same(text in "[<>a-c/='\" &;!\\[\\]\\-?x#0-9]{0,60}") {
        if let Ok(document) = Document::parse(text.as_bytes()) {
            let again = Document::parse(&document.to_bytes()).unwrap();
            prop_assert_eq!(again.canonical(&[]), document.canonical(&[]));
        }
    }

    #[test]
    fn any_value_survives(value in "[\\x20-\\x7e\\t\\n\\r\u{3040}-\u{30ff}]{1,40}") {
        let root = Element::with_text("a", &value).attribute("b", &value);
        let document = Document { instructions: Vec::new(), root };
        let again = Document::parse(&document.to_bytes()).unwrap();
        prop_assert_eq!(again.root.get("b"), Some(value.as_str()));
        prop_assert_eq!(again.root.text(), value);
    }
}
