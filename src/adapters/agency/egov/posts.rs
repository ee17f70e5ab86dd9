//! What e-Gov sends to the account without a filing (電子送達): listed, fetched until its day is over, and told of.
//!
//! `GET /post/lists` tells nothing of any procedure: what is sent belongs to the account, and so to whoever the operator
//! says collects it. What others fetched, or somebody by hand, is left alone.

use super::EgovAgency;
use super::calls::{Call, Failed};
use super::documents::{Fetching, end_of, given};
use super::envelope::{Envelope, or_empty};
use crate::adapters::agency::{DocumentName, Fetched, Sendings};
use crate::domain::submission::{Announced, ArrivalNumber, DocumentKind, Letter, Posted};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Most on a page: e-Gov's own limit.
const PAGE: u32 = 50;
/// Most documents of one message.
const MOST_DOCUMENTS: usize = 200;
/// Most characters of a word, and of a message.
const MOST_CHARACTERS: usize = 2000;
const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "or_empty")]
    post_list: Vec<Sent>,
}

/// One message with what can be fetched of it.
#[derive(Deserialize)]
struct Sent {
    #[serde(default, deserialize_with = "or_empty")]
    ministry_message_id: String,
    #[serde(default, deserialize_with = "or_empty", rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "or_empty")]
    title: String,
    #[serde(default, deserialize_with = "or_empty")]
    message_sentence: String,
    #[serde(default, deserialize_with = "or_empty")]
    issuer_organization: String,
    #[serde(default, deserialize_with = "or_empty")]
    issue_date: String,
    #[serde(default, deserialize_with = "or_empty")]
    received_account: String,
    #[serde(default, deserialize_with = "or_empty")]
    notice_data_list: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default, deserialize_with = "or_empty")]
    post_id: String,
    #[serde(default, deserialize_with = "or_empty")]
    notice_data_name: String,
    #[serde(default, deserialize_with = "or_empty")]
    notice_issue_date: String,
    #[serde(default, deserialize_with = "or_empty")]
    download_expired_date: String,
    /// When it was said to be fetched.
    #[serde(default, deserialize_with = "or_empty")]
    download_date: String,
}

#[derive(Serialize)]
struct Tell<'a> {
    post_id: &'a str,
}

#[derive(Deserialize)]
struct Done {
    post_id: String,
}

fn tame(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(MOST_CHARACTERS).collect()
}

/// What is kept under e-Gov's own name of a document or of a message; none for a name that cannot be one.
fn reference(kind: DocumentKind, id: &str) -> Option<ArrivalNumber> {
    let prefix = if kind == DocumentKind::Message { "message" } else { "post" };
    ArrivalNumber::parse(&format!("{prefix}-{id}")).filter(|_| !id.is_empty())
}

/// e-Gov's own name of a document that was sent.
fn post_id<'a>(of: &DocumentName<'a>) -> Option<&'a str> {
    of.reference.as_str().strip_prefix("post-").filter(|_| of.kind == DocumentKind::ElectronicDelivery)
}

impl Sent {
    fn letter(&self, one: Option<&Item>) -> Letter {
        let issued = one.map(|one| &one.notice_issue_date).filter(|at| !at.is_empty()).unwrap_or(&self.issue_date);
        Letter {
            title: tame(&self.title),
            message: tame(&self.message_sentence),
            kind: tame(&self.kind),
            issuer: tame(&self.issuer_organization),
            issued_at: tame(issued),
            document_name: one.map(|one| tame(&one.notice_data_name)).unwrap_or_default(),
            account: tame(&self.received_account),
        }
    }

    /// What is to be kept of it, and how many have a name that cannot be one.
    fn posted(&self) -> (Vec<Posted>, usize) {
        let said = |kind, id: &str, until: &str| {
            reference(kind, id).map(|reference| Announced { reference, kind, until: end_of(until) })
        };
        if self.notice_data_list.is_empty() {
            let said = said(DocumentKind::Message, &self.ministry_message_id, "");
            let posted: Vec<Posted> = said.map(|said| Posted { said, letter: self.letter(None) }).into_iter().collect();
            return (posted, usize::from(self.ministry_message_id.is_empty()));
        }
        let open = self.notice_data_list.iter().take(MOST_DOCUMENTS).filter(|one| one.download_date.is_empty());
        let read: Vec<Option<Posted>> = open
            .map(|one| {
                let said = said(DocumentKind::ElectronicDelivery, &one.post_id, &one.download_expired_date)?;
                Some(Posted { said, letter: self.letter(Some(one)) })
            })
            .collect();
        let nameless = read.iter().filter(|one| one.is_none()).count();
        (read.into_iter().flatten().collect(), nameless)
    }
}

