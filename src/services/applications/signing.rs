//! Signing (電子署名): a draft whose procedure asks for a signature is signed by its person with their card.
//!
//! How it flows: 1. `ask_signature`: the software asks the person to; 2. at the counter's own pages, where they see what it says,
//! `begin_signing` sends them to the identity provider; 3. they come back, once: the way there is taken from the draft by one
//! conditional write; 4. the signature is verified over what the draft says now, and written only if that is what it says still;
//! 5. when the draft is handed in it is verified anew, and goes with the application. Whatever changes the draft voids it.
//!
//! What it must never do: count a signature over anything but what the draft says; take one that is not by the card of whoever
//! is signed in.

use super::{ApplicationDraftView, hand_in::Whose};
use super::{Applications, whose};
use crate::adapters::identity::Ceremony;
use crate::adapters::signatures::{Signatures, SigningError};
use crate::domain::acr::Acr;
use crate::domain::application::{Application, ApplicationDraft, AttachedCertificate};
use crate::domain::draft::Draft;
use crate::domain::electronic_signature::{BadSigner, ElectronicSignature, Signing};
use crate::domain::evidence::canonical;
use crate::domain::ids::DraftId;
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{BrowserSecret, Digest, Failure, Fault, Lang, Refusal, Secret};
use crate::gateway::Permit;
use crate::services::account::CitizenSession;
use crate::services::body::read;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// How long a person may take to begin, once they are asked.
const MAY_BEGIN: Duration = Duration::from_hours(24);
/// How long they may be at the identity provider.
const MAY_TAKE: Duration = Duration::from_mins(15);
/// When it is worth trying again.
const SOME_TIME: Duration = Duration::from_mins(5);

/// What came back with the browser.
#[derive(Clone, Debug)]
pub struct SigningCallback {
    /// `state`.
    pub state: String,
    /// `code`, on success.
    pub code: Option<String>,
    /// `error`, otherwise.
    pub error: Option<String>,
    /// `iss` (RFC 9207), where the provider sends it.
    pub iss: Option<String>,
}

/// What came of signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningOutcome {
    /// It is signed.
    Signed,
    /// The person stopped, or their card was not taken.
    Cancelled,
    /// The draft says something else by now.
    Changed,
    /// The provider, or a list of revoked certificates, is away.
    Away,
    /// It is another person's card.
    OtherPerson,
    /// The certificate was taken back.
    Revoked,
    /// The certificate is no longer in force, or not yet.
    Expired,
    /// It was signed, but nothing that counts.
    Refused,
}

/// Why somebody does not come back from signing.
#[derive(Debug, thiserror::Error)]
pub enum NotBack {
    /// Another browser, or person, began.
    #[error("another browser began")]
    WrongBrowser,
    /// They came back before, or it is too late.
    #[error("it is over")]
    Over,
    /// Something broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl Applications {
    /// Asks the person of a draft to sign it, and says where.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found`; `precondition_failed`; `signatures_unavailable` where none can be made here; `conflict`
    /// where the procedure asks for none; what handing it in would be refused by.
    pub async fn ask_signature(
        &self,
        permit: &Permit,
        id: &str,
        seen: Option<&str>,
    ) -> Result<ApplicationDraftView, Failure> {
        let one = self.prepared(permit, id).await?;
        self.parts.gateway.clear_applying(permit).await?;
        one.draft.is_as_seen(seen.unwrap_or(&one.draft.tag))?;
        self.signatures()?;
        self.to_be_signed(&one).await?;
        let now = self.parts.clock.now();
        let is_under_way = match &one.signing {
            Signing::Begun { until, .. } => *until > now,
            signing => signing.signature().is_some(),
        };
        // The same again changes nothing.
        let next = if is_under_way {
            one
        } else {
            self.put_signing(&one, Signing::Asked { until: now.plus(MAY_BEGIN) }).await?
        };
        Ok(self.draft_view(&next, true)?)
    }

