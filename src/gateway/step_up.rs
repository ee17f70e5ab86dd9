//! Whether the sign-in behind a token is sure and recent enough for what is called (RFC 9470).

use super::{Challenge, Gateway, GatewayRefusal, Permit};
use crate::catalog::DataSet;
use crate::domain::acr::Acr;
use crate::domain::grant::Authentication;
use crate::domain::representation::Acting;
use crate::domain::retrieval::Query;
use crate::domain::{Refusal, Timestamp};
use crate::protocol::code::INSUFFICIENT_USER_AUTHENTICATION;
use std::time::Duration;

/// What a sign-in must be for everything that is called at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Needed {
    acr: Option<Acr>,
    max_age: Option<Duration>,
}

impl Needed {
    fn and(self, set: &DataSet) -> Self {
        let shorter = |one: Duration, other: Duration| one.min(other);
        let max_age = match (self.max_age, set.max_authentication_age) {
            (Some(one), Some(other)) => Some(shorter(one, other)),
            (one, other) => one.or(other),
        };
        Self { acr: self.acr.max(Some(set.min_acr)), max_age }
    }

    fn is_met(self, by: Option<Authentication>, now: Timestamp) -> bool {
        by.is_some_and(|by| {
            self.acr.is_none_or(|acr| acr <= by.acr) && self.max_age.is_none_or(|age| now.since(by.at) <= age)
        })
    }

    fn parameters(self) -> Vec<(&'static str, String)> {
        let acr = self.acr.map(|acr| ("acr_values", acr.as_str().to_owned()));
        let max_age = self.max_age.map(|age| ("max_age", age.as_secs().to_string()));
        acr.into_iter().chain(max_age).collect()
    }
}

impl Gateway {
    /// Holds the token's sign-in against the data sets that are called and were agreed to: for others no sign-in helps.
    ///
    /// # Errors
    /// `insufficient_user_authentication`, with what would do in `WWW-Authenticate` (RFC 9470 §3); it becomes a line of
    /// the person's access history as every refusal does.
    pub(super) async fn check_sign_in(&self, permit: &Permit, queries: &[Query]) -> Result<(), GatewayRefusal> {
        let consent = permit.grant().consent.as_ref();
        let agreed = queries.iter().filter(|query| consent.is_some_and(|c| c.data_set(query.code).is_some()));
        let sets = agreed.filter_map(|query| self.parts.catalog.data_set(query.code));
        let needed = sets.fold(Needed::default(), Needed::and);
        // What two operators opened nobody signed in for: their statements stand in its place.
        let is_emergency = permit.grant().acting.as_ref().is_some_and(Acting::is_emergency);
        let is_met = needed.is_met(permit.authentication(), self.parts.clock.now());
        if needed == Needed::default() || is_emergency || is_met {
            return Ok(());
        }
        let codes: Vec<_> = queries.iter().map(|query| query.code).collect();
        self.witness(permit.grant(), &codes, INSUFFICIENT_USER_AUTHENTICATION).await;
        let words =
            "The citizen must sign in more surely or anew: ask again with the acr_values and max_age named here.";
        let parameters = needed.parameters();
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let field = self.authenticate_field(Some(INSUFFICIENT_USER_AUTHENTICATION), words, &parameters);
        let refusal = Refusal::new(INSUFFICIENT_USER_AUTHENTICATION, words).at("Authorization");
        let challenge = Challenge { authenticate: Some(field), nonce: None };
        Err(GatewayRefusal::Refused(Box::new(refusal), Box::new(challenge)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use std::path::Path;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn the_surest_and_the_most_recent_of_all_is_needed() {
        let catalog = Catalog::load(Path::new("policies/data-sets")).unwrap();
        let mut sets = catalog.data_sets().cloned();
        let (mut one, mut other) = (sets.next().unwrap(), sets.next().unwrap());
        (one.min_acr, one.max_authentication_age) = (Acr::Aal3, None);
        (other.min_acr, other.max_authentication_age) = (Acr::Aal2, Some(Duration::from_mins(5)));
        let needed = Needed::default().and(&one).and(&other);
        assert_eq!(needed.parameters(), [("acr_values", "aal3".to_owned()), ("max_age", "300".to_owned())]);
        for (acr, ago, expected) in
            [(Acr::Aal3, 0, true), (Acr::Aal3, 300, true), (Acr::Aal3, 301, false), (Acr::Aal2, 0, false)]
        {
            let by = Authentication { acr, at: NOW.minus(Duration::from_secs(ago)), certificate: None };
            assert_eq!(needed.is_met(Some(by), NOW), expected, "{acr:?} {ago}");
        }
        assert!(!needed.is_met(None, NOW));
    }
}
