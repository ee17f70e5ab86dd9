//! How a page goes out: status, safety headers, cookies; and the frame that every page stands in.

use super::Pages;
use super::assets::Assets;
use super::texts::Texts;
use super::visit::Visit;
use crate::domain::Lang;
use crate::services::account::CitizenSession;
use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use url::Url;
use url::form_urlencoded::byte_serialize;

/// What every template knows: its language, its words, its frame.
pub struct Shell<'p> {
    texts: &'p Texts,
    /// The static files.
    pub assets: &'p Assets,
    /// The page's language.
    pub lang: Lang,
    /// The page's address in the other language, if it has one.
    pub switch: Option<String>,
    /// The form token of a signed-in citizen, for the sign-out button.
    pub sign_out: Option<String>,
}

impl<'p> Shell<'p> {
    /// The frame of a page.
    #[must_use]
    pub fn new(pages: &'p Pages, visit: &Visit) -> Self {
        let switch = visit.switch.clone();
        Self { texts: &pages.texts, assets: &pages.assets, lang: visit.lang, switch, sign_out: None }
    }

    /// The frame of a page for a citizen who signed in, with the button to sign out.
    #[must_use]
    pub fn signed_in(pages: &'p Pages, visit: &Visit, session: &CitizenSession) -> Self {
        Self { sign_out: Some(session.form_token()), ..Self::new(pages, visit) }
    }

    /// The page's language tag.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.lang.tag()
    }

    /// The name of a language in itself.
    #[must_use]
    pub fn own_name(tag: &str) -> &'static str {
        if tag == "ja" { "日本語" } else { "English" }
    }

    /// The text with this id.
    #[must_use]
    pub fn t(&self, id: &str) -> String {
        self.texts.get(self.lang, id, &[])
    }

    /// The words for why a step of checking a receipt ended as it did.
    #[must_use]
    pub fn reason(&self, why: &str) -> String {
        self.t(&format!("verify-why-{why}"))
    }

    /// The text with this id and one variable.
    #[must_use]
    pub fn with(&self, id: &str, name: &str, value: &str) -> String {
        self.texts.get(self.lang, id, &[(name, value)])
    }

    /// The text with this id and two variables.
    #[must_use]
    pub fn with2(&self, id: &str, one: (&str, &str), two: (&str, &str)) -> String {
        self.texts.get(self.lang, id, &[one, two])
    }

    /// The text with this id for a number.
    #[must_use]
    pub fn count(&self, id: &str, n: u32) -> String {
        self.texts.count(self.lang, id, n)
    }
}

impl Pages {
    /// A redirect as every page of ours makes it, with the header fields that every page is sent with; for looking at.
    pub(in crate::http) fn specimen(&self) -> HttpResponse {
        Reply {
            pages: self,
            status: StatusCode::OK,
            cookies: Vec::new(),
            form_targets: Vec::new(),
            has_script: false,
            is_forgetting: false,
        }
        .see_other("/")
    }
}

/// A page on its way out.
pub struct Reply<'p> {
    pages: &'p Pages,
    status: StatusCode,
    cookies: Vec<Cookie<'static>>,
    form_targets: Vec<String>,
    has_script: bool,
    is_forgetting: bool,
}

impl<'p> Reply<'p> {
    /// An answer of this status; remembers the language when the citizen chose it just now.
    #[must_use]
    pub fn new(pages: &'p Pages, visit: &Visit, status: StatusCode) -> Self {
        let cookies = if visit.is_chosen_now { vec![pages.language_cookie(visit.lang)] } else { Vec::new() };
        Self { pages, status, cookies, form_targets: Vec::new(), has_script: false, is_forgetting: false }
    }

    /// The same, setting a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The same, for a page whose form leads on to this address: browsers apply `form-action` to the redirect after
    /// a form too (CSP level 3 §6.4.1), so the address's origin must be on the list, on this page only.
    #[must_use]
    pub fn form_leads_to(mut self, address: &str) -> Self {
        let origin = Url::parse(address).ok().map(|url| url.origin().ascii_serialization());
        self.form_targets.extend(origin);
        self
    }

    /// The same, for the page whose script checks a receipt: a file of ours, which may ask our own log.
    #[must_use]
    pub fn with_script(mut self) -> Self {
        self.has_script = true;
        self
    }

    /// The same, telling the browser to forget everything of this counter (Clear Site Data §3), which takes our cookies
    /// away too. For a browser that others use afterwards only: it clears the whole registrable domain's cookies.
    #[must_use]
    pub fn forgetting(mut self) -> Self {
        self.is_forgetting = true;
        self
    }

    /// A file to keep.
    #[must_use]
    pub fn attached(self, name: &str, kind: &str, content: String) -> HttpResponse {
        let mut response = self.headed();
        response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
        response.insert_header((header::CONTENT_TYPE, kind)).body(content)
    }

    /// A file that is saved under a name of its sender's (RFC 6266 §4.3, RFC 8187), and not looked at here.
    #[must_use]
    pub fn saved(self, name: &str, bytes: Vec<u8>) -> HttpResponse {
        let name: String = byte_serialize(name.as_bytes()).collect();
        let name = name.replace('+', "%20").replace('*', "%2A");
        let mut response = self.headed();
        response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")));
        response.insert_header((header::CONTENT_TYPE, "application/octet-stream")).body(bytes)
    }

    /// The page itself.
    #[must_use]
    pub fn page(self, template: &impl Template) -> HttpResponse {
        match template.render() {
            Ok(html) => {
                let mut response = self.headed();
                response.insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(html)
            }
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                HttpResponse::InternalServerError().finish()
            }
        }
    }

    /// Nothing but a redirect; always 303, so that no form is ever sent on (FAPI 2.0 SP §5.3.2.2-10, -11).
    #[must_use]
    pub fn see_other(mut self, location: &str) -> HttpResponse {
        self.status = StatusCode::SEE_OTHER;
        let mut response = self.headed();
        response.insert_header((header::LOCATION, location)).finish()
    }

    fn headed(self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status);
        let form_action = [&["'self'".to_owned()], self.form_targets.as_slice()].concat().join(" ");
        let script = if self.has_script { "script-src 'self'; connect-src 'self'; " } else { "" };
        let policy = format!(
            "default-src 'none'; {script}style-src 'self'; img-src 'self'; form-action {form_action}; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        response
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::X_FRAME_OPTIONS, "DENY"))
            .insert_header(("cross-origin-opener-policy", "same-origin"))
            .insert_header(("cross-origin-resource-policy", "same-origin"))
            .insert_header(("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"))
            .insert_header((header::VARY, "accept-language, cookie"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        if self.pages.is_https {
            response.insert_header((header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"));
        }
        if self.is_forgetting {
            response.insert_header(("clear-site-data", "\"cache\", \"cookies\", \"storage\""));
        }
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        response
    }
}
