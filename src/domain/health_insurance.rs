//! The health insurance card on the Individual Number Card (健康保険証利用の初期設定): that オンライン資格確認 may know a citizen by their card.
//!
//! none → registered → none, or registered again with another card. Kept here is by which card, and since when; the insured
//! number (被保険者番号) goes from the insurer to the qualification system within one call, and is kept nowhere.

use super::grant::Grant;
use super::ids::SubjectId;
use super::scope::Scope;
use super::secret::Secret;
use super::subject::Subject;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most bytes of a serial number (RFC 5280 §4.1.2.2).
const BYTES: usize = 20;

/// The serial number of a 利用者証明用電子証明書: which card somebody was recognised by.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateSerial([u8; BYTES]);

/// A text that is no serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 40 hexadecimal digits, and not zero")]
pub struct InvalidSerial;

impl CertificateSerial {
    /// Reads one: hexadecimal, without sign or prefix.
    ///
    /// # Errors
    /// [`InvalidSerial`].
    pub fn parse(text: &str) -> Result<Self, InvalidSerial> {
        if !(1..=BYTES * 2).contains(&text.len()) {
            return Err(InvalidSerial);
        }
        let mut bytes = [0_u8; BYTES];
        for (place, digit) in text.bytes().rev().enumerate() {
            let value =
                char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).ok_or(InvalidSerial)?;
            let byte = bytes.iter_mut().rev().nth(place / 2).ok_or(InvalidSerial)?;
            *byte |= if place % 2 == 0 { value } else { value << 4 };
        }
        if bytes == [0; BYTES] { Err(InvalidSerial) } else { Ok(Self(bytes)) }
    }

    /// As it is written, for the qualification system and for nobody else.
    #[must_use]
    pub fn expose(&self) -> String {
        let halves = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits: String = halves.filter_map(|half| char::from_digit(half.into(), 16)).collect();
        digits.trim_start_matches('0').to_ascii_uppercase()
    }
}

impl fmt::Debug for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[certificate serial]")
    }
}

impl TryFrom<String> for CertificateSerial {
    type Error = InvalidSerial;
    fn try_from(text: String) -> Result<Self, InvalidSerial> {
        Self::parse(&text)
    }
}

impl From<CertificateSerial> for String {
    fn from(serial: CertificateSerial) -> Self {
        serial.expose()
    }
}

/// By what an insurer knows somebody (被保険者番号等). It is handed on, and neither kept nor shown.
#[derive(Clone, Debug)]
pub struct InsuredNumber {
    /// 保険者番号: six or eight digits.
    pub insurer: Secret<String>,
    /// 被保険者証の記号, where there is one.
    pub symbol: Option<Secret<String>>,
    /// 被保険者証の番号.
    pub number: Secret<String>,
    /// 枝番: two digits.
    pub branch: Secret<String>,
}

impl InsuredNumber {
    /// Of what an insurer answered; none where a part is not of its form.
    #[must_use]
    pub fn of(insurer: String, symbol: Option<String>, number: String, branch: String) -> Option<Self> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_text = |text: &str| (1..=20).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        let is_insurer = matches!(insurer.len(), 6 | 8) && digits(&insurer);
        let is_good = is_insurer && is_text(&number) && symbol.as_deref().is_none_or(is_text);
        (is_good && branch.len() == 2 && digits(&branch)).then(|| Self {
            insurer: Secret::new(insurer),
            symbol: symbol.map(Secret::new),
            number: Secret::new(number),
            branch: Secret::new(branch),
        })
    }
}

/// That a citizen's card can be shown where a health insurance card is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuranceRegistration {
    /// By which card.
    pub certificate: CertificateSerial,
    /// Since when.
    pub registered_at: Timestamp,
}

/// That one caller, until `until`, and nobody else changes a citizen's registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsuranceLease {
    /// Whose.
    pub subject: SubjectId,
    /// Which turn it is.
    pub turn: i64,
    /// What is registered.
    pub registered: Option<InsuranceRegistration>,
}

/// That a registration may be asked for and changed: proof that its person agreed themselves.
#[derive(Clone, Debug)]
pub struct InsuranceClearance {
    subject: SubjectId,
    certificate: Option<CertificateSerial>,
}

impl InsuranceClearance {
    /// Under a grant with the scope, in force at `now`; none otherwise, and none where somebody else decided for the person.
    #[must_use]
    pub fn under(grant: &Grant, now: Timestamp) -> Option<Self> {
        let may = grant.scope.has(Scope::HealthInsurance) && grant.is_in_force(now) && grant.acting.is_none();
        let certificate = grant.authentication.and_then(|by| by.certificate);
        grant.subject.clone().filter(|_| may).map(|subject| Self { subject, certificate })
    }

    /// The person themselves, at the counter's own pages.
    #[must_use]
    pub const fn of_oneself(subject: SubjectId) -> Self {
        Self { subject, certificate: None }
    }

    /// Whose.
    #[must_use]
    pub const fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// By which card they were recognised when they agreed, where the identity provider told.
    #[must_use]
    pub const fn certificate(&self) -> Option<CertificateSerial> {
        self.certificate
    }
}

/// Whom a call to the insurers or to the qualification system is about: the very person of a clearance.
#[derive(Clone, Copy, Debug)]
pub struct Insured<'a> {
    person: &'a Subject,
}

impl<'a> Insured<'a> {
    /// The person of a clearance, as found; none where it is somebody else.
    #[must_use]
    pub fn of(clearance: &InsuranceClearance, person: &'a Subject) -> Option<Self> {
        (clearance.subject == person.id).then_some(Self { person })
    }

    /// How they are named there.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.person.account.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_a_number_whatever_its_letters_and_zeros() {
        let one = CertificateSerial::parse("00a1B2").unwrap();
        assert_eq!(one.expose(), "A1B2");
        assert_eq!(one, CertificateSerial::parse("A1B2").unwrap());
        let longest = "F".repeat(40);
        assert_eq!(CertificateSerial::parse(&longest).unwrap().expose(), longest);
        let longer = "F".repeat(41);
        for wrong in ["", "0", "0000", "-1", "+1", "0x1", "1 2", "é", longer.as_str()] {
            assert!(CertificateSerial::parse(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{one:?}").contains("A1B2"));
        let kept = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<CertificateSerial>(&kept).unwrap(), one);
    }

    #[test]
    fn an_insured_number_is_of_its_form_or_none() {
        let of = |insurer: &str, symbol: Option<&str>, number: &str, branch: &str| {
            InsuredNumber::of(insurer.into(), symbol.map(Into::into), number.into(), branch.into())
        };
        assert!(of("06139991", Some("見本"), "2044", "01").is_some());
        assert!(of("138123", None, "12-345", "00").is_some());
        let whole = of("06139991", Some("見本"), "2044", "01").unwrap();
        assert!(!format!("{whole:?}").contains("2044"));
        let long = "1".repeat(21);
        for (insurer, symbol, number, branch) in [
            ("0613999", None, "1", "00"),
            ("0613999x", None, "1", "00"),
            ("06139991", Some(""), "1", "00"),
            ("06139991", None, "", "00"),
            ("06139991", None, long.as_str(), "00"),
            ("06139991", None, "1\n", "00"),
            ("06139991", None, "1", "0"),
            ("06139991", None, "1", "0a"),
        ] {
            assert!(of(insurer, symbol, number, branch).is_none(), "{insurer} {symbol:?} {number} {branch}");
        }
    }
}
