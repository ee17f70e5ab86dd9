//! Which gBizID accounts see each other's cases (アカウント間情報共有, between gBizIDプライム and メンバー).
//!
//! It is the company's own to say, by its operator: nothing here happens by itself. Each is one call that is not repeated; an
//! answer that was lost is settled by the list, which says what is so now.

use super::account::Account;
use super::calls::{Call, Calls, Failed, client};
use super::envelope::Envelope;
use super::tokens::RefreshTokens;
use crate::adapters::agency::{AgencySettings, InvalidAgency};
use crate::domain::Clock;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Most accounts of a list.
const MOST_SHARES: usize = 1000;
/// Most characters of e-Gov's own words.
const MOST_CHARACTERS: usize = 500;

/// What an account may do with another's documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SharePermission {
    /// See them.
    Read,
    /// See and fetch them.
    Download,
}

/// One account that sees the cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The account's id: a mail address.
    pub gbiz_id: String,
    /// Official documents (公文書).
    pub official_doc_permission: SharePermission,
    /// Documents of 電子送達.
    pub post_doc_permission: SharePermission,
}

/// Whether what another account offers is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ShareAnswer {
    /// 許可.
    Accept,
    /// 不許可.
    Deny,
}

/// Why nothing is known to be so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFault {
    /// It is no mail address.
    #[error("an account is a mail address of at most 254 characters")]
    Account,
    /// e-Gov does not take it.
    #[error("e-Gov does not take it. Its own words: {0}")]
    Refused(String),
    /// It certainly had no effect.
    #[error("e-Gov was not reached, or is not to be asked now; nothing was changed")]
    NotNow(Option<Duration>),
    /// Nobody knows whether it had an effect.
    #[error("e-Gov's answer was lost: look at the list, or at e-Gov's own pages, before you say it again")]
    Unknown,
}

/// The sharing of one corporate account.
pub struct Shares {
    calls: Calls,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    share_setting_list: Option<OneOrMany>,
}

/// e-Gov's description shows one where there can be many.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Share>),
    One(Share),
}

#[derive(Serialize, Deserialize)]
struct Named {
    gbiz_id: String,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    gbiz_id: &'a str,
    share_acceptance: ShareAnswer,
}

fn account(text: &str) -> Result<&str, ShareFault> {
    let is_plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    let (name, host) = text.split_once('@').ok_or(ShareFault::Account)?;
    let is_good = (3..=254).contains(&text.len()) && text.bytes().all(is_plain) && !host.contains('@');
    if is_good && !name.is_empty() && host.contains('.') { Ok(text) } else { Err(ShareFault::Account) }
}

fn fault(failed: Failed) -> ShareFault {
    match failed {
        Failed::NotNow(pause) => ShareFault::NotNow(pause),
        Failed::Missing => ShareFault::Refused("該当する設定がありません。".to_owned()),
        Failed::Lost => ShareFault::Unknown,
        Failed::Refused(problem) => {
            let words = format!("{} {}", problem.title, problem.detail);
            ShareFault::Refused(words.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect())
        }
    }
}

impl Shares {
    /// Those of an agency's account, whose refresh tokens are kept in `tokens`.
    ///
    /// # Errors
    /// [`InvalidAgency`] naming the field to mend.
    pub fn new(
        settings: &AgencySettings,
        clock: Arc<dyn Clock>,
        tokens: Option<Arc<dyn RefreshTokens>>,
    ) -> Result<Self, InvalidAgency> {
        settings.check()?;
        let client = client(settings)?;
        let account = Account::new(settings, client.clone(), clock)?.keeping(tokens);
        Ok(Self { calls: Calls::new(settings, client, account), timeout: settings.call_timeout() })
    }

    /// What is so now.
    ///
    /// # Errors
    /// [`ShareFault`]; [`ShareFault::Unknown`] for a list that does not read.
    pub async fn list(&self) -> Result<Vec<Share>, ShareFault> {
        let call = Call::get(&["share-setting", "lists"], &[], self.timeout);
        let answer: Envelope<Listed> = self.calls.make(call).await.map_err(fault)?;
        let all = match answer.results.share_setting_list {
            None => Vec::new(),
            Some(OneOrMany::One(one)) => vec![one],
            Some(OneOrMany::Many(all)) => all,
        };
        let is_whole = all.len() <= MOST_SHARES && all.iter().all(|one| account(&one.gbiz_id).is_ok());
        if is_whole { Ok(all) } else { Err(ShareFault::Unknown) }
    }

