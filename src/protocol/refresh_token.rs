//! The text of a refresh token: a visible prefix and a checksum, so that scanners of source code and logs find a leaked
//! one with certainty, and so that a mistyped one costs no look into the store.

use crate::domain::{Digest, Entropy, Secret};
use std::time::Duration;

/// How long one may be left unused (RFC 9700 §4.14.2); it never outlives its grant.
pub const IDLE: Duration = Duration::from_hours(90 * 24);
/// Its time begins anew by a use at least that much after it last did, so that a busy client costs one write a day.
pub const RENEWED_AFTER: Duration = Duration::from_hours(24);

/// What every refresh token begins with.
pub const PREFIX: &str = "mgrt_";
/// Characters of the checksum.
const CHECKSUM: usize = 6;
/// Characters of chance: 256 bits as base64url.
const RANDOM: usize = 43;

/// A new one: prefix, 256 bits of chance, checksum.
#[must_use]
pub fn generate(entropy: &dyn Entropy) -> Secret<String> {
    marked(PREFIX, entropy)
}

/// Whether `text` could be one of ours; nothing more is said about it.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    is_marked(PREFIX, text)
}

/// A new token of another kind, in the same form.
pub(super) fn marked(prefix: &str, entropy: &dyn Entropy) -> Secret<String> {
    let random = entropy.handle();
    let checksum = checksum(prefix, &random);
    Secret::new(format!("{prefix}{random}{checksum}"))
}

/// Whether `text` is of that form.
pub(super) fn is_marked(prefix: &str, text: &str) -> bool {
    let rest = text.strip_prefix(prefix).filter(|rest| rest.len() == RANDOM + CHECKSUM);
    rest.and_then(|rest| rest.split_at_checked(RANDOM)).is_some_and(|(random, sum)| checksum(prefix, random) == sum)
}

fn checksum(prefix: &str, random: &str) -> String {
    let mut sum = Digest::of(&format!("{prefix}{random}")).base64url();
    sum.truncate(CHECKSUM);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SystemEntropy;

    #[test]
    fn a_token_is_long_visible_and_checked() {
        let token = generate(&SystemEntropy);
        let text = token.expose();
        assert!(text.starts_with(PREFIX));
        assert_eq!(text.len(), 5 + 43 + 6);
        assert!(is_well_formed(text));
        let mistyped = text.replacen(&text[10..11], if &text[10..11] == "A" { "B" } else { "A" }, 1);
        for bad in ["", "mgrt_", &text[1..], &format!("{text}A"), &mistyped, &"é".repeat(27)] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
