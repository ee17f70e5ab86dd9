//! Calls to addresses that third parties name: their key sets, and where they are told of something.
//!
//! What for: an address that a stranger chose must not become our hand inside our own network (server-side request
//! forgery), nor a way to keep us waiting or to fill our memory.
//!
//! How it flows: 1. [`Outward`] reads the address: https, a host, no user; 2. a host that is an address is judged by
//! [`address`], a name is resolved by `names`, which gives its addresses only when every one of them is public;
//! 3. the connection goes to those very addresses, so that nothing is resolved a second time; 4. the certificate is
//! checked for the name (RFC 9525), no redirect is followed, no proxy is asked, and time and size are bounded.
//!
//! How to add one more: another method of [`Outward`] for another kind of call; the rules above hold for all.
//!
//! What it must never do: connect to an address of this machine or a private network, except where the operator serves
//! made-up persons only; send anything of ours but what the call is for; tell the other side's bytes to anybody.

pub mod address;
mod names;

use super::http::{self, Unread};
use crate::domain::Secret;
use names::Names;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

/// The whole call, names and handshake included.
const DEADLINE: Duration = Duration::from_secs(5);
/// The most that an answer may weigh: a key set is a few kilobytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Why a call came to nothing. The words are for the log and for the client that named the address.
#[derive(Debug, thiserror::Error)]
pub enum OutwardError {
    /// The address is not one that is called.
    #[error("the address must be https, with a host and without a user")]
    Address,
    /// The host is, or is named as, a place that is not public.
    #[error("the address leads to a place that is not public")]
    NotPublic,
    /// No connection, no certificate for that name, or no answer in time.
    #[error("no connection, or no answer in time")]
    Unreachable(#[source] Box<reqwest::Error>),
    /// The answer is another than wanted; redirects are not followed.
    #[error("answered {0}")]
    Status(u16),
    /// The answer is larger than any honest one.
    #[error("answered with more than {LARGEST_ANSWER} bytes")]
    TooLarge,
    /// No client could be made.
    #[error("calls outward cannot be made: {0}")]
    Ours(String),
}

/// What may be reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Addresses of this machine too: only where everybody is made up.
    pub this_machine: bool,
    /// Authorities that are trusted besides the machine's own, DER.
    pub authorities: Vec<Vec<u8>>,
    /// How long a whole call may take; five seconds when not said.
    pub deadline: Option<Duration>,
}

/// The client for such calls. Its connections are opened with the first one.
#[derive(Clone, Debug, Default)]
pub struct Outward {
    reach: Reach,
    client: Arc<OnceLock<Client>>,
}

impl Outward {
    /// A client that reaches so far.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        Self { reach, client: Arc::default() }
    }

    /// The body at `url`, which must be answered with 200.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn get(&self, url: &str) -> Result<Vec<u8>, OutwardError> {
        let url = self.checked(url)?;
        let answer = send(self.client().await?.get(url).header(ACCEPT, "application/json")).await?;
        if answer.status() != StatusCode::OK {
            return Err(OutwardError::Status(answer.status().as_u16()));
        }
        whole(answer).await
    }

    /// Posts `body` of this type, with a bearer token when one is given; gives the status.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn post(
        &self,
        url: &str,
        body: (&str, String),
        bearer: Option<&Secret<String>>,
    ) -> Result<u16, OutwardError> {
        let field = |bearer: &Secret<String>| (AUTHORIZATION.as_str(), format!("Bearer {}", bearer.expose()));
        self.post_with(url, body, &bearer.map(field).into_iter().collect::<Vec<_>>()).await
    }

    /// Posts `body` of this type with these header fields; gives the status.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn post_with(
        &self,
        url: &str,
        (kind, body): (&str, String),
        fields: &[(&'static str, String)],
    ) -> Result<u16, OutwardError> {
        let mut request = self.client().await?.post(self.checked(url)?).header(CONTENT_TYPE, kind).body(body);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        Ok(send(request).await?.status().as_u16())
    }

    /// Whether an address is one that is called, as far as it alone can tell.
    ///
    /// # Errors
    /// [`OutwardError`] saying why not.
    pub fn check(&self, url: &str) -> Result<(), OutwardError> {
        self.checked(url).map(drop)
    }

    fn checked(&self, url: &str) -> Result<Url, OutwardError> {
        let url = Url::parse(url).map_err(|_| OutwardError::Address)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || !is_plain {
            return Err(OutwardError::Address);
        }
        // An address in the place of a name is connected to without asking `names`.
        let literal = match url.host() {
            None => return Err(OutwardError::Address),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        };
        match literal {
            Some(address) if !self.reach.allows(address) => Err(OutwardError::NotPublic),
            _ => Ok(url),
        }
    }

    /// Reading the machine's authorities takes a while, so it is done beside the workers.
    async fn client(&self) -> Result<Client, OutwardError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let reach = self.reach.clone();
        let built = tokio::task::spawn_blocking(move || build(&reach)).await;
        let client = built.map_err(|error| OutwardError::Ours(error.to_string()))??;
        Ok(self.client.get_or_init(|| client).clone())
    }
}

fn build(reach: &Reach) -> Result<Client, OutwardError> {
    let ours = |error: reqwest::Error| OutwardError::Ours(error.to_string());
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .https_only(true)
        // Calls are rare: a connection that was kept would be closed by the other side just as it is used.
        .pool_max_idle_per_host(0)
        .timeout(reach.deadline.unwrap_or(DEADLINE))
        .dns_resolver(Arc::new(Names::new(reach.clone())));
    for authority in &reach.authorities {
        builder = builder.tls_certs_merge([Certificate::from_der(authority).map_err(ours)?]);
    }
    builder.build().map_err(ours)
}

impl Reach {
    /// Whether this address may be connected to.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        address::is_public(address) || (self.this_machine && address::is_this_machine(address))
    }
}

async fn send(request: RequestBuilder) -> Result<Response, OutwardError> {
    request.send().await.map_err(|error| {
        if names::is_refusal(&error) { OutwardError::NotPublic } else { OutwardError::Unreachable(Box::new(error)) }
    })
}

async fn whole(answer: Response) -> Result<Vec<u8>, OutwardError> {
    http::whole(answer, LARGEST_ANSWER).await.map_err(|unread| match unread {
        Unread::Broken(error) => OutwardError::Unreachable(Box::new(error)),
        Unread::TooLarge => OutwardError::TooLarge,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_is_not_public_https_is_never_called() {
        let outward = Outward::default();
        for (url, is_told) in [
            ("http://bank.example/jwks", "https"),
            ("https://user@bank.example/jwks", "https"),
            ("ftp://bank.example/jwks", "https"),
            ("file:///etc/passwd", "https"),
            ("nonsense", "https"),
            ("https://127.0.0.1/jwks", "not public"),
            ("https://127.1/jwks", "not public"),
            ("https://2130706433/jwks", "not public"),
            ("https://0x7f000001/jwks", "not public"),
            ("https://[::1]/jwks", "not public"),
            ("https://[::ffff:10.0.0.1]/jwks", "not public"),
            ("https://169.254.169.254/latest/meta-data", "not public"),
            ("https://10.1.2.3:8443/", "not public"),
        ] {
            let error = outward.get(url).await.unwrap_err().to_string();
            assert!(error.contains(is_told), "{url}: {error}");
            let error = outward.post(url, ("text/plain", String::new()), None).await.unwrap_err().to_string();
            assert!(error.contains(is_told), "{url}: {error}");
        }
    }
}
