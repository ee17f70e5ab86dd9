//! A request for a certificate of employment (就労証明書の依頼): an employee asks the company for one by a link.
//!
//! The company's software makes the link and gives it to the employee, whom it knows. Whoever opens it first says for which
//! municipality, once; the link is used up by that, and a secret address of the asker's own tells what became of it: the
//! reference of the certificate, or why there is none. Only digests of both are kept.

use super::corporate_number::CorporateNumber;
use super::ids::{CertificateId, CertificateRequestId, ClientId, DelegationId};
use super::secret::Digest;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The longest that a link can be used.
pub const LONGEST: Duration = Duration::from_hours(24 * 60);

/// Why a company issues no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// Whoever asked is not employed there (在籍していない).
    NotEmployed,
    /// It is not sure who asked (本人を確認できない).
    NotIdentified,
    /// It is issued on paper or elsewhere (別の方法で発行する).
    IssuedElsewhere,
    /// The company takes the link back (依頼用リンクの取消し).
    Withdrawn,
}

impl DeclineReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotEmployed => "not_employed",
            Self::NotIdentified => "not_identified",
            Self::IssuedElsewhere => "issued_elsewhere",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What the employee asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// For which municipality (全国地方公共団体コード).
    pub municipality: String,
    /// In which form: the one that it takes.
    pub form: String,
    /// When.
    pub at: Timestamp,
    /// Of the secret by which the employee is told what became of it.
    pub answer: Digest,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestStanding {
    /// The link was made.
    Open,
    /// The employee asked.
    Asked {
        /// What.
        asked: Asked,
    },
    /// The company issued a certificate.
    Answered {
        /// What was asked.
        asked: Asked,
        /// Which.
        certificate: CertificateId,
        /// When.
        at: Timestamp,
    },
    /// The company issues none.
    Declined {
        /// What was asked, if anything was.
        asked: Option<Asked>,
        /// Why.
        reason: DeclineReason,
        /// When.
        at: Timestamp,
    },
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRequest {
    /// Its id.
    pub id: CertificateRequestId,
    /// By whose software the link was made.
    pub client: ClientId,
    /// The company that is asked.
    pub employer: CorporateNumber,
    /// By which delegation, where the company is another than the one behind the client.
    pub delegation: Option<DelegationId>,
    /// The company's name, as the employee is shown it.
    pub employer_name: String,
    /// The software's own name for the employee; shown to nobody else.
    pub employee: String,
    /// Of the secret in the link.
    pub link: Digest,
    /// When the link was made.
    pub created_at: Timestamp,
    /// Until when the employee can ask.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub standing: RequestStanding,
}

/// That it stands otherwise than it would have to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSo;

/// What is done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestNews {
    /// The link was made.
    Made,
    /// The employee asked.
    Asked,
    /// A certificate answers it.
    Answered,
    /// The company declined.
    Declined,
}

impl RequestNews {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Declined => "declined",
        }
    }
}

/// What happened to which request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMention {
    /// Which.
    pub id: CertificateRequestId,
    /// What happened.
    pub news: RequestNews,
}

impl CertificateRequest {
    /// Under what a link's secret is found.
    #[must_use]
    pub fn digest_of_link(secret: &str) -> Digest {
        Digest::of(&format!("certificate request link\n{secret}"))
    }

    /// Under what the secret is found by which the employee is told.
    #[must_use]
    pub fn digest_of_answer(secret: &str) -> Digest {
        Digest::of(&format!("certificate request answer\n{secret}"))
    }

    /// Whether the employee can still ask.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.standing == RequestStanding::Open && now < self.expires_at
    }

    /// What was asked, if anything was.
    #[must_use]
    pub const fn asked(&self) -> Option<&Asked> {
        match &self.standing {
            RequestStanding::Open => None,
            RequestStanding::Asked { asked } | RequestStanding::Answered { asked, .. } => Some(asked),
            RequestStanding::Declined { asked, .. } => asked.as_ref(),
        }
    }

    /// The employee asks, once and in time.
    ///
    /// # Errors
    /// [`NotSo`].
    pub fn ask(&mut self, asked: Asked) -> Result<RequestNews, NotSo> {
        if !self.is_open(asked.at) {
            return Err(NotSo);
        }
        self.standing = RequestStanding::Asked { asked };
        Ok(RequestNews::Asked)
    }

    /// A certificate answers what was asked.
    ///
    /// # Errors
    /// [`NotSo`] where nothing was asked, or it was answered or declined.
    pub fn answer(&mut self, certificate: CertificateId, at: Timestamp) -> Result<RequestNews, NotSo> {
        let RequestStanding::Asked { asked } = &self.standing else { return Err(NotSo) };
        self.standing = RequestStanding::Answered { asked: asked.clone(), certificate, at };
        Ok(RequestNews::Answered)
    }

    /// The company issues none, asked or not.
    ///
    /// # Errors
    /// [`NotSo`] where it was answered or declined.
    pub fn decline(&mut self, reason: DeclineReason, at: Timestamp) -> Result<RequestNews, NotSo> {
        let asked = match &self.standing {
            RequestStanding::Open => None,
            RequestStanding::Asked { asked } => Some(asked.clone()),
            RequestStanding::Answered { .. } | RequestStanding::Declined { .. } => return Err(NotSo),
        };
        self.standing = RequestStanding::Declined { asked, reason, at };
        Ok(RequestNews::Declined)
    }
}
