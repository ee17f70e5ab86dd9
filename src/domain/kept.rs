//! The kinds of records that are kept for a time of the operator's choosing, and then erased.

/// One kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kept {
    /// Salts and records of events; their leaves stay in the log.
    EvidenceRecords,
    /// Lines of the access history that citizens read.
    AccessHistory,
    /// Consents that ended, with all that hangs on them.
    EndedConsents,
    /// Filings that are over, with their parts, documents, events and `Idempotency-Key`.
    EndedFilings,
    /// Bulk filings that are over, with their pieces and outcomes.
    EndedBulkFilings,
    /// Certificates of employment.
    EmploymentCertificates,
    /// Payments that are over, with what was taken for them.
    EndedPayments,
    /// Requests for certificates of employment.
    CertificateRequests,
    /// Establishments of companies that are over.
    EndedEstablishments,
    /// Deposits that are over, with the references to them.
    EndedDeposits,
    /// Disposition notices whose time to be fetched is over.
    EndedDispositionNotices,
    /// Notices to citizens that expired.
    EndedNotices,
    /// Applications to municipalities that are over.
    EndedApplications,
    /// What filers could not be told.
    DeadLetters,
    /// What third parties rely on to be told of sign-outs.
    SignIns,
    /// What the operator's rules decided.
    Decisions,
}

impl Kept {
    /// Every kind, in the order in which they are erased: bulk filings wait for the filings that they were handed on as.
    pub const ALL: [Self; 16] = [
        Self::EvidenceRecords,
        Self::AccessHistory,
        Self::EndedConsents,
        Self::EndedFilings,
        Self::EndedBulkFilings,
        Self::EmploymentCertificates,
        Self::EndedPayments,
        Self::CertificateRequests,
        Self::EndedEstablishments,
        Self::EndedDeposits,
        Self::EndedDispositionNotices,
        Self::EndedNotices,
        Self::EndedApplications,
        Self::DeadLetters,
        Self::SignIns,
        Self::Decisions,
    ];

    /// Its name in the operator's schedule.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EvidenceRecords => "evidence_records",
            Self::AccessHistory => "access_history",
            Self::EndedConsents => "ended_consents",
            Self::EndedFilings => "ended_filings",
            Self::EndedBulkFilings => "ended_bulk_filings",
            Self::EmploymentCertificates => "employment_certificates",
            Self::EndedPayments => "ended_payments",
            Self::CertificateRequests => "certificate_requests",
            Self::EndedEstablishments => "ended_establishments",
            Self::EndedDeposits => "ended_deposits",
            Self::EndedDispositionNotices => "ended_disposition_notices",
            Self::EndedNotices => "ended_notices",
            Self::EndedApplications => "ended_applications",
            Self::DeadLetters => "dead_letters",
            Self::SignIns => "sign_ins",
            Self::Decisions => "decisions",
        }
    }

    /// How many of them are erased at once, at most: few, where much hangs on each.
    #[must_use]
    pub const fn batch(self) -> u32 {
        match self {
            Self::EndedBulkFilings => 5,
            Self::EndedConsents | Self::EndedFilings | Self::EndedDeposits => 50,
            _ => 500,
        }
    }
}
