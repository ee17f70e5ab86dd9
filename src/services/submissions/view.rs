//! What a filer sees of filings.

use super::finding_view::FindingView;
use crate::domain::application::ApplicationNews;
use crate::domain::certificate_request::RequestNews;
use crate::domain::delegation::SoftwareNews;
use crate::domain::deposit::DepositNews;
use crate::domain::disposition::DispositionNews;
use crate::domain::employment_certificate::CertificateNews;
use crate::domain::establishment::EstablishmentNews;
use crate::domain::payment::PaymentNews;
use crate::domain::submission::{Delivery, DocumentNews, Payment, SubmissionEvent, SubmissionState};
use crate::submissions::Whole;
use serde::Serialize;
use utoipa::ToSchema;

/// A filing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Submission)]
pub struct SubmissionView {
    /// Its id.
    #[schema(example = "sub_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// Your own name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
    /// The company that it is for, where it is another than your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7000012050002")]
    pub applicant: Option<String>,
    /// The delegation (委任) by which you filed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub delegation: Option<String>,
    /// Where it stands as a whole: what you must act on first, then the part that is furthest behind.
    pub state: SubmissionState,
    /// When it arrived here (RFC 3339): the time of filing, whatever the agencies do.
    #[schema(format = "date-time", example = "2026-11-20T23:59:58+09:00")]
    pub accepted_at: String,
    /// SHA-256 of the body as it was handed in, base64url.
    pub content_sha256: String,
    /// The receipt in the log of evidence; see `GET /v1/receipts/{id}`.
    #[schema(example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt_id: String,
    /// The signed receipt: a JWS of the type `submission-receipt+jwt` by our published keys, over who handed in what when.
    pub receipt: String,
    /// Its parts.
    pub deliveries: Vec<DeliveryView>,
}

/// The part that goes to one agency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Its id.
    #[schema(example = "dlv_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub id: String,
    /// The agency.
    #[schema(example = "pension")]
    pub agency: String,
    /// The procedure.
    #[schema(example = "2200700")]
    pub procedure: String,
    /// Where it stands.
    pub state: SubmissionState,
    /// The agency's number (到達番号), once it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "202611210000000001")]
    pub arrival_number: Option<String>,
    /// What the agency wants of you, with the state `action_required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub action: Option<RequiredActionView>,
    /// A person at this service is finding out whether the agency has it; nothing is sent meanwhile.
    pub is_looked_into: bool,
    /// What was found, item by item.
    pub findings: Vec<FindingView>,
    /// What the agency wants to be paid (電子納付), and whether it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub payments: Vec<Payment>,
}

/// What an agency wants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequiredAction)]
pub struct RequiredActionView {
    /// Until when an amendment can be sent.
    #[schema(format = "date-time", example = "2026-12-01T17:00:00+09:00")]
    pub until: String,
}

/// An agency that takes filings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agency)]
pub struct AgencyView {
    /// Its name: what a delivery's `agency` says.
    #[schema(example = "pension")]
    pub name: String,
    /// The procedures that it takes: what a delivery's `procedure` says.
    pub procedures: Vec<String>,
    /// Those of them that ask for 電子送達: documents that it sends to the company's account without a filing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub electronic_delivery_procedures: Vec<String>,
    /// The most bytes of one content.
    #[schema(example = 524_288)]
    pub largest_content: usize,
}

/// The agencies that take filings, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyList {
    /// The agencies.
    pub agencies: Vec<AgencyView>,
}

/// One page of filings, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionPage {
    /// The filings.
    pub items: Vec<SubmissionView>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// That something changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionEvent)]
pub struct EventView {
    /// Its place on the cursor.
    #[schema(example = 42)]
    pub id: u64,
    /// The filing; absent where it is about what was sent to the company's account at an agency (電子送達), or about a
    /// certificate of employment (就労証明書).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission: Option<String>,
    /// The company that it is for, where it is another than your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "7000012050002")]
    pub applicant: Option<String>,
    /// The delegation by which you filed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub delegation: Option<String>,
    /// The part; absent where it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub delivery: Option<String>,
    /// The part's agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agency: Option<String>,
    /// Where the part, or the whole, came to stand; absent where it is about no filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub state: Option<SubmissionState>,
    /// Where the whole stood then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission_state: Option<SubmissionState>,
    /// The agency's number, once it has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub arrival_number: Option<String>,
    /// A person at this service is finding out whether the agency has it.
    pub is_looked_into: bool,
    /// The document that it is about, where it is about one: then nothing else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "doc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub document: Option<String>,
    /// What happened to that document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub document_news: Option<DocumentNews>,
    /// The deposit that it is about, where it is about one: then nothing else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dep_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub deposit: Option<String>,
    /// What happened to that deposit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub deposit_news: Option<DepositNews>,
    /// The disposition notice that it is about, where it is about one: then nothing else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dsn_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub disposition_notice: Option<String>,
    /// What happened to that notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disposition_notice_news: Option<DispositionNews>,
    /// The notice to a citizen (お知らせ) that it is about, where it is about one: then nothing else is there but the next two.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ntc_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub notice: Option<String>,
    /// The grant under which that notice can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "g_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub grant_id: Option<String>,
    /// Its place in that citizen's list: it comes with `after` less than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 17)]
    pub place: Option<u64>,
    /// The payment (公金決済) that it is about, where it is about one: then nothing else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "pmt_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub payment: Option<String>,
    /// What happened to that payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payment_news: Option<PaymentNews>,
    /// The establishment of a company that it is about, where it is about one: then nothing else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "est_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub establishment: Option<String>,
    /// What happened to that establishment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub establishment_news: Option<EstablishmentNews>,
    /// The founder who decided, by their place in the form from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    pub founder: Option<usize>,
    /// The delegation by which software of one of your company's offices came to file for it, or files no more: then there is no
    /// filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub software_delegation: Option<String>,
    /// The office's delegation that it hangs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dlg_cXV4MTIzNFptOXZZbUZ5")]
    pub office_delegation: Option<String>,
    /// That software, by its client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "payroll")]
    pub software: Option<String>,
    /// What happened to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub software_news: Option<SoftwareNews>,
    /// The application to a municipality that it is about, where it is about one: then there is no filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "app_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub application: Option<String>,
    /// What happened to that application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub application_news: Option<ApplicationNews>,
    /// The certificate of employment that it is about, where it is about one: then there is no filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "emp_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub certificate: Option<String>,
    /// What happened to that certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub certificate_news: Option<CertificateNews>,
    /// The request for a certificate that it is about, where it is about one: then there is no filing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ecr_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub certificate_request: Option<String>,
    /// What happened to that request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub certificate_request_news: Option<RequestNews>,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
}

