//! What an operator asks about the rules: why was that refused, and what would other rules end?

use crate::cli::{configured, run};
use crate::support::calls::Caller;
use crate::support::engines::MASTER;
use crate::v1::{Bank, code, income};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::domain::access::Disposition;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::ids::{ClientId, DecisionId, GrantId};
use madoguchi::hot::Invalidation;
use madoguchi::policy::{Policies, Question};
use madoguchi::store::Before;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// 予防接種.
const VACCINATION: &str = "TM00000000000084";

/// A configuration whose store is the application's.
fn operated(bank: &Bank) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let own = format!("sqlite:{}/madoguchi.db", directory.path().display());
    let config = configured(directory.path(), |text| text.replace(&own, &bank.app.store.url));
    std::fs::write(directory.path().join("master.key"), URL_SAFE_NO_PAD.encode(MASTER)).unwrap();
    (directory, config)
}

fn copied(directory: &Path) -> PathBuf {
    let own = directory.join("other");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    assert!(Command::new("cp").arg("-r").args([&shipped, &own]).status().unwrap().success());
    own
}

/// A pushed request of the bank for vaccinations, which are not for banks.
async fn refused(bank: &Bank) -> Value {
    let details = json!([{
        "type": "self_information", "purpose": bank.party.file.purpose, "access_days": 0,
        "data_sets": [{"code": VACCINATION, "items": ["8400000010"]}],
    }]);
    let caller = Caller { party: &bank.party, at: bank.app.url() };
    let told = caller
        .form(
            "/oauth/par",
            &[
                ("response_type", "code"),
                ("redirect_uri", &bank.party.file.redirect_uri),
                ("scope", "openid self_information"),
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "S256"),
                ("authorization_details", &details.to_string()),
            ],
        )
        .await;
    assert_eq!(told.brief(), (400, "invalid_authorization_details"), "{told:?}");
    told.body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_tells_its_decision_and_the_operator_can_replay_it() {
    let bank = Bank::agreed(30).await;
    let told = refused(&bank).await;
    let id = told["decision"].as_str().expect("the decision").to_owned();
    let store = bank.app.dev.server.counter().ground().store.clone();
    let record = store.find_decision(&DecisionId::parse(&id).unwrap()).await.unwrap().expect("it is kept");
    assert_eq!((record.is_allowed, record.rule.as_str()), (false, "class_not_in_catalogue"));
    assert_eq!(record.facts.client.as_str(), bank.party.file.client_id);
    let rules = Policies::load(Path::new("policies")).unwrap().now();
    assert_eq!(record.rules, rules.digest().base64url());
    assert_eq!(*rules.decide(&Question::of(&record.facts)).rule, *record.rule, "the replay is exact");

    let (directory, config) = operated(&bank);
    for (lang, words) in [
        (
            "ja",
            [
                "当時と同じ",
                "カタログでこの種類の事業者に提供が認められていません",
                "禁止する規則も該当: sensitive_only_for_care",
            ],
        ),
        (
            "en",
            [
                "those that decided",
                "does not open this data set",
                "a rule that forbids holds too: sensitive_only_for_care",
            ],
        ),
    ] {
        let output = run(directory.path(), &["policy", "explain", &id, "--lang", lang, "--config", &config]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{output:?}");
        assert!(words.iter().all(|words| said.contains(words)), "{said}");
    }
    let output = run(directory.path(), &["policy", "explain", "pd_never", "--config", &config]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no decision pd_never is kept"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_call_names_its_decision_in_the_citizens_history() {
    let bank = Bank::agreed(30).await;
    let ground = bank.app.dev.server.counter().ground();
    let store = ground.store.clone();
    let consent = bank.get("/v1/consent", &[]).await.body;
    let grant = GrantId::parse(consent["grant_id"].as_str().unwrap()).unwrap();
    let subject = store.find_grant(&grant).await.unwrap().and_then(|grant| grant.subject).expect("whose data it is");
    let mut client = store.find_client(&ClientId::parse(&bank.party.file.client_id).unwrap()).await.unwrap().unwrap();
    client.class = ClientClass::Kiosk;
    store.put_client(&client, ground.clock.now()).await.unwrap();
    ground.hot.publish(&Invalidation::All).await.unwrap();

    let asked = income(2025);
    let mut told = bank.ask(&asked, &[]).await;
    for _ in 0..40 {
        if told.status == 403 {
            break; // word has reached the gateway
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        told = bank.ask(&asked, &[]).await;
    }
    assert_eq!(code(&told), (403, "refused_by_policy".to_owned()), "{}", told.body);
    let decision = DecisionId::parse(told.body["decision"].as_str().unwrap_or_else(|| panic!("{}", told.body))).ok();
    let history = store.list_accesses(&subject, &Before { entry: None, limit: 10 }).await.unwrap();
    let expected = Disposition::Refused { code: "refused_by_policy".into(), decision };
    assert_eq!(history.first().map(|line| &line.disposition), Some(&expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_made_up_question_is_explained_without_any_store() {
    let directory = tempfile::tempdir().unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").display().to_string();
    for (asked, said) in [
        (
            vec!["--class", "bank", "--data-set", "TM00000000000002", "--purpose", "x", "--acr", "aal3"],
            "allowed: bank_means",
        ),
        (vec!["--class", "bank", "--data-set", "TM00000000000002", "--acr", "aal3"], "refused: purpose_missing"),
        (
            vec![
                "--class",
                "kiosk",
                "--data-set",
                "TM00000000000001",
                "--purpose",
                "x",
                "--acr",
                "aal3",
                "--hour",
                "23",
            ],
            "refused: kiosk_hours",
        ),
        (vec!["--class", "general", "--action", "read_catalogue"], "allowed: catalogue_is_open"),
    ] {
        let all = [vec!["policy", "explain", "--policies", &shipped], asked].concat();
        let output = run(directory.path(), &all);
        assert!(String::from_utf8_lossy(&output.stdout).contains(said), "{output:?}");
    }
    for (asked, said) in [
        (vec!["--class", "baker"], "one of bank, insurer"),
        (vec!["--class", "bank"], "--data-set"),
        (vec!["--data-set", "TM00000000000002"], "--client or --class"),
        (vec!["--class", "bank", "--data-set", "TM09"], "no data set"),
        (vec!["--class", "bank", "--hour", "24"], "24"),
    ] {
        let all = [vec!["policy", "explain", "--policies", &shipped], asked].concat();
        let output = run(directory.path(), &all);
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_tells_beforehand_which_grants_it_would_cut() {
    let bank = Bank::agreed(30).await;
    let (directory, config) = operated(&bank);
    let other = copied(directory.path());
    let diff = |more: &[&str]| {
        let typed = ["policy", "diff", other.to_str().unwrap(), "--config", &config];
        run(directory.path(), &[&typed[..], more].concat())
    };
    let output = diff(&[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 grants in force, 0 would be cut"), "{output:?}");

    // The data set is closed to banks.
    let file = other.join("data-sets/tm002_income_and_local_tax.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("classes = [\"bank\", ", "classes = [", 1)).unwrap();
    let output = diff(&[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("loan-bank\tTM00000000000002\t1 grants\tby class_not_in_catalogue"), "{said}");
    let output = diff(&["--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((told["grants"].as_u64(), told["cut"].as_u64()), (Some(1), Some(1)), "{told}");
    assert_eq!(
        told["cuts"][0],
        json!({"client": "loan-bank", "data_set": "TM00000000000002", "rule": "class_not_in_catalogue", "hours": 24, "grants": 1})
    );

    // Rules that are not in order are not held against anything.
    std::fs::write(other.join("terms.cedar"), "@id(\"x\") permit (").unwrap();
    let output = diff(&[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("terms.cedar"), "{output:?}");
}
