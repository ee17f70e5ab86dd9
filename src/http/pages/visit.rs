//! Who is looking at a page, as far as the request tells: the language they read and the cookies of ours they keep.

use super::Pages;
use crate::domain::decoupled::UserCode;
use crate::domain::ids::DraftId;
use crate::domain::{BrowserSecret, Lang};
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{Uri, header};
use url::form_urlencoded;

/// The cookie that remembers the language.
const LANGUAGE_COOKIE: &str = "madoguchi_lang";
/// The cookie with the browser's secret.
const INTERACTION_COOKIE: &str = "madoguchi_interaction";
/// The cookie that keeps a terminal's code over the sign-in, where it came in the address.
const CODE_COOKIE: &str = "madoguchi_code";
/// The cookie that keeps which draft somebody wanted to look at, over the sign-in.
const DRAFT_COOKIE: &str = "madoguchi_draft";
/// The cookie that says that others use this browser afterwards.
const SHARED_COOKIE: &str = "madoguchi_shared";
/// The cookie of a signed-in citizen.
const SESSION_COOKIE: &str = "madoguchi_session";
/// The cookie of one sign-in of a company, until it is back from its provider.
const COMPANY_SIGN_IN_COOKIE: &str = "madoguchi_company_sign_in";
/// The cookie of a signed-in company.
const COMPANY_COOKIE: &str = "madoguchi_company";

/// One page load.
#[derive(Debug)]
pub struct Visit {
    /// The language to answer in.
    pub lang: Lang,
    /// The language that the citizen chose, now or before; not what their browser merely prefers.
    pub chosen: Option<Lang>,
    /// Whether they chose it with this very request.
    pub is_chosen_now: bool,
    /// The browser's secret, if it keeps one.
    pub browser: Option<BrowserSecret>,
    /// The session's secret, if it keeps one.
    pub session: Option<BrowserSecret>,
    /// The secret of a company's sign-in, if it keeps one.
    pub company_sign_in: Option<BrowserSecret>,
    /// The secret of a company's session, if it keeps one.
    pub company: Option<BrowserSecret>,
    /// A terminal's code that came in an address before the sign-in.
    pub user_code: Option<String>,
    /// The draft of an application that somebody wanted to look at before the sign-in.
    pub draft: Option<DraftId>,
    /// Whether others use this browser afterwards, as the citizen or their terminal said.
    pub is_shared: bool,
    /// This page's address in the other language, where a second GET of it is harmless.
    pub switch: Option<String>,
}

impl Visit {
    /// Reads a request.
    #[must_use]
    pub fn of(request: &HttpRequest, pages: &Pages) -> Self {
        let now = query_lang(request.query_string());
        let cookie = |name: &str| request.cookie(&pages.cookie_name(name)).map(|cookie| cookie.value().to_owned());
        let chosen = now.or_else(|| request.cookie(LANGUAGE_COOKIE).and_then(|cookie| lang(cookie.value())));
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let lang = chosen.or_else(|| accepted.and_then(accepted_lang)).unwrap_or_default();
        let switch = (request.method() == actix_web::http::Method::GET).then(|| switch_to(other(lang), request.uri()));
        Self {
            lang,
            chosen,
            is_chosen_now: now.is_some(),
            browser: cookie(INTERACTION_COOKIE).and_then(|text| BrowserSecret::parse(&text)),
            session: cookie(SESSION_COOKIE).and_then(|text| BrowserSecret::parse(&text)),
            company_sign_in: cookie(COMPANY_SIGN_IN_COOKIE).and_then(|text| BrowserSecret::parse(&text)),
            company: cookie(COMPANY_COOKIE).and_then(|text| BrowserSecret::parse(&text)),
            draft: cookie(DRAFT_COOKIE).and_then(|text| DraftId::parse(&text).ok()),
            is_shared: cookie(SHARED_COOKIE).is_some_and(|text| text == "1"),
            user_code: cookie(CODE_COOKIE).filter(|code| !code.is_empty()),
            switch,
        }
    }
}

impl Pages {
    /// `__Host-` keeps other hosts of the same domain from planting the cookie (RFC 6265bis §4.1.3.2); it needs https.
    fn cookie_name(&self, name: &str) -> String {
        if self.is_https { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn cookie(&self, name: &str, value: String) -> Cookie<'static> {
        Cookie::build(self.cookie_name(name), value)
            .path("/")
            .http_only(true)
            .secure(self.is_https)
            // Lax: the way back from the provider is a top-level GET from another site.
            .same_site(SameSite::Lax)
            .finish()
    }

    /// The cookie with the browser's secret; it ends with the browser.
    pub(super) fn browser_cookie(&self, secret: &BrowserSecret) -> Cookie<'static> {
        self.cookie(INTERACTION_COOKIE, secret.cookie_value())
    }

    /// Takes it away: nothing that this browser began can be continued.
    pub(super) fn no_browser_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(INTERACTION_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie with a terminal's code, as it is shown; it ends with the browser.
    pub(super) fn code_cookie(&self, code: &UserCode) -> Cookie<'static> {
        self.cookie(CODE_COOKIE, code.to_string())
    }

