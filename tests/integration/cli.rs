//! The command line, as typed: the binary itself, its exit code, and what it says.

use crate::support::child::Ears;
use madoguchi::issuer::KeyUse;
use madoguchi::protocol::jose::Es256Signer;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tokio::time::Instant;

const BINARY: &str = env!("CARGO_BIN_EXE_madoguchi");

/// Runs the binary in `directory` to its end.
pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(BINARY).args(arguments).current_dir(directory).output().unwrap()
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "it must fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A configuration that is right but for what `change` does to it.
pub fn configured(directory: &Path, change: impl Fn(String) -> String) -> String {
    std::fs::write(directory.join("master.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    madoguchi::cli::dev::Directory::open(directory).unwrap().gateway_key().unwrap();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let backend = |name: &str| {
        format!(
            "[[backends]]\nname = \"{name}\"\nbase_url = \"https://portal.example/if001\"\nclient_id = \
             \"SP12345678_AB1234\"\nkey_file = \"gateway-key.pem\"\nkid = \"k1\"\n"
        )
    };
    let text = format!(
        "[server]\npublic_url = \"https://madoguchi.example\"\nlisten = \"127.0.0.1:0\"\nbehind_tls_proxy = true\n\
         [store]\nurl = \"sqlite:{0}/madoguchi.db\"\n[hot]\nurl = \"memory:\"\n[keys]\nmaster_key_file = \"master.key\"\n\
         [policies]\ndirectory = \"{1}\"\n[identity]\nissuer = \"https://idp.example/realms/main\"\n\
         client_id = \"madoguchigateway\"\nkey_id = \"k1\"\nprivate_key_file = \"gateway-key.pem\"\n{2}{3}",
        directory.display(),
        policies.display(),
        backend("myna-portal"),
        backend("health-insurance"),
    );
    let path = directory.join("madoguchi.toml");
    std::fs::write(&path, change(text)).unwrap();
    path.display().to_string()
}

#[test]
fn the_example_configuration_is_the_committed_one() {
    let output = run(Path::new("."), &["config", "example"]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/madoguchi.toml");
    let hint = "run `cargo run -- config example > examples/madoguchi.toml`";
    assert!(std::fs::read(committed).unwrap() == output.stdout, "{hint}");
}

#[test]
fn check_accepts_what_is_right_and_tells_every_fault() {
    let directory = tempfile::tempdir().unwrap();
    let good = configured(directory.path(), |text| text);
    let output = run(directory.path(), &["check", "--config", &good]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bad = configured(directory.path(), |text| {
        text.replace("https://madoguchi.example", "http://madoguchi.example").replace("memory:", "memcached:")
    });
    let told = complaint(&run(directory.path(), &["check", "--config", &bad]));
    assert!(told.contains("server.public_url") && told.contains("hot.url"), "{told}");
    let lacking = configured(directory.path(), |text| text.replace("name = \"myna-portal\"", "name = \"elsewhere\""));
    let told = complaint(&run(directory.path(), &["check", "--config", &lacking]));
    assert!(told.contains("myna-portal"), "{told}");
}

#[test]
fn the_doctor_tells_every_clause_and_fails_when_one_is_broken() {
    let directory = tempfile::tempdir().unwrap();
    let good = configured(directory.path(), |text| text);
    for (lang, word) in [("en", "[met] 5.3.2.1-1: "), ("ja", "[満たす] 5.3.2.1-1: ")] {
        let output = run(directory.path(), &["doctor", "--config", &good, "--lang", lang]);
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(told.contains(word) && told.contains("DNSSEC") && !told.contains("[BROKEN]"), "{told}");
    }
    // Connections may come from anywhere, and nobody says who the proxy is.
    let open = configured(directory.path(), |text| text.replace("127.0.0.1:0", "0.0.0.0:0"));
    let output = run(directory.path(), &["doctor", "--config", &open]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && told.contains("[BROKEN] 5.2.1-1: "), "{told}");
    assert!(told.contains("server.trusted_proxies names no proxy"), "{told}");
    let lost = configured(directory.path(), |text| {
        text.replace("master_key_file = \"master.key\"", "master_key = \"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA\"")
    });
    assert!(
        !run(directory.path(), &["doctor", "--config", &lost]).status.success(),
        "another master key opens nothing"
    );
}

#[test]
fn serve_refuses_an_issuer_that_is_not_https_and_a_missing_file() {
    let directory = tempfile::tempdir().unwrap();
    let bad =
        configured(directory.path(), |text| text.replace("https://madoguchi.example", "http://madoguchi.example"));
    assert!(complaint(&run(directory.path(), &["serve", "--config", &bad])).contains("https"));
    let told = complaint(&run(directory.path(), &["serve", "--config", "nowhere.toml"]));
    assert!(told.contains("nowhere.toml") && told.contains("config example"), "{told}");
}

#[test]
fn clients_are_registered_only_when_they_are_right() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    let client = |redirect: &str| {
        format!(
            "id = \"bank\"\nclass = \"bank\"\nstatus = \"active\"\ncorporate_number = \"8000000990001\"\n\
             redirect_uris = [\"{redirect}\"]\nscope = \"openid self_information\"\nrate_plan = \"standard\"\n\
             sector = \"bank.example\"\npurposes = []\n[name]\nja = \"見本銀行\"\nen = \"Mihon Bank\"\n\
             [contact]\nemail = \"desk@bank.example\"\nphone = \"03-0000-0000\"\n[jwks]\nkeys = []\n"
        )
    };
    let file = directory.path().join("bank.toml");
    std::fs::write(&file, client("http://bank.example/callback")).unwrap();
    let put = ["clients", "put", file.to_str().unwrap(), "--config", &config];
    let told = complaint(&run(directory.path(), &put));
    assert!(told.contains("https is needed"), "{told}");
    let key = Es256Signer::generate().unwrap().0;
    let jwks = serde_json::json!({"keys": [key.public_jwk()]});
    let registration = |plan: &str| {
        let name = serde_json::json!({"ja": "見本銀行", "en": "Mihon Bank"});
        serde_json::json!({
            "id": "bank", "class": "bank", "status": "production", "corporate_number": "8000000990001",
            "redirect_uris": ["https://bank.example/callback"], "scope": "openid", "rate_plan": plan,
            "sector": "bank.example", "purposes": [], "name": name, "jwks": jwks,
            "contact": {"email": "desk@bank.example", "phone": "03-0000-0000"},
        })
    };
    let file = directory.path().join("bank.json");
    let put = ["clients", "put", file.to_str().unwrap(), "--config", &config];
    std::fs::write(&file, registration("gratis").to_string()).unwrap();
    let told = complaint(&run(directory.path(), &put));
    assert!(told.contains("rate_plan") && told.contains("gratis") && told.contains("standard"), "{told}");
    let listed = run(directory.path(), &["clients", "list", "--config", &config]);
    assert!(listed.stdout.is_empty(), "a registration that was refused was kept");
    std::fs::write(&file, registration("standard").to_string()).unwrap();
    let output = run(directory.path(), &put);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn clients_are_imported_all_or_none() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    let key = madoguchi::protocol::jose::Es256Signer::generate().unwrap().0.public_jwk().clone();
    let client = |id: &str, redirect: &str| {
        serde_json::json!({
            "client_id": id,
            "client_name": "Mihon Bank",
            "redirect_uris": [redirect],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [key]},
        })
    };
    let file = directory.path().join("clients.json");
    let import = ["clients", "import", file.to_str().unwrap(), "--config", &config];
    let list = ["clients", "list", "--config", &config];
    let one_wrong = serde_json::json!([
        client("one", "https://suite.example/callback"),
        client("two", "http://suite.example/callback"),
    ]);
    std::fs::write(&file, one_wrong.to_string()).unwrap();
    let told = complaint(&run(directory.path(), &import));
    assert!(told.contains("[1] redirect_uris: http://suite.example/callback: https is needed"), "{told}");
    assert!(run(directory.path(), &list).stdout.is_empty(), "a file with a fault was kept in part");
    let right = serde_json::json!([
        client("one", "https://suite.example/callback"),
        client("two", "https://suite.example/callback?dummy1=lorem&dummy2=ipsum"),
    ]);
    std::fs::write(&file, right.to_string()).unwrap();
    let output = run(directory.path(), &import);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = run(directory.path(), &list);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 2, "{listed:?}");
}

