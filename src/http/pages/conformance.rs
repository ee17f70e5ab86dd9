//! The conformance page: every clause with its state, and the evidence behind each when it is opened.

use super::Pages;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::domain::Words;
use crate::http::conformance::{Report, State};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "conformance.html", config = "src/http/pages/askama.toml")]
struct Conformance<'p> {
    shell: Shell<'p>,
    report: &'p Report,
    moment: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes its values by reference")]
impl Conformance<'_> {
    /// The words for a state.
    fn state(&self, state: &State) -> String {
        self.shell.t(&format!("conformance-{}", state.as_str()))
    }

    /// When this was, and of which version.
    fn when(&self) -> String {
        self.shell.with2("conformance-when", ("time", &self.moment), ("version", self.report.version))
    }

    /// In the page's language.
    fn said<'w>(&self, words: &'w Words) -> &'w str {
        words.get(self.shell.lang)
    }

    /// The words for where a check looks.
    fn asks(&self, asks: &str) -> String {
        self.shell.t(&format!("conformance-asks-{asks}"))
    }

    /// The colour of a state; its words say it too.
    fn class(state: &State) -> &'static str {
        match state {
            State::Met => "go",
            State::Partial => "warn",
            State::NotOffered => "",
            State::Broken => "stop",
        }
    }
}

/// The page of a report.
pub(in crate::http) fn show(request: &HttpRequest, pages: &Pages, report: &Report) -> HttpResponse {
    let visit = Visit::of(request, pages);
    let shell = Shell::new(pages, &visit);
    let page = Conformance { shell, moment: report.checked_at.clone(), report };
    Reply::new(pages, &visit, StatusCode::OK).page(&page)
}
