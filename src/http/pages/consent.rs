//! The consent page: shown as often as one likes, decided once.

use super::acting_view::read_acting;
use super::consent_view::{ConsentPage, Picked, Sheet};
use super::form::{Form, FormError};
use super::reply::Reply;
use super::visit::Visit;
use super::{Pages, failure, linking_view, questions_view, terms_view};
use crate::domain::consent::{Ask, Choice, ChoiceError, Need};
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::ids::InteractionId;
use crate::issuer::interaction::{Answer, ConsentView, InteractionError, Interactions};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::BTreeSet;

/// `GET /consent?interaction=…`
pub(super) async fn show(
    request: HttpRequest,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let query = match Form::read(request.query_string().as_bytes(), "") {
        Ok(query) => query,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let Some(id) = query.get("interaction").and_then(|text| InteractionId::parse(text).ok()) else {
        return failure::page(&pages, &visit, failure::OVER);
    };
    match interactions.view(&id, visit.browser.as_ref()).await {
        Ok(view) if view.is_signed_in => page(&pages, &visit, &view, &Picked::before(&view), None),
        Ok(view) => to_sign_in(&pages, &visit, &view.id),
        Err(error) => failure::interaction(&pages, &visit, &error, None),
    }
}

/// `POST /consent`
pub(super) async fn decide(
    request: HttpRequest,
    body: web::Bytes,
    pages: web::Data<Pages>,
    interactions: web::Data<Interactions>,
) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let form = match Form::posted(&request, &body, "item", &pages.public_url) {
        Ok(form) => form,
        Err(error) => return failure::form(&pages, &visit, &error),
    };
    let Some(id) = form.get("interaction").and_then(|text| InteractionId::parse(text).ok()) else {
        return failure::page(&pages, &visit, failure::BAD_REQUEST);
    };
    let view = match interactions.view(&id, visit.browser.as_ref()).await {
        Ok(view) => view,
        Err(error) => return failure::interaction(&pages, &visit, &error, None),
    };
    if is_preview(&form) {
        return match picked(&form, view.request.ask.as_ref()) {
            Ok(picked) if view.is_signed_in => page(&pages, &visit, &view, &picked, None),
            Ok(_) => to_sign_in(&pages, &visit, &id),
            Err(_) => failure::page(&pages, &visit, failure::BAD_REQUEST),
        };
    }
    let Ok((answer, picked)) = answer(&form, view.request.ask.as_ref()) else {
        return failure::page(&pages, &visit, failure::BAD_REQUEST);
    };
    let token = form.get("token").unwrap_or_default();
    if let (Answer::Agree(choice), Some(linking)) = (&answer, &view.linking)
        && choice.acting.is_none()
    {
        let Some(service) = linking_view::picked(&form, linking) else {
            return failure::page(&pages, &visit, failure::BAD_REQUEST);
        };
        let choice = choice.clone();
        return match interactions.agree_and_link(&id, visit.browser.as_ref(), token, (choice, &service)).await {
            Ok(url) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(url.as_str()),
            Err(InteractionError::Choice(error)) => page(&pages, &visit, &view, &picked, Some(&error)),
            Err(InteractionError::NotSignedIn) => to_sign_in(&pages, &visit, &id),
            Err(error) => failure::interaction(&pages, &visit, &error, Some(view)),
        };
    }
    match interactions.decide(&id, visit.browser.as_ref(), token, &answer).await {
        Ok(decided) => Reply::new(&pages, &visit, StatusCode::SEE_OTHER).see_other(&decided.location),
        Err(InteractionError::Choice(error)) => page(&pages, &visit, &view, &picked, Some(&error)),
        Err(InteractionError::NotSignedIn) => to_sign_in(&pages, &visit, &id),
        Err(error) => failure::interaction(&pages, &visit, &error, None),
    }
}

/// Whether the citizen only wants to see again what would be sent. It decides nothing.
pub(super) fn is_preview(form: &Form) -> bool {
    form.get("decision") == Some("preview")
}

/// What the form says. A tick is a yes: an optional item that is not ticked is refused, and so is silence.
pub(super) fn answer(form: &Form, asked: Option<&Ask>) -> Result<(Answer, Picked), FormError> {
    match form.get("decision") {
        Some("refuse") => return Ok((Answer::Refuse, Picked::default())),
        Some("agree") => {}
        _ => return Err(FormError::NotAForm),
    }
    let picked = picked(form, asked)?;
    let refused = optional(asked).difference(&picked.ticked).copied().collect();
    let refused_predicates = questions_view::optional(asked).difference(&picked.ticked_predicates).cloned().collect();
    let (access_days, frequency) = (picked.access_days.unwrap_or_default(), picked.frequency);
    let acting = picked.acting.clone();
    Ok((Answer::Agree(Choice { refused, refused_predicates, access_days, frequency, acting }), picked))
}

fn optional(asked: Option<&Ask>) -> BTreeSet<(DataSetCode, ItemCode)> {
    asked
        .iter()
        .flat_map(|ask| &ask.data_sets)
        .flat_map(|set| set.items.iter().map(move |item| (set.code, item)))
        .filter(|(_, item)| item.need == Need::Optional)
        .map(|(set, item)| (set, item.code))
        .collect()
}

/// What the form's fields hold, whichever button was pressed.
pub(super) fn picked(form: &Form, asked: Option<&Ask>) -> Result<Picked, FormError> {
    let (mut ticked, mut ticked_predicates) = (BTreeSet::new(), BTreeSet::new());
    for value in form.listed() {
        let (set, item) = value.split_once(':').ok_or(FormError::NotAForm)?;
        let set = DataSetCode::parse(set).map_err(|_| FormError::NotAForm)?;
        if let Some(predicate) = questions_view::named(asked, set, item) {
            ticked_predicates.insert((set, predicate));
            continue;
        }
        let item = ItemCode::parse(item).map_err(|_| FormError::NotAForm)?;
        ticked.insert((set, item));
    }
    let are_optional = ticked.is_subset(&optional(asked));
    if !are_optional || !ticked_predicates.is_subset(&questions_view::optional(asked)) {
        return Err(FormError::NotAForm);
    }
    let access_days = match form.get("access_days") {
        Some(text) => text.parse().map_err(|_| FormError::NotAForm)?,
        None if asked.is_none() => 0,
        None => return Err(FormError::NotAForm),
    };
    let frequency = terms_view::read_frequency(form.get("frequency"))?;
    let acting = read_acting(form)?;
    Ok(Picked { ticked, ticked_predicates, access_days: Some(access_days), frequency, acting })
}

fn page(
    pages: &Pages,
    visit: &Visit,
    view: &ConsentView,
    picked: &Picked,
    error: Option<&ChoiceError>,
) -> HttpResponse {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    match ConsentPage::new(pages, visit, Sheet::of(view, visit), picked, error) {
        Ok(page) => {
            let reply = Reply::new(pages, visit, status).form_leads_to(&view.request.redirect_uri);
            linking_view::leads_to(reply, view.linking.as_ref()).page(&page)
        }
        Err(fault) => failure::fault(pages, visit, &fault),
    }
}

fn to_sign_in(pages: &Pages, visit: &Visit, id: &InteractionId) -> HttpResponse {
    let again = format!("/sign-in?interaction={id}");
    Reply::new(pages, visit, StatusCode::SEE_OTHER).see_other(&again)
}
