//! A representation (代理): that one person may act for another, on what ground, and until when.
//!
//! It never lasts for ever, and whoever is represented can end it alone and at once: a representative has no say in it.

use super::consent::Ask;
use super::data_set::DataSetCode;
use super::grant::RevokedBy;
use super::ids::{RepresentationId, SubjectId};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in files, records and arguments.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

/// On what ground someone acts for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepresentationKind {
    /// A parent for a child (親権者, 民法824条).
    Parent,
    /// A guardian, curator or assistant (成年後見人等).
    Guardian,
    /// A care manager for a client (介護支援専門員).
    CareManager,
    /// A labour and social security attorney (社会保険労務士).
    LaborConsultant,
    /// A tax accountant (税理士).
    TaxAccountant,
    /// Someone whom the person chose (任意代理人).
    Appointed,
    /// Nobody: two operators opened it in a disaster, for one third party and a short time (災害時の緊急利用).
    Emergency,
}

words!(RepresentationKind {
    Parent = "parent",
    Guardian = "guardian",
    CareManager = "care_manager",
    LaborConsultant = "labor_consultant",
    TaxAccountant = "tax_accountant",
    Appointed = "appointed",
    Emergency = "emergency",
});

/// By what paper the operator saw the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepresentationProof {
    /// The family register (戸籍).
    FamilyRegister,
    /// A certificate of registered matters (登記事項証明書).
    RegistryCertificate,
    /// A power of attorney (委任状).
    PowerOfAttorney,
    /// The signed statements of two operators.
    TwoOperators,
    /// None: whoever is represented said so themself, signed in.
    OwnSignIn,
}

words!(RepresentationProof {
    FamilyRegister = "family_register",
    RegistryCertificate = "registry_certificate",
    PowerOfAttorney = "power_of_attorney",
    TwoOperators = "two_operators",
    OwnSignIn = "own_sign_in",
});

/// Who ended a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepresentationEnd {
    /// Whoever is represented.
    Principal,
    /// Whoever represents, who gave it up.
    Representative,
    /// The operator.
    Operator,
    /// Nobody: its time was over.
    Time,
}

words!(RepresentationEnd {
    Principal = "principal",
    Representative = "representative",
    Operator = "operator",
    Time = "time",
});

impl RepresentationEnd {
    /// How the grants end that had been given by it. By time none does: no grant outlasts its representation.
    #[must_use]
    pub const fn revokes_as(self) -> RevokedBy {
        match self {
            Self::Principal => RevokedBy::Citizen,
            Self::Representative | Self::Time => RevokedBy::Representative,
            Self::Operator => RevokedBy::Operator,
        }
    }
}

/// Why a representation is held still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FreezeReason {
    /// The operator had one.
    Operator,
    /// The card of one of the two was suspended: whoever lost it may not be the one who acts.
    CardSuspended,
}

words!(FreezeReason {
    Operator = "operator",
    CardSuspended = "card_suspended",
});

/// A change that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// An active one is held still.
    Freeze(FreezeReason),
    /// A frozen one goes on; where a reason is named, only if it was frozen for that.
    Unfreeze(Option<FreezeReason>),
    /// One that had not ended ends for good.
    End(RepresentationEnd),
}

impl Turn {
    /// The state that it leads to, as engines keep it.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Freeze(_) => "frozen",
            Self::Unfreeze(_) => "active",
            Self::End(_) => "ended",
        }
    }

    /// Why it is held still, if that is what it does.
    #[must_use]
    pub const fn frozen_for(self) -> Option<FreezeReason> {
        match self {
            Self::Freeze(reason) => Some(reason),
            Self::Unfreeze(_) | Self::End(_) => None,
        }
    }

    /// For what it must have been held still, where that counts.
    #[must_use]
    pub const fn only_frozen_for(self) -> Option<FreezeReason> {
        match self {
            Self::Unfreeze(reason) => reason,
            Self::Freeze(_) | Self::End(_) => None,
        }
    }

    /// Who ended it, if it ends.
    #[must_use]
    pub const fn end(self) -> Option<RepresentationEnd> {
        match self {
            Self::End(by) => Some(by),
            Self::Freeze(_) | Self::Unfreeze(_) => None,
        }
    }

    /// What the log of evidence calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Freeze(FreezeReason::Operator) => "frozen",
            Self::Freeze(FreezeReason::CardSuspended) => "frozen_card_suspended",
            Self::Unfreeze(_) => "unfrozen",
            Self::End(RepresentationEnd::Principal) => "ended_by_principal",
            Self::End(RepresentationEnd::Representative) => "ended_by_representative",
            Self::End(RepresentationEnd::Operator) => "ended_by_operator",
            Self::End(RepresentationEnd::Time) => "ended_by_time",
        }
    }
}

/// A state as stored; expiry follows from the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RepresentationStatus {
    /// In force until its time is over.
    Active,
    /// Held still; its time runs on.
    Frozen {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: FreezeReason,
    },
    /// Ended for good.
    Ended {
        /// When.
        at: Timestamp,
        /// By whom.
        by: RepresentationEnd,
    },
}

