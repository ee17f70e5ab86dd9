//! `Accept` (RFC 9110 §12.5.1): which of some media types a caller likes best.

use crate::domain::Refusal;
use actix_web::http::header::{ACCEPT, HeaderMap};

/// The one that is liked best, the first of those that are liked alike. Ranges that are malformed are passed over; where
/// none is left, the first of all will do.
///
/// # Errors
/// `not_acceptable` when none is wanted.
pub(super) fn best<'t, const N: usize>(headers: &HeaderMap, types: [&'t str; N]) -> Result<&'t str, Refusal> {
    let fields = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = fields.flat_map(|field| field.split(',')).filter_map(Range::parse).collect();
    let weighed = types.into_iter().map(|media_type| match ranges.as_slice() {
        [] => (media_type, 1000),
        ranges => (media_type, weight(ranges, media_type)),
    });
    // Of those that weigh the same, `max_by_key` gives the last.
    let best = weighed.rev().max_by_key(|(_, weight)| *weight).filter(|(_, weight)| *weight > 0);
    best.map(|(media_type, _)| media_type).ok_or_else(|| {
        let words = format!("Answers are given as {}.", types.join(" or as "));
        Refusal::new("not_acceptable", words).at("Accept")
    })
}

/// One media range with its weight in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let is_token = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        if !is_token(kind) || !is_token(subtype) || (kind == "*" && subtype != "*") {
            return None;
        }
        let given = parts.filter_map(|part| part.split_once('='));
        let mut weights = given.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = weights.next().map_or(Some(1000), |(_, value)| thousandths(value.trim()))?;
        Some(Self { kind, subtype, weight })
    }

    /// How exactly it names a media type; not at all when absent.
    fn fits(&self, wanted: &str) -> Option<u8> {
        let (kind, subtype) = wanted.split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, name) if own.eq_ignore_ascii_case(kind) && name.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// The most exact range counts (RFC 9110 §12.5.1).
fn weight(ranges: &[Range<'_>], media_type: &str) -> u16 {
    let fitting = ranges.iter().filter_map(|range| Some((range.fits(media_type)?, range.weight)));
    fitting.max_by_key(|(exactness, _)| *exactness).map_or(0, |(_, weight)| weight)
}

/// A weight (RFC 9110 §12.4.2): `0` to `1` with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn accept_is_read_as_rfc_9110_says() {
        const JSON: &str = "application/json";
        const JOSE: &str = "application/jose";
        for (fields, expected) in [
            (vec![], Ok(JSON)),
            (vec![""], Ok(JSON)),
            (vec!["*/*"], Ok(JSON)),
            (vec!["application/*"], Ok(JSON)),
            (vec!["application/json"], Ok(JSON)),
            (vec!["application/json; charset=utf-8"], Ok(JSON)),
            (vec!["application/jose"], Ok(JOSE)),
            (vec!["Application/JOSE"], Ok(JOSE)),
            (vec!["application/jose, application/problem+json"], Ok(JOSE)),
            (vec!["application/problem+json", "application/jose;q=0.1"], Ok(JOSE)),
            (vec!["application/json, application/jose"], Ok(JSON)),
            (vec!["application/json;q=0.5, application/jose"], Ok(JOSE)),
            (vec!["application/json;q=0.5, application/jose;q=0.499"], Ok(JSON)),
            (vec!["*/*;q=0.1, application/jose"], Ok(JOSE)),
            (vec!["*/*, application/json;q=0"], Ok(JOSE)),
            (vec!["*/*, application/json;q=0, application/jose;q=0.000"], Err(())),
            (vec!["text/html"], Err(())),
            (vec!["application/jwt"], Err(())),
            (vec!["application/jose;q=0"], Err(())),
            (vec!["nonsense", "a/b/c", "*/json", "application/jose;q=2", "application/jose;q=0.1234"], Ok(JSON)),
        ] {
            let mut map = HeaderMap::new();
            for field in &fields {
                map.append(ACCEPT, HeaderValue::from_str(field).unwrap());
            }
            let told = best(&map, [JSON, JOSE]).map_err(|refusal| assert_eq!(refusal.code, "not_acceptable"));
            assert_eq!(told, expected, "{fields:?}");
        }
    }
}
