//! What a provider of the gBizID shape tells besides `profile`: who was checked how (`jp_gbizid_v1_ida`), the account's role in
//! its company (`role`), and which companies gave it a mandate, for what (`mandate`, `delegation_info`).
//!
//! Publicly known are the scopes and the words for levels, procedures, permissions and roles; where they stand in the answer is
//! not: `verified_claims` follows OpenID Connect for Identity Assurance, the other members are named like their scopes. What is
//! asked for must come, reads strictly, and must not contradict anything else that was told: else nobody comes in.

use super::company::AccountRank;
use super::discovery::malformed;
use super::error::{IdentityError, IdentityErrorKind};
use crate::domain::company_scope::CompanyScope;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::delegation::Procedures;
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The framework that vouches for verified claims.
const FRAMEWORK: &str = "jp_gbizid_v1";
/// Most mandates of one account, and most procedures that they name together.
const MOST_MANDATES: usize = 50;
const MOST_PROCEDURES: usize = 500;
/// Most levels of an organisation, and most characters of one.
const MOST_LEVELS: usize = 10;
const LONGEST_LEVEL: usize = 100;
/// Most characters of a company's name that are shown.
const LONGEST_NAME: usize = 150;

/// That another company gave the account's company a mandate at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// Which.
    pub company: CorporateNumber,
    /// Its name.
    pub name: String,
    /// The last day.
    pub until: NaiveDate,
    /// Which procedures it covers; none where the provider does not say.
    pub procedures: Option<Procedures>,
}

/// The members of userinfo that these scopes open, as they came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "`verified_claims` is the member's own name")]
pub(super) struct Claims {
    #[serde(default)]
    pub mandate: Value,
    #[serde(default)]
    pub role: Value,
    #[serde(default)]
    pub delegation_info: Value,
    #[serde(default)]
    pub verified_claims: Value,
}

/// What `profile` says, and on which day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profiled<'a> {
    pub number: Option<&'a CorporateNumber>,
    pub rank: AccountRank,
    pub today: NaiveDate,
}

#[derive(Deserialize)]
struct Verified {
    verification: Verification,
    claims: VerifiedCompany,
}

#[derive(Deserialize)]
struct Verification {
    trust_framework: String,
    assurance_level: Level,
    assurance_process: Process,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ial1,
    Ial2,
}

