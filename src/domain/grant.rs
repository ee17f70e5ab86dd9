//! A grant: what one person (or, for client credentials, the client itself) allowed one client, and its life.

use super::acr::Acr;
use super::citizen_notice::CONSENT_DAYS;
use super::consent::Consent;
use super::health_insurance::CertificateSerial;
use super::ids::{ClientId, GrantId, SubjectId};
use super::representation::Acting;
use super::scope::{Scope, ScopeSet};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest before its end that somebody is reminded of it.
pub const MOST_REMINDER_DAYS: u32 = 30;
const REMINDED_WITHIN: Duration = Duration::from_hours(24 * 30);
const DAY: Duration = Duration::from_hours(24);

/// Who ended a grant before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedBy {
    /// The citizen, at the dashboard.
    Citizen,
    /// The client, by revocation or grant management.
    Client,
    /// The counter, because a code was used twice (RFC 9700 §4.2.4).
    CodeReplay,
    /// The counter, because the client never got anything by it: its code was presented wrongly, or not at all.
    NotTakenUp,
    /// The counter, because a token came in an address, and so into logs (RFC 9700 §4.3.2).
    Exposed,
    /// The operator.
    Operator,
    /// The counter, because a visit to a shared terminal was over: its time, or nobody used it any more.
    VisitOver,
    /// The representative who had given it for another, and who acts for them no more.
    Representative,
}

impl RevokedBy {
    /// Whether the sign-in that came with the grant is over for the client too, and the client does not know it yet
    /// (OpenID Connect Back-Channel Logout): what it did itself it knows, and by the rest nobody signed out.
    #[must_use]
    pub const fn ends_sign_ins(self) -> bool {
        matches!(self, Self::Citizen | Self::Operator)
    }
}

/// A grant's state as stored; expiry follows from the clock and is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum GrantStatus {
    /// In force until it expires.
    Active,
    /// Held still by the person until they let it go on; its time runs on.
    Paused {
        /// Since when.
        since: Timestamp,
    },
    /// Held still because the representation that it was given by is.
    Held {
        /// Since when.
        since: Timestamp,
    },
    /// Ended for good.
    Revoked {
        /// When.
        at: Timestamp,
        /// By whom.
        by: RevokedBy,
    },
    /// An earlier word of the person, which a newer decision took the place of. Kept for the person to read.
    Superseded {
        /// When.
        at: Timestamp,
    },
}

/// Where what a person was asked stands, as they and the third party are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Asked, and not decided.
    Requested,
    /// In force.
    Active,
    /// Held still by the person.
    Paused,
    /// Ended before its time.
    Revoked,
    /// Its time is over.
    Expired,
    /// A newer decision took its place.
    Superseded,
}

impl ConsentState {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

/// Who recognised the person, when, and how surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// How surely.
    pub acr: Acr,
    /// When (`auth_time`).
    pub at: Timestamp,
    /// By which card; only where what is agreed to needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateSerial>,
}

/// One grant. Every token names one; the counter enforces it on every call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// `grant_id`.
    pub id: GrantId,
    /// To whom.
    pub client: ClientId,
    /// Whose data it opens: by whom it was given, unless another acted for them; absent for client credentials.
    pub subject: Option<SubjectId>,
    /// Who gave it for them, and by which representation; absent where the person decided alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Acting>,
    /// The scopes allowed.
    pub scope: ScopeSet,
    /// The self-information agreed to, if any was asked for.
    pub consent: Option<Consent>,
    /// The protected resources that tokens may be for (RFC 8707); the counter itself when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// How the person was recognised; absent for client credentials.
    pub authentication: Option<Authentication>,
    /// Start.
    pub created_at: Timestamp,
    /// When the person last changed it by another decision (Grant Management §5.2); absent while it is as it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// End, whatever happens.
    pub expires_at: Timestamp,
    /// In force, or ended early.
    pub status: GrantStatus,
}

