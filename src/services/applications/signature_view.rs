//! Electronic signatures (電子署名) as whoever applied and the municipality see them.

use crate::catalog::services::Standards;
use crate::domain::Timestamp;
use crate::domain::application::{Application, ApplicationDraft, ApplicationState};
use crate::domain::electronic_signature::{ElectronicSignature, SIGNED_HEADER, Signing};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;

/// Who vouches that whoever applied is who they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationSignatureState {
    /// The person signed it with their card.
    Signed,
    /// Nobody signed it: the municipality checks in person who applied.
    InPersonCheck,
}

/// What a signature is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureCovers {
    /// What the application says.
    WhatItSays,
    /// What it said when it was handed in: it was amended since, and that is not signed.
    FirstVersion,
}

/// The signature that a procedure asks for, or that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationSignature)]
pub struct ApplicationSignatureView {
    /// Whether it is signed.
    pub state: ApplicationSignatureState,
    /// When the signature was made and verified (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub signed_at: Option<String>,
    /// Who issued the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "C=JP, O=Madoguchi Sandbox (made up), CN=REIJI CITIZENS CA")]
    pub issuer: Option<String>,
    /// Until when the certificate is in force (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub not_after: Option<String>,
    /// What it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub covers: Option<SignatureCovers>,
}

fn covers(one: &Application) -> SignatureCovers {
    let is_amended = one.timeline.iter().any(|step| step.state == ApplicationState::Amended);
    if is_amended { SignatureCovers::FirstVersion } else { SignatureCovers::WhatItSays }
}

impl ApplicationSignatureView {
    /// None where the procedure asks for none and none was made.
    pub(super) fn of(one: &Application, standards: &Standards) -> Option<Self> {
        let none = || Self {
            state: ApplicationSignatureState::InPersonCheck,
            signed_at: None,
            issuer: None,
            not_after: None,
            covers: None,
        };
        let Some(signature) = &one.signature else {
            return standards.get(&one.procedure).is_some_and(|standard| standard.is_signed).then(none);
        };
        Some(Self {
            state: ApplicationSignatureState::Signed,
            signed_at: Some(signature.signed_at.rfc3339()),
            issuer: Some(signature.issuer.clone()),
            not_after: Some(signature.not_after.rfc3339()),
            covers: Some(covers(one)),
        })
    }

    /// Whether the municipality checks in person who applied.
    pub(super) fn is_in_person(of: Option<&Self>) -> bool {
        of.is_some_and(|one| one.state == ApplicationSignatureState::InPersonCheck)
    }

    /// The state's word.
    pub(super) const fn word(&self) -> &'static str {
        match self.state {
            ApplicationSignatureState::Signed => "signed",
            ApplicationSignatureState::InPersonCheck => "in_person_check",
        }
    }
}

/// How far a draft is with its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DraftSignatureState {
    /// The person was asked to sign, and has not.
    Requested,
    /// It is signed.
    Signed,
    /// It was signed, or was being signed, and was changed then: that signature is void.
    Void,
}

/// A draft's signature.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationDraftSignature)]
pub struct DraftSignatureView {
    /// How far it is.
    pub state: DraftSignatureState,
    /// Where the person signs: open it in their browser. They sign in there, see what it says, and sign with their card.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://madoguchi.example/dashboard/applications/drafts/dft_Zm9vYmFyYmF6cXV4MTIzNA"
    )]
    pub url: Option<String>,
    /// Until when that is worth doing (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub expires_at: Option<String>,
    /// When it was signed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub signed_at: Option<String>,
    /// Who issued the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub issuer: Option<String>,
    /// Until when the certificate is in force (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "date-time")]
    pub not_after: Option<String>,
}

impl DraftSignatureView {
    /// None where nobody asked for one, or the time for it is over.
    pub(super) fn of(one: &ApplicationDraft, public_url: &str, now: Timestamp) -> Option<Self> {
        let bare = |state| Self { state, url: None, expires_at: None, signed_at: None, issuer: None, not_after: None };
        match &one.signing {
            Signing::Asked { until } | Signing::Begun { until, .. } if *until > now => Some(Self {
                url: Some(format!("{public_url}/dashboard/applications/drafts/{}", one.draft.id)),
                expires_at: Some(until.rfc3339()),
                ..bare(DraftSignatureState::Requested)
            }),
            Signing::None | Signing::Asked { .. } | Signing::Begun { .. } => None,
            Signing::Void { .. } => Some(bare(DraftSignatureState::Void)),
            Signing::Signed(signature) => Some(Self {
                signed_at: Some(signature.signed_at.rfc3339()),
                issuer: Some(signature.issuer.clone()),
                not_after: Some(signature.not_after.rfc3339()),
                ..bare(DraftSignatureState::Signed)
            }),
        }
    }
}

/// The header that is not signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureHeader {
    /// The certificate that verifies the signature, then each that issued the one before it, up to below the authority: DER in
    /// Base64 (RFC 7515 §4.1.6).
    pub x5c: Vec<String>,
}

/// A JSON Web Signature in its flattened form (RFC 7515 §7.2.2), RS256.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureJws {
    /// The header that is signed, base64url: `alg` RS256, `typ` `madoguchi-application+jws`.
    pub protected: String,
    /// What was signed, base64url: canonical JSON.
    pub payload: String,
    /// The signature, base64url.
    pub signature: String,
    /// The header that is not.
    pub header: SignatureHeader,
}

/// The certificate that a signature is verified with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyApplicationSigner)]
pub struct SignerView {
    /// Its serial number, hexadecimal.
    #[schema(example = "2A7F")]
    pub serial: String,
    /// Who issued it.
    pub issuer: String,
    /// Until when it is in force (RFC 3339).
    #[schema(format = "date-time")]
    pub not_after: String,
}

/// An application's signature, with all that it takes to verify it anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgencyApplicationSignature)]
pub struct AgencySignature {
    /// When it was verified here: over what the application said, by a certificate that leads to an authority that is trusted
    /// here and was not taken back (RFC 3339). It was verified once more when the application was handed in.
    #[schema(format = "date-time")]
    pub signed_at: String,
    /// What it is over.
    pub covers: SignatureCovers,
    /// The certificate.
    pub certificate: SignerView,
    /// SHA-256 of what was signed, base64url.
    pub digest: String,
    /// The signature.
    pub jws: SignatureJws,
}

impl AgencySignature {
    pub(super) fn of(one: &Application, signature: &ElectronicSignature) -> Self {
        Self {
            signed_at: signature.signed_at.rfc3339(),
            covers: covers(one),
            certificate: SignerView {
                serial: signature.serial.expose(),
                issuer: signature.issuer.clone(),
                not_after: signature.not_after.rfc3339(),
            },
            digest: signature.digest().base64url(),
            jws: SignatureJws {
                protected: URL_SAFE_NO_PAD.encode(SIGNED_HEADER),
                payload: URL_SAFE_NO_PAD.encode(&signature.document),
                signature: signature.signature.clone(),
                header: SignatureHeader { x5c: signature.certificates.clone() },
            },
        }
    }
}
