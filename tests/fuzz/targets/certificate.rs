//! Certificates as proxies pass them on, and names as clients register them, of any text.

#![no_main]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use madoguchi::domain::Timestamp;
use madoguchi::domain::profile::CertificateSubject;
use madoguchi::protocol::certificate::{ClientCertificate, ExpectedSubject};

fuzz_target!(|data: &[u8]| {
    // As DER: what reads is the same certificate in the form of RFC 9440.
    if let Ok(certificate) = ClientCertificate::new(data.to_vec(), Vec::new()) {
        assert_eq!(certificate.der(), data);
        let field = format!(":{}:", STANDARD.encode(data));
        let told = ClientCertificate::from_field(&field, None).unwrap();
        assert_eq!(told.thumbprint(), certificate.thumbprint());
    }
    // Three lines: the field, its chain, and a name to look for.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let (field, chain, name) = (lines.next().unwrap_or_default(), lines.next(), lines.next().unwrap_or_default());
    let certificate = ClientCertificate::from_field(field, chain.filter(|chain| !chain.is_empty()));
    let names = [
        CertificateSubject::SubjectDn(name.to_owned()),
        CertificateSubject::SanDns(name.to_owned()),
        CertificateSubject::SanUri(name.to_owned()),
        CertificateSubject::SanEmail(name.to_owned()),
    ];
    for name in names {
        let Ok(expected) = ExpectedSubject::parse(&name) else { continue };
        if let Ok(certificate) = &certificate {
            let _ = expected.is_named_by(certificate);
            let _ = certificate.is_current(Timestamp::from_seconds(1_790_000_000));
        }
    }
});
