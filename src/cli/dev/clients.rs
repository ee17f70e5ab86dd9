//! The ready-made third parties of `madoguchi dev`: registered, with their keys in files.

mod making;

use super::directory::{Directory, write_private};
use super::key;
use crate::domain::client::ClientClass;
use crate::domain::{Secret, Timestamp, Words};
use crate::sandbox;
use crate::store::Store;
use anyhow::Context as _;
use making::words;
use serde_json::Value;
use std::path::PathBuf;

/// One ready-made third party.
struct ReadyMade {
    file: &'static str,
    id: &'static str,
    class: ClientClass,
    name: (&'static str, &'static str),
    corporate_number: &'static str,
    scope: &'static str,
    redirect_uri: &'static str,
    purpose: &'static str,
    purpose_words: (&'static str, &'static str),
    if_refused: (&'static str, &'static str),
    retention_days: u32,
    recipients: &'static [(&'static str, &'static str)],
    max_access_days: u32,
    rate_plan: &'static str,
}

const READY_MADE: [ReadyMade; 15] = [
    ReadyMade {
        file: "loan_bank",
        id: "loan-bank",
        class: ClientClass::Bank,
        name: ("株式会社見本銀行", "Mihon Bank, Ltd."),
        corporate_number: LOAN_BANK_NUMBER,
        scope: "openid offline_access catalog self_information",
        redirect_uri: "http://127.0.0.1:8765/callback",
        purpose: "loan_examination",
        purpose_words: ("住宅ローンの審査", "Examining your home loan application"),
        if_refused: (
            "収入を証明する書類を窓口に提出していただきます。",
            "You will have to hand in proof of your income at a branch.",
        ),
        retention_days: 365,
        recipients: &[("見本信用保証株式会社", "Mihon Credit Guarantee, Ltd.")],
        max_access_days: 90,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "vaccination_app",
        id: "vaccination-app",
        class: ClientClass::LocalGovernment,
        name: ("例示県", "Reiji Prefecture"),
        corporate_number: VACCINATION_APP_NUMBER,
        scope: "openid offline_access catalog self_information",
        redirect_uri: "http://127.0.0.1:8766/callback",
        purpose: "vaccination_record",
        purpose_words: ("予防接種記録の自動記録", "Keeping your vaccination record up to date"),
        if_refused: ("接種の記録をご自分で入力していただきます。", "You will have to enter your vaccinations by hand."),
        retention_days: 1825,
        recipients: &[],
        max_access_days: 365,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "payroll",
        id: "payroll",
        class: ClientClass::Payroll,
        name: ("見本給与計算株式会社", "Mihon Payroll, Ltd."),
        corporate_number: PAYROLL_NUMBER,
        scope: "openid offline_access private_documents linked_services submissions employment_certificates deposits",
        redirect_uri: "http://127.0.0.1:8768/callback",
        purpose: "filings",
        purpose_words: ("従業員の社会保険・税の手続", "Filing for your employees' social insurance and tax"),
        if_refused: ("手続を窓口で行っていただきます。", "You will have to file at the counters yourself."),
        retention_days: 1,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "nursery_desk",
        id: "nursery-desk",
        class: ClientClass::LocalGovernment,
        name: ("見本市", "Mihon City"),
        corporate_number: NURSERY_DESK_NUMBER,
        scope: "openid certificate_verification agency_applications",
        redirect_uri: "http://127.0.0.1:8769/callback",
        purpose: "nursery_applications",
        purpose_words: ("保育施設の利用申込の審査", "Examining applications for places in nurseries"),
        if_refused: ("就労証明書を書面で提出していただきます。", "You will have to hand in the certificate on paper."),
        retention_days: 1825,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "founding_office",
        id: "founding-office",
        class: ClientClass::Professional,
        name: ("司法書士見本事務所", "Mihon Judicial Scrivener’s Office"),
        corporate_number: FOUNDING_OFFICE_NUMBER,
        scope: "openid submissions establishments",
        redirect_uri: "http://127.0.0.1:8770/callback",
        purpose: "establishments",
        purpose_words: ("会社設立の手続", "Establishing companies for their founders"),
        if_refused: ("手続を各窓口で行っていただきます。", "You will have to file at each counter yourself."),
        retention_days: 1,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "lending_desk",
        id: "lending-desk",
        class: ClientClass::Bank,
        name: ("見本信用金庫", "Mihon Shinkin Bank"),
        corporate_number: LENDING_DESK_NUMBER,
        scope: "openid deposits",
        redirect_uri: "http://127.0.0.1:8772/callback",
        purpose: "business_loans",
        purpose_words: ("事業資金の融資の審査", "Examining loans to businesses"),
        if_refused: ("決算書等を書面で提出していただきます。", "You will have to hand in your books on paper."),
        retention_days: 1826,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "tax_office",
        id: "tax-office",
        class: ClientClass::Agency,
        name: ("見本税務署", "Mihon Tax Office"),
        corporate_number: TAX_OFFICE_NUMBER,
        scope: "openid agency_deposits",
        redirect_uri: "http://127.0.0.1:8770/callback",
        purpose: "withholding_statements",
        purpose_words: ("法定調書の審査", "Examining withholding statements"),
        if_refused: ("書面での提出をお願いすることになります。", "You will be asked to hand them in on paper."),
        retention_days: 2557,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "labour_office",
        id: "labour-office",
        class: ClientClass::Agency,
        name: ("見本労働基準監督署", "Mihon Labour Standards Office"),
        corporate_number: LABOUR_OFFICE_NUMBER,
        scope: "openid agency_deposits",
        redirect_uri: "http://127.0.0.1:8771/callback",
        purpose: "wage_ledgers",
        purpose_words: ("賃金台帳の調査", "Inspecting wage ledgers"),
        if_refused: ("書面での提出をお願いすることになります。", "You will be asked to hand them in on paper."),
        retention_days: 1826,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "chat_front",
        id: "chat-front",
        class: ClientClass::ChatFront,
        name: ("見本チャット株式会社", "Mihon Chat, Ltd."),
        corporate_number: CHAT_FRONT_NUMBER,
        scope: "openid service_search",
        redirect_uri: "http://127.0.0.1:8773/callback",
        purpose: "service_search",
        purpose_words: ("手続の検索と案内", "Finding procedures and showing the way to them"),
        if_refused: ("市区町村の窓口にお尋ねいただきます。", "You will have to ask at your municipality."),
        retention_days: 1,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "city_notices",
        id: "city-notices",
        class: ClientClass::LocalGovernment,
        name: ("見本市（お知らせ）", "Mihon City, notices"),
        corporate_number: NURSERY_DESK_NUMBER,
        scope: "openid agency_notices agency_payments",
        redirect_uri: "http://127.0.0.1:8774/callback",
        purpose: "notices",
        purpose_words: ("お知らせの送付", "Sending you notices"),
        if_refused: ("お知らせを郵送します。", "You will be sent notices by post."),
        retention_days: 1826,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "measurement",
    },
    ReadyMade {
        file: "inbox",
        id: "inbox",
        class: ClientClass::General,
        name: ("見本メール株式会社", "Mihon Mail, Ltd."),
        corporate_number: INBOX_NUMBER,
        scope: "openid offline_access notices",
        redirect_uri: "http://127.0.0.1:8775/callback",
        purpose: "notices",
        purpose_words: ("お知らせの受信箱", "An inbox for your notices"),
        if_refused: ("お知らせはこの窓口でご覧いただけます。", "You can read your notices at this counter."),
        retention_days: 1,
        recipients: &[],
        max_access_days: 90,
        rate_plan: "measurement",
    },
    ReadyMade {
        file: "town_desk",
        id: "town-desk",
        class: ClientClass::LocalGovernment,
        name: ("例示町", "Reiji Town"),
        corporate_number: TOWN_DESK_NUMBER,
        scope: "openid agency_applications",
        redirect_uri: "http://127.0.0.1:8777/callback",
        purpose: "applications",
        purpose_words: ("電子申請の審査", "Examining applications"),
        if_refused: ("窓口で申請していただきます。", "You will have to apply at the counter."),
        retention_days: 1825,
        recipients: &[],
        max_access_days: 1,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "family_app",
        id: "family-app",
        class: ClientClass::General,
        name: ("見本子育てアプリ株式会社", "Mihon Family App, Ltd."),
        corporate_number: FAMILY_APP_NUMBER,
        scope: "openid offline_access applications submissions",
        redirect_uri: "http://127.0.0.1:8776/callback",
        purpose: "applications",
        purpose_words: ("市区町村への電子申請", "Applying to your municipality"),
        if_refused: ("市区町村の窓口で申請していただきます。", "You will have to apply at the counter."),
        retention_days: 365,
        recipients: &[],
        max_access_days: 365,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "kiosk",
        id: "hall-kiosk",
        class: ClientClass::Kiosk,
        name: ("見本市（市民ホールの端末）", "Mihon City, terminal in the hall"),
        corporate_number: NURSERY_DESK_NUMBER,
        scope: "openid self_information",
        redirect_uri: "http://127.0.0.1:8778/callback",
        purpose: "show_household",
        purpose_words: ("端末での世帯情報の表示", "Showing your household on the terminal"),
        if_refused: ("窓口で住民票をご請求ください。", "You can ask for your resident record at the counter."),
        retention_days: 0,
        recipients: &[],
        max_access_days: 0,
        rate_plan: "standard",
    },
    ReadyMade {
        file: "load_test",
        id: "load-test",
        class: ClientClass::Bank,
        name: ("見本計測株式会社", "Mihon Measuring, Ltd."),
        corporate_number: LOAD_TEST_NUMBER,
        scope: "openid offline_access catalog self_information submissions service_search",
        redirect_uri: "http://127.0.0.1:8767/callback",
        purpose: "measurement",
        purpose_words: ("この窓口の性能の計測", "Measuring how fast this counter is"),
        if_refused: ("計測ができなくなります。", "Nothing is measured."),
        retention_days: 1,
        recipients: &[],
        max_access_days: 30,
        rate_plan: "measurement",
    },
];

