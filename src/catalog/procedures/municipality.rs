//! 全国地方公共団体コード: the six digits by which a municipality is known.

/// Whether a text is one: five digits, and the check digit of them (`11 - Σ digit × weight mod 11`, weights 6 to 2; the last
/// digit of that).
#[must_use]
pub fn is_municipality(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(10)).collect();
    let [five @ .., check] = digits.as_slice() else { return false };
    let sum: u32 = five.iter().zip((2..=6).rev()).map(|(digit, weight)| digit * weight).sum();
    // A sum below 11 is its own remainder.
    text.len() == 6 && five.len() == 5 && (11 - sum % 11) % 10 == *check
}

#[cfg(test)]
mod tests {
    use super::is_municipality;

    #[test]
    fn the_last_digit_is_the_check_digit_of_the_others() {
        for good in ["011002", "131041", "142042", "999016", "999024", "473821"] {
            assert!(is_municipality(good), "{good}");
        }
        for wrong in ["", "01100", "011003", "0110022", "01100a", "０１１００２", "-11002", "011 02"] {
            assert!(!is_municipality(wrong), "{wrong}");
        }
    }
}
