//! A file of many records, sent in pieces: what broke off would go on at the `Upload-Offset` that the counter says.

use super::payroll::Payroll;
use super::santei;
use anyhow::{Context, ensure};
use madoguchi::domain::Digest;
use reqwest::Method;
use serde_json::{Value, json};

const ALL: &str = "/v1/bulk-submissions";

/// Says what will come, and how: `Prefer`, and what becomes of the file when records are rejected.
pub async fn begin(payroll: &Payroll, file: &[u8], (prefer, on_reject): (&str, &str)) -> anyhow::Result<Value> {
    let said = json!({
        "agency": santei::AGENCY, "procedure": santei::PROCEDURE, "office": santei::office(), "on_reject": on_reject,
        "digest": Digest::of_bytes(file).base64url(), "length": file.len(),
    });
    let key = super::keys::unguessable();
    payroll.post(ALL, &[("idempotency-key", &key), ("prefer", prefer)], &said).await
}

/// Sends the whole file; gives the last answer. `told` hears how much of it is there, for certain.
pub async fn upload(
    payroll: &Payroll,
    begun: &Value,
    file: &[u8],
    mut told: impl FnMut(usize, usize),
) -> anyhow::Result<Value> {
    let path = path(begun)?;
    let most = usize::try_from(begun["largest_piece"].as_u64().context("no largest_piece")?)?;
    let mut last = begun.clone();
    while last["state"] == "uploading" {
        let offset = usize::try_from(last["upload_offset"].as_u64().context("no upload_offset")?)?;
        let piece = file.get(offset..).context("the counter has more than there is")?;
        let piece = piece.get(..most).map_or(piece, |piece| whole_lines(piece));
        ensure!(!piece.is_empty(), "a line is longer than a piece may be");
        let place = offset.to_string();
        let headers = [("content-type", "application/partial-upload"), ("upload-offset", place.as_str())];
        last = payroll.call((Method::PATCH, &path), &headers, piece.to_vec()).await?;
        told(offset + piece.len(), file.len());
    }
    Ok(last)
}

fn whole_lines(piece: &[u8]) -> &[u8] {
    let end = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    piece.get(..end).unwrap_or_default()
}

/// Files what a dry run found good, under its digest.
pub async fn submit(payroll: &Payroll, checked: &Value) -> anyhow::Result<Value> {
    payroll.post(&format!("{}/submit", path(checked)?), &[], &json!({"digest": checked["digest"]})).await
}

/// How it stands.
pub async fn look(payroll: &Payroll, bulk: &Value) -> anyhow::Result<Value> {
    payroll.get(&path(bulk)?).await
}

/// Every line's outcome, in order.
pub async fn outcomes(payroll: &Payroll, bulk: &Value) -> anyhow::Result<Vec<Value>> {
    let (path, mut after, mut all) = (path(bulk)?, 0, Vec::new());
    loop {
        let page = payroll.get(&format!("{path}/outcomes?after={after}&limit=1000")).await?;
        all.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => return Ok(all),
        }
    }
}

fn path(bulk: &Value) -> anyhow::Result<String> {
    Ok(format!("{ALL}/{}", bulk["id"].as_str().context("no id")?))
}
