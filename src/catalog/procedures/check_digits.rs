//! Numbers whose last, or first, digit checks the others.

use crate::domain::corporate_number::CorporateNumber;
use serde::Serialize;
use utoipa::ToSchema;

/// Which rule a number's check digit follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// 個人番号, 12 digits.
    IndividualNumber,
    /// 法人番号, 13 digits.
    CorporateNumber,
    /// 保険者番号 of health insurance, 8 digits.
    InsurerNumber,
}

impl CheckDigit {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::IndividualNumber, Self::CorporateNumber, Self::InsurerNumber];

    /// The name in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IndividualNumber => "individual_number",
            Self::CorporateNumber => "corporate_number",
            Self::InsurerNumber => "insurer_number",
        }
    }

    /// How many digits the number has.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::IndividualNumber => 12,
            Self::CorporateNumber => 13,
            Self::InsurerNumber => 8,
        }
    }

    /// Whether the digits hold.
    #[must_use]
    pub fn holds(self, digits: &str) -> bool {
        match self {
            Self::IndividualNumber => is_individual_number(digits),
            Self::CorporateNumber => CorporateNumber::parse(digits).is_ok(),
            Self::InsurerNumber => is_insurer_number(digits),
        }
    }
}

/// 個人番号: of the remainder of Σ digit × weight by 11, counted from the right behind the check digit, weights 2 to 7 and
/// again 2 to 6; 11 less the remainder is the check digit, and 0 for remainders 0 and 1 (番号法施行令等に基づく総務省令第85号
/// 第五条).
fn is_individual_number(text: &str) -> bool {
    let Some((digits, check)) = split(text, 12) else { return false };
    let sum: u32 = digits.rev().zip((2..=7).chain(2..=6)).map(|(digit, weight)| digit * weight).sum();
    let rest = sum % 11;
    check == if rest <= 1 { 0 } else { 11 - rest }
}

/// 保険者番号: digits times 2 and 1 in turn from the right behind the check digit, the digits of the products summed; the
/// last digit of 10 less the sum's last.
fn is_insurer_number(text: &str) -> bool {
    let Some((digits, check)) = split(text, 8) else { return false };
    let product = |(digit, weight): (u32, u32)| (digit * weight) / 10 + (digit * weight) % 10;
    let sum: u32 = digits.rev().zip([2, 1].into_iter().cycle()).map(product).sum();
    check == (10 - sum % 10) % 10
}

/// All digits but the last, and the last.
fn split(text: &str, count: usize) -> Option<(impl DoubleEndedIterator<Item = u32> + '_, u32)> {
    let is_number = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let (digits, last) = text.split_at_checked(count - 1).filter(|_| is_number)?;
    let value = |b: u8| u32::from(b - b'0');
    Some((digits.bytes().map(value), last.bytes().next().map(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_holds_by_its_own_rule() {
        // 総務省's sample for 個人番号; 協会けんぽ東京's 保険者番号 01130012; 国税庁's own 法人番号.
        for (rule, good) in [
            (CheckDigit::IndividualNumber, "123456789018"),
            (CheckDigit::InsurerNumber, "01130012"),
            (CheckDigit::CorporateNumber, "7000012050002"),
        ] {
            assert!(rule.holds(good), "{good}");
            assert_eq!(good.len(), rule.digits());
            for place in 0..good.len() {
                let mut bad = good.as_bytes().to_vec();
                bad[place] = b'0' + (bad[place] - b'0' + 1) % 10;
                let bad = String::from_utf8(bad).unwrap();
                assert!(!rule.holds(&bad), "{bad}");
            }
            for bad in ["", "1", "見本", &good[1..], &format!("{good}0"), &good.replace('1', "１")] {
                assert!(!rule.holds(bad), "{bad}");
            }
        }
    }
}
