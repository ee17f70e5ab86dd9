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
use crate::domain::deposit::ByteSpan;
use names::Names;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, RANGE};
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
    /// The answer is not the range that was asked for.
    #[error("answered with something else than the range")]
    NotTheRange,
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

    /// Posts a form; gives the status. Where everybody is made up, to this machine without TLS, too.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn post_told(&self, url: &str, body: (&str, String)) -> Result<u16, OutwardError> {
        self.posted(self.checked_cloud(url)?, body, &[]).await
    }

    /// Posts `body` of this type with these header fields; gives the status.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn post_with(
        &self,
        url: &str,
        body: (&str, String),
        fields: &[(&'static str, String)],
    ) -> Result<u16, OutwardError> {
        self.posted(self.checked(url)?, body, fields).await
    }

    async fn posted(
        &self,
        url: Url,
        (kind, body): (&str, String),
        fields: &[(&'static str, String)],
    ) -> Result<u16, OutwardError> {
        let mut request = self.client().await?.post(url).header(CONTENT_TYPE, kind).body(body);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        Ok(send(request).await?.status().as_u16())
    }

    /// Some bytes of what is at `url` and `size` bytes large, asked for by this bearer token; nothing but exactly those bytes
    /// is given on.
    ///
    /// # Errors
    /// [`OutwardError`]; [`OutwardError::Status`] for a whole answer, too, and [`OutwardError::NotTheRange`].
    pub async fn get_range(
        &self,
        url: &str,
        (span, size): (ByteSpan, u64),
        bearer: &Secret<String>,
    ) -> Result<Vec<u8>, OutwardError> {
        let (url, first, last) = (self.checked_cloud(url)?, span.first(), span.last());
        let request = self.client().await?.get(url).header(RANGE, format!("bytes={first}-{last}"));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", bearer.expose()));
        let answer = send(request.header(ACCEPT_ENCODING, "identity")).await?;
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(OutwardError::Status(answer.status().as_u16()));
        }
        let is_coded = answer.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
        let told = answer.headers().get(CONTENT_RANGE).and_then(|told| told.to_str().ok());
        if is_coded || told != Some(&format!("bytes {first}-{last}/{size}")) {
            return Err(OutwardError::NotTheRange);
        }
        let wanted = usize::try_from(span.len()).map_err(|_| OutwardError::NotTheRange)?;
        match http::whole(answer, wanted).await {
            Ok(bytes) if bytes.len() == wanted => Ok(bytes),
            Ok(_) | Err(Unread::TooLarge) => Err(OutwardError::NotTheRange),
            Err(Unread::Broken(error)) => Err(OutwardError::Unreachable(Box::new(error))),
        }
    }

    /// Whether an address is one of a cloud that is asked for ranges, as far as it alone can tell: where everybody is made up,
    /// one of this machine without TLS, too.
    ///
    /// # Errors
    /// [`OutwardError`] saying why not.
    pub fn check_cloud(&self, url: &str) -> Result<(), OutwardError> {
        self.checked_cloud(url).map(drop)
    }

    fn checked_cloud(&self, url: &str) -> Result<Url, OutwardError> {
        let plain = Url::parse(url).ok().filter(|url| self.reach.this_machine && url.scheme() == "http");
        let is_here = |url: &Url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address::is_this_machine(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => address::is_this_machine(IpAddr::V6(address)),
            None => false,
        };
        let is_bare = |url: &Url| url.username().is_empty() && url.password().is_none();
        match plain.filter(|url| is_here(url) && is_bare(url)) {
            Some(url) => Ok(url),
            None => self.checked(url),
        }
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
        // Without TLS nothing is called but what `checked_cloud` lets through: this machine, where everybody is made up.
        .https_only(!reach.this_machine)
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
    async fn a_cloud_without_tls_is_called_on_this_machine_alone_and_only_among_the_made_up() {
        let here = Outward::new(Reach { this_machine: true, ..Reach::default() });
        for url in ["http://localhost:1/a", "http://127.0.0.1:1/a", "http://[::1]:1/a", "https://cloud.example/a"] {
            assert!(here.check_cloud(url).is_ok(), "{url}");
        }
        let (span, token) = (ByteSpan::of(0, 9).unwrap(), Secret::new("t".to_owned()));
        for url in [
            "http://10.0.0.1/a",
            "http://cloud.example/a",
            "http://user@localhost/a",
            "http://localhost.cloud.example/a",
            "https://169.254.169.254/a",
            "https://user:pass@cloud.example/a",
            "file:///etc/passwd",
            "",
        ] {
            assert!(here.check_cloud(url).is_err(), "{url}");
            let error = here.get_range(url, (span, 10), &token).await.unwrap_err();
            assert!(matches!(error, OutwardError::Address | OutwardError::NotPublic), "{url}: {error}");
        }
        for url in ["http://localhost:1/a", "http://127.0.0.1:1/a", "https://127.0.0.1/a", "https://[::1]/a"] {
            assert!(Outward::default().check_cloud(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_not_public_https_is_never_called() {
        // Told again by every test: the first to tell wins.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
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
