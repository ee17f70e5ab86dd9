//! Requests for certificates: the company's software makes a link, the employee asks by it once, the company answers.

use super::body::{AnswerRequest, DeclineRequest, LinkRequest};
use super::request_view::{CertificateRequestLink, CertificateRequestPage, CertificateRequestView};
use super::{EmploymentCertificates, not_delegated};
use crate::catalog::procedures::{is_hidden, is_municipality};
use crate::domain::certificate_request::{
    Asked, CertificateRequest, DeclineReason, LONGEST, NotSo, RequestNews, RequestStanding,
};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::ids::CertificateRequestId;
use crate::domain::{Failure, Fault, Refusal, Timestamp};
use crate::gateway::Permit;
use crate::services::body::{cut, one_more, page_after, place, read};
use crate::store::{CertificateRequestChange, HeldCertificate, HeldCertificateRequest};
use std::time::Duration;

/// The page that a link leads to, before its secret.
pub const LINK: &str = "/employment-certificates/requests/";
/// The page that tells an asker what became of it, before its secret.
pub const ANSWERS: &str = "/employment-certificates/requests/answers/";
const DAY: Duration = Duration::from_hours(24);
const USUAL_DAYS: u32 = 14;

/// A link that can be used.
#[derive(Debug)]
pub struct OpenLink {
    /// The company that is asked, by its name as its software gave it.
    pub employer_name: String,
    /// Its corporate number.
    pub employer: CorporateNumber,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What asking came to.
#[derive(Debug, PartialEq, Eq)]
pub enum AskOutcome {
    /// It is asked; by this secret the asker is told what becomes of it.
    Asked(String),
    /// The link is used up, over, taken back, or none.
    Gone,
    /// That is no municipality.
    NoMunicipality,
}

/// What became of a request, for whoever asked.
#[derive(Debug)]
pub enum RequestAnswer {
    /// The company has not said yet.
    Waiting {
        /// The company's name.
        employer_name: String,
        /// For which municipality.
        municipality: String,
    },
    /// There is a certificate.
    Certificate(Box<HeldCertificate>),
    /// The company issues none.
    Declined {
        /// The company's name.
        employer_name: String,
        /// Why.
        reason: DeclineReason,
    },
}

fn gone() -> Refusal {
    Refusal::new("not_found", "You made no request with this id.").at("id")
}

fn otherwise() -> Refusal {
    let words = "The request stands otherwise: nobody asked yet, or it was answered or declined. Read it again.";
    Refusal::new("conflict", words).at("id")
}

impl EmploymentCertificates {
    /// Makes a link by which one employee asks for one certificate.
    ///
    /// # Errors
    /// `invalid_value` naming the member; `not_delegated`, `evidence_unavailable`.
    pub async fn make_link(&self, permit: &Permit, bytes: &[u8]) -> Result<CertificateRequestLink, Failure> {
        let request: LinkRequest = read(bytes)?;
        let wrong = |member: &str, words: String| Refusal::new("invalid_value", words).at(format!("/{member}"));
        let employer = CorporateNumber::parse(&request.corporate_number)
            .map_err(|error| wrong("corporate_number", format!("A corporate number {error}.")))?;
        for (member, text, most) in
            [("employer_name", &request.employer_name, 100), ("employee", &request.employee, 64)]
        {
            if text.trim().is_empty() || text.chars().count() > most || text.chars().any(is_hidden) {
                return Err(wrong(member, format!("It must be 1 to {most} characters that can be shown.")).into());
            }
        }
        let days = request.days.unwrap_or(USUAL_DAYS);
        let open_for = DAY * days;
        if days == 0 || open_for > LONGEST {
            return Err(wrong("days", format!("It must be 1 to {} days.", LONGEST.as_secs() / DAY.as_secs())).into());
        }
        let (now, secret) = (self.parts.clock.now(), self.parts.entropy.handle());
        let one = CertificateRequest {
            id: CertificateRequestId::generate(&*self.parts.entropy),
            client: permit.client().id.clone(),
            delegation: self.delegation(permit, &employer).await?,
            employer,
            employer_name: request.employer_name,
            employee: request.employee,
            link: CertificateRequest::digest_of_link(&secret),
            created_at: now,
            expires_at: now.plus(open_for),
            standing: RequestStanding::Open,
        };
        self.parts.evidence.intake().admit()?;
        if !self.parts.store.insert_certificate_request(&one).await? {
            return Err(not_delegated(&one.employer).into());
        }
        let link = format!("{}{LINK}{secret}", self.parts.public_url.trim_end_matches('/'));
        Ok(CertificateRequestLink { request: CertificateRequestView::of(&one, now), link })
    }

    /// Those that this client made, newest first.
    ///
    /// # Errors
    /// `invalid_value` naming the parameter.
    pub async fn requests(&self, permit: &Permit, query: &str) -> Result<CertificateRequestPage, Failure> {
        let mut before = page_after(query, CertificateRequestId::parse)?;
        let limit = one_more(&mut before);
        let mut found = self.parts.store.list_certificate_requests(&permit.client().id, &before).await?;
        let next = cut(&mut found, limit, |last| place(last.request.created_at, &last.request.id));
        let now = self.parts.clock.now();
        let items = found.iter().map(|one| CertificateRequestView::of(&one.request, now)).collect();
        Ok(CertificateRequestPage { items, next })
    }

    /// One that this client made.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn request(&self, permit: &Permit, id: &str) -> Result<CertificateRequestView, Failure> {
        let found = self.own_request(permit, id).await?;
        Ok(CertificateRequestView::of(&found.request, self.parts.clock.now()))
    }

