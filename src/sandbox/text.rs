//! Small readings of what people type.

/// Wide digits, letters and marks (U+FF01 to U+FF5E, and the wide space) as their ASCII forms, the rest as it is: a
/// Japanese keyboard types either.
pub(super) fn half_width(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            '\u{3000}' => ' ',
            'ー' | '−' | '‐' => '-',
            _ => c,
        })
        .collect()
}

/// Whether a text is 1 to `longest` printable ASCII characters.
pub(super) fn is_printable(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_text_is_read_as_meant() {
        assert_eq!(half_width(" １０００－０００１ "), "1000-0001");
        assert_eq!(half_width("山田"), "山田");
        assert!(is_printable("a b", 3) && !is_printable("", 3) && !is_printable("é", 3) && !is_printable("abcd", 3));
    }
}
