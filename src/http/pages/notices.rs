//! The citizen's notices (お知らせ): a list, newest first, and each on a page of its own, with its files. A button marks it as
//! read: to open it is not to have read it, for a browser may open it by itself.

use super::dashboard::{asked, citizen, posted};
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::wording::{Moment, day, moment};
use super::{Pages, failure};
use crate::domain::citizen_notice::{HeldCitizenNotice, NoticeLink};
use crate::domain::payment::PaymentState;
use crate::services::account::{Account, CitizenSession};
use crate::services::notices::Notices;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use url::Url;

const PLACE: &str = "/dashboard/notices";

/// One line of the list.
struct Line {
    href: String,
    title: String,
    /// In which language the title is, where that is not the page's.
    lang: Option<&'static str>,
    sender: String,
    category: String,
    at: Moment,
    due: Option<String>,
    is_read: bool,
    files: Option<String>,
}

/// The list.
#[derive(Template)]
#[template(path = "notices.html", config = "src/http/pages/askama.toml")]
struct List<'p> {
    shell: Shell<'p>,
    lines: Vec<Line>,
    older: Option<String>,
}

/// A page of the agency's own.
struct Link {
    id: &'static str,
    url: String,
    text: String,
    due: Option<String>,
    /// Where it stands, where that is known here.
    state: Option<String>,
}

/// A file.
struct File {
    href: String,
    name: String,
    about: String,
}

/// One notice.
#[derive(Template)]
#[template(path = "notice.html", config = "src/http/pages/askama.toml")]
struct One<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    action: String,
    line: Line,
    until: Moment,
    /// In which language the text is, where that is not the page's.
    text_lang: &'static str,
    is_other_language: bool,
    paragraphs: Vec<String>,
    links: Vec<Link>,
    files: Vec<File>,
}

impl One<'_> {
    /// A payment of ours is paid here, and where it stands is told beside it.
    fn tell_payment(&mut self, state: Option<PaymentState>) {
        let Some(state) = state else { return };
        let words = self.shell.t(&format!("payment-state-{}", state.as_str()));
        let here = self.shell.t("notices-payment-here");
        for link in self.links.iter_mut().filter(|link| link.id == "notice-payment") {
            link.state = Some(words.clone());
            link.text.clone_from(&here);
        }
    }
}

fn line(shell: &Shell<'_>, notices: &Notices, held: &HeldCitizenNotice) -> Line {
    let view = notices.worded(held, shell.lang).summary;
    let count = u32::try_from(view.attachment_count).unwrap_or(u32::MAX);
    Line {
        href: format!("{PLACE}/{}", view.id),
        title: view.title,
        lang: Some(view.language).filter(|lang| *lang != shell.tag()),
        sender: view.sender,
        category: view.category_name.unwrap_or(view.category),
        at: moment(held.notice.deliver_at, shell.lang),
        due: held.notice.due_on().map(|due| day(due, shell.lang)),
        is_read: view.is_read,
        files: (count > 0).then(|| shell.count("notices-files", count)),
    }
}

/// `GET /dashboard/notices`
pub(super) async fn show(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    notices: web::Data<Notices>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let before =
        query.get("before").and_then(|text| text.parse().ok()).filter(|place| *place <= i64::MAX.unsigned_abs());
    let (found, older) = match notices.inbox(&session, before).await {
        Ok(found) => found,
        Err(fault) => return failure::fault(&pages, &visit, &fault),
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let lines = found.iter().map(|one| line(&shell, &notices, one)).collect();
    let older = older.map(|place| format!("{PLACE}?before={place}"));
    Reply::new(&pages, &visit, StatusCode::OK).page(&List { shell, lines, older })
}

/// `GET /dashboard/notices/{id}`
pub(super) async fn open(
    request: HttpRequest,
    id: web::Path<String>,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    notices: web::Data<Notices>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    match notices.inbox_notice(&session, &id).await {
        Ok(Some(held)) => {
            let state = match notices.payment_state(&held).await {
                Ok(state) => state,
                Err(fault) => return failure::fault(&pages, &visit, &fault),
            };
            let mut page = one((&pages, &visit, &session), &notices, &held);
            page.tell_payment(state);
            page.notice = match query.get("notice") {
                Some("read") => Some(page.shell.t("notices-now-read")),
                Some("unread") => Some(page.shell.t("notices-now-unread")),
                _ => None,
            };
            Reply::new(&pages, &visit, StatusCode::OK).page(&page)
        }
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

fn one<'p>(
    (pages, visit, session): (&'p Pages, &Visit, &CitizenSession),
    notices: &Notices,
    held: &HeldCitizenNotice,
) -> One<'p> {
    let shell = Shell::signed_in(pages, visit, session);
    let view = notices.worded(held, shell.lang);
    let id = held.notice.id.as_str();
    let answer = |host: &str| shell.with("notices-answer", "host", host);
    let pay = |host: &str| shell.with("notices-pay", "host", host);
    let links = [
        link(&shell, "notice-response", held.notice.response.as_ref(), answer),
        link(&shell, "notice-payment", held.notice.payment.as_ref(), pay),
    ];
    let files = view.attachments.iter().map(|file| File {
        href: format!("{PLACE}/{id}/files/{}", file.number),
        name: file.name.clone(),
        about: shell.with2("notices-file", ("type", &file.media_type), ("size", &kibibytes(file.size))),
    });
    One {
        token: session.form_token(),
        notice: None,
        action: format!("{PLACE}/{id}/read"),
        line: line(&shell, notices, held),
        until: moment(held.notice.expires_at, shell.lang),
        is_other_language: view.summary.language != shell.tag(),
        text_lang: view.summary.language,
        paragraphs: view.body.split('\n').filter(|text| !text.trim().is_empty()).map(str::to_owned).collect(),
        links: links.into_iter().flatten().collect(),
        files: files.collect(),
        shell,
    }
}

/// Where it leads is told before it is followed.
fn link(
    shell: &Shell<'_>,
    id: &'static str,
    link: Option<&NoticeLink>,
    words: impl Fn(&str) -> String,
) -> Option<Link> {
    let link = link?;
    let url = Url::parse(&link.url).ok()?;
    let text = words(url.host_str()?);
    Some(Link { id, url: link.url.clone(), text, due: link.due_on.map(|due| day(due, shell.lang)), state: None })
}

/// A size as people read it; a little more than nothing is one.
fn kibibytes(bytes: u64) -> String {
    bytes.div_ceil(1024).to_string()
}

/// `GET /dashboard/notices/{id}/files/{number}`
pub(super) async fn file(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    notices: web::Data<Notices>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let session = match citizen(&pages, &visit, &account).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match notices.inbox_file(&session, (&path.0, &path.1)).await {
        Ok(Some(file)) => Reply::new(&pages, &visit, StatusCode::OK).saved(&file.name, file.bytes),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /dashboard/notices/{id}/read`: marks it as read, or as unread again.
pub(super) async fn mark(
    request: HttpRequest,
    (id, body): (web::Path<String>, web::Bytes),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    notices: web::Data<Notices>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let is_read = form.get("state") != Some("unread");
    match notices.mark_own(&session, &id, is_read).await {
        Ok(true) => back(&pages, &visit, &format!("{PLACE}/{id}"), if is_read { "read" } else { "unread" }),
        Ok(false) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}
