//! A person's applications (電子申請): where each stands and how it came there; and what software prepared, to be handed in or
//! thrown away by the person.

use super::dashboard::{asked, posted};
use super::interviews::{self, InterviewLine};
use super::payments::yen;
use super::reply::{Reply, Shell};
use super::signed_in::back;
use super::visit::Visit;
use super::wording::{Moment, day, moment};
use super::{Pages, failure, signing};
use crate::domain::Failure;
use crate::domain::electronic_signature::Signing;
use crate::domain::ids::DraftId;
use crate::services::account::{Account, CitizenSession};
use crate::services::applications::{
    ApplicationPaymentView, ApplicationSignatureState, ApplicationSignatureView, Applications, PreparedDraft,
    SignatureCovers,
};
use crate::store::HeldApplication;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

pub(super) const PLACE: &str = "/dashboard/applications";

/// One step of an application's timeline.
struct StepLine {
    at: Moment,
    state: String,
    note: Option<String>,
}

/// What a municipality decided.
struct ResultLine {
    title: String,
    paragraphs: Vec<String>,
}

/// What is to be paid, or was.
struct PaymentLine {
    title: String,
    amount: String,
    due: String,
    state: String,
    href: String,
}

/// One application.
struct Line {
    title: String,
    municipality: String,
    number: String,
    software: String,
    state: String,
    is_by_person: bool,
    /// Whether it is signed, where its procedure asks for that.
    signature: Option<String>,
    /// What is to be mended, and until when.
    asked: Vec<String>,
    until: Option<String>,
    steps: Vec<StepLine>,
    result: Option<ResultLine>,
    payments: Vec<PaymentLine>,
    interview: Option<InterviewLine>,
}

/// One draft in the list.
struct DraftLine {
    href: String,
    title: String,
    municipality: Option<String>,
    software: String,
    changed: Moment,
    until: Moment,
}

#[derive(Template)]
#[template(path = "applications.html", config = "src/http/pages/askama.toml")]
struct List<'p> {
    shell: Shell<'p>,
    notice: Option<String>,
    drafts: Vec<DraftLine>,
    lines: Vec<Line>,
    older: Option<String>,
}

#[derive(Template)]
#[template(path = "application_draft.html", config = "src/http/pages/askama.toml")]
struct One<'p> {
    shell: Shell<'p>,
    token: String,
    notice: Option<String>,
    error: Option<String>,
    line: DraftLine,
    tag: String,
    action: String,
    applied_as: Option<String>,
    items: Vec<(String, String)>,
    files: Vec<String>,
    faults: Vec<(String, String)>,
    signature: Option<SignatureLine>,
    is_signed: bool,
}

/// How a draft that can be signed stands with that.
struct SignatureLine {
    /// By whom its certificate was issued, when it was signed, and until when that certificate is in force; none where it is not.
    signed: Option<(String, Moment, Moment)>,
    is_void: bool,
    is_asked: bool,
}

fn signature_line(shell: &Shell<'_>, one: &PreparedDraft) -> Option<SignatureLine> {
    let signing = &one.draft.signing;
    let signed = signing.signature().map(|signature| {
        let (at, until) = (moment(signature.signed_at, shell.lang), moment(signature.not_after, shell.lang));
        (signature.issuer.clone(), at, until)
    });
    (one.may_be_signed || signed.is_some()).then_some(SignatureLine {
        signed,
        is_void: matches!(signing, Signing::Void { .. }),
        is_asked: matches!(signing, Signing::Asked { .. } | Signing::Begun { .. }),
    })
}

const fn signed_key(signature: &ApplicationSignatureView) -> &'static str {
    match (signature.state, signature.covers) {
        (ApplicationSignatureState::InPersonCheck, _) => "applications-not-signed",
        (ApplicationSignatureState::Signed, Some(SignatureCovers::FirstVersion)) => "applications-signed-first",
        (ApplicationSignatureState::Signed, _) => "applications-signed",
    }
}

