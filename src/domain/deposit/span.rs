//! Ranges of bytes (RFC 9110 §14).

use super::PIECE;

/// Some bytes of something, both ends included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSpan {
    first: u64,
    last: u64,
}

/// A range that begins after the end (RFC 9110 §15.5.17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsatisfiable;

impl ByteSpan {
    /// All of what is `size` bytes large; none of nothing.
    #[must_use]
    pub fn whole(size: u64) -> Option<Self> {
        Self::of(0, size.checked_sub(1)?)
    }

    /// From the first to the last byte; none when they are the other way round.
    #[must_use]
    pub fn of(first: u64, last: u64) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// Reads a `Range` field for what is `size` bytes large. None when it is to be passed over: another unit, several
    /// ranges, or not well formed (RFC 9110 §14.2 lets a server pass any of them over).
    ///
    /// # Errors
    /// [`Unsatisfiable`].
    pub fn read(field: &str, size: u64) -> Result<Option<Self>, Unsatisfiable> {
        let Some((unit, set)) = field.split_once('=') else { return Ok(None) };
        let Some((first, last)) = set.trim().split_once('-') else { return Ok(None) };
        if !unit.trim().eq_ignore_ascii_case("bytes") || [first, last].iter().any(|text| !is_number(text)) {
            return Ok(None);
        }
        // What has more digits than fit is further than any end.
        let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
        let end = size.checked_sub(1).ok_or(Unsatisfiable)?;
        match (first, last) {
            ("", "") => Ok(None),
            ("", suffix) if number(suffix) == 0 => Err(Unsatisfiable),
            ("", suffix) => Ok(Self::of(size.saturating_sub(number(suffix)), end)),
            (first, _) if number(first) > end && (last.is_empty() || number(last) >= number(first)) => {
                Err(Unsatisfiable)
            }
            (first, "") => Ok(Self::of(number(first), end)),
            (first, last) if number(last) < number(first) => Ok(None),
            (first, last) => Ok(Self::of(number(first), number(last).min(end))),
        }
    }

    /// The first byte.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The last byte.
    #[must_use]
    pub const fn last(self) -> u64 {
        self.last
    }

    /// How many bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// Never: there is always a byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }

    /// The numbers of the first and of the last piece that hold some of it.
    #[must_use]
    pub const fn pieces(self) -> (u64, u64) {
        (self.first / PIECE, self.last / PIECE)
    }

    /// Where the piece with this number is, in what is `size` bytes large; none when there is none such.
    #[must_use]
    pub fn of_piece(number: u64, size: u64) -> Option<Self> {
        let first = number.checked_mul(PIECE)?;
        let last = first.checked_add(PIECE - 1)?.min(size.checked_sub(1)?);
        Self::of(first, last)
    }

    /// Which bytes of the piece with this number belong to it: from, and up to but without.
    #[must_use]
    pub fn within(self, number: u64) -> std::ops::Range<usize> {
        let start = number.saturating_mul(PIECE);
        let place = |byte: u64| usize::try_from(byte.saturating_sub(start).min(PIECE)).unwrap_or(usize::MAX);
        place(self.first)..place(self.last.saturating_add(1))
    }
}

fn is_number(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_digit())
}
