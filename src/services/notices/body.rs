//! What agencies hand in as notices (お知らせ), and how citizens' software asks for them, read strictly.

use crate::catalog::notices::NoticeRules;
use crate::domain::citizen_notice::{
    CitizenNotice, NewCitizenNotice, NoticeAttachment, NoticeLink, NoticeText, reminder,
};
use crate::domain::client::Client;
use crate::domain::ids::{CitizenNoticeId, SubjectId};
use crate::domain::payment::LINK as PAY;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Lang, Refusal, Timestamp};
use crate::services::body::{LISTED, day, limit, unknown};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde::Deserialize;
use std::time::Duration;
use url::{Url, form_urlencoded};
use utoipa::ToSchema;

/// Most characters of a title or a file's name.
const LONGEST_TITLE: usize = 200;
/// Most characters of a text.
const LONGEST_TEXT: usize = 10_000;
/// Most characters of an address.
const LONGEST_ADDRESS: usize = 2000;
/// Most characters of what names a citizen.
const LONGEST_RECIPIENT: usize = 256;

/// A notice to a citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeRequest {
    /// To whom: the `sub` by which your own clients know the citizen, from an id_token or the token endpoint.
    #[schema(example = "p~Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWo")]
    pub recipient: String,
    /// Its category: one of this installation's.
    #[schema(example = "status_report")]
    pub category: String,
    /// Its text in Japanese.
    pub ja: NoticeTextRequest,
    /// Its text in English. Who asks for English and finds none is shown the Japanese.
    #[schema(nullable = false)]
    pub en: Option<NoticeTextRequest>,
    /// Files that come with it, at most as many, and together as large, as this installation allows.
    #[serde(default)]
    pub attachments: Vec<NoticeFileRequest>,
    /// From when on it is visible (RFC 3339); at once when absent or past.
    #[schema(nullable = false, format = "date-time", example = "2027-06-01T09:00:00+09:00")]
    pub deliver_at: Option<String>,
    /// From when on it is not any more (RFC 3339); as late as this installation allows when absent.
    #[schema(nullable = false, format = "date-time", example = "2027-07-31T00:00:00+09:00")]
    pub expires_at: Option<String>,
    /// Where something is paid (納付用URL).
    #[schema(nullable = false)]
    pub payment: Option<NoticeLinkRequest>,
    /// Where it is answered (回答フォーム), or the procedure that it is about is done.
    #[schema(nullable = false)]
    pub response: Option<NoticeLinkRequest>,
}

/// A text in one language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeTextRequest {
    /// Its title (件名), at most 200 characters.
    #[schema(example = "児童手当 現況届の提出について")]
    pub title: String,
    /// Plain text, at most 10000 characters; lines end with a line feed.
    #[schema(example = "6月30日までに現況届をご提出ください。")]
    pub body: String,
}

/// A file that comes with a notice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeFileRequest {
    /// Its name, at most 200 characters without slashes.
    #[schema(example = "genkyo.pdf")]
    pub name: String,
    /// Its media type.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Its bytes (base64 with padding, RFC 4648 §4).
    #[schema(format = "byte", example = "5a6f5YGa")]
    pub base64: String,
}

/// A page of the agency's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeLinkRequest {
    /// Its address, https, at most 2000 characters. It is shown and never called.
    #[schema(format = "uri", example = "https://city.example/genkyo")]
    pub url: String,
    /// Until which day in Japan. Where the category says so, the citizen is reminded before.
    #[schema(nullable = false, format = "date", example = "2027-06-30")]
    pub due_on: Option<String>,
}

fn wrong(at: &str, words: impl Into<String>) -> Refusal {
    Refusal::new("invalid_value", words).at(at)
}

/// Who posts, when, and as what.
pub(super) struct Posting<'a> {
    pub client: &'a Client,
    pub now: Timestamp,
    pub id: CitizenNoticeId,
    pub key: IdempotencyKey,
    /// The address that everybody sees: payments of ours are there.
    pub own: &'a str,
}

impl NoticeRequest {
    /// Whether it could name anybody.
    pub(super) fn check_recipient(&self) -> Result<(), Refusal> {
        let text = &self.recipient;
        let is_good = (1..=LONGEST_RECIPIENT).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if is_good { Ok(()) } else { Err(nobody()) }
    }

