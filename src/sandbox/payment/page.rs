//! The page of one attempt: a bank's, an app's or a card company's. What is typed here stays here.

use super::super::form::Form;
use super::super::pages::{self, Lang};
use super::super::server::Sandbox;
use super::wire::{Pay, back, notify};
use super::{LinkState, PATH};
use crate::domain::card_number::looks_like_card_number;
use crate::domain::payment::PaymentWay;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "payment.html", config = "src/sandbox/askama.toml")]
pub(in crate::sandbox) struct PaymentPage<'a> {
    lang: Lang,
    action: String,
    problem: Option<&'a str>,
    is_card: bool,
    way: &'a str,
    payee: &'a str,
    title: &'a str,
    amount: u64,
    institution: &'a str,
    number: &'a str,
    confirmation: &'a str,
    category: Option<&'a str>,
    payer: Option<&'a str>,
}

const fn way(pay: &Pay, lang: Lang) -> &'static str {
    match pay.way {
        PaymentWay::PayEasy => lang.say("見本銀行 ネットバンキング（ペイジー）", "Mihon Bank, net banking (Pay-easy)"),
        PaymentWay::MobileRegister => lang.say("モバイルレジ（見本）", "Mobile register (made up)"),
        PaymentWay::Card => lang.say("見本カード", "Mihon Card"),
    }
}

fn shown(lang: Lang, handle: &str, pay: &Pay, problem: Option<&str>) -> HttpResponse {
    let page = PaymentPage {
        lang,
        action: format!("{PATH}/pay/{handle}"),
        problem,
        is_card: pay.way == PaymentWay::Card,
        way: way(pay, lang),
        payee: lang.say(&pay.payee.ja, &pay.payee.en),
        title: lang.say(&pay.title.ja, &pay.title.en),
        amount: pay.amount,
        institution: &pay.institution_number,
        number: &pay.payment_number,
        confirmation: &pay.confirmation_number,
        category: pay.payment_category.as_deref(),
        payer: pay.payer_kana.as_deref(),
    };
    pages::payment(&page, problem.is_some(), &pay.return_url)
}

fn over(lang: Lang) -> HttpResponse {
    let words = lang.say(
        "この支払いは終了したか、期限が切れました。窓口からやり直してください。",
        "This payment is over or has expired. Start again at the counter.",
    );
    pages::refused(lang, words)
}

/// `GET /payment-service/pay/{handle}`.
pub(super) async fn show(sandbox: web::Data<Sandbox>, handle: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    match sandbox.payments.by_handle(&handle) {
        Some((_, link)) if link.state == LinkState::Waiting => match &link.pay {
            Some(pay) => shown(lang, &handle, pay, None),
            None => over(lang),
        },
        _ => over(lang),
    }
}

/// `POST /payment-service/pay/{handle}`: pays, or goes back without.
pub(super) async fn submit(
    sandbox: web::Data<Sandbox>,
    handle: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let Some((id, link)) = sandbox.payments.by_handle(&handle) else { return over(lang) };
    let Some(pay) = &link.pay else { return over(lang) };
    let Some(address) = back(&sandbox, &id, pay) else { return over(lang) };
    if form.get("method") == Some("cancel") {
        if let Some(link) = sandbox.payments.links().get_mut(&id).filter(|link| link.state == LinkState::Waiting) {
            link.state = LinkState::Closed;
        }
        return pages::see_other(&address);
    }
    let is_card = pay.way == PaymentWay::Card;
    if is_card && !form.get("card_number").is_some_and(looks_like_card_number) {
        let problem = lang.say("カード番号が正しくありません。", "The card number is not right.");
        return shown(lang, &handle, pay, Some(problem));
    }
    let reference = format!("txn-{}", sandbox.entropy.short_handle());
    let Some(taking) = sandbox.payments.take(&id, reference, sandbox.clock.now()) else { return over(lang) };
    notify(&sandbox, &id, pay, &taking);
    pages::see_other(&address)
}