    /// Takes it away.
    pub(super) fn no_code_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(CODE_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie with the draft that somebody wanted to look at; it ends with the browser.
    pub(super) fn draft_cookie(&self, id: &DraftId) -> Cookie<'static> {
        self.cookie(DRAFT_COOKIE, id.to_string())
    }

    /// Takes it away.
    pub(super) fn no_draft_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(DRAFT_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie of a browser that others use afterwards; it ends with the browser.
    pub(super) fn shared_cookie(&self) -> Cookie<'static> {
        self.cookie(SHARED_COOKIE, "1".to_owned())
    }

    /// Takes it away.
    pub(super) fn no_shared_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(SHARED_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie of a session.
    pub(super) fn session_cookie(&self, secret: &BrowserSecret) -> Cookie<'static> {
        self.cookie(SESSION_COOKIE, secret.cookie_value())
    }

    /// Takes the session's cookie away.
    pub(super) fn no_session_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(SESSION_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie of a company's sign-in; it ends with the browser.
    pub(super) fn company_sign_in_cookie(&self, secret: &BrowserSecret) -> Cookie<'static> {
        self.cookie(COMPANY_SIGN_IN_COOKIE, secret.cookie_value())
    }

    /// Takes it away: a sign-in comes back once.
    pub(super) fn no_company_sign_in_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(COMPANY_SIGN_IN_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie of a company's session.
    pub(super) fn company_cookie(&self, secret: &BrowserSecret) -> Cookie<'static> {
        self.cookie(COMPANY_COOKIE, secret.cookie_value())
    }

    /// Takes it away.
    pub(super) fn no_company_cookie(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(COMPANY_COOKIE, String::new());
        cookie.make_removal();
        cookie
    }

    /// The cookie that remembers the language for a year; it tells nothing else.
    pub(super) fn language_cookie(&self, lang: Lang) -> Cookie<'static> {
        Cookie::build(LANGUAGE_COOKIE, lang.tag())
            .path("/")
            .max_age(actix_web::cookie::time::Duration::days(365))
            .http_only(true)
            .secure(self.is_https)
            .same_site(SameSite::Lax)
            .finish()
    }
}

/// The other language.
#[must_use]
pub const fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    }
}

fn lang(text: &str) -> Option<Lang> {
    match text {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        _ => None,
    }
}

fn query_lang(query: &str) -> Option<Lang> {
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang").and_then(|(_, value)| lang(&value))
}

fn switch_to(to: Lang, here: &Uri) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("lang", to.tag());
    let kept = form_urlencoded::parse(here.query().unwrap_or_default().as_bytes()).filter(|(name, _)| name != "lang");
    query.extend_pairs(kept);
    format!("{}?{}", here.path(), query.finish())
}

/// The language of ours that an `Accept-Language` (RFC 9110 §12.5.4) likes best. Someone who likes neither reads
/// English sooner than Japanese; someone who says nothing is in Japan.
pub(in crate::http) fn accepted_lang(value: &str) -> Option<Lang> {
    let mut best: Option<(u16, Lang)> = None;
    let mut is_any = false;
    for range in value.split(',').take(32) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(Some(1000), weight)?;
        is_any |= !tag.is_empty() && weight > 0;
        let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(found) = lang(&primary)
            && weight > 0
            && best.is_none_or(|(most, _)| weight > most)
        {
            best = Some((weight, found));
        }
    }
    best.map(|(_, lang)| lang).or((is_any && !value.contains('*')).then_some(Lang::En))
}

/// A quality value (RFC 9110 §12.4.2) in thousandths.
fn weight(text: &str) -> Option<u16> {
    let value: f32 = text.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 fits")]
    (0.0..=1.0).contains(&value).then(|| (value * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_of_ours_wins() {
        let cases = [
            ("ja", Some(Lang::Ja)),
            ("en-US,en;q=0.9", Some(Lang::En)),
            ("ja-JP,ja;q=0.9,en;q=0.8", Some(Lang::Ja)),
            ("en;q=0.5, ja;q=0.7", Some(Lang::Ja)),
            ("fr", Some(Lang::En)),
            ("fr, ja;q=0.1", Some(Lang::Ja)),
            ("ja;q=0, fr", Some(Lang::En)),
            ("JA", Some(Lang::Ja)),
            ("*", None),
            ("", None),
            ("ja;q=high", None),
            ("jargon", Some(Lang::En)),
        ];
        for (value, wanted) in cases {
            assert_eq!(accepted_lang(value), wanted, "{value}");
        }
    }

    #[test]
    fn the_switch_keeps_the_rest_of_the_address() {
        let here: Uri = "/consent?interaction=i_1&lang=ja&x=%26".parse().unwrap();
        assert_eq!(switch_to(Lang::En, &here), "/consent?lang=en&interaction=i_1&x=%26");
        assert_eq!(query_lang("a=1&lang=en"), Some(Lang::En));
        assert_eq!(query_lang("lang=de"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_header_breaks_the_reading(value in "\\PC{0,200}") {
            let _ = accepted_lang(&value);
        }
    }
}
