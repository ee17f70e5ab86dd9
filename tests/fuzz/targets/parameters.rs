//! A form body of any bytes: what is read is what a second, lenient reader finds too, and no grant type panics on it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::protocol::client_assertion::ClaimedClient;
use madoguchi::protocol::form::Form;
use madoguchi::protocol::token_request::TokenRequest;

fuzz_target!(|body: &[u8]| {
    let Ok(form) = Form::parse(body) else { return };
    let lenient: Vec<_> = url::form_urlencoded::parse(body).collect();
    for (name, _) in &lenient {
        // A value that is empty counts as left out; of the rest both readers find the same, in the same order.
        let same = lenient.iter().filter(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value);
        assert!(form.all(name).eq(same.clone()), "{name}");
        assert!(name == "resource" || same.count() <= 1, "{name} came more than once");
    }
    if let Err(refusal) = TokenRequest::parse(&form) {
        printable(&refusal.public);
    }
    if let Err(refusal) = ClaimedClient::find(&form) {
        printable(&refusal.public);
    }
});

/// RFC 6749 §5.2: `error_description` has no control characters, so that it cannot forge a log line or a header.
fn printable(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
