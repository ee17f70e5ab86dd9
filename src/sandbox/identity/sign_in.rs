//! The sign-in page: a card and its PIN, or the substitute for a test card.
//!
//! The page carries the handle of its sign-in, 256 unguessable bits; it needs no cookie, for the client binds the
//! browser by `state` and by its own cookie.

use super::super::form::Form;
use super::super::pages::{self, CardPage, Lang, SignPage};
use super::super::people::Person;
use super::super::server::Sandbox;
use super::super::text::half_width;
use super::authorize::back_with_error;
use super::signing::{self, BadPassword};
use super::{CODE_LIFE, Code, Transaction};
use crate::domain::Digest;
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq as _;
use url::Url;

/// `GET …/login-actions/authenticate`.
pub(super) async fn page(sandbox: web::Data<Sandbox>, request: HttpRequest) -> HttpResponse {
    let form = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    match under_way(&sandbox, &form) {
        Some((handle, transaction)) => show(&sandbox, lang, &handle, &transaction, None),
        None => over(lang),
    }
}

/// `POST …/login-actions/authenticate`.
pub(super) async fn submit(sandbox: web::Data<Sandbox>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let form = Form::of_body(&request, &body).unwrap_or_default();
    let lang = Lang::of(&request, form.get("lang"));
    let Some((handle, transaction)) = under_way(&sandbox, &form) else { return over(lang) };
    let person = match form.get("method") {
        Some("card") if transaction.signing.is_none() => by_card(&sandbox, &form),
        Some("signing_card") if transaction.signing.is_some() => by_signing_card(&sandbox, &form),
        Some("test_card") => match by_choice(&sandbox, &form) {
            Ok(Some(person)) => Ok(person),
            Ok(None) => return leave(&sandbox, &handle, &transaction, "the card was not accepted (異常)"),
            Err(problem) => Err(problem),
        },
        Some("cancel") => return leave(&sandbox, &handle, &transaction, "the person stopped the sign-in"),
        _ => Err(Problem::Choose),
    };
    match person {
        Ok(person) if transaction.signing.is_some() && !has_certificate(&sandbox, person) => {
            show(&sandbox, lang, &handle, &transaction, Some(Problem::NoCertificate))
        }
        Ok(person) => finish(&sandbox, &handle, person, lang),
        Err(problem) => show(&sandbox, lang, &handle, &transaction, Some(problem)),
    }
}

/// Why a try did not succeed.
enum Problem {
    Choose,
    WrongPin(Option<u8>),
    Blocked,
    Suspended,
    WrongPassword(Option<u8>),
    PasswordLocked,
    NoCertificate,
}

impl Problem {
    fn words(&self, lang: Lang) -> String {
        match self {
            Self::Choose => lang.say("カードまたは人物を選んでください。", "Give a card or pick a person.").to_owned(),
            Self::WrongPin(None) => {
                lang.say("カード番号または暗証番号が違います。", "The card number or the PIN is wrong.").to_owned()
            }
            Self::WrongPin(Some(left)) => match lang {
                Lang::Ja => format!("カード番号または暗証番号が違います。あと{left}回間違えるとロックされます。"),
                Lang::En => format!("The card number or the PIN is wrong. Tries left before the card is blocked: {left}."),
            },
            Self::Blocked => lang
                .say(
                    "暗証番号を3回間違えたため、このカードはロックされています。サンドボックスを再起動すると解除されます。",
                    "This card is blocked: its PIN was wrong three times. Restarting the sandbox unblocks it.",
                )
                .to_owned(),
            Self::WrongPassword(left) => wrong_password(*left, lang),
            Self::PasswordLocked => lang
                .say(
                    "署名用パスワードはロックされています。市区町村の窓口で再設定が必要です。",
                    "The password for signing is locked: it has to be set anew at a municipality's counter.",
                )
                .to_owned(),
            Self::NoCertificate => lang
                .say("このカードには署名用電子証明書がありません。", "There is no certificate for signing on this card.")
                .to_owned(),
            Self::Suspended => lang
                .say(
                    "このカードは一時利用停止中です。利用者証明用電子証明書を使えません。",
                    "This card is suspended: its certificate cannot be used.",
                )
                .to_owned(),
        }
    }
}

fn wrong_password(left: Option<u8>, lang: Lang) -> String {
    match (left, lang) {
        (None, _) => {
            let words = "The card number or the password for signing is wrong.";
            lang.say("カード番号または署名用パスワードが違います。", words).to_owned()
        }
        (Some(left), Lang::Ja) => {
            format!("カード番号または署名用パスワードが違います。あと{left}回間違えるとロックされます。")
        }
        (Some(left), Lang::En) => {
            format!("The card number or the password for signing is wrong. Tries left before it is locked: {left}.")
        }
    }
}

