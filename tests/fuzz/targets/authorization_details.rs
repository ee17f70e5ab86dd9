//! Authorization details of any text (RFC 9396): what is taken is within its limits, and refusals point into the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::protocol::authorization_details::parse;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(text) {
        Ok(ask) => {
            assert!((1..=100).contains(&ask.data_sets.len()));
            for set in &ask.data_sets {
                assert!((1..=500).contains(&set.items.len()));
            }
        }
        Err(refusal) => {
            assert!(!refusal.public.chars().any(char::is_control), "{:?}", refusal.public);
            // A pointer leads to something that was sent, or to something that is missing there.
            let (Some(pointer), Ok(sent)) = (refusal.pointer, serde_json::from_str::<Value>(text)) else { return };
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            assert!(sent.pointer(parent).is_some(), "{pointer} leads nowhere in {text:?}");
        }
    }
});
