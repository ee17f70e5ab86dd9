//! What is handed in about applications, read strictly.

use crate::catalog::application_forms::ApplicationForm;
use crate::catalog::procedures::is_hidden;
use crate::domain::Refusal;
use crate::domain::application::{AmendmentAsk, AmendmentItem, Answers, ApplicantKind, AppliedBy, Decision, Outcome};
use crate::domain::time::Timestamp;
use crate::services::body::day;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Most characters of a name.
const LONGEST_NAME: usize = 60;
/// Most characters of a title.
const LONGEST_TITLE: usize = 200;
/// Most characters of what is said of one place, or with a step.
pub(super) const LONGEST_NOTE: usize = 500;
/// Most characters of the text of a result.
const LONGEST_TEXT: usize = 4000;
/// Most places that are to be mended at once.
const MOST_ITEMS: usize = 50;
/// Most characters of a place.
const LONGEST_POINTER: usize = 200;
/// How far away the last day of an amendment can be.
const MOST_DAYS: Days = Days::new(366);

/// Who applies, and as what.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicationAppliedBy)]
pub struct ApplicantRequest {
    /// As what: one of the form's `applicants`.
    pub kind: ApplicantKind,
    /// The name of a member of the family or an agent; absent where one applies for oneself.
    #[schema(nullable = false, example = "見本　太郎")]
    pub name: Option<String>,
    /// What a member of the family is to the person whom it is about (続柄).
    #[schema(nullable = false, example = "父")]
    pub relationship: Option<String>,
    /// For whom an agent works, as a care manager's office.
    #[schema(nullable = false, example = "見本居宅介護支援事業所")]
    pub organisation: Option<String>,
    /// The number of that (事業者番号), ten digits, where it has one.
    #[schema(nullable = false, example = "1370000000")]
    pub organisation_number: Option<String>,
}

/// The items of the form: `GET /v1/application-forms/{code}` has their JSON Schema.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationAnswers {
    /// The items that are there once.
    #[schema(value_type = Object)]
    pub applicant: Map<String, Value>,
    /// The items of each child, or member of the household.
    #[schema(value_type = Vec<Object>)]
    pub entries: Vec<Value>,
}

/// A certificate of employment (就労証明書) that goes with an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateAttachment {
    /// The place of the form that it is for, by its name.
    #[schema(example = "guardian_1")]
    pub slot: String,
    /// The reference that the company gave the employee. Either this or `is_on_paper`.
    #[schema(nullable = false, example = "w2d3Yw5bq0mF1n8vJt7fTgw2d3Yw5bq0mF1n8vJt7fT")]
    pub reference: Option<String>,
    /// Whether it is handed in on paper.
    #[serde(default)]
    pub is_on_paper: bool,
}

/// A document that goes with an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicationAttachmentReference)]
pub struct AttachmentRequest {
    /// Its id: `POST /v1/application-attachments`.
    #[schema(example = "att_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
}

/// An application to be handed in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApplication {
    /// The municipality (全国地方公共団体コード) that the person chose. It is never guessed from an address: a certificate of
    /// disaster damage is asked of the municipality where the damaged home stands.
    #[schema(example = "999016")]
    pub municipality: String,
    /// The procedure, by the code that it has at every municipality: `GET /v1/service-procedures/standards`.
    #[schema(example = "nursery-application")]
    pub procedure: String,
    /// The form that was filled in: `GET /v1/application-forms?procedure=&municipality=`.
    #[schema(example = "nursery-application-mihon-1")]
    pub form: String,
    /// Who applies, and as what.
    pub applied_by: ApplicantRequest,
    /// What is answered.
    pub answers: ApplicationAnswers,
    /// The certificates that go with it.
    #[serde(default)]
    pub certificates: Vec<CertificateAttachment>,
    /// The documents that go with it.
    #[serde(default)]
    pub attachments: Vec<AttachmentRequest>,
}

/// An application, mended: it takes the place of what it said before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendApplication {
    /// What is answered now: the whole.
    pub answers: ApplicationAnswers,
    /// The certificates that go with it now.
    #[serde(default)]
    pub certificates: Vec<CertificateAttachment>,
    /// The documents that go with it now.
    #[serde(default)]
    pub attachments: Vec<AttachmentRequest>,
}

/// That a municipality looks into it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewApplication {
    /// What whoever applied is told with it, at most 500 characters, as 現地調査中.
    #[schema(nullable = false, example = "現地調査を行っています。")]
    pub note: Option<String>,
}

/// What a municipality asks to be mended (補正).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAmendment {
    /// What: 1 to 50 places.
    #[schema(min_items = 1, max_items = 50)]
    pub items: Vec<AmendmentItem>,
    /// The last day on which it can be amended, from today to a year from now.
    #[schema(format = "date", example = "2026-12-04")]
    pub until: String,
}

