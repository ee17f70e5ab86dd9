//! Whoever has the address of a payment (公金決済) reads what is to be paid, to whom and until when, is handed over to a bank's or a
//! card company's own pages, and comes back to how it stands, with a receipt once it is paid.
//!
//! The secret stands in the address, because an address is all that a link is. Looking changes nothing. No card number is asked
//! for or taken here.

use super::form::Form;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use super::wording::{Moment, day, moment};
use super::{Pages, failure};
use crate::domain::card_number::looks_like_card_number;
use crate::domain::payment::{BankType, HeldPayment, LINK, PaymentState, PaymentWay};
use crate::domain::{Failure, Fault, Lang};
use crate::services::payments::{Choice, PayOutcome, Payments, RETURNS};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use url::form_urlencoded;

/// One that can be chosen.
struct Choosable {
    value: &'static str,
    name: String,
    hint: String,
}

/// How it was paid.
struct Paid {
    way: String,
    at: Moment,
    receipt: String,
    href: String,
}

#[derive(Template)]
#[template(path = "payment.html", config = "src/http/pages/askama.toml")]
struct Page<'p> {
    shell: Shell<'p>,
    error: Option<String>,
    /// Where it stands, as one word for the template and in words for people.
    state: PaymentState,
    said: String,
    lead: String,
    payee: String,
    title: String,
    amount: String,
    due: String,
    institution: String,
    number: String,
    confirmation: String,
    category: Option<String>,
    ways: Vec<Choosable>,
    banks: Vec<Choosable>,
    action: Option<String>,
    /// Where it can be begun anew, where the browser came back without paying.
    again: Option<String>,
    paid: Option<Paid>,
}

impl Page<'_> {
    fn is_payable(&self) -> bool {
        self.state.is_payable() && self.action.is_some()
    }
}

/// Yen as people write them.
pub(super) fn yen(amount: u64, lang: Lang) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match lang {
        Lang::Ja => format!("{grouped}円"),
        Lang::En => format!("¥{grouped}"),
    }
}

/// The page of a payment. `base` is where it stands: by its link, or where the browser came back to.
fn page<'p>(shell: Shell<'p>, payments: &Payments, held: &HeldPayment, base: &str) -> Page<'p> {
    let (one, lang, state) = (&held.payment, shell.lang, payments.state(held));
    let is_by_link = base.starts_with(LINK) && !base.starts_with(RETURNS);
    let choosable = |kind: &str, value: &'static str| Choosable {
        value,
        name: shell.t(&format!("payment-{kind}-{value}")),
        hint: if kind == "way" { shell.t(&format!("payment-way-hint-{value}")) } else { String::new() },
    };
    let needs_bank = one.ways.iter().any(|way| *way != PaymentWay::Card);
    let banks = if needs_bank { BankType::ALL } else { &[] };
    let paid = held.settlement.as_ref().map(|settlement| Paid {
        way: shell.t(&format!("payment-way-{}", settlement.taking.way.as_str())),
        at: moment(settlement.taking.taken_at, lang),
        receipt: settlement.receipt.to_string(),
        href: format!("{base}/receipt"),
    });
    Page {
        error: None,
        state,
        said: shell.t(&format!("payment-state-{}", state.as_str())),
        lead: shell.t(&format!("payment-lead-{}", state.as_str())),
        payee: one.payee.get(lang).to_owned(),
        title: one.title.get(lang).to_owned(),
        amount: yen(one.amount, lang),
        due: day(one.due_on, lang),
        institution: one.numbers.institution.clone(),
        number: one.numbers.number.clone(),
        confirmation: one.numbers.confirmation.clone(),
        category: one.numbers.category.clone(),
        ways: one.ways.iter().map(|way| choosable("way", way.as_str())).collect(),
        banks: banks.iter().map(|bank| choosable("bank", bank.as_str())).collect(),
        action: is_by_link.then(|| base.to_owned()),
        again: (!is_by_link && state.is_payable()).then(|| held.address("")),
        paid,
        shell,
    }
}

fn shown(
    (pages, visit): (&Pages, &Visit),
    (payments, held): (&Payments, &HeldPayment),
    (base, error): (&str, Option<(&str, StatusCode)>),
) -> HttpResponse {
    let mut shell = Shell::new(pages, visit);
    shell.switch = shell.switch.filter(|_| error.is_none());
    let mut view = page(shell, payments, held, base);
    view.error = error.map(|(id, _)| view.shell.t(id));
    let reply = Reply::new(pages, visit, error.map_or(StatusCode::OK, |(_, status)| status));
    let origin = payments.leads_to().filter(|_| view.is_payable());
    match origin {
        Some(origin) => reply.form_leads_to(&origin).page(&view),
        None => reply.page(&view),
    }
}

