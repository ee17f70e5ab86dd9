//! Waits on the loopback redirect address for a real browser to come back.

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// Listens on `redirect_uri`'s port until the browser brings an answer; gives the whole address it came to.
pub async fn wait(redirect_uri: &str) -> anyhow::Result<Url> {
    let base = Url::parse(redirect_uri)?;
    let port = base.port().context("the redirect URI names no port")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port} is taken"))?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut request = vec![0_u8; 16 * 1024];
        let length = stream.read(&mut request).await?;
        let head = String::from_utf8_lossy(&request[..length]).into_owned();
        let target = head.split(' ').nth(1).unwrap_or("/").to_owned();
        let answer = base.join(&target)?;
        let is_it = answer.path() == base.path() && answer.query().is_some();
        let (status, text) = if is_it {
            ("200 OK", "Thank you. You can close this page and look at the terminal.")
        } else {
            ("404 Not Found", "Not here.")
        };
        let reply = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
        stream.write_all(reply.as_bytes()).await?;
        if is_it {
            return Ok(answer);
        }
    }
}