/// For how many days a person's word opens something: as long as the self-information that they agreed to, a while where it
/// is notices, documents, links or records of exchanges alone, and 0 for once.
#[must_use]
pub fn access_days(scope: ScopeSet, consent: Option<&Consent>) -> u32 {
    match consent {
        Some(consent) => consent.access_days,
        None if is_open_for_a_while(scope) => CONSENT_DAYS,
        None => 0,
    }
}

fn is_open_for_a_while(scope: ScopeSet) -> bool {
    const OPEN: [Scope; 4] = [Scope::Notices, Scope::PrivateDocuments, Scope::LinkedServices, Scope::ProvisionRecords];
    OPEN.into_iter().any(|one| scope.has(one))
}

impl Grant {
    /// Whether it is in force at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.status == GrantStatus::Active && now < self.expires_at
    }

    /// Whether it is in force at `now`, or would be if it were not held still.
    #[must_use]
    pub fn is_standing(&self, now: Timestamp) -> bool {
        (self.status == GrantStatus::Active || self.is_still()) && now < self.expires_at
    }

    /// Whether it is held still at `now`, by the person or with its representation.
    #[must_use]
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.is_still() && now < self.expires_at
    }

    const fn is_still(&self) -> bool {
        matches!(self.status, GrantStatus::Paused { .. } | GrantStatus::Held { .. })
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ConsentState {
        match self.status {
            GrantStatus::Revoked { .. } => ConsentState::Revoked,
            GrantStatus::Superseded { .. } => ConsentState::Superseded,
            GrantStatus::Active | GrantStatus::Paused { .. } | GrantStatus::Held { .. } if now >= self.expires_at => {
                ConsentState::Expired
            }
            GrantStatus::Active => ConsentState::Active,
            GrantStatus::Paused { .. } | GrantStatus::Held { .. } => ConsentState::Paused,
        }
    }

    /// When the person last agreed to it.
    #[must_use]
    pub fn agreed_at(&self) -> Timestamp {
        self.updated_at.unwrap_or(self.created_at)
    }

    /// The same consent by a newer word of the same person, who saw the one agreed to at `seen`: the same items for the same
    /// time from now on. None when it is not in force, is another by now, was given for another or for one retrieval only,
    /// or the person was recognised less surely than then.
    #[must_use]
    pub fn renewed(&self, seen: Timestamp, at: Timestamp, by: Authentication) -> Option<Self> {
        let days = self.consent.as_ref().map_or(0, |consent| consent.access_days);
        let is_own = self.subject.is_some() && self.acting.is_none();
        let is_sure = self.authentication.is_some_and(|then| then.acr <= by.acr);
        let is_it = self.is_in_force(at) && self.agreed_at() == seen && seen < at;
        let expires_at = at.plus(DAY.saturating_mul(days));
        (is_own && is_sure && is_it && days > 0).then(|| Self {
            // The renewal is another sign-in, which tells of no card: what was agreed to stays about the card of then.
            authentication: Some(Authentication {
                certificate: self.authentication.and_then(|then| then.certificate),
                ..by
            }),
            updated_at: Some(at),
            expires_at,
            ..self.clone()
        })
    }

    /// From when on it is looked whether its person is to be reminded of its end; never where it was for another, or does not
    /// last.
    #[must_use]
    pub fn remind_from(&self) -> Option<Timestamp> {
        let lasts = self.consent.as_ref().is_some_and(|consent| consent.access_days > 0);
        (lasts && self.subject.is_some() && self.acting.is_none()).then(|| self.expires_at.minus(REMINDED_WITHIN))
    }

    /// Ends the grant; false when it had ended already (the first end stands).
    pub fn revoke(&mut self, at: Timestamp, by: RevokedBy) -> bool {
        let had_not_ended = self.status == GrantStatus::Active || self.is_still();
        if had_not_ended {
            self.status = GrantStatus::Revoked { at, by };
        }
        had_not_ended
    }
}