impl EgovAgency {
    /// Whether filings of this procedure ask for 電子送達 (電子送達利用申込み).
    pub(super) fn is_for_delivery(&self, procedure: &str) -> bool {
        let delivery = self.egov.electronic_delivery.as_ref();
        delivery.is_some_and(|delivery| delivery.procedures.iter().any(|one| one == procedure))
    }

    /// A page of what was sent to the account.
    pub(super) async fn sent(&self, page: u32) -> Sendings {
        let Some(delivery) = &self.egov.electronic_delivery else { return Sendings::Page(Vec::new(), false) };
        let now = self.clock.now();
        let first = now.minus(DAY * u32::from(delivery.look_back_days)).date_in_japan().to_string();
        let (last, limit, offset) = (now.date_in_japan().to_string(), PAGE.to_string(), page.to_string());
        let query = [("date_from", &*first), ("date_to", &*last), ("limit", &*limit), ("offset", &*offset)];
        let call = Call::get(&["post", "lists"], &query, self.settings.call_timeout());
        let answer: Envelope<Listed> = match self.calls.make(call).await {
            Ok(answer) => answer,
            Err(Failed::NotNow(pause)) => return Sendings::NoAnswer(pause),
            Err(_) => return Sendings::NoAnswer(None),
        };
        let listed = &answer.results.post_list;
        let mut all = Vec::new();
        for one in listed.iter().take(PAGE as usize) {
            let (posted, nameless) = one.posted();
            if nameless > 0 {
                tracing::warn!(agency = self.settings.name, nameless, "e-Gov sent something without a usable name");
            }
            all.extend(posted);
        }
        let seen = u64::from(page) * u64::from(PAGE);
        let has_more = !listed.is_empty() && answer.resultset.is_some_and(|set| set.all_count > seen);
        Sendings::Page(all, has_more)
    }

    /// Fetches a document that was sent to the account.
    pub(super) async fn fetch_sent(&self, of: DocumentName<'_>) -> Fetched {
        let Some(id) = post_id(&of) else { return Fetched::NoAnswer(None) };
        let path = ["post", id];
        let call = Call::get(&path, &[], self.settings.call_timeout());
        given(match self.calls.make::<(), Envelope<Fetching>>(call).await {
            Ok(answer) => Ok(self.archive(&answer.results.file_data).await),
            Err(failed) => Err(failed),
        })
    }

    /// Tells e-Gov that it is here (電子送達取得完了); true when it knows, or does not want to.
    pub(super) async fn tell_of_sent(&self, of: DocumentName<'_>) -> bool {
        let Some(id) = post_id(&of) else { return true };
        let body = Tell { post_id: id };
        let call = Call::post(&["post"], &body, self.settings.call_timeout());
        match self.calls.make::<_, Envelope<Done>>(call).await {
            Ok(answer) => answer.results.post_id == id,
            Err(Failed::Refused(_) | Failed::Missing) => {
                tracing::warn!(agency = self.settings.name, "e-Gov does not want to know that a document was fetched");
                true
            }
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn posted(said: &Value) -> (Vec<Posted>, usize) {
        serde_json::from_value::<Sent>(said.clone()).unwrap().posted()
    }

    #[test]
    fn each_document_is_named_and_what_was_fetched_or_has_no_name_is_left_alone() {
        let one = |id: &str, until: &str, done: &str| json!({"post_id": id, "download_expired_date": until, "download_date": done, "notice_data_name": "通知書"});
        let (all, nameless) = posted(&json!({
            "title": "見本\u{0}の\u{1b}題", "ministry_message_id": "9",
            "notice_data_list": [one("A1", "2026-12-01", ""), one("A2", "", "2026-11-20 10:00:00"),
                one("../x", "", ""), one("", "", ""), one(&"9".repeat(60), "", ""), one("A3", "soon", "")],
        }));
        let names: Vec<_> = all.iter().map(|one| (one.said.reference.as_str(), one.said.until.is_some())).collect();
        assert_eq!((names, nameless), (vec![("post-A1", true), ("post-A3", false)], 3));
        assert_eq!((all[0].letter.title.as_str(), all[0].letter.document_name.as_str()), ("見本の題", "通知書"));
        let (all, nameless) = posted(&json!({"ministry_message_id": "77", "message_sentence": "字".repeat(5000)}));
        assert_eq!((all[0].said.reference.as_str(), nameless), ("message-77", 0));
        assert_eq!((all[0].said.kind, all[0].letter.message.chars().count()), (DocumentKind::Message, 2000));
        assert_eq!(posted(&json!({"notice_data_list": null})), (Vec::new(), 1));
    }
}
