//! What e-Gov wants to be told beside what every agency does.

use crate::adapters::selfinfo::is_safe;
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::ClientId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// The table `[agencies.egov]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgovSettings {
    /// The account service: `https://account.e-gov.go.jp/auth`.
    pub account_url: Url,
    /// The software's id there.
    pub software_id: String,
    /// The file of its API key.
    pub api_key_file: PathBuf,
    /// Where the account service sends the browser back to, as registered with the key.
    pub redirect_uri: Url,
    /// The file of the corporate account's refresh token, which `madoguchi agencies connect` writes. It lasts 180 days.
    pub refresh_token_file: PathBuf,
    /// The file of the applicant's RSA key, PEM.
    pub key_file: PathBuf,
    /// The file of its certificate, PEM.
    pub certificate_file: PathBuf,
    /// The file of the authorities up to which the certificates lead by which agencies seal official documents (PEM; the
    /// root of GPKI, 政府認証基盤). The signature of any other is told to be whole, and not to be trusted here.
    #[serde(default)]
    pub anchors_file: Option<PathBuf>,
    /// Whether everything is a rehearsal (`X-eGovAPI-Trial`).
    #[serde(default)]
    pub is_trial: bool,
    /// Whose account it is: filings of others are refused. Of everybody when absent.
    #[serde(default)]
    pub corporate_number: Option<CorporateNumber>,
    /// What e-Gov sends to the account without a filing (電子送達); it is left alone when absent.
    #[serde(default)]
    pub electronic_delivery: Option<ElectronicDelivery>,
    /// Who applies, as the configuration (構成管理XML) says it.
    pub applicant: Applicant,
    /// Where procedures go that name a destination, by procedure.
    #[serde(default)]
    pub destinations: BTreeMap<String, Destination>,
    /// What procedures are called there, by procedure; what their first form is called where it says nothing.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
}

/// The table `[agencies.egov.electronic_delivery]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectronicDelivery {
    /// The client that collects what is sent to the account: the account's company's own software.
    pub client: ClientId,
    /// The procedures that ask for it (電子送達利用申込み), among those of the agency.
    #[serde(default)]
    pub procedures: Vec<String>,
    /// How often it is asked what was sent, in seconds.
    #[serde(default = "default_look_every")]
    pub look_every_seconds: u32,
    /// From how many days before today on it is asked what was sent: 1 to 90, since records of what is over are kept no
    /// shorter.
    #[serde(default = "default_look_back")]
    pub look_back_days: u16,
}

const fn default_look_every() -> u32 {
    3600
}
const fn default_look_back() -> u16 {
    90
}

impl ElectronicDelivery {
    /// How often it is asked what was sent.
    #[must_use]
    pub fn look_every(&self) -> Duration {
        Duration::from_secs(u64::from(self.look_every_seconds.max(1)))
    }
}

/// Who applies (申請者情報).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// 法人名.
    pub corporation: String,
    /// 氏名.
    pub name: String,
    /// 氏名フリガナ.
    pub name_kana: String,
    /// 郵便番号.
    pub postal_code: String,
    /// 住所.
    pub address: String,
    /// 住所フリガナ.
    pub address_kana: String,
    /// 電話番号.
    pub telephone: String,
    /// 電子メールアドレス.
    pub mail: String,
}

/// Where a procedure goes (提出先情報).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// 提出先識別子.
    pub id: String,
    /// 提出先名称.
    pub name: String,
}

impl EgovSettings {
    /// What is wrong by the form alone.
    pub(in crate::adapters::agency) fn fault(&self, procedures: &[String]) -> Option<&'static str> {
        let is_printable = |text: &str| (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if !is_safe(&self.account_url) {
            return Some("account_url must be https, or http on a loopback address, without query or credentials");
        }
        if !is_printable(&self.software_id) || self.software_id.contains(':') {
            return Some("software_id must be 1 to 200 visible ASCII characters without a colon");
        }
        // 手続識別子: 16 letters and digits.
        if !procedures.iter().all(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_alphanumeric())) {
            return Some("procedures of e-Gov are 16 letters and digits");
        }
        if let Some(delivery) = &self.electronic_delivery {
            if !delivery.procedures.iter().all(|id| procedures.contains(id)) {
                return Some("electronic_delivery.procedures must be among the agency's procedures");
            }
            if delivery.look_every_seconds == 0 || !(1..=90).contains(&delivery.look_back_days) {
                return Some("electronic_delivery.look_every_seconds must be at least 1, look_back_days 1 to 90");
            }
        }
        let applicant = &self.applicant;
        let texts = [&applicant.name, &applicant.postal_code, &applicant.address, &applicant.telephone];
        if texts.iter().any(|text| text.is_empty() || text.chars().any(char::is_control)) {
            return Some("applicant must say name, postal_code, address and telephone, without control characters");
        }
        None
    }
}