/// The result that a municipality delivers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideApplication {
    /// What was decided.
    pub decision: Decision,
    /// The title of the notice: 1 to 200 characters.
    #[schema(example = "保育施設等利用調整結果通知書")]
    pub title: String,
    /// What the notice says: 1 to 4000 characters; lines may end.
    #[schema(example = "見本第一保育園の利用を決定しました。")]
    pub text: String,
    /// The day of the decision in Japan, not after today.
    #[schema(format = "date", example = "2026-11-20")]
    pub decided_on: String,
}

impl ApplicantRequest {
    /// # Errors
    /// `invalid_value` naming the member.
    pub(super) fn read(self, form: &ApplicationForm) -> Result<AppliedBy, Refusal> {
        let wrong =
            |member: &str, words: &str| Refusal::new("invalid_value", words).at(format!("/applied_by/{member}"));
        if !form.applicants.contains(&self.kind) {
            let known: Vec<&str> = form.applicants.iter().map(|kind| kind.as_str()).collect();
            return Err(wrong("kind", &format!("By this form one applies as {}.", known.join(" or "))));
        }
        let (is_another, is_agent) = (self.kind != ApplicantKind::Oneself, self.kind == ApplicantKind::Agent);
        let is_family = self.kind == ApplicantKind::Family;
        for (member, value, is_wanted) in [
            ("name", &self.name, is_another),
            ("relationship", &self.relationship, is_family),
            ("organisation", &self.organisation, is_agent),
        ] {
            match value {
                None if is_wanted => {
                    return Err(wrong(member, "Say it: who applies is another than whom it is about."));
                }
                Some(_) if !is_wanted => return Err(wrong(member, "It has no place with this kind of applicant.")),
                Some(text) => drop(line(text, LONGEST_NAME, &format!("/applied_by/{member}"))?),
                None => {}
            }
        }
        let is_number = |text: &String| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        if self.organisation_number.as_ref().is_some_and(|text| !is_agent || !is_number(text)) {
            return Err(wrong("organisation_number", "It must be ten digits, and belongs to an agent's organisation."));
        }
        let Self { kind, name, relationship, organisation, organisation_number } = self;
        Ok(AppliedBy { kind, name, relationship, organisation, organisation_number })
    }
}

impl ApplicationAnswers {
    pub(super) fn read(self) -> Answers {
        Answers { applicant: Value::Object(self.applicant), entries: Value::Array(self.entries) }
    }
}

impl ReviewApplication {
    pub(super) fn read(self) -> Result<Option<String>, Refusal> {
        self.note.map(|note| line(&note, LONGEST_NOTE, "/note")).transpose()
    }
}

impl AskAmendment {
    pub(super) fn read(self, now: Timestamp) -> Result<AmendmentAsk, Refusal> {
        if !(1..=MOST_ITEMS).contains(&self.items.len()) {
            let words = format!("Name 1 to {MOST_ITEMS} places.");
            return Err(Refusal::new("invalid_value", words).at("/items"));
        }
        for (n, item) in self.items.iter().enumerate() {
            let is_pointer = item.pointer.is_empty() || item.pointer.starts_with('/');
            if !is_pointer || item.pointer.chars().count() > LONGEST_POINTER || item.pointer.chars().any(is_hidden) {
                let words = format!("It must be a JSON pointer (RFC 6901) of at most {LONGEST_POINTER} characters.");
                return Err(Refusal::new("invalid_value", words).at(format!("/items/{n}/pointer")));
            }
            line(&item.message, LONGEST_NOTE, &format!("/items/{n}/message"))?;
        }
        let today = now.date_in_japan();
        let is_near =
            |day: &NaiveDate| *day >= today && today.checked_add_days(MOST_DAYS).is_some_and(|last| *day <= last);
        let until = day(&self.until).filter(is_near);
        let wrong = || Refusal::new("invalid_value", "It must be a day from today to a year from now.").at("/until");
        Ok(AmendmentAsk { items: self.items, until: until.ok_or_else(wrong)?, at: now })
    }
}

impl DecideApplication {
    pub(super) fn read(self, now: Timestamp) -> Result<Outcome, Refusal> {
        let wrong = || Refusal::new("invalid_value", "It must be a day up to today.").at("/decided_on");
        let decided_on = day(&self.decided_on).filter(|day| *day <= now.date_in_japan()).ok_or_else(wrong)?;
        let title = line(&self.title, LONGEST_TITLE, "/title")?;
        // Lines end; nothing else that cannot be seen has a place.
        line(&self.text.replace('\n', " "), LONGEST_TEXT, "/text")?;
        Ok(Outcome { decision: self.decision, title, text: self.text, decided_on, at: now })
    }
}

/// A text on one line that everybody sees whole.
pub(super) fn line(text: &str, most: usize, at: &str) -> Result<String, Refusal> {
    let is_good = !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(is_hidden);
    let wrong = || Refusal::new("invalid_value", format!("It must be 1 to {most} characters that can be seen.")).at(at);
    is_good.then(|| text.to_owned()).ok_or_else(wrong)
}