/// Made up; the check digits are right.
const LOAN_BANK_NUMBER: &str = "8000000990001";
const VACCINATION_APP_NUMBER: &str = "7000000990002";
const LOAD_TEST_NUMBER: &str = "6000000990003";
const PAYROLL_NUMBER: &str = "5000000990004";
const FOUNDING_OFFICE_NUMBER: &str = "1000000990008";
/// A municipality's number is made of its code: of 999016, a made-up city.
const NURSERY_DESK_NUMBER: &str = "6000020999016";
/// Of 999024, a made-up town.
const TOWN_DESK_NUMBER: &str = "6000020999024";

const INBOX_NUMBER: &str = "7000000990010";
const CHAT_FRONT_NUMBER: &str = "9000000990009";
const FAMILY_APP_NUMBER: &str = "6000000990011";
const LENDING_DESK_NUMBER: &str = "2000000990007";
/// Of the sandbox's agencies `tax` and `labour`.
const TAX_OFFICE_NUMBER: &str = sandbox::agencies::NUMBERS[0].1;
const LABOUR_OFFICE_NUMBER: &str = sandbox::agencies::NUMBERS[1].1;

/// A ready-made client, as shown.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its `client_id`.
    pub id: String,
    /// Its legal name.
    pub name: Words,
    /// Its own side of the registration, with its private key.
    pub file: PathBuf,
}