    /// Lets an account see the cases.
    ///
    /// # Errors
    /// [`ShareFault`].
    pub async fn add(&self, share: &Share) -> Result<(), ShareFault> {
        self.set(Method::POST, share).await
    }

    /// Lets it do something else with documents.
    ///
    /// # Errors
    /// [`ShareFault`].
    pub async fn change(&self, share: &Share) -> Result<(), ShareFault> {
        self.set(Method::PUT, share).await
    }

    async fn set(&self, method: Method, share: &Share) -> Result<(), ShareFault> {
        account(&share.gbiz_id)?;
        let call = Call { method, ..Call::post(&["share-setting"], share, self.timeout) };
        let answer = self.calls.make::<_, Envelope<Share>>(call).await;
        self.settled(answer.map(|answer| answer.results == *share), |all| all.contains(share)).await
    }

    /// Lets an account see the cases no longer.
    ///
    /// # Errors
    /// [`ShareFault`].
    pub async fn remove(&self, gbiz_id: &str) -> Result<(), ShareFault> {
        let body = Named { gbiz_id: account(gbiz_id)?.to_owned() };
        let call = Call { method: Method::DELETE, ..Call::post(&["share-setting"], &body, self.timeout) };
        let answer = self.calls.make::<_, Envelope<Named>>(call).await;
        let is_gone = |all: &[Share]| all.iter().all(|one| one.gbiz_id != gbiz_id);
        self.settled(answer.map(|answer| answer.results.gbiz_id == gbiz_id), is_gone).await
    }

    /// Takes, or does not take, what another account offers. No list tells afterwards what was answered.
    ///
    /// # Errors
    /// [`ShareFault`].
    pub async fn confirm(&self, gbiz_id: &str, answer: ShareAnswer) -> Result<(), ShareFault> {
        let body = Confirmation { gbiz_id: account(gbiz_id)?, share_acceptance: answer };
        let call = Call::post(&["share-confirmation"], &body, self.timeout);
        match self.calls.make::<_, Envelope<Named>>(call).await {
            Ok(answer) if answer.results.gbiz_id == gbiz_id => Ok(()),
            Ok(_) => Err(ShareFault::Unknown),
            Err(failed) => Err(fault(failed)),
        }
    }

    /// What a call came to: by its answer, else by the list.
    async fn settled(&self, answer: Result<bool, Failed>, is_so: impl Fn(&[Share]) -> bool) -> Result<(), ShareFault> {
        match answer {
            Ok(true) => Ok(()),
            Ok(false) | Err(Failed::Lost) => match self.list().await {
                Ok(all) if is_so(&all) => Ok(()),
                _ => Err(ShareFault::Unknown),
            },
            Err(failed) => Err(fault(failed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_is_a_mail_address_and_a_list_is_read_strictly() {
        for good in ["a@b.jp", "member.1+x@mihon.example"] {
            assert_eq!(account(good), Ok(good));
        }
        let long = format!("{}@b.jp", "a".repeat(250));
        for bad in ["", "a", "@b.jp", "a@b", "a@b@c.jp", "a b@c.jp", "見本@c.jp", "a\"@c.jp", "a@c.jp\n", &long] {
            assert_eq!(account(bad), Err(ShareFault::Account), "{bad:?}");
        }
        let one = json!({"gbiz_id": "a@b.jp", "official_doc_permission": "READ", "post_doc_permission": "DOWNLOAD"});
        let read = |list| serde_json::from_value::<Listed>(json!({"share_setting_list": list})).map(|_| ());
        for good in [json!(null), json!([]), one.clone(), json!([one])] {
            assert!(read(good).is_ok());
        }
        let mut bad = one;
        bad["post_doc_permission"] = json!("WRITE");
        for bad in [json!([bad]), json!("x"), json!([1])] {
            assert!(read(bad).is_err());
        }
    }
}
