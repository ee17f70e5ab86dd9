//! IF001-05: "the data is there", posted to the address that the request gave.

use super::super::scenario::Scenario;
use super::super::server::Sandbox;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Reads a call-back address. It must be on the origin of one of the gateway's registered redirect URIs, or on this
/// machine: the sandbox does not post to strangers.
///
/// # Errors
/// What is wrong.
pub(super) fn allowed(sandbox: &Sandbox, party: usize, text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "callbackUrl must be an absolute URL")?;
    if !matches!(url.scheme(), "http" | "https") || url.username() != "" || url.password().is_some() {
        return Err("callbackUrl must be http or https, without user information");
    }
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let origins = sandbox.parties.get(party).map(|p| p.redirect_uris.as_slice()).unwrap_or_default();
    let is_registered = origins.iter().any(|known| Url::parse(known).is_ok_and(|known| known.origin() == url.origin()));
    if is_here || is_registered {
        Ok(url)
    } else {
        Err("callbackUrl must be on the origin of a registered redirect URI")
    }
}

/// Posts the notice when the data has been there for a moment. A result that was fetched meanwhile needs no notice,
/// so a gateway that fetches at once is not called at all.
pub(super) fn schedule(sandbox: Arc<Sandbox>, id: u128, scenario: Option<Scenario>, wait: Duration, url: Url) {
    if scenario == Some(Scenario::CallbackNever) {
        return;
    }
    let runtime = sandbox.inquiries.runtime.clone();
    runtime.spawn(async move {
        tokio::time::sleep(wait + sandbox.pace.notice).await;
        let times = match scenario {
            Some(Scenario::CallbackTwice) => 2,
            _ if sandbox.inquiries.is_fetched(id, sandbox.clock.now()) => 0,
            _ => 1,
        };
        let status = if scenario == Some(Scenario::CapacityOver) { "06" } else { "03" };
        let body = format!(r#"{{"process_id":"{id:032x}","selfiTranStatusCd":"{status}"}}"#);
        for _ in 0..times {
            let sent = sandbox
                .inquiries
                .notices
                .post(url.clone())
                .header("content-type", "application/json")
                .body(body.clone())
                .send()
                .await;
            if let Err(error) = sent {
                // The address carries the gateway's handle: it is not logged.
                tracing::debug!(error = %error.without_url(), "a call-back was not delivered");
            }
        }
    });
}