fn by_signing_card(sandbox: &Sandbox, form: &Form) -> Result<usize, Problem> {
    let (Some(number), Some(password)) = (form.get("card_number"), form.get("signing_password")) else {
        return Err(Problem::WrongPassword(None));
    };
    let place = signing::holder(sandbox, number, password).map_err(|bad| match bad {
        BadPassword::Wrong(left) => Problem::WrongPassword(left),
        BadPassword::Locked => Problem::PasswordLocked,
        BadPassword::None => Problem::NoCertificate,
    })?;
    if sandbox.people.get(place).is_some_and(Person::is_suspended) { Err(Problem::Suspended) } else { Ok(place) }
}

fn has_certificate(sandbox: &Sandbox, place: usize) -> bool {
    sandbox.people.get(place).is_some_and(|person| person.file.card.signing.is_some())
}

fn by_card(sandbox: &Sandbox, form: &Form) -> Result<usize, Problem> {
    let (Some(number), Some(pin)) = (form.get("card_number"), form.get("pin")) else {
        return Err(Problem::WrongPin(None));
    };
    let (place, person) = sandbox.people.by_card(number).ok_or(Problem::WrongPin(None))?;
    if !sandbox.identity.use_try(place) {
        return Err(Problem::Blocked);
    }
    if !bool::from(half_width(pin).as_bytes().ct_eq(person.file.card.pin.as_bytes())) {
        return Err(match sandbox.identity.tries_left(place) {
            0 => Problem::Blocked,
            left => Problem::WrongPin(Some(left)),
        });
    }
    sandbox.identity.restore_tries(place);
    // Asked after the PIN: who does not know it learns nothing of the card's state.
    if person.is_suspended() { Err(Problem::Suspended) } else { Ok(place) }
}

/// テストカード代替: the picked person, or none for the end 異常.
fn by_choice(sandbox: &Sandbox, form: &Form) -> Result<Option<usize>, Problem> {
    let (place, person) = form.get("person").and_then(|id| sandbox.people.by_id(id)).ok_or(Problem::Choose)?;
    match form.get("outcome") {
        Some("normal") if person.is_suspended() => Err(Problem::Suspended),
        Some("normal") => Ok(Some(place)),
        Some("abnormal") => Ok(None),
        _ => Err(Problem::Choose),
    }
}

fn under_way(sandbox: &Sandbox, form: &Form) -> Option<(String, Transaction)> {
    let handle = form.get("transaction")?.to_owned();
    let transaction = sandbox.identity.transactions.get(&handle, sandbox.clock.now())?;
    Some((handle, transaction))
}

/// Ends the sign-in without a code.
fn leave(sandbox: &Sandbox, handle: &str, transaction: &Transaction, why: &'static str) -> HttpResponse {
    sandbox.identity.transactions.take(&handle.to_owned(), sandbox.clock.now());
    back_with_error(&transaction.redirect_uri, ("access_denied", why), Some(&transaction.state))
}

/// Ends the sign-in with a code. The sign-in is taken: of two submissions at once one gets a code.
fn finish(sandbox: &Sandbox, handle: &str, person: usize, lang: Lang) -> HttpResponse {
    let now = sandbox.clock.now();
    let Some(transaction) = sandbox.identity.transactions.take(&handle.to_owned(), now) else { return over(lang) };
    let Ok(mut url) = Url::parse(&transaction.redirect_uri) else { return over(lang) };
    if transaction.signing.as_ref().is_some_and(|id| !signing::sign(sandbox, id, person)) {
        return over(lang);
    }
    let code = sandbox.entropy.handle();
    let session_state = sandbox.entropy.short_handle();
    url.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &transaction.state)
        .append_pair("session_state", &session_state);
    let meaning = Code { transaction, person, signed_in: now, session_state };
    if !sandbox.identity.codes.insert(Digest::of(&code), meaning, now.plus(CODE_LIFE), now) {
        return over(lang);
    }
    pages::see_other(url.as_str())
}

fn show(
    sandbox: &Sandbox,
    lang: Lang,
    handle: &str,
    transaction: &Transaction,
    problem: Option<Problem>,
) -> HttpResponse {
    let persons = sandbox.people.iter().map(|p| pages::listed(p, lang)).collect();
    let problem = problem.map(|p| p.words(lang));
    if transaction.signing.is_some() {
        return pages::sign(&SignPage { lang, transaction: handle, persons, problem }, &transaction.redirect_uri);
    }
    pages::card(&CardPage { lang, transaction: handle, persons, problem }, &transaction.redirect_uri)
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
