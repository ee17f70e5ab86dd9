//! Documents (添付書類): they come piece by piece before an application, and go with one by their ids.

use super::attachments_view::{AttachmentFile, AttachmentView, CreateAttachment};
use super::body::AttachmentRequest;
use super::hand_in::Whose;
use super::{Applications, whose};
use crate::catalog::application_forms::{ApplicationForm, DocumentSlot};
use crate::domain::attachment::{
    AttachedFile, Attachment, AttachmentState, BadContent, HeldAttachment, LARGEST_PIECE, MOST_WAITING, MediaType,
    SMALLEST_PIECE, scan, sniff,
};
use crate::domain::ids::{ApplicationId, AttachmentId};
use crate::domain::retrieval::IdempotencyKey;
use crate::domain::{Digest, Failure, Fault, Refusal};
use crate::gateway::Permit;
use crate::services::body::{digest_of, idempotency_key, read};
use crate::store::{AttachmentChange, InsertedAttachment};
use std::collections::BTreeMap;

impl Applications {
    /// Makes ready for a document; the same again for the same key.
    ///
    /// # Errors
    /// `refused_by_policy`; `invalid_request`, `invalid_value` naming the member; `idempotency_key_reused`; `conflict` when too
    /// many wait.
    pub async fn begin_attachment(
        &self,
        permit: &Permit,
        bytes: &[u8],
        key: Option<&str>,
    ) -> Result<AttachmentView, Failure> {
        self.parts.gateway.clear_applying(permit).await?;
        let key = idempotency_key(key, "begins no document twice")?;
        let request: CreateAttachment = read(bytes)?;
        let (client, subject) = whose(permit)?;
        let (_, digest) = request.read(&self.parts.forms)?;
        let now = self.parts.clock.now();
        let new = Attachment {
            id: AttachmentId::generate(&*self.parts.entropy),
            client: client.clone(),
            subject: subject.clone(),
            form: request.form,
            document: request.document,
            name: request.name,
            length: request.length,
            digest,
            key: IdempotencyKey { key: Digest::of(&format!("attachment\n{key}")), body: digest_of(bytes)? },
            received: 0,
            pieces: 0,
            state: AttachmentState::Awaited,
            created_at: now,
            changed_at: now,
        };
        match self.parts.store.insert_attachment(&new, MOST_WAITING).await? {
            InsertedAttachment::New => Ok(AttachmentView::of(&new, None)),
            InsertedAttachment::Same(held) => Ok(AttachmentView::of(&held.attachment, held.application.as_ref())),
            InsertedAttachment::KeyReused => {
                let words = "This Idempotency-Key came with another document before: use a new one.";
                Err(Refusal::new("idempotency_key_reused", words).at("Idempotency-Key").into())
            }
            InsertedAttachment::TooMany => {
                let words = format!("{MOST_WAITING} of this person's documents go with nothing: throw some away.");
                Err(Refusal::new("conflict", words).into())
            }
        }
    }

    /// Takes the next bytes of a document; with the last ones it is held against its digest, and looked into.
    ///
    /// # Errors
    /// `not_found`; `conflict` when bytes are missing before these, when it is whole, or when it changed meanwhile;
    /// `invalid_request` without a place, `invalid_value` for a piece of another size.
    pub async fn append_attachment(
        &self,
        permit: &Permit,
        id: &str,
        (offset, bytes): (Option<&str>, &[u8]),
    ) -> Result<AttachmentView, Failure> {
        let HeldAttachment { attachment: earlier, version, .. } = self.own_attachment(permit, id).await?;
        let size = bytes.len() as u64;
        next_offset(&earlier, offset, size)?;
        let mut next = Attachment {
            received: earlier.received.saturating_add(size),
            pieces: earlier.pieces.saturating_add(1),
            changed_at: self.parts.clock.now(),
            ..earlier.clone()
        };
        let mut piece = Some((earlier.pieces, bytes.to_vec()));
        if next.received == next.length {
            let whole = [self.parts.store.read_attachment(&next.id).await?, bytes.to_vec()].concat();
            let taken = self.slot(&next).map(|slot| slot.media_types.clone()).unwrap_or_default();
            next.state = looked_into(whole, next.digest, taken).await?;
            if matches!(next.state, AttachmentState::Refused { .. }) {
                piece = None;
            }
        }
        let change = AttachmentChange { attachment: next, version, piece };
        if self.parts.store.update_attachment(&change).await? {
            return Ok(AttachmentView::of(&change.attachment, None));
        }
        Err(Refusal::new("conflict", "Other bytes came at the same moment: ask for Upload-Offset, and go on there.")
            .into())
    }

