//! アカウント間情報共有: set, changed, taken back and answered by an operator, once; lost answers are settled by the list.

use super::api::opened;
use super::egov::agencies;
use crate::cli::{configured, run};
use crate::support::app::App;
use madoguchi::adapters::agency::AgencySettings;
use madoguchi::adapters::agency::egov::{Share, ShareAnswer, ShareFault, SharePermission, Shares};
use madoguchi::domain::SystemClock;
use madoguchi::sandbox::agencies::Mood;
use madoguchi::sandbox::egov::OFFERS;
use std::path::Path;
use std::sync::Arc;

const MEMBER: &str = "member@mihon.example";

fn settings(app: &App, folder: &Path) -> AgencySettings {
    madoguchi::cli::dev::egov::agency(&app.dev.sandbox.public_url, true, folder).expect("settings")
}

fn share(gbiz_id: &str, post: SharePermission) -> Share {
    Share { gbiz_id: gbiz_id.into(), official_doc_permission: SharePermission::Read, post_doc_permission: post }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_let_in_changed_and_let_out_and_an_offer_is_answered_once() {
    let (app, _) = opened().await;
    let folder = tempfile::tempdir().unwrap();
    let shares = Shares::new(&settings(&app, folder.path()), Arc::new(SystemClock), None).unwrap();
    assert_eq!(shares.list().await.unwrap(), []);
    let (read, download) = (share(MEMBER, SharePermission::Read), share(MEMBER, SharePermission::Download));
    shares.add(&read).await.unwrap();
    assert_eq!(shares.list().await.unwrap(), std::slice::from_ref(&read));
    assert!(matches!(shares.add(&read).await, Err(ShareFault::Refused(words)) if words.contains("既に")));
    shares.change(&download).await.unwrap();
    assert_eq!(shares.list().await.unwrap(), [download]);
    assert!(matches!(
        shares.change(&share("other@mihon.example", SharePermission::Read)).await,
        Err(ShareFault::Refused(_))
    ));
    shares.remove(MEMBER).await.unwrap();
    assert_eq!(shares.list().await.unwrap(), []);
    assert!(matches!(shares.remove(MEMBER).await, Err(ShareFault::Refused(_))));
    assert_eq!(shares.remove("nobody").await, Err(ShareFault::Account));
    shares.confirm(OFFERS, ShareAnswer::Deny).await.unwrap();
    assert!(matches!(shares.confirm(OFFERS, ShareAnswer::Accept).await, Err(ShareFault::Refused(_))));
    let answers = app.dev.sandbox.own.as_ref().unwrap().e_gov_share_answers();
    assert_eq!(answers, [(OFFERS.to_owned(), "DENY".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_settled_by_the_list_and_nothing_is_said_twice() {
    let (app, _) = opened().await;
    let folder = tempfile::tempdir().unwrap();
    let shares = Shares::new(&settings(&app, folder.path()), Arc::new(SystemClock), None).unwrap();
    let (read, download) = (share(MEMBER, SharePermission::Read), share(MEMBER, SharePermission::Download));
    let feel = |mood| agencies(&app).feel(Some(mood));
    // Done, and the answer lost: so it is.
    feel(Mood::LoseReply);
    shares.add(&read).await.unwrap();
    shares.change(&download).await.unwrap();
    shares.remove(MEMBER).await.unwrap();
    // An offer's answer is in no list.
    assert_eq!(shares.confirm(OFFERS, ShareAnswer::Accept).await, Err(ShareFault::Unknown));
    // Not done, and no answer: nobody says that it is so, and nothing is tried a second time.
    feel(Mood::Broken);
    assert_eq!(shares.add(&read).await, Err(ShareFault::Unknown));
    feel(Mood::Reject);
    assert!(matches!(shares.add(&read).await, Err(ShareFault::Refused(_))));
    feel(Mood::Down);
    assert!(matches!(shares.add(&read).await, Err(ShareFault::NotNow(Some(_)))));
    feel(Mood::Auto);
    assert_eq!(shares.list().await.unwrap(), []);
    shares.add(&read).await.unwrap();
    feel(Mood::Broken);
    assert_eq!(shares.change(&download).await, Err(ShareFault::Unknown));
    assert_eq!(shares.remove(MEMBER).await, Err(ShareFault::Unknown));
    feel(Mood::Auto);
    assert_eq!(shares.list().await.unwrap(), [read]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_does_the_same_by_the_command_line() {
    let (app, _) = opened().await;
    let directory = tempfile::tempdir().unwrap();
    let agency = settings(&app, directory.path());
    let egov = agency.egov.as_ref().unwrap();
    let table = format!(
        "[[agencies]]\nname = \"e-gov\"\nkind = \"egov\"\nbase_url = \"{}\"\nprocedures = [\"950A990000000001\"]\n\
         repeats = \"after_look_up\"\n[agencies.egov]\naccount_url = \"{}\"\nsoftware_id = \"{}\"\n\
         api_key_file = \"e-gov-api.key\"\nredirect_uri = \"{}\"\nrefresh_token_file = \"e-gov-account.token\"\n\
         key_file = \"e-gov-applicant-key.pem\"\ncertificate_file = \"e-gov-applicant-certificate.pem\"\n\
         applicant = {{ corporation = \"x\", name = \"x\", name_kana = \"x\", postal_code = \"1\", address = \"x\", \
         address_kana = \"x\", telephone = \"1\", mail = \"x\" }}\n",
        agency.base_url, egov.account_url, egov.software_id, egov.redirect_uri,
    );
    let config = configured(directory.path(), |text| text + &table);
    let said = |command: &str, more: &[&str]| {
        let output =
            run(directory.path(), &[&["agencies", "shares", command, "e-gov", "--config", &config], more].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let (is_done, told) = said("add", &["--account", MEMBER, "--electronic-deliveries", "download"]);
    assert!(is_done && told.contains("e-Gov has it so"), "{told}");
    let (is_done, told) = said("list", &[]);
    assert!(
        is_done && told.contains(&format!("{MEMBER}\tofficial documents Read\telectronic deliveries Download")),
        "{told}"
    );
    let (is_done, told) = said("change", &["--account", MEMBER, "--official-documents", "download"]);
    assert!(is_done, "{told}");
    let (is_done, told) = said("add", &["--account", MEMBER]);
    assert!(!is_done && told.contains("既に共有が設定されています"), "{told}");
    assert!(said("confirm", &["--account", OFFERS, "--answer", "accept"]).0);
    assert!(said("remove", &["--account", MEMBER]).0);
    let (is_done, told) = said("list", &[]);
    assert!(is_done && told.is_empty(), "{told}");
    // The account was let in by the token that came with the last one.
    let (by_first, by_later) = app.dev.sandbox.own.as_ref().unwrap().e_gov_renewals();
    assert!(by_first >= 1 && by_later >= 1, "{by_first} {by_later}");
}