    /// The notice to `subject`.
    pub(super) fn compose(
        self,
        rules: &NoticeRules,
        subject: SubjectId,
        posting: Posting<'_>,
    ) -> Result<NewCitizenNotice, Refusal> {
        let Posting { client, now, id, key, own } = posting;
        let category = rules.category(&self.category);
        let category = category.ok_or_else(|| wrong("/category", format!("It must be one of: {}.", rules.codes())))?;
        let (deliver_at, expires_at) = times(rules, (self.deliver_at.as_deref(), self.expires_at.as_deref()), now)?;
        let (attachments, files) = files(rules, &self.attachments)?;
        let notice = CitizenNotice {
            id,
            client: client.id.clone(),
            sender: client.name.clone(),
            subject,
            category: self.category,
            ja: text(self.ja, "/ja")?,
            en: self.en.map(|en| text(en, "/en")).transpose()?,
            attachments,
            payment: self.payment.map(|one| link(one, "/payment", (now, own))).transpose()?,
            response: self.response.map(|one| link(one, "/response", (now, own))).transpose()?,
            reminder_of: None,
            key,
            posted_at: now,
            deliver_at,
            expires_at,
        };
        let remind_at = notice.due_on().zip(category.remind_days_before);
        let remind_at = remind_at.and_then(|(day, days)| reminder(day, days));
        // Who is told only then needs no reminder, and of what is over nobody is reminded.
        let remind_at = remind_at.filter(|at| *at > notice.deliver_at && *at < notice.expires_at);
        Ok(NewCitizenNotice { notice, files, remind_at })
    }
}

/// The refusal of a recipient whom the agency does not know.
pub(super) fn nobody() -> Refusal {
    wrong("/recipient", "You know no citizen by this `sub`: it must be one that your own clients were given.")
}