    /// Takes a signature, or the wish for one, off a draft: it can be handed in without.
    ///
    /// # Errors
    /// `not_found`; `precondition_failed`.
    pub async fn drop_signature(
        &self,
        permit: &Permit,
        id: &str,
        seen: Option<&str>,
    ) -> Result<ApplicationDraftView, Failure> {
        let one = self.prepared(permit, id).await?;
        Ok(self.draft_view(&self.without_signature(one, seen).await?, true)?)
    }

    /// The same by the person.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub async fn drop_own_signature(&self, session: &CitizenSession, id: &str, seen: &str) -> Result<bool, Failure> {
        let Some(one) = self.persons(session, id).await? else { return Ok(false) };
        self.without_signature(one, Some(seen)).await.map(|_| true)
    }

    async fn without_signature(&self, one: ApplicationDraft, seen: Option<&str>) -> Result<ApplicationDraft, Failure> {
        one.draft.is_as_seen(seen.unwrap_or(&one.draft.tag))?;
        if one.signing.is_none() { Ok(one) } else { self.put_signing(&one, Signing::None).await }
    }

    /// Whether drafts of this procedure can be signed here.
    pub(super) fn may_be_signed(&self, procedure: &str) -> bool {
        self.parts.signatures.is_some()
            && self.parts.standards.get(procedure).is_some_and(|standard| standard.is_signed)
    }

    /// The origin of the pages where one signs, where that can be done.
    #[must_use]
    pub fn signing_origin(&self) -> Option<&str> {
        self.parts.signatures.as_ref().map(|signatures| signatures.issuer())
    }

    /// The person signs the draft that they saw: gives the address of the identity provider. None where there is no such draft.
    ///
    /// # Errors
    /// Those of [`ask_signature`](Self::ask_signature).
    pub async fn begin_signing(
        &self,
        (session, secret): (&CitizenSession, &BrowserSecret),
        (id, seen): (&str, &str),
        lang: Lang,
    ) -> Result<Option<Url>, Failure> {
        let Some(one) = self.persons(session, id).await? else { return Ok(None) };
        one.draft.is_as_seen(seen)?;
        let signatures = self.signatures()?;
        let document = self.to_be_signed(&one).await?;
        let attempt = self.parts.entropy.short_handle();
        let ceremony = ceremony(&one.draft.id, &attempt, secret, lang);
        let begun = signatures.begin(&document, &ceremony).await;
        let (transaction, url) = begun.map_err(|error| unavailable(&error))?;
        let until = self.parts.clock.now().plus(MAY_TAKE);
        let begun = Signing::Begun { attempt, transaction, document: Digest::of(&document), until };
        self.put_signing(&one, begun).await?;
        Ok(Some(url))
    }

    /// The person comes back, once; what came of it, for which draft.
    ///
    /// # Errors
    /// [`NotBack`].
    pub async fn finish_signing(
        &self,
        (session, secret): (&CitizenSession, &BrowserSecret),
        callback: &SigningCallback,
        lang: Lang,
    ) -> Result<(DraftId, SigningOutcome), NotBack> {
        let (owner, bound) = callback.state.rsplit_once('.').ok_or(NotBack::Over)?;
        let (id, attempt) = owner.split_once('.').ok_or(NotBack::Over)?;
        let one = self.any_draft(id).await?.ok_or(NotBack::Over)?;
        if one.subject != *session.subject() || !secret.is_derived(STATE, owner, bound) {
            return Err(NotBack::WrongBrowser);
        }
        let id = one.draft.id.clone();
        let (transaction, digest) = match &one.signing {
            Signing::Begun { attempt: own, transaction, document, until }
                if own == attempt && *until > self.parts.clock.now() =>
            {
                (transaction.clone(), *document)
            }
            Signing::Void { .. } => return Ok((id, SigningOutcome::Changed)),
            _ => return Err(NotBack::Over),
        };
        // Of any number of loads of this address one goes on.
        let taken = match self.put_signing(&one, Signing::None).await {
            Ok(taken) => taken,
            Err(Failure::Refused(_)) => return Err(NotBack::Over),
            Err(Failure::Broken(fault)) => return Err(fault.into()),
        };
        let code = match (&callback.code, callback.error.as_deref()) {
            (Some(code), None) => code,
            (None, Some("access_denied")) => return Ok((id, SigningOutcome::Cancelled)),
            _ => return Ok((id, SigningOutcome::Refused)),
        };
        let iss = callback.iss.as_deref().map(|iss| iss.trim_end_matches('/'));
        if iss.is_some_and(|iss| self.signing_origin() != Some(iss)) {
            return Ok((id, SigningOutcome::Refused));
        }
        let ceremony = ceremony(&id, attempt, secret, lang);
        let outcome = self.signed((session, &taken), (code, &transaction, digest), &ceremony).await;
        Ok((id, outcome?))
    }

    /// Fetches what was signed, and keeps it where it counts.
    async fn signed(
        &self,
        (session, taken): (&CitizenSession, &ApplicationDraft),
        (code, transaction, digest): (&str, &str, Digest),
        ceremony: &Ceremony,
    ) -> Result<SigningOutcome, Fault> {
        let Ok(signatures) = self.signatures() else { return Ok(SigningOutcome::Away) };
        // What the draft says now, and not what was sent to be signed.
        let document = match self.to_be_signed(taken).await {
            Ok(document) if Digest::of(&document) == digest => document,
            Ok(_) | Err(Failure::Refused(_)) => return Ok(SigningOutcome::Changed),
            Err(Failure::Broken(fault)) => return Err(fault),
        };
        let (account, signature) = match signatures.finish((code, transaction), ceremony, &document).await {
            Ok(signed) => signed,
            Err(error) => {
                tracing::info!(%error, "a draft was not signed");
                return Ok(outcome(&error));
            }
        };
        let person = self.parts.store.find_subject(session.subject()).await?;
        if person.is_none_or(|person| person.account != account) {
            return Ok(SigningOutcome::OtherPerson);
        }
        match self.put_signing(taken, Signing::Signed(Box::new(signature))).await {
            Ok(_) => Ok(SigningOutcome::Signed),
            Err(Failure::Refused(_)) => Ok(SigningOutcome::Changed),
            Err(Failure::Broken(fault)) => Err(fault),
        }
    }

    /// The signature that goes with what is handed in from a draft, verified once more.
    ///
    /// # Errors
    /// `signature_not_valid` where it is over something else, or its certificate does not count any more;
    /// `signatures_unavailable` where that cannot be known.
    pub(super) async fn signature_of(
        &self,
        draft: &ApplicationDraft,
        made: &Application,
    ) -> Result<Option<Box<ElectronicSignature>>, Failure> {
        let Some(signature) = draft.signing.signature() else { return Ok(None) };
        if self.document(made, &draft.draft.id) != signature.document {
            return Err(not_valid("It is not what was signed: have it signed anew, or take the signature off.").into());
        }
        match self.signatures()?.verify(signature).await {
            Ok(()) => Ok(Some(Box::new(signature.clone()))),
            Err(error) if error.is_away() => Err(unavailable(&error).into()),
            Err(error) => {
                let words =
                    format!("The signature does not count any more: {error}. Take it off, or have it signed anew.");
                Err(not_valid(&words).into())
            }
        }
    }

    /// What a draft says, as it is signed, where it could be handed in.
    async fn to_be_signed(&self, one: &ApplicationDraft) -> Result<String, Failure> {
        let request: super::CreateApplication = read(one.content.as_bytes())?;
        if !self.may_be_signed(&request.procedure) {
            let words = "The procedure asks for no electronic signature: hand it in as it is.";
            return Err(Refusal::new("conflict", words).at("/procedure").into());
        }
        let of: Whose<'_> = (&one.draft.client, &one.subject);
        let key = IdempotencyKey { key: Digest::of(""), body: Digest::of(&one.content) };
        let made = self.made(of, request, (key, false)).await?;
        Ok(self.document(&made, &one.draft.id))
    }

    /// What is signed of an application that comes of a draft: everything that whoever applies says with it.
    fn document(&self, made: &Application, draft: &DraftId) -> String {
        let file = |file: &crate::domain::attachment::AttachedFile| {
            json!({
                "id": file.id.as_str(), "document": file.document, "name": file.name, "length": file.length,
                "media_type": file.media_type.as_str(), "sha256": file.digest.base64url(),
            })
        };
        let certificate = |one: &AttachedCertificate| match one.id() {
            Some(id) => json!({"slot": one.slot(), "id": id.as_str()}),
            None => json!({"slot": one.slot(), "is_on_paper": true}),
        };
        let by = &made.applied_by;
        let mut applied_by = json!({
            "kind": by.kind.as_str(), "name": by.name, "relationship": by.relationship,
            "organisation": by.organisation, "organisation_number": by.organisation_number,
        });
        if let Value::Object(members) = &mut applied_by {
            members.retain(|_, value| !value.is_null());
        }
        canonical(&json!({
            "counter": self.parts.public_url,
            "draft": draft.as_str(),
            "municipality": made.municipality,
            "procedure": made.procedure,
            "form": made.form,
            "applied_by": applied_by,
            "answers": super::view::answers(&made.answers),
            "certificates": made.certificates.iter().map(certificate).collect::<Vec<_>>(),
            "attachments": made.files.iter().map(file).collect::<Vec<_>>(),
        }))
    }

    fn signatures(&self) -> Result<&Signatures, Refusal> {
        let words = "No electronic signatures are made here: the municipality checks in person who applied.";
        self.parts.signatures.as_deref().ok_or_else(|| Refusal::new("signatures_unavailable", words))
    }

    /// Writes how far a draft is with its signature, if it is as it was read; its tag is another then.
    async fn put_signing(&self, one: &ApplicationDraft, signing: Signing) -> Result<ApplicationDraft, Failure> {
        let draft = Draft { tag: self.parts.entropy.short_handle(), ..one.draft.clone() };
        let next = ApplicationDraft { draft, signing, ..one.clone() };
        if self.parts.store.update_application_draft(&next, &one.draft.tag).await? {
            return Ok(next);
        }
        next.draft.is_as_seen(&one.draft.tag)?;
        Err(Fault::Internal("a draft that was not written has the tag of what was".into()).into())
    }

    /// The draft of this person by this client, or the refusal that tells nobody of another's.
    pub(super) async fn prepared(&self, permit: &Permit, id: &str) -> Result<ApplicationDraft, Failure> {
        let of = whose(permit)?;
        let found = self.any_draft(id).await?.filter(|one| (&one.draft.client, &one.subject) == of);
        Ok(found.ok_or_else(super::drafts::unknown)?)
    }
}

