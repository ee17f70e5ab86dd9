//! A delegation (委任): that an office (社会保険労務士, 税理士, a payroll service) may file for a company, which procedures,
//! and until when.
//!
//! It never lasts for ever, and the company holds it still or ends it alone and at once. The office cannot prolong or widen
//! it: both are a new delegation, which the company or, by its paper, the operator writes. What an office may do is to let
//! software (a registered client of somebody else) file by a part of it: that is a delegation of its own, which names the
//! office's as `via`, never covers more nor lasts longer, is seen, held still and ended by the company as any other, and
//! does nothing while the office's does nothing. Software lets no further software file.

use super::corporate_number::CorporateNumber;
use super::ids::{ClientId, DelegationId};
use super::representation::{RepresentationEnd, RepresentationKind, RepresentationProof};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most procedures that one delegation names.
pub const MOST_PROCEDURES: usize = 100;
/// What stands for every procedure.
pub const EVERY: &str = "*";

/// Which procedures may be filed: some by name, or every one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Procedures(Vec<String>);

/// Why texts name no procedures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {MOST_PROCEDURES} procedures of 1 to 64 visible ASCII characters each, or \"*\" alone for every one"
)]
pub struct InvalidProcedures;

impl Procedures {
    /// Reads names; `*` alone is every procedure.
    ///
    /// # Errors
    /// [`InvalidProcedures`].
    pub fn parse(mut names: Vec<String>) -> Result<Self, InvalidProcedures> {
        names.sort_unstable();
        names.dedup();
        let is_name = |text: &String| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        let is_good = (1..=MOST_PROCEDURES).contains(&names.len()) && names.iter().all(is_name);
        let is_mixed = names.len() > 1 && names.iter().any(|name| name == EVERY);
        if is_good && !is_mixed { Ok(Self(names)) } else { Err(InvalidProcedures) }
    }

    /// Whether this procedure is among them.
    #[must_use]
    pub fn cover(&self, procedure: &str) -> bool {
        self.0.iter().any(|name| name == EVERY || name == procedure)
    }

    /// Whether it is every one.
    #[must_use]
    pub fn is_every(&self) -> bool {
        self.0.iter().any(|name| name == EVERY)
    }

    /// Whether each of `part` is among them.
    #[must_use]
    pub fn hold(&self, part: &Self) -> bool {
        self.is_every() || part.0.iter().all(|name| self.cover(name))
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for Procedures {
    type Error = InvalidProcedures;
    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        Self::parse(names)
    }
}

impl From<Procedures> for Vec<String> {
    fn from(procedures: Procedures) -> Self {
        procedures.0
    }
}

/// A state as stored; expiry follows from the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DelegationStatus {
    /// In force until its time is over.
    Active,
    /// Held still by the company (一時停止); its time runs on.
    Paused {
        /// Since when.
        since: Timestamp,
    },
    /// Ended for good.
    Ended {
        /// When.
        at: Timestamp,
        /// By whom.
        by: RepresentationEnd,
    },
}

/// What a company does to a delegation that it means to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pausing {
    /// It is held still (一時停止).
    Pause,
    /// It goes on (再開).
    Resume,
}

impl Pausing {
    /// What the log of evidence calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
        }
    }
}

/// Whether something may be done by a delegation now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    InForce,
    /// Not now: the company holds it still, and may let it go on.
    Paused,
    /// Never again, or never at all.
    Over,
}

/// One delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// For whom is filed (委任者).
    pub company: CorporateNumber,
    /// Whose software files (受任者).
    pub client: ClientId,
    /// On what ground.
    pub kind: RepresentationKind,
    /// By what it was seen.
    pub proof: RepresentationProof,
    /// Which procedures.
    pub procedures: Procedures,
    /// Under which name the operator registered it; none where the company, or for software its office, did so itself.
    pub registered_by: Option<String>,
    /// The delegation of the office that let this software file by it (復委任); none where the company gave it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<DelegationId>,
    /// Start.
    pub created_at: Timestamp,
    /// End, whatever happens.
    pub expires_at: Timestamp,
    /// As stored.
    pub status: DelegationStatus,
}