/// By which representation a person decided for another: kept with what was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    /// Which.
    pub id: RepresentationId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// Who decided. Whose data it is stands beside it, as wherever nobody acts for another.
    pub representative: SubjectId,
}

impl Acting {
    /// Whether two operators opened it, and nobody decided for anybody.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.kind == RepresentationKind::Emergency
    }

    /// What a line of the access history says of it.
    #[must_use]
    pub fn mark(&self) -> ActedUnder {
        ActedUnder { representation: self.id.clone(), kind: self.kind }
    }
}

/// The mark of everything that was done because a representative had decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActedUnder {
    /// By which representation.
    pub representation: RepresentationId,
    /// On what ground.
    pub kind: RepresentationKind,
}

/// One representation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representation {
    /// Its id.
    pub id: RepresentationId,
    /// Who is represented (本人).
    pub principal: SubjectId,
    /// Who represents (代理人).
    pub representative: SubjectId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// By what paper it was seen.
    pub proof: RepresentationProof,
    /// Under which name the operator registered it.
    pub registered_by: String,
    /// Start.
    pub created_at: Timestamp,
    /// End, whatever happens.
    pub expires_at: Timestamp,
    /// As stored.
    pub status: RepresentationStatus,
}

/// Which data a representative may decide about, by what the operator's rules say of their ground.
pub trait Coverage: Send + Sync {
    /// Whether data sets of this code may be decided about on this ground.
    fn covers(&self, kind: RepresentationKind, code: DataSetCode) -> bool;
}

impl Representation {
    /// Whether everything that is asked may be decided by it at `now`; never where it is not asked of representatives.
    #[must_use]
    pub fn may_decide(&self, ask: &Ask, coverage: &dyn Coverage, now: Timestamp) -> bool {
        let is_open = ask.terms.on_behalf_of.decided(true).is_some();
        is_open && self.is_in_force(now) && ask.data_sets.iter().all(|asked| coverage.covers(self.kind, asked.code))
    }

    /// Whether anything may be done by it at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.status == RepresentationStatus::Active && now < self.expires_at
    }

    /// Whether there is still something to end at `now`.
    #[must_use]
    pub fn is_standing(&self, now: Timestamp) -> bool {
        !matches!(self.status, RepresentationStatus::Ended { .. }) && now < self.expires_at
    }

    /// What a decision by it is kept with.
    #[must_use]
    pub fn acting(&self) -> Acting {
        Acting { id: self.id.clone(), kind: self.kind, representative: self.representative.clone() }
    }

    /// As whom `person` would end it; nobody else can.
    #[must_use]
    pub fn side_of(&self, person: &SubjectId) -> Option<RepresentationEnd> {
        if self.principal == *person {
            return Some(RepresentationEnd::Principal);
        }
        (self.representative == *person).then_some(RepresentationEnd::Representative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_persons_have_a_side_and_time_ends_what_nobody_ended() {
        let person = |text: &str| SubjectId::parse(text).unwrap();
        let mut one = Representation {
            id: RepresentationId::parse("rep_1").unwrap(),
            principal: person("s_child"),
            representative: person("s_parent"),
            kind: RepresentationKind::Parent,
            proof: RepresentationProof::FamilyRegister,
            registered_by: "desk".into(),
            created_at: Timestamp::from_seconds(0),
            expires_at: Timestamp::from_seconds(10),
            status: RepresentationStatus::Active,
        };
        assert_eq!(one.side_of(&person("s_child")), Some(RepresentationEnd::Principal));
        assert_eq!(one.side_of(&person("s_parent")), Some(RepresentationEnd::Representative));
        assert_eq!(one.side_of(&person("s_other")), None);
        let (before, after) = (Timestamp::from_seconds(9), Timestamp::from_seconds(10));
        assert!(one.is_in_force(before) && one.is_standing(before));
        assert!(!one.is_in_force(after) && !one.is_standing(after));
        one.status = RepresentationStatus::Frozen { since: before, reason: FreezeReason::Operator };
        assert!(!one.is_in_force(before) && one.is_standing(before));
        one.status = RepresentationStatus::Ended { at: before, by: RepresentationEnd::Principal };
        assert!(!one.is_in_force(before) && !one.is_standing(before));
    }

    #[test]
    fn every_name_reads_back_and_is_the_one_in_records() {
        for kind in RepresentationKind::ALL {
            assert_eq!(RepresentationKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for proof in RepresentationProof::ALL {
            assert_eq!(serde_json::to_value(proof).unwrap(), proof.as_str());
        }
        for reason in FreezeReason::ALL {
            assert_eq!(FreezeReason::parse(reason.as_str()), Some(*reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        for end in RepresentationEnd::ALL {
            assert_eq!(serde_json::to_value(end).unwrap(), end.as_str());
        }
    }
}