/// `GET /pay/{token}`
pub(super) async fn show(
    request: HttpRequest,
    token: web::Path<String>,
    pages: web::Data<Pages>,
    payments: web::Data<Payments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    match payments.opened(&token).await {
        Ok(Some(held)) => shown((&pages, &visit), (&payments, &held), (&format!("{LINK}{token}"), None)),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `POST /pay/{token}`: hands over to pay.
pub(super) async fn pay(
    request: HttpRequest,
    body: web::Bytes,
    token: web::Path<String>,
    pages: web::Data<Pages>,
    payments: web::Data<Payments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let form = match Form::posted(&request, &body, "", &pages.public_url) {
        Ok(form) => form,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let is_card = |text: &str| looks_like_card_number(text);
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let error = if form_urlencoded::parse(&body).any(|(name, value)| is_card(&name) || is_card(&value)) {
        ("payment-error-card-number", unprocessable)
    } else if let Some(choice) = Choice::parse(form.get("way"), form.get("bank")) {
        match payments.pay(&token, choice).await {
            Ok(PayOutcome::HandOver(address)) => {
                return Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&address);
            }
            Ok(PayOutcome::Gone) => return failure::page(&pages, &visit, failure::NOT_FOUND),
            Ok(PayOutcome::NotPayable) => ("payment-error-not-payable", StatusCode::CONFLICT),
            Ok(PayOutcome::Away) => ("payment-error-away", StatusCode::SERVICE_UNAVAILABLE),
            Err(Failure::Broken(fault)) => return failure::fault(&pages, &visit, &fault),
            Err(Failure::Refused(_)) => {
                return failure::fault(&pages, &visit, &Fault::Unavailable { what: "payments", source: None });
            }
        }
    } else {
        ("payment-error-choose", unprocessable)
    };
    match payments.opened(&token).await {
        Ok(Some(held)) => shown((&pages, &visit), (&payments, &held), (&format!("{LINK}{token}"), Some(error))),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `GET /pay/returns/{attempt}`: how it stands for whoever comes back. What the browser says settles nothing.
pub(super) async fn returned(
    request: HttpRequest,
    attempt: web::Path<String>,
    pages: web::Data<Pages>,
    payments: web::Data<Payments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let sent = query.get("sent_at").zip(query.get("signature"));
    match payments.returned(&attempt, sent).await {
        Ok(Some(held)) => shown((&pages, &visit), (&payments, &held), (&format!("{RETURNS}{attempt}"), None)),
        Ok(None) => failure::page(&pages, &visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(&pages, &visit, &fault),
    }
}

/// `GET /pay/{token}/receipt`
pub(super) async fn receipt(
    request: HttpRequest,
    token: web::Path<String>,
    pages: web::Data<Pages>,
    payments: web::Data<Payments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let found = payments.opened(&token).await;
    saved((&pages, &visit), &payments, found)
}

/// `GET /pay/returns/{attempt}/receipt`
pub(super) async fn returned_receipt(
    request: HttpRequest,
    attempt: web::Path<String>,
    pages: web::Data<Pages>,
    payments: web::Data<Payments>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let found = payments.returned(&attempt, None).await;
    saved((&pages, &visit), &payments, found)
}

fn saved(
    (pages, visit): (&Pages, &Visit),
    payments: &Payments,
    found: Result<Option<HeldPayment>, Fault>,
) -> HttpResponse {
    let receipt = found.and_then(|held| match held {
        Some(held) => Ok(payments.receipt(&held)?.map(|text| (held.payment.id.to_string(), text))),
        None => Ok(None),
    });
    match receipt {
        Ok(Some((id, text))) => {
            Reply::new(pages, visit, StatusCode::OK).attached(&format!("{id}.jwt"), "application/jwt", text)
        }
        Ok(None) => failure::page(pages, visit, failure::NOT_FOUND),
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yen_are_grouped_by_thousands() {
        for (amount, ja, en) in
            [(1, "1円", "¥1"), (999, "999円", "¥999"), (9_999_999_999, "9,999,999,999円", "¥9,999,999,999")]
        {
            assert_eq!((yen(amount, Lang::Ja), yen(amount, Lang::En)), (ja.to_owned(), en.to_owned()));
        }
    }
}
