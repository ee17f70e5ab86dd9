//! Blank forms: made up, in the shape of the real ones.

use super::answer::{enter, refusal, result};
use super::blanks::{BLANKS, Blank};
use super::{Shared, separate};
use crate::domain::archive::{self, File};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The blank configuration (構成管理XML).
const CONFIGURATION: &str = include_str!("kousei.xml");

/// The blank form of a procedure.
pub(super) fn blank(id: &str) -> Option<&'static Blank> {
    BLANKS.iter().find(|blank| blank.procedure == id)
}

/// What a procedure is called.
pub(super) fn known(id: &str) -> Option<&'static str> {
    blank(id).map(|blank| blank.name)
}

/// A form's id, by its place: the procedure's number and two digits.
pub(super) fn form_id(procedure: &str, place: usize) -> String {
    format!("{procedure}{:02}", place + 1)
}

/// `GET /procedure/{proc_id}`.
pub(super) async fn procedure(sandbox: Shared, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let Some(blank) = blank(&id) else {
        return refusal(StatusCode::NOT_FOUND, "該当する手続がありません。", &[]);
    };
    let mut files = vec![File::new(format!("{}/kousei.xml", *id), CONFIGURATION)];
    let mut infos = Vec::new();
    for (place, (text, required)) in blank.forms.iter().enumerate() {
        let form = form_id(&id, place);
        let required: Vec<String> = required
            .iter()
            .map(|item| format!("<checkItem><errtag>{item}</errtag><omitDisabled/></checkItem>"))
            .collect();
        files.push(File::new(format!("{}/{form}_01.xml", *id), text.replace("FORM_ID", &form)));
        files.push(File::new(format!("{}/{form}check.xml", *id), format!("<check>{}</check>", required.concat())));
        infos.push(json!({
            "form_id": form, "form_version": 1, "form_name": blank.name, "apply_file_name": format!("{form}_01.xml"),
            "server_check_file_name": format!("{form}check.xml"),
        }));
    }
    let mut configurations = vec!["kousei.xml".to_owned()];
    for (number, form_id) in (1..).zip(separate::FORM_IDS).filter(|_| blank.is_separate) {
        let name = format!("kousei2026110109000000{number}.xml");
        files.push(File::new(
            format!("{}/{name}", blank.procedure),
            CONFIGURATION.replace("999000000000000001", form_id),
        ));
        configurations.push(name);
    }
    let Ok(bytes) = archive::write(&files) else { return HttpResponse::InternalServerError().finish() };
    let results = json!({
        "file_data": STANDARD.encode(bytes), "configuration_file_name": configurations, "file_info": infos,
    });
    result(&request, "手続選択", &results)
}

/// `POST /preprint`: gives the form back as it came; nothing is known here of any company.
pub(super) async fn preprint(sandbox: Shared, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let places = blank(text("proc_id")).map_or(0, |blank| blank.forms.len());
    if !(0..places).any(|place| text("form_id") == form_id(text("proc_id"), place)) {
        return refusal(StatusCode::BAD_REQUEST, "手続識別子または様式IDが正しくありません。", &[]);
    }
    let file = json!({"file_name": format!("{}_01.xml", text("form_id")), "file_data": text("file_data")});
    result(&request, "プレ印字データ取得", &json!({"apply_file": file}))
}
