//! The link by which a chat front hands a person over: which municipality, which procedure, and nothing else.

use crate::catalog::municipalities::MunicipalityCode;
use crate::catalog::services::Psid;
use url::form_urlencoded;

/// Where a person lands, under the counter's address.
pub const PATH: &str = "/services/apply";
/// The page's own switch of language; it says nothing about anybody.
const LANGUAGE: &str = "lang";

/// What a link names. There is no place in it for anything about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Where.
    pub municipality: MunicipalityCode,
    /// What for.
    pub procedure: Psid,
}

impl HandOver {
    /// Reads a link's query: both codes once, and nothing that is no code.
    #[must_use]
    pub fn parse(query: &str) -> Option<Self> {
        let (mut municipality, mut procedure, mut has_language) = (None, None, false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "municipality" if municipality.is_none() => municipality = Some(MunicipalityCode::parse(&value).ok()?),
                "procedure" if procedure.is_none() => procedure = Some(Psid::parse(&value)?),
                LANGUAGE if !has_language && matches!(&*value, "ja" | "en") => has_language = true,
                _ => return None,
            }
        }
        Some(Self { municipality: municipality?, procedure: procedure? })
    }

    /// The link at the counter of this address.
    #[must_use]
    pub fn link(&self, public_url: &str) -> String {
        // Both are of characters that need no escaping.
        format!("{public_url}{PATH}?municipality={}&procedure={}", self.municipality, self.procedure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_link_comes_back_and_takes_nothing_else() {
        let there = HandOver::parse("municipality=152048&procedure=1520480001&lang=en").unwrap();
        let link = there.link("https://gateway.example");
        assert_eq!(link, "https://gateway.example/services/apply?municipality=152048&procedure=1520480001");
        assert_eq!(HandOver::parse(link.split_once('?').unwrap().1), Some(there));
        for wrong in [
            "",
            "municipality=152048",
            "procedure=1520480001",
            "municipality=152048&procedure=1520480001&name=taro",
            "municipality=152048&procedure=1520480001&utm_source=line",
            "municipality=152048&municipality=152048&procedure=1520480001",
            "municipality=152049&procedure=1520480001",
            "municipality=152048&procedure=%E8%A6%8B%E6%9C%AC",
            "municipality=152048&procedure=a%40b.example",
            "municipality=152048&procedure=1&lang=ja&lang=en",
        ] {
            assert_eq!(HandOver::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_other_parameter_is_refused(name in "[a-z_]{1,8}", value in ".{0,20}") {
            prop_assume!(!matches!(name.as_str(), "lang" | "municipality" | "procedure"));
            let more: String = form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            prop_assert_eq!(HandOver::parse(&format!("municipality=152048&procedure=1&{more}")), None);
        }
    }
}