#[test]
fn retention_is_shown_tried_and_run() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    for (arguments, words) in [
        (&["retention", "show"][..], "evidence_records\tkept 1826 days\t0 due"),
        (&["retention", "show"], "ended_consents\tkept 1826 days\t0 due"),
        (&["retention", "show"], "ended_filings\tkept 1826 days\t0 due"),
        (&["retention", "show"], "decisions\tkept 90 days\t0 due"),
        (&["retention", "run", "--dry-run"], "nothing was"),
        (&["retention", "run"], "nothing more is due"),
    ] {
        let output = run(directory.path(), &[arguments, &["--config", &config]].concat());
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(words), "{output:?}");
    }
}

#[test]
fn keys_are_listed_and_rotated_once() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    for words in ["signing:1", "signing:2", "waiting"] {
        let output = run(directory.path(), &["keys", "rotate", "--config", &config]);
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(words), "{output:?}");
    }
    let listed = run(directory.path(), &["keys", "list", "--config", &config]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 2 * KeyUse::ALL.len(), "two of each use");
    let output = run(directory.path(), &["keys", "rotate", "--use", "messages", "--config", &config]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1, "one use only");
    let told = complaint(&run(directory.path(), &["keys", "rotate", "--use", "signatures", "--config", &config]));
    assert!(told.contains("signing, messages, "), "{told}");
}

