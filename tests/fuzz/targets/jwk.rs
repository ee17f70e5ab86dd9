//! Keys of any JSON: nothing panics, no private key is taken, and a key's thumbprint does not depend on how it is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::protocol::jose::{KeySet, RawJwk, read};
use serde_json::{Value, json};

const SECRET: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = read::<RawJwk<'_>>(data)
        && let (Ok(first), Ok(_)) = (key.thumbprint(), key.parse())
    {
        let value: Value = serde_json::from_slice(data).unwrap();
        assert!(SECRET.iter().all(|name| value.get(name).is_none()), "a private key was taken");
        // RFC 7638 §3: only the required members count.
        let more = json!({"kid": "other"});
        let mut extended = value.clone();
        extended.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let text = extended.to_string();
        let again: RawJwk<'_> = serde_json::from_str(&text).unwrap();
        assert_eq!(first, again.thumbprint().unwrap());
    }
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        let _ = KeySet::parse(&value);
        let _ = KeySet::parse(&json!({"keys": [value]}));
    }
});