/// What the state of one attempt is derived for.
const STATE: &str = "signature-state";

/// What binds one attempt to its browser: the same for the same session and attempt.
fn ceremony(id: &DraftId, attempt: &str, secret: &BrowserSecret, lang: Lang) -> Ceremony {
    let owner = format!("{id}.{attempt}");
    let bound = |what: &str| secret.derive(what, &owner);
    Ceremony {
        state: format!("{owner}.{}", bound(STATE)),
        nonce: Secret::new(bound("signature-nonce")),
        verifier: Secret::new(bound("signature-pkce")),
        least: Acr::Aal3,
        max_age: None,
        oldest: None,
        with_certificate: false,
        lang,
    }
}

fn outcome(error: &SigningError) -> SigningOutcome {
    match error {
        error if error.is_away() => SigningOutcome::Away,
        SigningError::Signer(BadSigner::Revoked) => SigningOutcome::Revoked,
        SigningError::Signer(BadSigner::Expired | BadSigner::NotYetValid) => SigningOutcome::Expired,
        SigningError::Signer(_) | SigningError::Provider(_) | SigningError::OtherCertificate => SigningOutcome::Refused,
    }
}

fn unavailable(error: &SigningError) -> Refusal {
    tracing::warn!(%error, "nothing can be signed for the moment");
    let words = "Signatures cannot be made or verified for the moment: try again, or hand it in without; then the municipality \
                 checks in person who applied.";
    Refusal::new("signatures_unavailable", words).retry_after(SOME_TIME)
}

fn not_valid(words: &str) -> Refusal {
    Refusal::new("signature_not_valid", words)
}