impl Delegation {
    /// Whether anything may be filed by it at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.status == DelegationStatus::Active && now < self.expires_at
    }

    /// Whether there is still something to end at `now`.
    #[must_use]
    pub fn is_standing(&self, now: Timestamp) -> bool {
        !matches!(self.status, DelegationStatus::Ended { .. }) && now < self.expires_at
    }

    /// How it stands at `now` for what `client` files under `procedure`.
    #[must_use]
    pub fn standing(&self, client: &ClientId, procedure: &str, now: Timestamp) -> Standing {
        match self.status {
            _ if now >= self.expires_at || self.client != *client || !self.procedures.cover(procedure) => {
                Standing::Over
            }
            DelegationStatus::Active => Standing::InForce,
            DelegationStatus::Paused { .. } => Standing::Paused,
            DelegationStatus::Ended { .. } => Standing::Over,
        }
    }

    /// Whether `client` may file `procedure` by it at `now`.
    #[must_use]
    pub fn lets(&self, client: &ClientId, procedure: &str, now: Timestamp) -> bool {
        self.standing(client, procedure, now) == Standing::InForce
    }
}

/// What a company is told of the software by which an office of its own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SoftwareNews {
    /// The office let it file.
    Added,
    /// It files no more: the office, the company or the operator ended it, or ended the office's delegation.
    Removed,
}

impl SoftwareNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// Which software came to file for a company, or files no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftwareMention {
    /// The delegation by which it files.
    pub id: DelegationId,
    /// The office's that it hangs on.
    pub via: DelegationId,
    /// The software's client.
    pub client: ClientId,
    /// What happened.
    pub news: SoftwareNews,
}

impl SoftwareMention {
    /// What is told of a delegation; none of one that is no software's.
    #[must_use]
    pub fn of(one: &Delegation, news: SoftwareNews) -> Option<Self> {
        let via = one.via.clone()?;
        Some(Self { id: one.id.clone(), via, client: one.client.clone(), news })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Result<Procedures, InvalidProcedures> {
        Procedures::parse(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn procedures_are_some_by_name_or_every_one_and_never_both() {
        let some = named(&["b", "a", "b"]).unwrap();
        assert_eq!(some.names(), ["a", "b"]);
        assert!(some.cover("a") && !some.cover("c") && !some.is_every());
        let every = named(&["*"]).unwrap();
        assert!(every.cover("anything") && every.is_every());
        let long = "x".repeat(65);
        for bad in [&[][..], &["*", "a"], &[""], &["a b"], &["手続"], &[long.as_str()]] {
            assert!(named(bad).is_err(), "{bad:?}");
        }
        assert!(Procedures::parse((0..101).map(|n| n.to_string()).collect()).is_err());
        assert!(serde_json::from_str::<Procedures>(r#"["*","a"]"#).is_err());
    }

    #[test]
    fn it_lets_one_client_file_what_it_names_while_it_is_in_force() {
        let client = |id: &str| ClientId::parse(id).unwrap();
        let (before, end) = (Timestamp::from_seconds(9), Timestamp::from_seconds(10));
        let mut one = Delegation {
            id: DelegationId::parse("dlg_1").unwrap(),
            company: CorporateNumber::parse("7000012050002").unwrap(),
            client: client("payroll"),
            kind: RepresentationKind::LaborConsultant,
            proof: RepresentationProof::PowerOfAttorney,
            procedures: named(&["2200700"]).unwrap(),
            registered_by: None,
            via: None,
            created_at: Timestamp::from_seconds(0),
            expires_at: end,
            status: DelegationStatus::Active,
        };
        assert!(one.lets(&client("payroll"), "2200700", before));
        assert!(!one.lets(&client("another"), "2200700", before));
        assert!(!one.lets(&client("payroll"), "2201700", before));
        assert!(!one.lets(&client("payroll"), "2200700", end));
        one.status = DelegationStatus::Paused { since: before };
        assert!(!one.is_in_force(before) && one.is_standing(before) && !one.is_standing(end));
        assert_eq!(one.standing(&client("payroll"), "2200700", before), Standing::Paused);
        assert_eq!(one.standing(&client("payroll"), "2200700", end), Standing::Over);
        assert_eq!(one.standing(&client("another"), "2200700", before), Standing::Over);
        assert!(named(&["*"]).unwrap().hold(&named(&["a", "b"]).unwrap()));
        assert!(!named(&["a"]).unwrap().hold(&named(&["*"]).unwrap()));
        one.status = DelegationStatus::Ended { at: before, by: RepresentationEnd::Principal };
        assert!(!one.is_standing(before));
        assert!(!one.lets(&client("payroll"), "2200700", before));
    }
}