    /// Where one stands.
    ///
    /// # Errors
    /// `not_found` for another's, too.
    pub async fn attachment(&self, permit: &Permit, id: &str) -> Result<AttachmentView, Failure> {
        let held = self.own_attachment(permit, id).await?;
        Ok(AttachmentView::of(&held.attachment, held.application.as_ref()))
    }

    /// Its bytes, for whoever sent them.
    ///
    /// # Errors
    /// `not_found`; `conflict` as long as it is not whole, or where it is refused.
    pub async fn attachment_content(&self, permit: &Permit, id: &str) -> Result<AttachmentFile, Failure> {
        let held = self.own_attachment(permit, id).await?;
        let media_type = held.attachment.ready();
        let media_type = media_type.ok_or_else(|| Refusal::new("conflict", "It is not whole, or was refused."))?;
        let Attachment { id, digest, .. } = held.attachment;
        self.content((&id, digest), media_type).await
    }

    /// Throws one away that goes with nothing.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it went with an application.
    pub async fn drop_attachment(&self, permit: &Permit, id: &str) -> Result<(), Failure> {
        let held = self.own_attachment(permit, id).await?;
        if held.application.is_none() && self.parts.store.delete_attachment(&held.attachment.id).await? {
            return Ok(());
        }
        Err(Refusal::new("conflict", "It went with an application, and stays with that.").into())
    }

    /// A document of an application, for its municipality: counted and logged as what the application says is, then given.
    ///
    /// # Errors
    /// `refused_by_policy`; `not_found` for another municipality's, too; `evidence_unavailable`.
    pub async fn received_attachment(
        &self,
        permit: &Permit,
        (id, attachment): (&str, &str),
    ) -> Result<AttachmentFile, Failure> {
        let held = self.to_municipality(permit, id).await?;
        let file = held.application.files.iter().find(|file| file.id.as_str() == attachment).ok_or_else(|| {
            Refusal::new("not_found", "No document with this id goes with this application.").at("attachment")
        })?;
        let (id, digest, media_type) = (file.id.clone(), file.digest, file.media_type);
        self.counted(permit, &held).await?;
        self.content((&id, digest), media_type).await
    }

    /// The documents that an application names: this person's by this client, whole, for this form, and gone with no other.
    ///
    /// # Errors
    /// `invalid_value` naming the document.
    pub(super) async fn files(
        &self,
        of: Whose<'_>,
        (form, application): (&ApplicationForm, Option<&ApplicationId>),
        named: &[AttachmentRequest],
    ) -> Result<Vec<AttachedFile>, Failure> {
        let (mut files, mut counts) = (Vec::<AttachedFile>::new(), BTreeMap::<&str, usize>::new());
        for (n, request) in named.iter().enumerate() {
            let wrong = |words: &str| Refusal::new("invalid_value", words).at(format!("/attachments/{n}/id"));
            let held = self.any_attachment(&request.id).await?;
            let held = held.filter(|held| (&held.attachment.client, &held.attachment.subject) == of);
            let HeldAttachment { attachment: one, application: gone_with, .. } =
                held.ok_or_else(|| wrong("This person uploaded no document with this id by you."))?;
            let slot = form.document(&one.document).filter(|_| one.form == form.code());
            let slot = slot.ok_or_else(|| wrong("It was uploaded for another form."))?;
            let media_type = one.ready().ok_or_else(|| wrong("It is not whole, or was refused."))?;
            if gone_with.is_some_and(|with| Some(&with) != application) {
                return Err(wrong("It went with another application: upload it again.").into());
            }
            let count = counts.entry(&slot.code).or_default();
            *count += 1;
            if *count > slot.most || files.iter().any(|file| file.id == one.id) {
                return Err(wrong("The form takes fewer files of this document, or it is named already.").into());
            }
            let Attachment { id, document, name, length, digest, .. } = one;
            files.push(AttachedFile { id, document, name, media_type, length, digest });
        }
        Ok(files)
    }