fn software(shell: &Shell<'_>, client: Option<&crate::domain::client::Client>) -> String {
    client.map_or_else(|| shell.t("applications-software-gone"), |client| client.name.get(shell.lang).to_owned())
}

fn draft_line(shell: &Shell<'_>, one: &PreparedDraft) -> DraftLine {
    let draft = &one.draft.draft;
    let title = one.title.as_ref().map(|title| title.get(shell.lang).to_owned());
    DraftLine {
        href: format!("{PLACE}/drafts/{}", draft.id),
        title: title.unwrap_or_else(|| shell.t("applications-draft-unnamed")),
        municipality: one.municipality.clone(),
        software: software(shell, one.client.as_ref()),
        changed: moment(draft.changed_at, shell.lang),
        until: moment(draft.expires_at(), shell.lang),
    }
}

fn payment_line(shell: &Shell<'_>, one: &ApplicationPaymentView) -> PaymentLine {
    PaymentLine {
        title: one.title.get(shell.lang).to_owned(),
        amount: yen(one.amount, shell.lang),
        due: one.due_on.parse().map_or_else(|_| one.due_on.clone(), |due| day(due, shell.lang)),
        state: shell.t(&format!("payment-state-{}", one.state.as_str())),
        href: one.url.clone(),
    }
}

async fn line(
    shell: &Shell<'_>,
    applications: &Applications,
    held: &HeldApplication,
) -> Result<Line, crate::domain::Fault> {
    let one = &held.application;
    let client = applications.software(&one.client).await?;
    let state = |state: crate::domain::application::ApplicationState| {
        shell.t(&format!("applications-state-{}", state.as_str().replace('_', "-")))
    };
    let steps = one.timeline.iter().map(|step| StepLine {
        at: moment(step.at, shell.lang),
        state: state(step.state),
        note: step.note.clone(),
    });
    let result = one.outcome.as_ref().map(|outcome| ResultLine {
        title: outcome.title.clone(),
        paragraphs: outcome.text.split('\n').filter(|text| !text.trim().is_empty()).map(str::to_owned).collect(),
    });
    let asked = one.asked.as_ref();
    let payments = applications.payments(one).await?;
    Ok(Line {
        title: applications.title(one).get(shell.lang).to_owned(),
        municipality: applications.municipality(&one.municipality),
        number: one.arrival.clone(),
        software: software(shell, client.as_ref()),
        state: state(one.state),
        is_by_person: one.is_by_person,
        signature: applications.signature(one).map(|signature| shell.t(signed_key(&signature))),
        asked: asked.map(|ask| ask.items.iter().map(|item| item.message.clone()).collect()).unwrap_or_default(),
        until: asked.map(|ask| day(ask.until, shell.lang)),
        steps: steps.collect(),
        result,
        payments: payments.iter().map(|payment| payment_line(shell, payment)).collect(),
        interview: interviews::line(shell, applications, one),
    })
}

/// `GET /dashboard/applications`
pub(super) async fn show(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let notice = match query.get("notice") {
        Some("handed-in") => Some(shell.t("applications-now-handed-in")),
        Some("interview-booked") => Some(shell.t("interviews-now-booked")),
        Some("interview-cancelled") => Some(shell.t("interviews-now-cancelled")),
        Some("thrown-away") => Some(shell.t("applications-now-thrown-away")),
        _ => None,
    };
    match listed(shell, &session, &applications, query.get("before")).await {
        Ok(mut list) => {
            list.notice = notice;
            Reply::new(&pages, &visit, StatusCode::OK).page(&list)
        }
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

async fn listed<'p>(
    shell: Shell<'p>,
    session: &CitizenSession,
    applications: &Applications,
    before: Option<&str>,
) -> Result<List<'p>, crate::domain::Fault> {
    let (found, older) = applications.of_person(session, before).await?;
    let prepared = if before.is_none() { applications.prepared_for(session, shell.lang).await? } else { Vec::new() };
    let mut lines = Vec::with_capacity(found.len());
    for held in &found {
        lines.push(line(&shell, applications, held).await?);
    }
    let drafts = prepared.iter().map(|one| draft_line(&shell, one)).collect();
    let older = older.map(|place| format!("{PLACE}?before={place}"));
    Ok(List { shell, notice: None, drafts, lines, older })
}

