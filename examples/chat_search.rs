//! A chat front helps a person find a procedure, by place and by words, and hands over with a link that names nobody.
//!
//! ```text
//! cargo run -- dev                        # in one terminal
//! cargo run --example chat_search         # in another
//! ```

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null where nothing is")]

mod support;

use anyhow::{Context, ensure};
use clap::Parser;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use support::browser::Browser;
use support::payroll::Payroll;
use support::say;
use url::form_urlencoded::Serializer;

/// A chat front, against a running `madoguchi dev`.
#[derive(Parser)]
struct Options {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    directory: PathBuf,
    /// Nobody is asked in any case; here for the same way to call every example.
    #[arg(long)]
    auto: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    support::install_crypto();
    let options = Options::parse();
    let chat = Chat(Payroll::open_for(&options.directory, "chat_front", "service_search").await?);
    bot("どちらにお住まいですか。郵便番号か市区町村名を教えてください。");
    person("955-0071 です");
    let found = chat.get("/v1/municipalities", &[("postal_code", "955-0071")]).await?;
    let municipality = &found["municipalities"][0];
    let (code, name) = (text(&municipality["code"]), text(&municipality["name"]));
    bot(&format!("{name}ですね。何をお探しですか。"));
    person("元旦ﾏﾗｿﾝ");
    let race = chat.procedures(&[("municipality", &code), ("keyword", "元旦ﾏﾗｿﾝ")]).await?;
    let race = race.first().context("the race is not there")?;
    bot(&format!(
        "「{}」があります。ほかには？ できごとからも選べます：妊娠、出生、引越し …",
        text(&race["official_name"])
    ));
    person("出生");
    let born = chat.procedures(&[("municipality", &code), ("life_event", "birth"), ("e_application", "true")]).await?;
    bot(&format!("電子申請できる手続が{}件あります。", born.len()));
    for one in &born {
        say(&format!("        ・{}", text(&one["official_name"])));
    }
    person("児童手当の認定請求");
    let one = chat.procedures(&[("municipality", &code), ("keyword", "児童手当の認定請求")]).await?;
    let one = one.first().context("the procedure is not there")?;
    let told = chat.get(&format!("/v1/service-procedures/{}", text(&one["psid"])), &[]).await?;
    let documents = told["documents"].as_array().context("no documents")?;
    let named = |is_unnecessary: bool| {
        let wanted = documents.iter().filter(|one| one["is_unnecessary_by_linkage"] == is_unnecessary);
        wanted.map(|one| text(&one["name"])).collect::<Vec<_>>().join("、")
    };
    bot(&format!("期限は「{}」です。", text(&told["due"])));
    bot(&format!("必要な書類：{}", named(false)));
    bot(&format!("情報連携で省略できる書類：{}", named(true)));
    let link = text(&one["apply_url"]);
    bot(&format!("こちらからお進みください。あなたの情報は含まれていません：{link}"));

    let mut browser = Browser::new("ja")?;
    let page = browser.open(&link, "never").await?;
    ensure!(page.text().contains(&text(&one["official_name"])), "the page is another procedure's");
    say(&format!("the person lands on: {}", page.texts("h1").join(" ")));
    let page = browser.open(&format!("{link}&name=%E8%A6%8B%E6%9C%AC"), "never").await?;
    say(&format!("a link that says more: {}", page.texts("h1").join(" ")));
    Ok(())
}

/// The chat front's own software.
struct Chat(Payroll);

impl Chat {
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Value> {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        self.0.get(&if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }).await
    }

    /// Waits while a counter that was just opened reads its catalogue.
    async fn procedures(&self, query: &[(&str, &str)]) -> anyhow::Result<Vec<Value>> {
        for _ in 0..100 {
            match self.get("/v1/service-procedures", query).await {
                Ok(page) => return page["procedures"].as_array().cloned().context("no procedures"),
                Err(error) if error.to_string().contains("temporarily_unavailable") => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return Err(error),
            }
        }
        anyhow::bail!("the catalogue does not come")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn bot(words: &str) {
    say(&format!("案内  {words}"));
}

fn person(words: &str) {
    say(&format!("利用者  {words}"));
}
