//! What a person sees of applications at the counter's own pages: theirs by any software, and what was prepared for them.
//! Nobody's consent is asked, and nobody else is shown anything.

use super::Applications;
use super::body::{AttachmentRequest, CreateApplication};
use crate::catalog::municipalities::MunicipalityCode;
use crate::domain::application::{ApplicantKind, Application, ApplicationDraft};
use crate::domain::client::Client;
use crate::domain::ids::{ApplicationId, ClientId};
use crate::domain::submission::Finding;
use crate::domain::{Failure, Fault, Lang, Refusal, Words};
use crate::services::account::CitizenSession;
use crate::services::body::{cut, place, read};
use crate::store::{Before, HeldApplication};

/// Most applications of one page.
const SHOWN: u32 = 20;

/// A draft, read.
#[derive(Debug)]
pub struct PreparedDraft {
    /// The draft.
    pub draft: ApplicationDraft,
    /// By whose software; none where it is not registered any more.
    pub client: Option<Client>,
    /// What the procedure is called, as far as the draft says.
    pub title: Option<Words>,
    /// The municipality's name, or its code.
    pub municipality: Option<String>,
    /// As what one applies.
    pub applied_as: Option<ApplicantKind>,
    /// Each item's title with what it says, in words.
    pub items: Vec<(String, String)>,
    /// What the files of its documents are called.
    pub files: Vec<String>,
    /// Whether it is of a procedure that asks for a signature, and can be signed here.
    pub may_be_signed: bool,
    /// What still is to be mended before it can be handed in, with the place.
    pub faults: Vec<(String, String)>,
}

