//! One type per identifier, so that a grant's id can never be handed over as a client's.

use super::entropy::Entropy;
use super::secret::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Why a text is no identifier of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters of A-Z a-z 0-9 . _ : -")]
pub struct InvalidId;

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// A new one, unguessable, with its kind's visible prefix.
            #[must_use]
            pub fn generate(entropy: &dyn Entropy) -> Self {
                Self(format!(concat!($prefix, "{}"), entropy.short_handle()).into())
            }

            /// Reads one from text.
            ///
            /// # Errors
            /// [`InvalidId`] when the text is empty, over 128 characters, or holds a character outside the set.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(InvalidId) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }
    };
}

id!(
    /// A third party's software, registered with us (RFC 6749 §2.2).
    ClientId,
    "c_"
);
id!(
    /// A person as known inside the counter; third parties only ever see a pairwise value made from it.
    SubjectId,
    "s_"
);
id!(
    /// One grant: what one person agreed to for one third party.
    GrantId,
    "g_"
);
id!(
    /// One self-information request (自己情報取得の要求), a job.
    RequestId,
    "sir_"
);
id!(
    /// Something that an agency gave back about a filing.
    DocumentId,
    "doc_"
);
id!(
    /// A record of an exchange of information between bodies (情報提供等記録).
    ProvisionRecordId,
    "prv_"
);
id!(
    /// One line of the access history.
    AccessId,
    "a_"
);
id!(
    /// What the log of evidence knows of one event.
    ReceiptId,
    "r_"
);
id!(
    /// A citizen's way through sign-in and consent, from start to decision.
    InteractionId,
    "i_"
);
id!(
    /// A client's question to a citizen who answers away from it (RFC 8628, CIBA).
    DecoupledId,
    "d_"
);
id!(
    /// A sign-in, as one client was told of it: the `sid` of its id_token. No two clients are told the same one.
    SignInId,
    "z_"
);
id!(
    /// That one person may act for another.
    RepresentationId,
    "rep_"
);
id!(
    /// That an office may file for a company.
    DelegationId,
    "dlg_"
);
id!(
    /// One decision of the operator's rules: one question to one set of rules.
    DecisionId,
    "pd_"
);
id!(
    /// One filing (申請・届出).
    SubmissionId,
    "sub_"
);
id!(
    /// The part of a filing that goes to one agency.
    DeliveryId,
    "dlv_"
);
id!(
    /// A bulk filing: one file of many records.
    BulkId,
    "blk_"
);
id!(
    /// A filing that is being written.
    DraftId,
    "dft_"
);
id!(
    /// A certificate of employment (就労証明書).
    CertificateId,
    "emp_"
);
id!(
    /// A payment (公金決済) that an agency asks for.
    PaymentId,
    "pmt_"
);
id!(
    /// That somebody was handed over to make a payment.
    PaymentAttemptId,
    "pat_"
);
id!(
    /// Money that was taken for a payment.
    SettlementId,
    "pst_"
);
id!(
    /// A request for a certificate of employment (就労証明書の依頼).
    CertificateRequestId,
    "ecr_"
);
id!(
    /// An establishment of a company (法人設立).
    EstablishmentId,
    "est_"
);
id!(
    /// A deposit: what is filed while its data stays in the company's cloud.
    DepositId,
    "dep_"
);
id!(
    /// One reference to what is deposited.
    DepositReferenceId,
    "dpr_"
);
id!(
    /// That a company shares a deposit with somebody.
    DepositShareId,
    "dsh_"
);
id!(
    /// A disposition notice (処分通知) that an agency put down.
    DispositionNoticeId,
    "dsn_"
);
id!(
    /// A notice (お知らせ) that an agency posted to a citizen.
    CitizenNoticeId,
    "ntc_"
);
id!(
    /// A file of notices that an agency posts line by line.
    NoticeBulkId,
    "nbk_"
);
id!(
    /// An application (電子申請) of a citizen to a municipality.
    ApplicationId,
    "app_"
);
id!(
    /// Applications that were handed in together.
    ApplicationBatchId,
    "abt_"
);
id!(
    /// A document (添付書類) that goes with an application.
    AttachmentId,
    "att_"
);
id!(
    /// A time for interviews (面談枠) that a municipality opens.
    InterviewSlotId,
    "isl_"
);
id!(
    /// A link between a citizen's account here and one at a service (属性連携).
    LinkId,
    "lnk_"
);
id!(
    /// An incident or a planned maintenance that the operator tells of (障害・計画停止).
    StatusNoticeId,
    "stn_"
);
id!(
    /// A message to a filer (its `webhook-id`).
    MessageId,
    "msg_"
);
id!(
    /// An error told to a caller, to be found again in the log.
    ErrorId,
    "e_"
);

impl DecisionId {
    /// The id of what has this digest: the same for the same, so that what comes again needs no second record.
    #[must_use]
    pub fn of(digest: Digest) -> Self {
        Self(format!("pd_{}", digest.base64url()).into())
    }
}

impl ProvisionRecordId {
    /// Of a person's record by its digest; `same` counts those just like it. Without the person's own id, which nobody is
    /// told, it cannot be guessed from what is known of a record.
    #[must_use]
    pub fn of(subject: &SubjectId, record: &Digest, same: u32) -> Self {
        let text = Digest::of(&format!("provision record\n{subject}\n{}\n{same}", record.hex())).base64url();
        Self(format!("prv_{}", text.get(..22).unwrap_or(&text)).into())
    }
}

impl ReceiptId {
    /// The receipt of a line of the access history: the same letters, so that whoever has one finds the other.
    #[must_use]
    pub fn of_access(id: &AccessId) -> Self {
        let letters = id.as_str();
        Self(format!("r_{}", letters.strip_prefix("a_").unwrap_or(letters)).into())
    }

    /// The receipt of a filing, by the same rule.
    #[must_use]
    pub fn of_submission(id: &SubmissionId) -> Self {
        let letters = id.as_str();
        Self(format!("r_{}", letters.strip_prefix("sub_").unwrap_or(letters)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::entropy::SystemEntropy;
    use super::*;

    #[test]
    fn ids_carry_their_kind_and_refuse_strange_characters() {
        assert!(GrantId::generate(&SystemEntropy).as_str().starts_with("g_"));
        assert!(GrantId::parse("g_1").is_ok());
        for bad in ["", "a b", "ab/", "é", &"x".repeat(129)] {
            assert_eq!(GrantId::parse(bad), Err(InvalidId), "{bad}");
        }
    }
}
