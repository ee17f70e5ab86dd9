//! What `dev` prints: addresses, persons, clients, and what to try.

use super::clients::Listed;
use super::start::Dev;
use std::fmt::Write as _;
use std::path::Path;

/// Everything a developer needs, in one page.
pub fn render(dev: &Dev, directory: &Path) -> String {
    let mut out = String::new();
    let _ =
        writeln!(out, "\nmadoguchi (窓口) is open, with a pretend government behind it. Every person is made up.\n");
    addresses(&mut out, dev, directory);
    persons(&mut out, dev);
    clients(&mut out, &dev.clients);
    commands(&mut out, dev, directory);
    out
}

fn addresses(out: &mut String, dev: &Dev, directory: &Path) {
    let url = &dev.public_url;
    for (what, place) in [
        ("the counter / 窓口", url.clone()),
        ("its API / API仕様", format!("{url}/docs")),
        ("the citizen's dashboard / 利用状況", format!("{url}/dashboard")),
        ("issuer / 認可サーバー", format!("{url}/.well-known/openid-configuration")),
        ("the pretend government / 模擬政府", dev.sandbox.public_url.clone()),
        ("files / ファイル", directory.display().to_string()),
    ]
    .into_iter()
    .chain(dev.metrics.map(|address| ("figures / 指標", format!("http://{address}/metrics"))))
    {
        let _ = writeln!(out, "  {} {place}", padded(what, 36));
    }
}

fn persons(out: &mut String, dev: &Dev) {
    let Some(sandbox) = &dev.sandbox.own else { return };
    let _ = writeln!(out, "\n  {} {}  person / 人物", padded("card / カード", 18), padded("PIN", 6));
    for person in &sandbox.persons {
        let lost = if person.is_suspended { " (card reported lost / 紛失届あり)" } else { "" };
        let _ = writeln!(
            out,
            "  {} {}  {} {}{lost}",
            padded(&person.card_number, 18),
            padded(&person.pin, 6),
            padded(&person.name.ja, 14),
            person.story.en,
        );
    }
}

fn clients(out: &mut String, clients: &[Listed]) {
    let _ = writeln!(out, "\n  {} key file / 鍵ファイル", padded("client / 連携先", 36));
    for client in clients {
        let who = format!("{} ({})", client.id, client.name.ja);
        let _ = writeln!(out, "  {} {}", padded(&who, 36), client.file.display());
    }
}

fn commands(out: &mut String, dev: &Dev, directory: &Path) {
    let here = directory == Path::new(".madoguchi");
    let place = if here { String::new() } else { format!(" --directory {}", directory.display()) };
    let _ = writeln!(out, "\n  Try, in another terminal / 別の端末で:");
    for (line, words) in [
        (format!("cargo run --example loan_application -- --auto{place}"), "a bank, and the citizen's browser too"),
        (format!("cargo run --example vaccination_record -- --auto{place}"), "a prefecture's health app"),
        (format!("curl {}/.well-known/openid-configuration", dev.public_url), "what the counter can do"),
    ] {
        let _ = writeln!(out, "    {line}\n      # {words}");
    }
    let _ = write!(out, "\n  Ctrl-C stops both / Ctrl-C で終了");
}

/// `text` and blanks to `width` columns; Japanese characters take two.
fn padded(text: &str, width: usize) -> String {
    let columns: usize = text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(columns)))
}

#[cfg(test)]
mod tests {
    use super::padded;

    #[test]
    fn japanese_takes_two_columns() {
        assert_eq!(padded("窓口", 6), "窓口  ");
        assert_eq!(padded("abcdef", 3), "abcdef");
    }
}
