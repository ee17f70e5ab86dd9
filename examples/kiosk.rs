//! A terminal in a municipal hall (マイナポータル用端末): a person sees their household on it, goes, and another comes.
//!
//! ```text
//! cargo run -- dev                                      # in one terminal
//! cargo run --example kiosk -- --auto                   # in another: plays both persons' browsers too
//! cargo run --example kiosk                             # prints the addresses to open
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use reqwest::Method;
use serde_json::{Value, json};
use support::citizen::Citizen;
use support::files::ClientFile;
use support::person::Person;
use support::say;
use support::terminal::{self, Refused, Shown};
use support::third_party::{ThirdParty, Tokens};

/// A terminal against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    person: Person,
    /// The card of whoever comes next (with --auto).
    #[arg(long, default_value = "1000000000000002")]
    next_card: String,
    /// Its PIN (with --auto).
    #[arg(long, default_value = "2345")]
    next_pin: String,
}

/// 住民票関係情報: the household.
const HOUSEHOLD: &str = "TM00000000000001";
const REQUESTS: &str = "/v1/self-information-requests";
const WHO: &str = "/oauth/userinfo";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let file = ClientFile::read(&options.person.directory, "kiosk")?;
    let auto = options.person.auto;

    say("1. The first person comes to the terminal.");
    let terminal = ThirdParty::open(file.clone()).await?;
    let mut first = auto.then(|| options.person.citizen()).transpose()?;
    let (tokens, place) = visit(&terminal, first.as_mut()).await?;
    let who = subject(&terminal, &tokens).await?;

    say("2. They press End: the terminal gives the token back, and the counter ends what was agreed to.");
    terminal::end(&terminal, &tokens).await?;
    let after = terminal.call(&tokens, Method::GET, place.as_deref().unwrap_or(WHO), None).await?;
    ensure!(after.status == 401, "a visit that ended still opens something ({})", after.status);
    say("   The same token once more is answered 401.");

    say("3. Somebody else comes. The terminal makes a new key for them; it kept nothing.");
    let fresh = ThirdParty::open(file).await?;
    let mut next = auto.then(|| Citizen::new(&options.next_card, &options.next_pin)).transpose()?;
    let (theirs, _) = visit(&fresh, next.as_mut()).await?;
    let other = subject(&fresh, &theirs).await?;
    ensure!(!auto || who != other, "the next person is taken for the one before");
    if let Some(place) = place {
        let found = fresh.call(&theirs, Method::GET, &place, None).await?;
        ensure!(found.status == 404, "the next person reaches what the one before saw ({})", found.status);
        say("   The request of the one before is not found.");
    }
    let old = terminal.call(&tokens, Method::GET, WHO, None).await?;
    ensure!(old.status == 401, "the token of the one before opens something ({})", old.status);
    say("   Nothing of the one before is there.");

    say(
        "4. Whoever walks away without pressing anything: after three minutes without a call their token is dead, too.",
    );
    terminal::end(&fresh, &theirs).await
}

/// One person's visit: the terminal shows a code, they agree in a browser, and what they came for is shown. Gives the token and
/// where the request is kept, if one was made.
async fn visit(terminal: &ThirdParty, citizen: Option<&mut Citizen>) -> anyhow::Result<(Tokens, Option<String>)> {
    let (shown, asks_household) = ask(terminal).await?;
    say(&format!("   The terminal shows {} (and a QR code of {}).", shown.user_code, shown.address));
    match citizen {
        // Somebody without a phone signs in on the terminal's own screen: the browser forgets everything afterwards.
        Some(citizen) => {
            let page = citizen.agree_at_terminal(&format!("{}&at=terminal", shown.address), true).await?;
            let told = page.texts(".notice").join(" ");
            ensure!(!told.is_empty(), "the page says nothing: {}", page.text());
            say(&format!("   | {told}"));
        }
        None => say("   Open it, sign in with a sandbox card, and decide."),
    }
    let tokens = terminal::wait(terminal, &shown).await?;
    if !asks_household {
        return Ok((tokens, None));
    }
    let body = json!({"data_sets": [{"code": HOUSEHOLD, "condition": {"kind": "latest"}}]});
    let answer = terminal.call(&tokens, Method::POST, REQUESTS, Some(&body)).await?;
    ensure!(answer.status == 200, "the retrieval did not succeed ({}): {}", answer.status, answer.body);
    for line in support::show::results(&answer.body) {
        say(&format!("   {line}"));
    }
    let id = answer.body["id"].as_str().context("no id")?;
    Ok((tokens, Some(format!("{REQUESTS}/{id}"))))
}

/// Asks for the household; where the rules say that terminals are closed (23 to 6 o'clock), only who it is.
async fn ask(terminal: &ThirdParty) -> anyhow::Result<(Shown, bool)> {
    let details = json!([{
        "type": "self_information",
        "purpose": terminal.file.purpose,
        "data_sets": [{"code": HOUSEHOLD, "items": ["0100000010", "0100000080", "0100000090"]}],
        "access_days": 0,
    }]);
    match terminal::ask(terminal, "openid self_information", &details).await {
        Err(error) if error.downcast_ref::<Refused>().is_some_and(|no| no.description.contains("kiosk_hours")) => {
            say(&format!("   It is night in Japan, and the operator's rules say so: {error}"));
            Ok((terminal::ask(terminal, "openid", &Value::Null).await?, false))
        }
        shown => Ok((shown?, true)),
    }
}

async fn subject(terminal: &ThirdParty, tokens: &Tokens) -> anyhow::Result<String> {
    let told = terminal.call(tokens, Method::GET, WHO, None).await?;
    ensure!(told.status == 200, "userinfo ended in {}: {}", told.status, told.body);
    Ok(told.body["sub"].as_str().context("no sub")?.to_owned())
}
