//! Prepares everything that a judge needs to run the OpenID Foundation's conformance suite against `madoguchi serve`.
//!
//! ```text
//! cargo run --example judge -- --issuer https://localhost:8443 --suite https://localhost.emobix.co.uk:8443
//! ```
//!
//! Writes a directory with TLS files, keys, the counter's configuration, clients to import and the suite's configurations;
//! prints what to run next. `examples/judge.md` tells the whole story.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is; a key's point has one size")]

mod keys;
mod plans;

use anyhow::{Context as _, ensure};
use clap::Parser;
use keys::{Authority, Jwk};
use madoguchi::domain::{Entropy, SystemEntropy};
use plans::{Case, Pair, Places};
use serde_json::json;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use url::Url;

/// Makes keys, certificates, clients and configurations; everything is made up, nothing is sent anywhere.
#[derive(Parser)]
struct Options {
    /// The counter's address as the suite will call it.
    #[arg(long, default_value = "https://localhost:8443")]
    issuer: Url,
    /// The address and port that the counter listens on.
    #[arg(long, default_value = "0.0.0.0:8443")]
    listen: SocketAddr,
    /// The counter's address where client certificates are asked for; the issuer with the next port when not given.
    #[arg(long)]
    mtls: Option<Url>,
    /// The address and port for it; the next port when not given.
    #[arg(long)]
    mtls_listen: Option<SocketAddr>,
    /// The suite's address as browsers see it.
    #[arg(long, default_value = "https://localhost.emobix.co.uk:8443")]
    suite: Url,
    /// The pretend government's address as browsers see it; plain HTTP on a loopback host only.
    #[arg(long, default_value = "http://localhost:8090")]
    sandbox: Url,
    /// Where everything is written.
    #[arg(long, default_value = ".judge")]
    directory: PathBuf,
    /// Rules, rate plans and data sets.
    #[arg(long, default_value = "policies")]
    policies: PathBuf,
    /// A certificate chain of your own for the counter, PEM; one is made when not given.
    #[arg(long, requires = "key")]
    certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, requires = "certificate")]
    key: Option<PathBuf>,
}

/// The counter's configuration.
const CONFIGURATION: &str = include_str!("madoguchi.toml");
/// The name of the counter's key at the pretend government.
const IDENTITY_KID: &str = "madoguchi-judged";

fn main() -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = Options::parse();
    std::fs::create_dir_all(options.directory.join("plans"))?;
    let directory = options.directory.canonicalize()?;
    let authority = Authority::new()?;
    write(&directory, "authority.crt", &authority.pem)?;
    let places = places(&options)?;
    counter(&options, &directory, &authority, &places)?;
    let (mut clients, mut lines) = (Vec::new(), String::new());
    for case in Case::all() {
        let pair = Pair::new(case, &authority)?;
        clients.extend(pair.metadata(&places.suite));
        for (expression, name, config) in pair.plans(&places, &authority) {
            write(&directory, &format!("plans/{name}"), &format!("{config:#}\n"))?;
            let _ = writeln!(lines, "{expression} {}", directory.join("plans").join(&name).display());
        }
    }
    write(&directory, "clients.json", &format!("{:#}\n", json!(clients)))?;
    write(&directory, "plans.txt", &lines)?;
    tell(&directory, &options, (clients.len(), lines.lines().count()));
    Ok(())
}

fn plain(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

fn places(options: &Options) -> anyhow::Result<Places> {
    let next = || -> anyhow::Result<Url> {
        let mut url = options.issuer.clone();
        let port = url.port_or_known_default().and_then(|port| port.checked_add(1));
        ensure!(url.set_port(port).is_ok(), "the issuer has no port to count on from; give --mtls");
        Ok(url)
    };
    Ok(Places {
        issuer: plain(&options.issuer),
        mtls: plain(&options.mtls.clone().map_or_else(next, Ok)?),
        identity: format!("{}{}", plain(&options.sandbox), madoguchi::sandbox::IDENTITY_PATH),
        suite: plain(&options.suite),
    })
}

/// The counter's own files.
fn counter(options: &Options, directory: &Path, authority: &Authority, places: &Places) -> anyhow::Result<()> {
    let host = options.issuer.host_str().context("the issuer names no host")?;
    let (certificate, key) = if let (Some(certificate), Some(key)) = (&options.certificate, &options.key) {
        (certificate.canonicalize()?, key.canonicalize()?)
    } else {
        let made = authority.server(host)?;
        write(directory, "tls.crt", &format!("{}{}", made.pem, authority.pem))?;
        write(directory, "tls.key", &made.key_pem)?;
        (directory.join("tls.crt"), directory.join("tls.key"))
    };
    let (jwk, pem) = Jwk::es256_and_pem(IDENTITY_KID)?;
    write(directory, "identity.pem", &pem)?;
    write(directory, "gateway-jwks.json", &format!("{:#}\n", json!({"keys": [jwk.public()]})))?;
    write(directory, "master.key", &<dyn Entropy>::handle(&SystemEntropy))?;
    let next = SocketAddr::new(options.listen.ip(), options.listen.port().saturating_add(1));
    let mtls_listen = options.mtls_listen.unwrap_or(next);
    let text = CONFIGURATION
        .replace("{issuer}", &places.issuer)
        .replace("{listen}", &options.listen.to_string())
        .replace("{mtls_listen}", &mtls_listen.to_string())
        .replace("{mtls}", &places.mtls)
        .replace("{certificate}", &certificate.display().to_string())
        .replace("{key}", &key.display().to_string())
        .replace("{directory}", &directory.display().to_string())
        .replace("{policies}", &options.policies.canonicalize()?.display().to_string())
        .replace("{identity}", &places.identity)
        .replace("{identity_kid}", IDENTITY_KID)
        .replace("{sandbox}", &plain(&options.sandbox));
    write(directory, "madoguchi.toml", &text)
}

/// Keys are among them, so only the owner may read them.
fn write(directory: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = directory.join(name);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    #[cfg(unix)]
    std::fs::set_permissions(&path, <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600))?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what to do next is its output")]
fn tell(directory: &Path, options: &Options, (clients, plans): (usize, usize)) {
    let (config, place) = (directory.join("madoguchi.toml"), directory.display());
    let (config, issuer) = (config.display(), plain(&options.issuer));
    let port = options.sandbox.port_or_known_default().unwrap_or(8090);
    println!("{clients} clients and {plans} plans are written to {place}. Now:\n");
    println!("  madoguchi check --config {config}");
    println!("  madoguchi clients import {place}/clients.json --config {config}");
    println!("  madoguchi sandbox --port {port} --gateway-jwks {place}/gateway-jwks.json \\");
    println!("    --redirect-uri {issuer}/sign-in/callback &");
    println!("  madoguchi serve --config {config} &");
    println!("  madoguchi doctor --config {config}\n");
    println!("and one line of {place}/plans.txt at a time in the suite (examples/judge.md).");
}
