//! Official documents (公文書): made when they are fetched, sealed by the office's key.

use super::answer::{enter, refusal, result, time};
use super::books::{Case, Issued};
use super::inquiry::ISSUED;
use super::{Shared, forms};
use crate::domain::Timestamp;
use crate::domain::archive::{self, File};
use crate::domain::xml::{self, Document, Element, Placing, Target};
use crate::sandbox::agencies::Moment;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The document itself, and what its signature is in.
pub(super) const FILES: [&str; 2] = ["notice.txt", "signature.xml"];

fn missing() -> HttpResponse {
    refusal(StatusCode::NOT_FOUND, "該当する公文書がありません。", &[])
}

fn issued(sandbox: &Shared, number: &str, sub_id: u64) -> Option<(Case, Issued)> {
    let inside = sandbox.egov.lock();
    let case = inside.cases.get(number).filter(|_| sub_id == u64::from(ISSUED))?;
    Some((case.clone(), case.document.clone()?))
}

fn made(sandbox: &Shared, number: &str, case: &Case, document: &Issued) -> Option<Vec<u8>> {
    sealed(sandbox, (forms::known(&case.procedure)?, number), document.at)
}

/// A document of this name about this number, sealed by the office.
pub(super) fn sealed(sandbox: &Shared, (name, number): (&str, &str), at: Timestamp) -> Option<Vec<u8>> {
    let words = format!("{name}\n到達番号 {number}\n{} 決定\n見本です。効力はありません。\n", time(at));
    let parts = vec![Element::with_text("到達番号", number), Element::with_text("手続名称", name)];
    let inside = Element::with_children("構成情報", parts).attribute("ID", "構成情報");
    let mut signed = Document { instructions: Vec::new(), root: Element::with_children("公文書", vec![inside]) };
    let targets = [Target::Element("構成情報"), Target::File(FILES[0], words.as_bytes())];
    let placing = Placing { after: &[0], inside: "署名情報", id: "seal" };
    sandbox.egov.office.sign(&mut signed, &targets, &placing).ok()?;
    archive::write(&[File::new(FILES[0], words.into_bytes()), File::new(FILES[1], signed.to_bytes())]).ok()
}

/// `GET /official_document/{arrive_id}/{notice_sub_id}`.
pub(super) async fn fetch(sandbox: Shared, path: web::Path<(String, u64)>, request: HttpRequest) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Fetched).await;
    let (number, sub_id) = path.into_inner();
    let bytes =
        issued(&sandbox, &number, sub_id).and_then(|(case, document)| made(&sandbox, &number, &case, &document));
    let Some(bytes) = bytes else { return missing() };
    let names: Vec<Value> = FILES.iter().map(|name| json!({"file_name": name})).collect();
    result(&request, "公文書取得", &json!({"file_data": STANDARD.encode(bytes), "file_name_list": names}))
}

/// `POST /official_document`: it was fetched.
pub(super) async fn done(sandbox: Shared, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    sandbox.agencies.pass(Moment::Confirming).await;
    let number = body.get("arrive_id").and_then(Value::as_str).unwrap_or_default();
    let sub_id = body.get("notice_sub_id").and_then(Value::as_u64).unwrap_or_default();
    let now = sandbox.clock.now();
    let Some((case, _)) = issued(&sandbox, number, sub_id) else { return missing() };
    if let Some(document) = sandbox.egov.lock().cases.get_mut(number).and_then(|case| case.document.as_mut()) {
        document.done_at.get_or_insert(now);
        document.times_done += 1;
    }
    sandbox.agencies.pass(Moment::Confirmed).await;
    let results = json!({
        "arrive_id": number, "notice_sub_id": sub_id, "proc_name": forms::known(&case.procedure),
        "doc_title": "資格取得確認および標準報酬決定通知書", "download_date": time(now), "file_name_list": [],
    });
    result(&request, "公文書取得完了", &results)
}

/// `POST /official_document/verify`.
pub(super) async fn verify(sandbox: Shared, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    if let Err(refused) = enter(&sandbox, &request) {
        return *refused;
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("file_name").strip_suffix(".zip").is_none() {
        return refusal(StatusCode::BAD_REQUEST, "ファイル名が正しくありません。", &[]);
    }
    let files =
        STANDARD.decode(text("file_data")).ok().and_then(|bytes| archive::read(&bytes).ok()).unwrap_or_default();
    let find = |name: &str| files.iter().find(|file| file.name() == name).map(|file| &*file.bytes);
    let name = text("sig_verification_xml_file_name");
    let verified = find(name).and_then(|bytes| Document::parse(bytes).ok()).map(|signed| xml::verify(&signed, &find));
    let Some(verified) = verified else {
        return refusal(StatusCode::BAD_REQUEST, "署名検証XMLファイルがありません。", &[]);
    };
    let now = sandbox.clock.now();
    let is_ours = verified
        .as_ref()
        .is_ok_and(|verified| sandbox.egov.anchors.verify(&verified.certificate, &verified.between, now).is_ok());
    let word = |is_right: bool| if is_right { "正常" } else { "異常" };
    let official = json!({
        "validation_result": word(verified.is_ok()), "certificate_result": word(is_ours), "certificate_count": 1,
        "publisher": "例示認証局", "owner": "例示事務センター所長",
    });
    let results = json!({
        "sig_verification_xml_file_name": name, "attached_file_name": FILES[0],
        "verify_result": [{"official": official, "government": []}],
    });
    result(&request, "公文書署名検証", &results)
}
