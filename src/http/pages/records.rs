//! Who asked whom for what about the citizen (やりとり履歴), and who read through this counter: one list, newest first, with a
//! form that narrows it.

use super::dashboard::asked;
use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::wording::{Moment, day, moment};
use super::{Pages, failure};
use crate::catalog::provision_records::RecordNames;
use crate::domain::provision_record::ProvisionRecord;
use crate::services::account::{Account, ListedAccess};
use crate::services::provision_records::{
    Entry, Missing, OwnRecords, ProvisionRecords, ProvisionView, RecordNameView, Wanted,
};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use url::form_urlencoded;

const PLACE: &str = "/dashboard/records";
/// What the form narrows by, as the API names it.
const FILTERS: [&str; 5] = ["from", "to", "asking_body", "procedure", "kind"];

/// A choice of the form.
struct Choice {
    value: String,
    text: String,
    is_picked: bool,
}

/// One entry.
struct Line {
    at: Moment,
    is_exchange: bool,
    /// Who asked.
    who: String,
    /// For whom, where that is another body.
    delegators: Vec<String>,
    /// Who provided; the counter itself, where it is a reading through it.
    provider: String,
    /// Under which work and procedure, or what for.
    purpose: Vec<String>,
    /// What, and how each ended where that is known.
    what: Vec<String>,
    condition: Option<String>,
    refused: bool,
    /// The receipt of a reading.
    receipt: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "records.html", config = "src/http/pages/askama.toml")]
struct Records<'p> {
    shell: Shell<'p>,
    error: Option<(String, String)>,
    from: String,
    to: String,
    bodies: Vec<Choice>,
    procedures: Vec<Choice>,
    kinds: Vec<Choice>,
    is_narrowed: bool,
    missing: Option<String>,
    lines: Vec<Line>,
    older: Option<String>,
}

/// `GET /dashboard/records`
pub(super) async fn show(
    request: HttpRequest,
    (pages, account): (web::Data<Pages>, web::Data<Account>),
    records: web::Data<ProvisionRecords>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let (session, query) = match asked(&request, &pages, &visit, &account).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let shell = Shell::signed_in(&pages, &visit, &session);
    let mut page = Records::empty(shell, &records, &query);
    let wanted = match wanted(&query) {
        Ok(wanted) => wanted,
        Err(field) => {
            let text = page.shell.t(&format!("records-wrong-{field}"));
            page.error = Some((field.to_owned(), text));
            return Reply::new(&pages, &visit, StatusCode::UNPROCESSABLE_ENTITY).page(&page);
        }
    };
    match records.own(&session, &wanted).await {
        Ok(own) => {
            page.fill(&pages, &records, (own, &query));
            Reply::new(&pages, &visit, StatusCode::OK).page(&page)
        }
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// What the form asks for, where a field left empty asks for nothing; or the field that makes no sense.
fn wanted(query: &Form) -> Result<Wanted, &'static str> {
    let mut wanted = Wanted::default();
    for name in FILTERS.into_iter().chain(["after"]) {
        if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
            wanted.set(name, value).map_err(|_| name)?;
        }
    }
    wanted.check().map_err(|_| "to")?;
    Ok(wanted)
}

impl<'p> Records<'p> {
    /// The page with its form as it was sent, and no entry.
    fn empty(shell: Shell<'p>, records: &ProvisionRecords, query: &Form) -> Self {
        let picked = |name: &str| query.get(name).unwrap_or_default().to_owned();
        let names: &RecordNames = records.names();
        let choice = |(value, text): (String, String), name: &str| Choice {
            is_picked: query.get(name) == Some(value.as_str()),
            value,
            text,
        };
        let bodies = names.bodies().map(|(code, words)| (code.to_string(), words.get(shell.lang).to_owned()));
        let procedures = names.procedures().map(|(code, words)| (code.to_string(), words.get(shell.lang).to_owned()));
        let kinds = ["provision", "access"].map(|kind| (kind.to_owned(), shell.t(&format!("records-kind-{kind}"))));
        Self {
            error: None,
            from: picked("from"),
            to: picked("to"),
            bodies: bodies.map(|one| choice(one, "asking_body")).collect(),
            procedures: procedures.map(|one| choice(one, "procedure")).collect(),
            kinds: kinds.into_iter().map(|one| choice(one, "kind")).collect(),
            is_narrowed: FILTERS.iter().any(|name| query.get(name).is_some_and(|value| !value.is_empty())),
            missing: None,
            lines: Vec::new(),
            older: None,
            shell,
        }
    }

