//! Client metadata (RFC 7591) of any JSON: a client that is written out and read again is the same, or every fault is told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use madoguchi::domain::client::ClientStatus;
use madoguchi::domain::ids::ClientId;
use madoguchi::protocol::registration::{Given, client_of, metadata_of};
use serde_json::{Map, Value};

fn given() -> Given {
    Given { id: ClientId::parse("fuzzed").unwrap(), status: ClientStatus::Draft, rate_plan: "standard".into() }
}

fuzz_target!(|data: &[u8]| {
    let Ok(metadata) = serde_json::from_slice::<Map<String, Value>>(data) else { return };
    match client_of(&metadata, given()) {
        Ok(client) => assert_eq!(client_of(&metadata_of(&client), given()).as_ref(), Ok(&client)),
        Err(faults) => {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(!fault.public.chars().any(char::is_control), "{:?}", fault.public);
            }
        }
    }
});