impl Applications {
    /// A person's applications, newest first, from before the place `before` on; and where older ones go on.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn of_person(
        &self,
        session: &CitizenSession,
        before: Option<&str>,
    ) -> Result<(Vec<HeldApplication>, Option<String>), Fault> {
        let entry = before.and_then(|text| crate::services::body::entry(text, ApplicationId::parse).ok());
        let before = Before { entry, limit: SHOWN.saturating_add(1) };
        let mut found = self.parts.store.list_persons_applications(session.subject(), &before).await?;
        let next = cut(&mut found, SHOWN as usize, |last| place(last.application.arrived_at, &last.application.id));
        Ok((found, next))
    }

    /// What was prepared for a person.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn prepared_for(&self, session: &CitizenSession, lang: Lang) -> Result<Vec<PreparedDraft>, Fault> {
        let now = self.parts.clock.now();
        let found = self.parts.store.list_application_drafts((None, session.subject()), now).await?;
        let mut read = Vec::with_capacity(found.len());
        for draft in found {
            read.push(self.in_words(draft, lang).await?);
        }
        Ok(read)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn prepared_one(
        &self,
        session: &CitizenSession,
        id: &str,
        lang: Lang,
    ) -> Result<Option<PreparedDraft>, Fault> {
        match self.persons(session, id).await? {
            Some(draft) => {
                let mut one = self.in_words(draft, lang).await?;
                one.faults = self.faults(&one.draft, lang).await?;
                Ok(Some(one))
            }
            None => Ok(None),
        }
    }

    /// Hands one in that says what the person saw.
    ///
    /// # Errors
    /// Those of [`submit_draft`](Self::submit_draft).
    pub async fn hand_in_own(
        &self,
        session: &CitizenSession,
        id: &str,
        seen: &str,
    ) -> Result<Option<HeldApplication>, Failure> {
        let Some(one) = self.persons(session, id).await? else { return Ok(None) };
        let of = (&one.draft.client, &one.subject);
        self.handed_from(of, &one, (Some(seen), true)).await.map(Some)
    }

    /// Throws one away that says what the person saw.
    ///
    /// # Errors
    /// `precondition_failed` when it is another by now.
    pub async fn drop_own(&self, session: &CitizenSession, id: &str, seen: &str) -> Result<bool, Failure> {
        let Some(one) = self.persons(session, id).await? else { return Ok(false) };
        self.dropped(&one, Some(seen)).await.map(|()| true)
    }

    /// What the procedure of an application is called.
    #[must_use]
    pub fn title(&self, one: &Application) -> Words {
        super::view::procedure(one, &self.parts.standards)
    }

    /// Whether an application is signed, where its procedure asks for that.
    #[must_use]
    pub fn signature(&self, one: &Application) -> Option<super::ApplicationSignatureView> {
        super::ApplicationSignatureView::of(one, &self.parts.standards)
    }

    /// A municipality's name, or its code.
    #[must_use]
    pub fn municipality(&self, code: &str) -> String {
        let known = MunicipalityCode::parse(code).ok().and_then(|code| self.parts.municipalities.name_of(code));
        known.unwrap_or_else(|| code.to_owned())
    }

    /// What a client is called.
    ///
    /// # Errors
    /// [`Fault`] when the store is away.
    pub async fn software(&self, id: &ClientId) -> Result<Option<Client>, Fault> {
        self.parts.store.find_client(id).await
    }

    pub(super) async fn persons(&self, session: &CitizenSession, id: &str) -> Result<Option<ApplicationDraft>, Fault> {
        Ok(self.any_draft(id).await?.filter(|one| one.subject == *session.subject()))
    }

    async fn in_words(&self, draft: ApplicationDraft, lang: Lang) -> Result<PreparedDraft, Fault> {
        let client = self.software(&draft.draft.client).await?;
        let said: Option<CreateApplication> = read(draft.content.as_bytes()).ok();
        let form = said.as_ref().and_then(|said| self.parts.forms.get(&said.form));
        let standard = said.as_ref().and_then(|said| self.parts.standards.get(&said.procedure));
        let title = standard.map(|standard| standard.name.clone());
        let municipality = said.as_ref().map(|said| self.municipality(&said.municipality));
        let applied_as = said.as_ref().map(|said| said.applied_by.kind);
        let may_be_signed = said.as_ref().is_some_and(|said| self.may_be_signed(&said.procedure));
        let files = self.names(said.as_ref().map(|said| said.attachments.as_slice()).unwrap_or_default()).await?;
        let items = said.zip(form).map(|(said, form)| form.in_words(&said.answers.read(), lang)).unwrap_or_default();
        Ok(PreparedDraft {
            draft,
            client,
            title,
            municipality,
            applied_as,
            items,
            files,
            may_be_signed,
            faults: Vec::new(),
        })
    }

    /// What files of documents are called, of those that are there.
    async fn names(&self, named: &[AttachmentRequest]) -> Result<Vec<String>, Fault> {
        let mut names = Vec::new();
        for request in named.iter().take(100) {
            names.extend(self.any_attachment(&request.id).await?.map(|held| held.attachment.name));
        }
        Ok(names)
    }

    /// What keeps it from being handed in.
    async fn faults(&self, one: &ApplicationDraft, lang: Lang) -> Result<Vec<(String, String)>, Fault> {
        let told = |refusal: &Refusal| {
            vec![(refusal.pointer.as_deref().unwrap_or_default().to_owned(), refusal.public.clone())]
        };
        let request: CreateApplication = match read(one.content.as_bytes()) {
            Ok(request) => request,
            Err(refusal) => return Ok(told(&refusal)),
        };
        let of = (&one.draft.client, &one.subject);
        let filled = match self.filled(of, request, self.parts.clock.now()).await {
            Ok(filled) => filled,
            Err(Failure::Refused(refusal)) => return Ok(told(&refusal)),
            Err(Failure::Broken(fault)) => return Err(fault),
        };
        let found = filled.found;
        let worded = |finding: &Finding| (finding.pointer.clone(), finding.words.get(lang).to_owned());
        Ok(found.iter().filter(|finding| finding.is_reject()).map(worded).collect())
    }
}