fn times(
    rules: &NoticeRules,
    (from, until): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Refusal> {
    let days = |count: u32| Duration::from_hours(24 * u64::from(count));
    let deliver_at = from.map(|text| moment(text, "/deliver_at")).transpose()?.map_or(now, |at| at.max(now));
    if deliver_at > now.plus(days(rules.scheduled_for_days)) {
        let words = format!("It must be at most {} days ahead.", rules.scheduled_for_days);
        return Err(wrong("/deliver_at", words));
    }
    let latest = deliver_at.plus(days(rules.kept_for_days));
    let expires_at = until.map(|text| moment(text, "/expires_at")).transpose()?.unwrap_or(latest);
    if expires_at <= deliver_at || expires_at > latest {
        let words = format!("It must be after deliver_at and now, and at most {} days later.", rules.kept_for_days);
        return Err(wrong("/expires_at", words));
    }
    Ok((deliver_at, expires_at))
}

fn moment(text: &str, at: &str) -> Result<Timestamp, Refusal> {
    let read = (text.len() <= 40).then(|| DateTime::parse_from_rfc3339(text).ok()).flatten();
    let read = read.ok_or_else(|| wrong(at, "It must be a moment as RFC 3339 has it: 2027-06-01T09:00:00+09:00."))?;
    Ok(Timestamp::from_millis(read.timestamp_millis()))
}

fn text(asked: NoticeTextRequest, at: &str) -> Result<NoticeText, Refusal> {
    let title = line(asked.title, &format!("{at}/title"))?;
    let body = asked.body;
    let is_good = |c: char| !c.is_control() || c == '\n';
    if body.trim().is_empty() || body.chars().count() > LONGEST_TEXT || !body.chars().all(is_good) {
        let words = format!("It must be 1 to {LONGEST_TEXT} characters, without control characters but line feeds.");
        return Err(wrong(&format!("{at}/body"), words));
    }
    Ok(NoticeText { title, body })
}

fn line(text: String, at: &str) -> Result<String, Refusal> {
    let is_good = !text.trim().is_empty()
        && text.chars().count() <= LONGEST_TITLE
        && !text.chars().any(|c| c.is_control() || is_turning(c));
    let refusal = || wrong(at, format!("It must be 1 to {LONGEST_TITLE} printable characters."));
    is_good.then_some(text).ok_or_else(refusal)
}

/// What turns the direction of writing round, and could make a name look like another.
const fn is_turning(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn link(asked: NoticeLinkRequest, at: &str, (now, own): (Timestamp, &str)) -> Result<NoticeLink, Refusal> {
    let url = Some(&asked.url).filter(|text| text.len() <= LONGEST_ADDRESS).and_then(|text| Url::parse(text).ok());
    let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none();
    // A page of ours is as safe as we are.
    let is_ours = asked.url.strip_prefix(own).is_some_and(|path| path.starts_with(PAY));
    let is_safe = |url: &Url| url.scheme() == "https" || is_ours;
    let url = url.filter(|url| is_safe(url) && url.host_str().is_some() && is_plain(url));
    let url = url.ok_or_else(|| {
        let words =
            format!("It must be an https address of at most {LONGEST_ADDRESS} characters, without a user in it.");
        wrong(&format!("{at}/url"), words)
    })?;
    let due_on = asked.due_on.map(|text| {
        day(&text)
            .filter(|day| *day >= now.date_in_japan())
            .ok_or_else(|| wrong(&format!("{at}/due_on"), "It must be a day from today on: 2027-06-30."))
    });
    Ok(NoticeLink { url: url.into(), due_on: due_on.transpose()? })
}

fn files(rules: &NoticeRules, asked: &[NoticeFileRequest]) -> Result<(Vec<NoticeAttachment>, Vec<Vec<u8>>), Refusal> {
    if asked.len() > rules.most_attachments {
        return Err(wrong("/attachments", format!("They must be at most {}.", rules.most_attachments)));
    }
    let (mut known, mut contents, mut total) = (Vec::new(), Vec::new(), 0_u64);
    for (n, file) in asked.iter().enumerate() {
        let at = |member: &str| format!("/attachments/{n}/{member}");
        let name = line(file.name.clone(), &at("name"))?;
        if name.contains(['/', '\\']) {
            return Err(wrong(&at("name"), "It must hold no slash."));
        }
        if !rules.media_types.contains(&file.media_type) {
            return Err(wrong(&at("media_type"), format!("It must be one of: {}.", rules.media_types.join(", "))));
        }
        let bytes = STANDARD.decode(&file.base64).ok().filter(|bytes| !bytes.is_empty());
        let bytes =
            bytes.ok_or_else(|| wrong(&at("base64"), "It must be base64 with padding, of one byte at least."))?;
        total += bytes.len() as u64;
        if total > rules.largest_bytes {
            let words = format!("All files together must be at most {} bytes.", rules.largest_bytes);
            return Err(wrong(&at("base64"), words));
        }
        let (size, digest) = (bytes.len() as u64, Digest::of_bytes(&bytes));
        known.push(NoticeAttachment { name, media_type: file.media_type.clone(), size, digest });
        contents.push(bytes);
    }
    Ok((known, contents))
}

/// Which notices a citizen's software asks for.
pub(super) struct Wanted {
    pub after: u64,
    pub limit: usize,
    pub category: Option<String>,
    pub lang: Lang,
    pub is_unread: Option<bool>,
}

impl Wanted {
    /// Reads the query.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub fn read(query: &str, rules: &NoticeRules) -> Result<Self, Refusal> {
        let mut most = LISTED;
        let mut wanted = Self { after: 0, limit: 0, category: None, lang: Lang::Ja, is_unread: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "after" => wanted.after = place(&value, "after")?,
                "limit" => most = limit(&value)?,
                "category" => {
                    let known = rules.category(&value).map(|one| one.code.clone());
                    let words = || wrong("category", format!("It must be one of: {}.", rules.codes()));
                    wanted.category = Some(known.ok_or_else(words)?);
                }
                "language" => wanted.lang = language(&value)?,
                "unread" => {
                    let is_unread = value.parse().map_err(|_| wrong("unread", "It must be true or false."))?;
                    wanted.is_unread = Some(is_unread);
                }
                _ => return Err(unknown(&name, "after, limit, category, language, unread")),
            }
        }
        wanted.limit = most as usize;
        Ok(wanted)
    }
}

/// A place in a list that is read on.
pub(super) fn place(text: &str, at: &str) -> Result<u64, Refusal> {
    let read = text.parse::<u64>().ok().filter(|place| i64::try_from(*place).is_ok());
    read.ok_or_else(|| wrong(at, "It must be the `cursor` of an earlier page, or 0."))
}

fn language(text: &str) -> Result<Lang, Refusal> {
    match text {
        "ja" => Ok(Lang::Ja),
        "en" => Ok(Lang::En),
        _ => Err(wrong("language", "It must be ja or en.")),
    }
}

/// In which language one notice is asked for; Japanese when nothing is said.
pub(super) fn language_of(query: &str) -> Result<Lang, Refusal> {
    let mut lang = Lang::Ja;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "language" => lang = language(&value)?,
            _ => return Err(unknown(&name, "language")),
        }
    }
    Ok(lang)
}