    fn slot(&self, one: &Attachment) -> Option<&DocumentSlot> {
        self.parts.forms.get(&one.form).and_then(|form| form.document(&one.document))
    }

    async fn content(
        &self,
        (id, digest): (&AttachmentId, Digest),
        media_type: MediaType,
    ) -> Result<AttachmentFile, Failure> {
        let bytes = self.parts.store.read_attachment(id).await?;
        if Digest::of_bytes(&bytes) != digest {
            return Err(Fault::Internal("a stored document is not as it came".into()).into());
        }
        Ok(AttachmentFile { media_type, digest, bytes })
    }

    async fn own_attachment(&self, permit: &Permit, id: &str) -> Result<HeldAttachment, Failure> {
        let of = whose(permit)?;
        let own = self.any_attachment(id).await?;
        let own = own.filter(|held| (&held.attachment.client, &held.attachment.subject) == of);
        let words = "This person uploaded no document with this id by you, or its time is over.";
        Ok(own.ok_or_else(|| Refusal::new("not_found", words).at("id"))?)
    }

    pub(super) async fn any_attachment(&self, id: &str) -> Result<Option<HeldAttachment>, Fault> {
        match AttachmentId::parse(id) {
            Ok(id) => self.parts.store.find_attachment(&id, self.parts.clock.now()).await,
            Err(_) => Ok(None),
        }
    }
}

/// That these bytes are the next ones.
fn next_offset(one: &Attachment, offset: Option<&str>, size: u64) -> Result<(), Refusal> {
    let wrong = || {
        let words = "Say with Upload-Offset at which byte of the document these begin.";
        Refusal::new("invalid_request", words).at("Upload-Offset")
    };
    let offset: u64 = offset.and_then(|text| text.trim().parse().ok()).ok_or_else(wrong)?;
    if one.state != AttachmentState::Awaited {
        return Err(Refusal::new("conflict", "Nothing of it is awaited any more: look where it stands."));
    }
    if offset != one.received {
        let words = format!("{} bytes of it are here: go on there.", one.received);
        return Err(Refusal::new("conflict", words).at("Upload-Offset"));
    }
    let left = one.length.saturating_sub(one.received);
    let is_last = size == left;
    if size > left || size > LARGEST_PIECE || (!is_last && size < SMALLEST_PIECE) {
        let words = format!(
            "Send {SMALLEST_PIECE} to {LARGEST_PIECE} bytes, or fewer where they are the last; {left} are awaited."
        );
        return Err(Refusal::new("invalid_value", words).at("Upload-Offset"));
    }
    Ok(())
}

/// What becomes of a document that is whole.
async fn looked_into(bytes: Vec<u8>, digest: Digest, taken: Vec<MediaType>) -> Result<AttachmentState, Fault> {
    let looking = tokio::task::spawn_blocking(move || {
        if Digest::of_bytes(&bytes) != digest {
            return Err(BadContent::DigestMismatch);
        }
        let media_type = sniff(&bytes).filter(|kind| taken.contains(kind)).ok_or(BadContent::MediaType)?;
        scan(media_type, &bytes).map(|()| media_type)
    });
    let looked = looking.await.map_err(|_| Fault::Internal("looking into a document did not come to an end".into()))?;
    Ok(match looked {
        Ok(media_type) => AttachmentState::Ready { media_type },
        Err(because) => AttachmentState::Refused { because },
    })
}
