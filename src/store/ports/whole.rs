//! Every port at once: what one engine is.

use super::{
    AccessStore, AgencyTokenStore, ApplicationBatchStore, ApplicationDraftStore, ApplicationStore, AttachmentStore,
    AuditStore, AuthorizationStore, BulkHoldingStore, BulkStore, CertificateRequestStore, CitizenNoticeStore,
    ClientStore, ConsentStore, DecisionStore, DecoupledStore, DelegationStore, DeliveryStore, DepositReferenceStore,
    DepositShareStore, DepositStore, DisasterStore, DispositionStore, DocumentStore, DraftStore,
    ElectronicDeliveryStore, EmergencyStore, EmploymentCertificateStore, ErasureStore, EstablishmentStore,
    EvidenceStore, GrantStore, HealthInsuranceStore, InterviewStore, InvitationStore, KeyStore, LinkageStore,
    NoticeStore, NoticeWorkStore, PaymentStore, ProtectionStore, RegistrationStore, RenewalStore, RepresentationStore,
    RequestStore, RetentionStore, SealingStore, SessionStore, SettlementStore, SignInStore, StatisticsStore,
    StatusStore, SubjectStore, SubmissionStore, TokenStore, Upkeep, UsageStore, WebhookStore,
};

macro_rules! whole {
    ($($port:ident),* $(,)?) => {
        /// The whole store: what the composition root hands to use cases.
        pub trait Store: $($port +)* {}

        impl<T> Store for T where T: $($port +)* {}
    };
}

whole!(
    ClientStore,
    RegistrationStore,
    RepresentationStore,
    RenewalStore,
    EmergencyStore,
    StatusStore,
    UsageStore,
    StatisticsStore,
    EmploymentCertificateStore,
    PaymentStore,
    SettlementStore,
    CertificateRequestStore,
    EstablishmentStore,
    DelegationStore,
    DepositStore,
    DepositReferenceStore,
    DepositShareStore,
    DispositionStore,
    CitizenNoticeStore,
    NoticeWorkStore,
    LinkageStore,
    HealthInsuranceStore,
    ApplicationStore,
    ApplicationBatchStore,
    ApplicationDraftStore,
    AttachmentStore,
    DisasterStore,
    InterviewStore,
    InvitationStore,
    ProtectionStore,
    SubjectStore,
    AuthorizationStore,
    TokenStore,
    GrantStore,
    ConsentStore,
    DecisionStore,
    RequestStore,
    AccessStore,
    KeyStore,
    SessionStore,
    SignInStore,
    NoticeStore,
    DecoupledStore,
    EvidenceStore,
    AuditStore,
    RetentionStore,
    SealingStore,
    ErasureStore,
    SubmissionStore,
    DraftStore,
    BulkStore,
    BulkHoldingStore,
    DeliveryStore,
    DocumentStore,
    ElectronicDeliveryStore,
    WebhookStore,
    AgencyTokenStore,
    Upkeep,
);
