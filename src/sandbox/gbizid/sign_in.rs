//! The sign-in page for companies: account id and password.

use super::super::form::Form;
use super::super::identity::back_with_error;
use super::super::pages::{self, CompanyPage, Lang};
use super::super::server::Sandbox;
use super::{CODE_LIFE, Grant, Transaction, letters};
use crate::domain::Digest;
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq as _;
use url::Url;

/// `GET …/sign-in`.
pub(super) async fn page(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    match under_way(&sandbox, &form) {
        Some((handle, transaction)) => show(&sandbox, lang, (&handle, &transaction), form.get("login_hint"), None),
        None => over(lang),
    }
}

/// `POST …/sign-in`.
pub(super) async fn submit(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let now = sandbox.clock.now();
    let Some((handle, transaction)) = under_way(&sandbox, &form) else { return over(lang) };
    if form.get("method") == Some("cancel") {
        sandbox.corporate.transactions.take(&handle, now);
        let denied = ("access_denied", "the person stopped the sign-in");
        return back_with_error(&transaction.redirect_uri, denied, transaction.state.as_deref());
    }
    let id = form.get("account_id").unwrap_or_default().trim();
    let account = sandbox.corporate.accounts.iter().position(|a| a.id.eq_ignore_ascii_case(id));
    let password = form.get("password").unwrap_or_default();
    let is_right = |place: &usize| {
        let known = sandbox.corporate.accounts.get(*place).map(|a| a.password.as_str()).unwrap_or_default();
        !known.is_empty() && bool::from(known.as_bytes().ct_eq(password.as_bytes()))
    };
    let Some(account) = account.filter(is_right) else {
        let problem = lang.say("アカウントIDまたはパスワードが違います。", "The account id or the password is wrong.");
        return show(&sandbox, lang, (&handle, &transaction), Some(id), Some(problem.to_owned()));
    };
    // Taken: of two submissions at once one gets a code.
    let Some(transaction) = sandbox.corporate.transactions.take(&handle, now) else { return over(lang) };
    let Ok(mut url) = Url::parse(&transaction.redirect_uri) else { return over(lang) };
    let code = letters(&*sandbox.entropy, 22);
    url.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = &transaction.state {
        url.query_pairs_mut().append_pair("state", state);
    }
    let grant = Grant { transaction, account, signed_in: now };
    if !sandbox.corporate.codes.insert(Digest::of(&code), grant, now.plus(CODE_LIFE), now) {
        return over(lang);
    }
    pages::see_other(url.as_str())
}

fn under_way(sandbox: &Sandbox, form: &Form) -> Option<(String, Transaction)> {
    let handle = form.get("transaction")?.to_owned();
    let transaction = sandbox.corporate.transactions.get(&handle, sandbox.clock.now())?;
    Some((handle, transaction))
}

fn show(
    sandbox: &Sandbox,
    lang: Lang,
    (handle, transaction): (&str, &Transaction),
    hint: Option<&str>,
    problem: Option<String>,
) -> HttpResponse {
    let accounts = sandbox.corporate.accounts.iter().map(|a| pages::listed_account(a, lang)).collect();
    let page = CompanyPage { lang, transaction: handle, hint: hint.unwrap_or_default(), accounts, problem };
    pages::company(&page, &transaction.redirect_uri)
}

fn over(lang: Lang) -> HttpResponse {
    pages::refused(
        lang,
        lang.say(
            "この認証は終了したか、期限が切れました。元のサービスからやり直してください。",
            "This sign-in is over or has expired. Start again at the service you came from.",
        ),
    )
}