#[test]
fn a_new_master_key_reseals_the_keys_and_a_lost_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    let reseal = ["keys", "reseal", "--config", &config];
    assert!(run(directory.path(), &["keys", "rotate", "--config", &config]).status.success());
    std::fs::rename(directory.path().join("master.key"), directory.path().join("old.key")).unwrap();
    std::fs::write(directory.path().join("master.key"), "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA").unwrap();
    let told = complaint(&run(directory.path(), &reseal));
    assert!(told.contains("keys.former_master_key_files"), "{told}");
    let named = |text: String| text.replace("[keys]\n", "[keys]\nformer_master_key_files = [\"old.key\"]\n");
    let both = configured(directory.path(), named);
    std::fs::write(directory.path().join("master.key"), "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA").unwrap();
    std::fs::write(directory.path().join("old.key"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let all = KeyUse::ALL.len();
    for resealed in [format!("{all} keys seen, {all} resealed"), format!("{all} keys seen, 0 resealed")] {
        let output = run(directory.path(), &["keys", "reseal", "--config", &both]);
        assert!(String::from_utf8_lossy(&output.stdout).contains(&resealed), "{output:?}");
    }
    // The former key can go: the present one alone opens everything.
    std::fs::remove_file(directory.path().join("old.key")).unwrap();
    let alone = configured(directory.path(), |text| text);
    std::fs::write(directory.path().join("master.key"), "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA").unwrap();
    let output = run(directory.path(), &["keys", "reseal", "--config", &alone]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(" 0 resealed"), "{output:?}");
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for flag in ["--port", "--sandbox-port"] {
        let other = if flag == "--port" { "--sandbox-port" } else { "--port" };
        let told = complaint(&run(directory.path(), &["dev", flag, &port, other, "0"]));
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains(&port) && told.contains(flag), "{told}");
    }
}

#[test]
fn dev_is_for_this_machine_only() {
    let directory = tempfile::tempdir().unwrap();
    let told = complaint(&run(directory.path(), &["dev", "--public-url", "https://madoguchi.example"]));
    assert!(told.contains("--public-url"), "{told}");
}