/// `GET /dashboard/applications/drafts/{id}`
pub(super) async fn draft(
    request: HttpRequest,
    id: web::Path<String>,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(mut answer) => {
            // Software sends people here who have not signed in yet: from there they come back.
            if let Ok(id) = DraftId::parse(&id) {
                let _ = answer.add_cookie(&pages.draft_cookie(&id));
            }
            return answer;
        }
    };
    let notice = query.get("notice").and_then(signing::told);
    shown((&pages, &visit, &session), &applications, &id, (notice, None)).await
}

/// One draft, with what keeps it from what was asked.
pub(super) async fn seen(
    whose: (&Pages, &Visit, &CitizenSession),
    applications: &Applications,
    id: &str,
    error: Option<&'static str>,
) -> HttpResponse {
    shown(whose, applications, id, (None, error)).await
}

async fn shown(
    (pages, visit, session): (&Pages, &Visit, &CitizenSession),
    applications: &Applications,
    id: &str,
    (notice, error): (Option<&'static str>, Option<&'static str>),
) -> HttpResponse {
    let mut shell = Shell::signed_in(pages, visit, session);
    // What was posted cannot be read again in another language.
    shell.switch = shell.switch.filter(|_| error.is_none());
    match applications.prepared_one(session, id, shell.lang).await {
        Ok(Some(one)) => {
            let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let page = One {
                token: session.form_token(),
                notice: notice.map(|id| shell.t(id)),
                error: error.map(|id| shell.t(id)),
                line: draft_line(&shell, &one),
                signature: signature_line(&shell, &one),
                is_signed: one.draft.signing.signature().is_some(),
                tag: one.draft.draft.tag.clone(),
                action: format!("{PLACE}/drafts/{}", one.draft.draft.id),
                applied_as: one.applied_as.as_ref().map(|kind| shell.t(&format!("applications-as-{}", kind.as_str()))),
                items: one.items,
                files: one.files,
                faults: one.faults,
                shell,
            };
            let reply = Reply::new(pages, visit, status);
            let origin = applications.signing_origin().filter(|_| page.signature.is_some());
            let reply = match origin {
                Some(origin) => reply.form_leads_to(origin),
                None => reply,
            };
            reply.page(&page)
        }
        Ok(None) => failure::page(pages, visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

/// `POST /dashboard/applications/drafts/{id}`: hands in what was seen, throws it away, or takes its signature off.
pub(super) async fn decide(
    request: HttpRequest,
    (id, body): (web::Path<String>, web::Bytes),
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    applications: web::Data<Applications>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, form) = match posted(&request, (&body, ""), &pages, &visit, &account).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let tag = form.get("tag").unwrap_or_default();
    let here = format!("{PLACE}/drafts/{}", id.as_str());
    let (done, (place, notice)) = match form.get("decision") {
        Some("hand_in") => {
            (applications.hand_in_own(&session, &id, tag).await.map(|held| held.is_some()), (PLACE, "handed-in"))
        }
        Some("throw_away") => (applications.drop_own(&session, &id, tag).await, (PLACE, "thrown-away")),
        Some("take_off") => (applications.drop_own_signature(&session, &id, tag).await, (&*here, "taken-off")),
        _ => return seen((&pages, &visit, &session), &applications, &id, Some("applications-error-choose")).await,
    };
    match done {
        Ok(true) => back(&pages, &visit, place, notice),
        Ok(false) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(Failure::Refused(refusal)) => {
            let words = match refusal.code {
                "precondition_failed" => "applications-error-changed",
                "signature_not_valid" => "applications-error-signature",
                "signatures_unavailable" => "applications-error-no-signature-now",
                _ => "applications-error-not-yet",
            };
            seen((&pages, &visit, &session), &applications, &id, Some(words)).await
        }
        Err(Failure::Broken(fault)) => failure::fault(&pages, &visit, &fault),
    }
}