/// Some events, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// The events.
    pub events: Vec<EventView>,
    /// `after` of the next page, also when there is nothing new yet.
    #[schema(example = 42)]
    pub next: u64,
}

impl SubmissionView {
    /// A filing as its filer sees it.
    #[must_use]
    pub fn of(whole: &Whole) -> Self {
        let own = &whole.submission;
        Self {
            id: own.id.to_string(),
            reference: own.reference.clone(),
            applicant: own.delegation.as_ref().map(|_| own.applicant.to_string()),
            delegation: own.delegation.as_ref().map(ToString::to_string),
            state: own.state,
            accepted_at: own.accepted_at.rfc3339(),
            content_sha256: own.digest.base64url(),
            receipt_id: own.receipt.to_string(),
            receipt: own.signed_receipt.clone(),
            deliveries: whole.deliveries.iter().map(DeliveryView::of).collect(),
        }
    }
}

impl DeliveryView {
    fn of(one: &Delivery) -> Self {
        Self {
            id: one.id.to_string(),
            agency: one.agency.clone(),
            procedure: one.procedure.clone(),
            state: one.state,
            arrival_number: one.arrival.as_ref().map(|number| number.as_str().to_owned()),
            action: one.action.map(|action| RequiredActionView { until: action.until.rfc3339() }),
            is_looked_into: one.parked.is_some(),
            findings: one.findings.iter().map(FindingView::of).collect(),
            payments: one.payments.clone(),
        }
    }
}

impl EventView {
    /// An event as its filer sees it.
    #[must_use]
    pub fn of(event: &SubmissionEvent) -> Self {
        Self {
            id: event.place,
            submission: event.submission.as_ref().map(ToString::to_string),
            applicant: event.delegated.as_ref().map(|of| of.applicant.to_string()),
            delegation: event.delegated.as_ref().map(|of| of.delegation.to_string()),
            delivery: event.delivery.as_ref().map(ToString::to_string),
            agency: event.agency.clone(),
            state: event.state,
            submission_state: event.overall,
            arrival_number: event.arrival.as_ref().map(|number| number.as_str().to_owned()),
            is_looked_into: event.is_parked,
            document: event.document.as_ref().map(|mention| mention.id.to_string()),
            document_news: event.document.as_ref().map(|mention| mention.news),
            deposit: event.deposit.as_ref().map(|mention| mention.id.to_string()),
            deposit_news: event.deposit.as_ref().map(|mention| mention.news),
            disposition_notice: event.disposition.as_ref().map(|mention| mention.id.to_string()),
            disposition_notice_news: event.disposition.as_ref().map(|mention| mention.news),
            notice: event.notice.as_ref().map(|mention| mention.id.to_string()),
            grant_id: event.notice.as_ref().map(|mention| mention.grant.to_string()),
            place: event.notice.as_ref().map(|mention| mention.place),
            establishment: event.establishment.as_ref().map(|mention| mention.id.to_string()),
            establishment_news: event.establishment.as_ref().map(|mention| mention.news),
            founder: event.establishment.as_ref().and_then(|mention| mention.founder),
            software_delegation: event.software.as_ref().map(|mention| mention.id.to_string()),
            office_delegation: event.software.as_ref().map(|mention| mention.via.to_string()),
            software: event.software.as_ref().map(|mention| mention.client.to_string()),
            software_news: event.software.as_ref().map(|mention| mention.news),
            application: event.application.as_ref().map(|mention| mention.id.to_string()),
            application_news: event.application.as_ref().map(|mention| mention.news),
            payment: event.payment.as_ref().map(|mention| mention.id.to_string()),
            payment_news: event.payment.as_ref().map(|mention| mention.news),
            certificate: event.certificate.as_ref().map(|mention| mention.id.to_string()),
            certificate_news: event.certificate.as_ref().map(|mention| mention.news),
            certificate_request: event.certificate_request.as_ref().map(|mention| mention.id.to_string()),
            certificate_request_news: event.certificate_request.as_ref().map(|mention| mention.news),
            at: event.at.rfc3339(),
        }
    }
}
