//! The example file, printed from the list of keys so that it cannot fall behind.

use super::keys::{Given, KEYS};
use std::fmt::Write as _;

const HEAD: &str = "\
# madoguchi: one installation. Printed by `madoguchi config example`.
# Each key can be given in the environment instead, e.g. server.public_url as MADOGUCHI_SERVER_PUBLIC_URL.
# A secret is given as itself or as the path of a file that holds it (`x_file`), not both.
# Relative paths start at this file's folder. `madoguchi check --config FILE` tells every fault at once.
";

const BACKENDS: &str = r#"
# The systems that hold the data; a data set's file under `policies/data-sets/` names its backend.
[[backends]]
name = "myna-portal"
base_url = "https://portal.example/if001"
client_id = "SP12345678_AB1234"
key_file = "/etc/madoguchi/mynaportal.pem"
kid = "madoguchi-1"
# Who vouches for its TLS certificate, when that is an authority of its own; else those of the system.
# authorities_file = "/etc/madoguchi/mynaportal-authority.pem"
# Where the backend reaches us when a result is ready; without it results are polled for.
# callback_base = "https://madoguchi.example"

# The agencies that take filings (`POST /v1/submissions`); there may be none.
# [[agencies]]
# name = "pension-office"
# What it speaks: `plain` (JSON over HTTP), or `pension` (日本年金機構's `SHFD0006.CSV`).
# kind = "plain"
# base_url = "https://pension.example/filings"
# procedures = ["2200700", "2201700"]
# What it allows when nobody knows whether a call had its effect: `by_key` (it does a call with the same Idempotency-Key
# once), `after_look_up` (it can be asked whether it has something), or `never` (a person looks: `madoguchi submissions`).
# repeats = "by_key"
# Its corporate number (法人番号): a client that is registered with it may reference what was filed to it by cloud.
# corporate_number = "7000012050002"
# Our bearer token there.
# token_file = "/etc/madoguchi/pension-office.token"
# How many of its deliveries may be worked on at once, and how many calls each worker makes in a second.
# most_at_once = 8
# calls_per_second = 20
# How long one call may take, and how long after an unanswered one it is asked whether it has it: longer than it may take.
# call_timeout_seconds = 30
# look_up_after_seconds = 120
# How often it is asked how something stands, and for how long one tries while it is away.
# look_every_seconds = 60
# give_up_after_hours = 72
# For how many days after its decision it is asked whether it has given something back (公文書).
# documents_after_end_days = 90
#
# e-Gov (電子申請 API, version 2). Its account is connected by `madoguchi agencies connect e-gov`, once in 180 days.
# [[agencies]]
# name = "e-gov"
# kind = "egov"
# base_url = "https://api.e-gov.go.jp/shinsei/v2"
# procedures = ["4950013520711000", "4950008680033000"]
# repeats = "after_look_up"
# [agencies.egov]
# account_url = "https://account.e-gov.go.jp/auth"
# software_id = "SOFTWARE-ID"
# api_key_file = "/etc/madoguchi/e-gov.key"
# redirect_uri = "https://madoguchi.example/e-gov"
# refresh_token_file = "/etc/madoguchi/e-gov.token"
# The RSA key and certificate by which packages are signed.
# key_file = "/etc/madoguchi/applicant-key.pem"
# certificate_file = "/etc/madoguchi/applicant-certificate.pem"
# The authorities up to which the certificates lead by which agencies seal official documents (GPKI).
# anchors_file = "/etc/madoguchi/gpki.pem"
# Whether everything is a rehearsal (X-eGovAPI-Trial), and whose account it is: filings of others are refused.
# is_trial = true
# corporate_number = "8000000990001"
# applicant = { corporation = "見本工業株式会社", name = "見本　太郎", name_kana = "ミホン　タロウ", postal_code = "1000000", address = "東京都見本区例示1-1", address_kana = "トウキョウトミホンクレイジ", telephone = "03-0000-0000", mail = "filing@mihon.example" }
# What e-Gov sends to the account without a filing (電子送達): which client, of the account's company, collects it; the
# procedures that ask for it (利用申込み), which are among those above; how often it is asked, and how far back.
# electronic_delivery = { client = "payroll", procedures = [], look_every_seconds = 3600, look_back_days = 90 }
# destinations = { "4950008680033000" = { id = "950API00000000001001001", name = "例示労働局,見本公共職業安定所" } }

# What citizens can link their accounts with (もっとつながる); there may be none.
# A private delivery provider (民間送達): an OpenID provider that keeps certificates and statements.
# [[linked_services]]
# kind = "private_delivery"
# code = "mihon-post"
# ja = "見本電子私書箱"
# en = "Mihon e-Mailbox"
# issuer = "https://post.example"
# Who we are there, and the P-256 key that proves it (private_key_jwt). It sends browsers back to `/links/callback`.
# client_id = "madoguchi"
# key_file = "/etc/madoguchi/mihon-post.pem"
# kid = "madoguchi-1"
# scope = "openid offline_access documents"
# Where a link is ended (RFC 7009), where documents are listed, and below that fetched.
# revocation_url = "https://post.example/revoke"
# documents_url = "https://post.example/documents"
# The authorities up to which the certificates lead by which issuers sign documents.
# anchors_file = "/etc/madoguchi/document-issuers.pem"
# authorities_file = "/etc/madoguchi/mihon-post-authority.pem"
# call_timeout_seconds = 10
#
# A site that citizens enter with the counter's sign-in (認証連携): which client it is here, where it begins to sign in
# (`initiate_login_uri`), and the only addresses that it may be asked to lead on to.
# [[linked_services]]
# kind = "sign_on"
# code = "tax-site"
# ja = "見本国税サイト"
# en = "Mihon Tax Site"
# client = "tax-site"
# initiate_login_uri = "https://tax.example/sign-in"
# targets = ["https://tax.example/home"]
"#;

/// The example file.
#[must_use]
pub fn example() -> String {
    let mut out = HEAD.to_owned();
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if of != section {
            section = of;
            let _ = write!(out, "\n[{section}]\n");
        }
        let _ = writeln!(out, "# {}", key.words);
        let _ = match key.given {
            Given::Must(value) => writeln!(out, "{name} = {}", literal(value)),
            Given::Default("") => writeln!(out, "# {name} = []"),
            Given::Default(value) | Given::May(value) => writeln!(out, "# {name} = {}", literal(value)),
            Given::Secret(file) => writeln!(out, "{name}_file = {}", literal(file)),
        };
    }
    out + BACKENDS
}

/// `value` as TOML writes it: numbers and truth values bare, all else quoted.
fn literal(value: &str) -> String {
    let is_bare = value.parse::<u64>().is_ok() || value.parse::<bool>().is_ok();
    if is_bare { value.to_owned() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_toml_and_names_every_key() {
        let text = example();
        let table: toml::Table = text.parse().unwrap();
        assert!(table.contains_key("server") && table.contains_key("backends"));
        for key in KEYS {
            assert!(text.contains(key.name.split_once('.').unwrap().1), "{}", key.name);
        }
    }
}
