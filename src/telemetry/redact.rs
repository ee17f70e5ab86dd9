//! The last line of defence: takes out of a log line what looks like a token or a 個人番号.

use std::borrow::Cow;

/// Characters of JOSE, base64url and our identifiers; a run of them is looked at as one word.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=')
}

/// From this many characters on, a run without a separator is taken for a token (handles have 43).
const LONG: usize = 40;

/// Digits of an Individual Number (個人番号).
const INDIVIDUAL_NUMBER: usize = 12;

/// `line` without what looks like a secret: JWTs, runs of forty characters and more that mix letters and digits, and
/// bare runs of twelve digits. What is taken out is named in brackets.
#[must_use]
pub fn redact(line: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let Some(start) = rest.find(is_word) else { break };
        let word_on = rest.get(start..).unwrap_or_default();
        let length = word_on.find(|c| !is_word(c)).unwrap_or(word_on.len());
        let word = word_on.get(..length).unwrap_or_default();
        if let Some(name) = suspect(word) {
            let kept = out.get_or_insert_with(|| line.get(..at).unwrap_or_default().to_owned());
            kept.push_str(rest.get(..start).unwrap_or_default());
            kept.push_str(name);
        } else if let Some(kept) = out.as_mut() {
            kept.push_str(rest.get(..start + length).unwrap_or_default());
        }
        at += start + length;
    }
    match out {
        Some(mut kept) => {
            kept.push_str(line.get(at..).unwrap_or_default());
            Cow::Owned(kept)
        }
        None => Cow::Borrowed(line),
    }
}

fn suspect(word: &str) -> Option<&'static str> {
    let bare = word.trim_matches(['.', '-', '/', '=']);
    let is_number = |part: &str| part.len() == INDIVIDUAL_NUMBER && part.bytes().all(|b| b.is_ascii_digit());
    if bare.starts_with("eyJ") && bare.len() >= 16 {
        return Some("[jwt]");
    }
    if bare.split(['.', '/', '=']).any(is_number) {
        return Some("[number]");
    }
    // A path is many short pieces; a token is one long one.
    bare.split(['/', '.', '=']).any(is_token).then_some("[token]")
}

fn is_token(piece: &str) -> bool {
    let has = |test: fn(&u8) -> bool| piece.as_bytes().iter().any(test);
    piece.len() >= LONG && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_taken_out() {
        let handle = "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A";
        for (line, want) in [
            (format!("code={handle} refused"), "[token] refused".to_owned()),
            ("token eyJhbGciOiJFUzI1NiJ9.e30.abc!".into(), "token [jwt]!".into()),
            ("number 123456789012, seen".into(), "number [number], seen".into()),
            (format!("GET /x/{handle}/y"), "GET [token]".into()),
        ] {
            assert_eq!(redact(&line), want, "{line}");
        }
    }

    #[test]
    fn what_is_needed_stays() {
        for line in [
            "2026-11-21T12:00:00.123456Z INFO data_set=TM00000000000002 grant.id=g_AAAAAAAAAAAAAAAAAAAAAA",
            "route /v1/self-information-requests/{id} 1400 us 日本語の行",
            "corporate number 7000012050002",
            "this-is-a-long-name-of-a-rule-that-holds-no-digits-at-all",
            "",
        ] {
            assert!(matches!(redact(line), Cow::Borrowed(_)), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_comes_through_and_no_jwt_does(line in "\\PC{0,200}") {
            let _ = redact(&line);
            let with_token = format!("{line} eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln");
            proptest::prop_assert!(!redact(&with_token).contains("eyJzdWIiOiJ4In0"));
        }
    }
}
