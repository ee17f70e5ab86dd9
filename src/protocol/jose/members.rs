//! The members of a JSON object by name, each once, with their values as they were written.

use super::JoseError;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

struct Members<'a>(Vec<(String, &'a RawValue)>);

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with each member once")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, &RawValue)> = Vec::with_capacity(16);
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member comes twice"));
            }
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Reader)
    }
}

/// Reads an object's members in order; a doubled one is refused (RFC 8725 §3.10 warns of readers that differ).
///
/// # Errors
/// [`JoseError::Malformed`].
pub fn read_members(decoded: &[u8]) -> Result<Vec<(String, &RawValue)>, JoseError> {
    let members: Members<'_> = super::read(decoded)?;
    Ok(members.0)
}