/// Registers every ready-made client with `store`, with the key in its file, which is made when there is none.
///
/// # Errors
/// When a file cannot be read or written, or the store does not answer.
pub async fn register(
    directory: &Directory,
    issuer: &str,
    store: &dyn Store,
    now: Timestamp,
) -> anyhow::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for ready in &READY_MADE {
        let path = directory.client_file(ready.file);
        let pem = match std::fs::read_to_string(&path) {
            Ok(text) => kept_key(&text).with_context(|| format!("{} does not read; delete it", path.display()))?,
            Err(_) => key::generate()?,
        };
        let jwk = key::public_jwk(&pem)?;
        write_private(&path, &ready.file_text(issuer, &pem, &key::kid(&jwk)))?;
        store.put_client(&ready.client(&jwk)?, now).await?;
        listed.push(Listed { id: ready.id.into(), name: words(ready.name), file: path });
    }
    Ok(listed)
}

fn kept_key(text: &str) -> Option<Secret<String>> {
    let file: Value = serde_json::from_str(text).ok()?;
    Some(Secret::new(file.get("private_key_pem")?.as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_ready_made_client_is_one_that_the_domain_accepts() {
        for ready in &READY_MADE {
            let client = ready.client(&json!({})).unwrap();
            assert!(client.purpose(ready.purpose).is_some());
            let pem = key::generate().unwrap();
            let client = ready.client(&key::public_jwk(&pem).unwrap()).unwrap();
            assert_eq!(crate::issuer::check_registration(&client), Ok(()));
        }
    }
}