#[derive(Deserialize)]
struct Process {
    procedure: Checked,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Checked {
    Document,
    Online,
    OneStop,
}

#[derive(Deserialize)]
struct VerifiedCompany {
    corporate_number: Option<CorporateNumber>,
    authority: Option<Authority>,
}

#[derive(Deserialize)]
struct Authority {
    permission: Permission,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Permission {
    Prime,
    Member,
}

#[derive(Deserialize)]
struct Role {
    levels: Vec<String>,
    permission: RolePermission,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum RolePermission {
    #[serde(rename = "jp_gbizid_prime")]
    Prime,
    #[serde(rename = "jp_gbizid_administrator")]
    Administrator,
    #[serde(rename = "jp_gbizid_member")]
    Member,
}

#[derive(Deserialize)]
struct RawMandate {
    corporate_number: CorporateNumber,
    name: String,
    from: String,
    until: String,
}

#[derive(Deserialize)]
struct Covered {
    corporate_number: CorporateNumber,
    procedures: Procedures,
}

fn contradicts(detail: &str) -> IdentityError {
    IdentityError::new(IdentityErrorKind::Contradictory, detail)
}

/// A member, read; its own words never reach the log.
fn read<T: DeserializeOwned>(value: &Value, detail: &str) -> Result<T, IdentityError> {
    T::deserialize(value).map_err(|_| malformed(detail))
}

/// A company's name as it is shown.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// What the account may do for its company, by everything that was told of it.
pub(super) fn rank(asked: &[CompanyScope], claims: &Claims, told: Profiled<'_>) -> Result<AccountRank, IdentityError> {
    if asked.contains(&CompanyScope::Role) {
        check_role(&claims.role, told.rank)?;
    }
    if asked.contains(&CompanyScope::VerifiedClaims) { verified(&claims.verified_claims, told) } else { Ok(told.rank) }
}

fn check_role(role: &Value, rank: AccountRank) -> Result<(), IdentityError> {
    // An account that nobody checked has none.
    if rank == AccountRank::Entry {
        return if role.is_null() { Ok(()) } else { Err(contradicts("an entry account with a role")) };
    }
    let role: Role = read(role, "role does not read")?;
    let is_short = |level: &String| (1..=LONGEST_LEVEL).contains(&level.chars().count());
    if role.levels.len() > MOST_LEVELS || !role.levels.iter().all(is_short) {
        return Err(malformed("role's levels do not read"));
    }
    match (rank, role.permission) {
        (AccountRank::Prime, RolePermission::Prime)
        | (AccountRank::Member, RolePermission::Administrator | RolePermission::Member) => Ok(()),
        _ => Err(contradicts("role is not account_type's")),
    }
}

/// Whoever was not checked surely enough is as if nobody had checked them.
fn verified(value: &Value, told: Profiled<'_>) -> Result<AccountRank, IdentityError> {
    let verified: Verified = read(value, "verified_claims does not read")?;
    if verified.verification.trust_framework != FRAMEWORK {
        return Err(malformed("verified_claims is of another trust framework"));
    }
    match verified.verification.assurance_process.procedure {
        // Each way counts alike; another word is none that is known.
        Checked::Document | Checked::Online | Checked::OneStop => {}
    }
    if verified.claims.corporate_number.as_ref() != told.number {
        return Err(contradicts("verified_claims is about another company than profile"));
    }
    let permission = verified.claims.authority.map(|authority| authority.permission);
    match (told.rank, permission) {
        (AccountRank::Entry, None)
        | (AccountRank::Prime, Some(Permission::Prime))
        | (AccountRank::Member, Some(Permission::Member)) => {}
        _ => return Err(contradicts("authority is not account_type's")),
    }
    Ok(if verified.verification.assurance_level == Level::Ial2 { told.rank } else { AccountRank::Entry })
}

/// The mandates that are in force.
pub(super) fn mandates(
    asked: &[CompanyScope],
    claims: &Claims,
    told: Profiled<'_>,
) -> Result<Vec<Mandate>, IdentityError> {
    if !asked.contains(&CompanyScope::Mandate) {
        return Ok(Vec::new());
    }
    let raw: Vec<RawMandate> = read(&claims.mandate, "mandate does not read")?;
    let covered: Vec<Covered> = if asked.contains(&CompanyScope::DelegationInfo) {
        read(&claims.delegation_info, "delegation_info does not read")?
    } else {
        Vec::new()
    };
    let named: usize = covered.iter().map(|one| one.procedures.names().len()).sum();
    if raw.len() > MOST_MANDATES || covered.len() > MOST_MANDATES || named > MOST_PROCEDURES {
        return Err(malformed("more mandates than are read"));
    }
    if has_twice(raw.iter().map(|one| &one.corporate_number))
        || has_twice(covered.iter().map(|one| &one.corporate_number))
    {
        return Err(contradicts("two mandates of one company"));
    }
    if covered.iter().any(|one| raw.iter().all(|known| known.corporate_number != one.corporate_number)) {
        return Err(contradicts("delegation_info names a company without a mandate"));
    }
    let mut found = Vec::with_capacity(raw.len());
    for one in raw {
        let (from, until) = (day(&one.from)?, day(&one.until)?);
        if until < from || Some(&one.corporate_number) == told.number {
            return Err(contradicts("a mandate that ends before it begins, or of the company to itself"));
        }
        let own = covered.iter().find(|known| known.corporate_number == one.corporate_number);
        if (from..=until).contains(&told.today) {
            let procedures = own.map(|own| own.procedures.clone());
            found.push(Mandate { company: one.corporate_number, name: shown(&one.name), until, procedures });
        }
    }
    Ok(found)
}

fn has_twice<'a>(numbers: impl Iterator<Item = &'a CorporateNumber>) -> bool {
    let mut all: Vec<&str> = numbers.map(CorporateNumber::as_str).collect();
    all.sort_unstable();
    all.windows(2).any(|pair| matches!(pair, [one, next] if one == next))
}

/// A day of eight digits.
fn day(text: &str) -> Result<NaiveDate, IdentityError> {
    let is_good = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| is_good);
    day.ok_or_else(|| malformed("a mandate's day does not read"))
}

#[cfg(test)]
mod tests;