#[cfg(unix)]
#[test]
fn dev_and_serve_stop_within_two_seconds_of_a_signal() {
    let directory = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    for (signal, arguments) in [
        ("-INT", vec!["dev", "--port", "0", "--sandbox-port", "0"]),
        ("-TERM", vec!["dev", "--port", "0", "--sandbox-port", "0"]),
        ("-TERM", vec!["serve", "--config", &config]),
    ] {
        let (child, _ears) = started(directory.path(), &arguments);
        let began = Instant::now();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let status = ended(child);
        assert!(status.success(), "{arguments:?}: {status}");
        assert!(began.elapsed() < Duration::from_secs(2), "{arguments:?} took {:?}", began.elapsed());
    }
}

#[test]
fn the_rules_are_those_of_the_configuration_that_the_environment_names() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let config = configured(directory.path(), |text| text);
    let ask = |file: &str, arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command.arg("policy").args(arguments).current_dir(elsewhere.path()).env("MADOGUCHI_CONFIG", file);
        command.output().unwrap()
    };
    let question = ["explain", "--class", "bank", "--action", "read_catalogue"];
    for arguments in [&["test"][..], &question[..]] {
        let told = ask(&config, arguments);
        assert!(told.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&told.stderr));
        let missing = complaint(&ask("nowhere.toml", arguments));
        assert!(missing.contains("nowhere.toml"), "{arguments:?}: {missing}");
        // What is typed counts more.
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").display().to_string();
        let typed = [arguments, &["--policies", &shipped]].concat();
        assert!(ask("nowhere.toml", &typed).status.success(), "{typed:?}");
    }
}

#[cfg(unix)]
#[test]
fn serve_reads_its_rules_again_at_a_signal_and_refuses_those_that_are_not_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let own = directory.path().join("policies");
    assert!(Command::new("cp").arg("-r").args([&shipped, &own]).status().unwrap().success());
    let (from, to) = (shipped.display().to_string(), own.display().to_string());
    let config = configured(directory.path(), |text| text.replace(&from, &to));
    let mut command = Command::new(BINARY);
    command.args(["serve", "--config", &config]).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut hears = |words: &str| lines.by_ref().find(|line| line.contains(words)).expect(words);
    let hang_up = || {
        assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    };
    hears("the counter is open");
    hang_up();
    hears("the rules are the same as before");
    let rules = std::fs::read_to_string(own.join("terms.cedar")).unwrap();
    std::fs::write(own.join("terms.cedar"), rules.replace("hour >= 23", "hour >= 0x")).unwrap();
    hang_up();
    assert!(hears("not in order").contains("terms.cedar"));
    hears("the rules that were in force stay");
    // A case still says that there is an hour to go.
    std::fs::write(own.join("terms.cedar"), rules.replace("hour >= 23", "hour >= 22")).unwrap();
    hang_up();
    assert!(hears("not in order").contains("household at 22:59"));
    let cases = std::fs::read_to_string(own.join("cases/terms.toml")).unwrap();
    std::fs::write(
        own.join("cases/terms.toml"),
        cases.replace(
            "hour = 22\nexpect = \"allow\"\nrule = \"kiosk_household\"",
            "hour = 21\nexpect = \"allow\"\nrule = \"kiosk_household\"",
        ),
    )
    .unwrap();
    hang_up();
    assert!(hears("other rules are in force").contains("policy.before"));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Starts the binary and waits until it says that it is open.
fn started(directory: &Path, arguments: &[&str]) -> (Child, Ears) {
    let is_serve = arguments.contains(&"serve");
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(directory).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let said: Box<dyn std::io::Read + Send> =
        if is_serve { Box::new(child.stderr.take().unwrap()) } else { Box::new(child.stdout.take().unwrap()) };
    let words = if is_serve { "the counter is open" } else { "Ctrl-C" };
    let mut lines = BufReader::new(said);
    assert!(lines.by_ref().lines().any(|line| line.unwrap().contains(words)), "it never said {words:?}");
    let mut ears = Ears::default();
    ears.go_on(lines, None);
    if let Some(log) = child.stderr.take() {
        ears.listen(log, None);
    }
    (child, ears)
}

fn ended(mut child: Child) -> std::process::ExitStatus {
    for _ in 0..500 {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap()
}