    /// Answers one that was asked by a certificate of the same company for the same municipality.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it stands otherwise; `invalid_value` for another certificate; `evidence_unavailable`.
    pub async fn answer_request(
        &self,
        permit: &Permit,
        id: &str,
        bytes: &[u8],
    ) -> Result<CertificateRequestView, Failure> {
        let answer: AnswerRequest = read(bytes)?;
        let held = self.own_request(permit, id).await?;
        let Some(asked) = held.request.asked() else { return Err(otherwise().into()) };
        let wrong = |words: &str| Failure::from(Refusal::new("invalid_value", words).at("/certificate"));
        let certificate = match self.own(permit, &answer.certificate).await {
            Ok(found) => found,
            Err(Failure::Refused(_)) => return Err(wrong("You issued no certificate with this id.")),
            Err(broken) => return Err(broken),
        };
        let one = &certificate.certificate;
        if (&one.employer, &one.municipality) != (&held.request.employer, &asked.municipality) {
            return Err(wrong("It is of another company, or for another municipality, than was asked."));
        }
        if certificate.revocation.is_some() {
            return Err(wrong("It was taken back."));
        }
        let (id, now) = (one.id.clone(), self.parts.clock.now());
        self.change_request(held, |request| request.answer(id, now)).await
    }

    /// Declines one, or takes its link back before anybody asked.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it was answered or declined; `evidence_unavailable`.
    pub async fn decline_request(
        &self,
        permit: &Permit,
        id: &str,
        bytes: &[u8],
    ) -> Result<CertificateRequestView, Failure> {
        let decline: DeclineRequest = read(bytes)?;
        let held = self.own_request(permit, id).await?;
        let now = self.parts.clock.now();
        self.change_request(held, |request| request.decline(decline.reason, now)).await
    }

    /// The link with this secret, if it can be used. Looking changes nothing: mail programs look, too.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub async fn open_link(&self, secret: &str) -> Result<Option<OpenLink>, Fault> {
        let link = CertificateRequest::digest_of_link(secret);
        let found = self.parts.store.find_certificate_request_by_link(link).await?;
        let open = found.map(|held| held.request).filter(|request| request.is_open(self.parts.clock.now()));
        Ok(open.map(|CertificateRequest { employer_name, employer, expires_at, .. }| OpenLink {
            employer_name,
            employer,
            expires_at,
        }))
    }

    /// Asks by a link: of any number of callers one does.
    ///
    /// # Errors
    /// `evidence_unavailable`; [`Fault`] when it cannot be written.
    pub async fn ask_by_link(&self, secret: &str, municipality: &str) -> Result<AskOutcome, Failure> {
        let link = CertificateRequest::digest_of_link(secret);
        let Some(held) = self.parts.store.find_certificate_request_by_link(link).await? else {
            return Ok(AskOutcome::Gone);
        };
        let form = self.parts.forms.of(municipality).filter(|_| is_municipality(municipality));
        let Some(form) = form else {
            let is_open = held.request.is_open(self.parts.clock.now());
            return Ok(if is_open { AskOutcome::NoMunicipality } else { AskOutcome::Gone });
        };
        let answer = self.parts.entropy.handle();
        let asked = Asked {
            municipality: municipality.to_owned(),
            form: form.code.clone(),
            at: self.parts.clock.now(),
            answer: CertificateRequest::digest_of_answer(&answer),
        };
        let is_asked = self.written(held, |request| request.ask(asked)).await?.is_some();
        Ok(if is_asked { AskOutcome::Asked(answer) } else { AskOutcome::Gone })
    }

    /// What became of the request whose asker has this secret.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub async fn answer_of(&self, secret: &str) -> Result<Option<RequestAnswer>, Fault> {
        let answer = CertificateRequest::digest_of_answer(secret);
        let Some(held) = self.parts.store.find_certificate_request_by_answer(answer).await? else { return Ok(None) };
        let CertificateRequest { employer_name, standing, .. } = held.request;
        Ok(match standing {
            RequestStanding::Open => None,
            RequestStanding::Asked { asked: Asked { municipality, .. } } => {
                Some(RequestAnswer::Waiting { employer_name, municipality })
            }
            RequestStanding::Declined { reason, .. } => Some(RequestAnswer::Declined { employer_name, reason }),
            RequestStanding::Answered { certificate, .. } => {
                let found = self.parts.store.find_certificate(&certificate).await?;
                found.map(|held| RequestAnswer::Certificate(Box::new(held)))
            }
        })
    }

    async fn own_request(&self, permit: &Permit, id: &str) -> Result<HeldCertificateRequest, Failure> {
        let found = match CertificateRequestId::parse(id) {
            Ok(id) => self.parts.store.find_certificate_request(&id).await?,
            Err(_) => None,
        };
        let own = found.filter(|held| held.request.client == permit.client().id);
        own.ok_or_else(|| gone().into())
    }

    async fn change_request(
        &self,
        held: HeldCertificateRequest,
        change: impl FnOnce(&mut CertificateRequest) -> Result<RequestNews, NotSo>,
    ) -> Result<CertificateRequestView, Failure> {
        let written = self.written(held, change).await?.ok_or_else(otherwise)?;
        Ok(CertificateRequestView::of(&written, self.parts.clock.now()))
    }

    /// The request as it stands then; none where it stands otherwise, or does by now.
    async fn written(
        &self,
        HeldCertificateRequest { mut request, version }: HeldCertificateRequest,
        change: impl FnOnce(&mut CertificateRequest) -> Result<RequestNews, NotSo>,
    ) -> Result<Option<CertificateRequest>, Failure> {
        let Ok(news) = change(&mut request) else { return Ok(None) };
        self.parts.evidence.intake().admit()?;
        let change = CertificateRequestChange { request, version, news, at: self.parts.clock.now() };
        let is_written = self.parts.store.update_certificate_request(&change).await?;
        Ok(is_written.then_some(change.request))
    }
}