    fn fill(&mut self, pages: &Pages, records: &ProvisionRecords, (own, query): (OwnRecords, &Form)) {
        self.missing = own.missing.map(|missing| match missing {
            Missing::NotConnected => self.shell.t("records-not-connected"),
            Missing::Unavailable => self.shell.t("records-unavailable"),
        });
        let line = |entry: &Entry| match entry {
            Entry::Exchange(one) => exchange(&self.shell, pages, (one.record(), records.names())),
            Entry::Access(one) => access(&self.shell, pages, one),
        };
        self.lines = own.entries.iter().map(line).collect();
        self.older = own.next.map(|next| {
            let mut address = form_urlencoded::Serializer::new(String::new());
            for name in FILTERS {
                if let Some(value) = query.get(name).filter(|value| !value.is_empty()) {
                    address.append_pair(name, value);
                }
            }
            format!("{PLACE}?{}", address.append_pair("after", &next).finish())
        });
    }
}

/// A name, or the code and that nobody here knows it.
fn called(shell: &Shell<'_>, view: &RecordNameView) -> String {
    match &view.name {
        Some(name) => name.get(shell.lang).to_owned(),
        None => shell.with("records-unknown", "code", &view.code),
    }
}

fn exchange(shell: &Shell<'_>, pages: &Pages, (record, names): (&ProvisionRecord, &RecordNames)) -> Line {
    let view = ProvisionView::of(record, (names, &pages.catalog));
    let condition = &view.condition;
    let days = match (record.condition.from, record.condition.to) {
        (None, None) => None,
        (from, to) => {
            let text = |date: Option<chrono::NaiveDate>| date.map_or_else(String::new, |date| day(date, shell.lang));
            Some(shell.with2("records-days", ("from", &text(from)), ("to", &text(to))))
        }
    };
    let kinds = condition.kind.iter().chain(&condition.year).map(|one| called(shell, one));
    let told: Vec<String> = kinds.chain(days).collect();
    Line {
        at: moment(record.at, shell.lang),
        is_exchange: true,
        who: called(shell, &view.asking_body),
        delegators: view.delegating_bodies.iter().map(|body| called(shell, body)).collect(),
        provider: called(shell, &view.providing_body),
        purpose: vec![called(shell, &view.work), called(shell, &view.procedure)],
        what: vec![called(shell, &view.data_set)],
        condition: (!told.is_empty()).then(|| told.join(&shell.t("records-joint"))),
        refused: false,
        receipt: None,
    }
}

fn access(shell: &Shell<'_>, pages: &Pages, listed: &ListedAccess) -> Line {
    let words = super::dashboard_words::Words { pages, shell };
    let view = words.access(listed);
    let told = |line: &super::dashboard_words::LineView| {
        if view.refused.is_some() { line.set.clone() } else { format!("{}（{}）", line.set, line.outcome) }
    };
    let what: Vec<String> = view.lines.iter().map(told).collect();
    Line {
        at: view.at,
        is_exchange: false,
        who: view.client,
        delegators: Vec::new(),
        provider: shell.t("records-this-counter"),
        purpose: Some(view.purpose).filter(|text| !text.is_empty()).into_iter().collect(),
        what,
        condition: None,
        refused: view.refused.is_some(),
        receipt: Some(view.receipt),
    }
}
