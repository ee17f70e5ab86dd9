//! Probes of what every page and every redirect of ours is sent with.

use super::Outcome;
use crate::http::pages::Pages;
use actix_web::http::header::HeaderMap;

pub(super) fn probes(pages: &Pages) -> Vec<(&'static str, Outcome)> {
    let specimen = pages.specimen();
    let headers = specimen.headers();
    let status = specimen.status().as_u16();
    vec![
        ("pages_cannot_be_framed", framed(headers)),
        ("pages_load_nothing_from_elsewhere", nothing_from_elsewhere(headers)),
        ("pages_are_sent_under_hsts", hsts(headers)),
        ("redirects_are_303", if status == 303 { Ok("303".into()) } else { Err(status.to_string()) }),
    ]
}

fn field<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn framed(headers: &HeaderMap) -> Outcome {
    let (policy, frame) = (field(headers, "content-security-policy"), field(headers, "x-frame-options"));
    let line = format!("Content-Security-Policy: {policy}; X-Frame-Options: {frame}");
    if policy.contains("frame-ancestors 'none'") && frame == "DENY" { Ok(line) } else { Err(line) }
}

fn nothing_from_elsewhere(headers: &HeaderMap) -> Outcome {
    let (policy, referrer) = (field(headers, "content-security-policy"), field(headers, "referrer-policy"));
    let line = format!("Content-Security-Policy: {policy}; Referrer-Policy: {referrer}");
    let is_closed = policy.contains("default-src 'none'")
        && !policy.contains("script-src")
        && !policy.contains("unsafe")
        && !policy.contains('*')
        && headers.get("access-control-allow-origin").is_none();
    if is_closed && referrer == "no-referrer" { Ok(line) } else { Err(line) }
}

fn hsts(headers: &HeaderMap) -> Outcome {
    match field(headers, "strict-transport-security") {
        "" => Err("no Strict-Transport-Security, because the public address is not https".into()),
        value => Ok(format!("Strict-Transport-Security: {value}")),
    }
}
