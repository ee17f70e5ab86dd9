//! e-Gov 電子申請 API, version 2: filings as signed packages of XML, by a corporate account.
//!
//! What for: social and labour insurance are filed there. Its packages are strict, its refusals terse, and it knows no
//! idempotency key.
//!
//! How it flows: [`mod@account`] holds the account's token, and [`tokens`] the refresh token that it was given last; [`calls`]
//! makes one bounded call and [`envelope`] reads what comes back. For a filing, [`skeleton`] fetches the procedure's blank
//! forms; [`described`] fills one from the items of a procedure that is described here, [`form`] from members named as its
//! elements are; [`package`] puts it with the signed configuration (構成管理XML) into a ZIP; [`send`] has it checked
//! (形式チェック) and hands it in; [`settle`] finds out whether something was handed in; [`standing`] reads how it stands,
//! [`payments`] what it costs, and [`documents`] fetches what it gives back, which [`seals`] verifies; [`posts`] tells what
//! was sent to the account without a filing (電子送達).
//!
//! `POST /apply` takes nothing of ours that any list gives back: two filings of one procedure by one company on one day
//! cannot be told apart afterwards. `POST /bulk-apply` does: its report (`GET /apply/report`) gives the name of the file
//! that was sent. So each filing goes as a bundle of one, in a file named by our reference, and a lost answer is settled by
//! that name. Amendments (補正) and withdrawals (取下げ) are settled by what the application itself says.
//!
//! The 33 calls of the API, and where each is made:
//!
//! | call | |
//! |---|---|
//! | `GET /auth` | [`Account::connect`]: a person opens it |
//! | `POST /token` | [`mod@account`]; the refresh token that comes with it is kept by [`tokens`] |
//! | `POST /token/introspect` | not made: a token that does not count is told by 401 |
//! | `POST /logout` | not made: the account's owner ends the software's access in e-Gov's own pages |
//! | `GET /procedure/{proc_id}` | [`skeleton`] |
//! | `POST /preprint` | not made: forms are filled from what the filer says |
//! | `POST /apply` | not made: see above, `POST /bulk-apply` of one |
//! | `POST /bulk-apply`, `POST /apply/check`, `POST /apply/amend`, `POST /apply/withdraw` | [`send`] |
//! | `GET /apply/lists` | not made: each application is asked for by its number |
//! | `GET /apply/{arrive_id}` | [`standing`], [`settle`] |
//! | `GET /apply/report` | [`settle`] |
//! | `GET /message/lists`, `GET /message/{information_id}` | not made: announcements to everybody are for people |
//! | `GET /notice/lists` | not made: an application tells of its own notices |
//! | `GET /notice/{arrive_id}/{notice_sub_id}` | [`documents`] |
//! | `GET /official_document/…`, `POST /official_document` | [`documents`] |
//! | `POST /official_document/verify` | [`seals`], beside what is verified here |
//! | `GET /payment/{arrive_id}` | [`payments`] |
//! | `GET /payment/lists`, `POST /payment` | not made: a bank's own page is for people |
//! | `POST /post-apply` | [`send`], for procedures that ask for 電子送達: their lost answers are settled by a person |
//! | `GET /post-apply/{arrive_id}` | [`standing`], for the same |
//! | `GET /post/lists`, `GET /post/{post_id}`, `POST /post` | [`posts`] |
//! | `GET /share-setting/lists`, `POST`, `PUT`, `DELETE /share-setting`, `POST /share-confirmation` | [`shares`]: an operator says so (`madoguchi agencies shares`) |
//!
//! With `is_trial` each goes with `X-eGovAPI-Trial`.
//!
//! How to add one more: a call is a method in [`calls`]' words and its answer in [`envelope`].
//!
//! What it must never do: send a filing twice because an answer was lost; follow a link that e-Gov sends (paths are ours);
//! unpack or parse more than the bounds; log what is filed.
//!
//! Procedures that want each part signed by itself (個別ファイル署名形式) are packed as implementers have told; e-Gov's own
//! check comes before anything is handed in, so a package of the wrong form costs nothing but a finding.

mod account;
mod calls;
mod described;
mod documents;
mod envelope;
mod form;
mod package;
mod payments;
mod posts;
mod seals;
mod send;
mod settings;
mod settle;
mod shares;
mod skeleton;
mod standing;
mod tokens;

pub use account::{Account, ConnectFault, Connecting};
pub use settings::{Applicant, Destination, EgovSettings, ElectronicDelivery};
pub use shares::{Share, ShareAnswer, ShareFault, SharePermission, Shares};
pub use tokens::{KeptToken, RefreshTokens};

use super::{
    Agency, AgencySettings, DocumentName, Fetched, Filing, Found, InvalidAgency, Repeats, Seen, Sendings, Sent, check,
};
use crate::catalog::procedures::{Procedure, Procedures};
use crate::domain::chain::Anchors;
use crate::domain::submission::{Act, ArrivalNumber, Finding, MOST_FINDINGS};
use crate::domain::xml::XmlSigner;
use crate::domain::{Clock, Secret};
use async_trait::async_trait;
use calls::Calls;
use package::attachment_findings;
use skeleton::Skeletons;
use std::path::Path;
use std::sync::Arc;

/// e-Gov as one corporate account sees it.
pub struct EgovAgency {
    settings: AgencySettings,
    egov: EgovSettings,
    calls: Calls,
    skeletons: Skeletons,
    signer: XmlSigner,
    /// Who vouches for those who seal official documents.
    anchors: Anchors,
    procedures: Arc<Procedures>,
    clock: Arc<dyn Clock>,
}

/// The account of an agency's settings, to be connected.
///
/// # Errors
/// [`InvalidAgency`] naming the field to mend.
pub fn account(settings: &AgencySettings, clock: Arc<dyn Clock>) -> Result<Account, InvalidAgency> {
    settings.check()?;
    Account::new(settings, calls::client(settings)?, clock)
}

impl EgovAgency {
    /// As configured.
    ///
    /// # Errors
    /// [`InvalidAgency`] naming the field to mend.
    pub fn new(
        settings: AgencySettings,
        procedures: Arc<Procedures>,
        clock: Arc<dyn Clock>,
        tokens: Option<Arc<dyn RefreshTokens>>,
    ) -> Result<Self, InvalidAgency> {
        settings.check()?;
        let fault = |fault: String| InvalidAgency { name: settings.name.clone(), fault };
        let egov = settings.egov.clone().ok_or_else(|| fault("kind \"egov\" wants a table [agencies.egov]".into()))?;
        let read = |file: &Path| std::fs::read_to_string(file).map_err(|e| fault(format!("{}: {e}", file.display())));
        let key = Secret::new(read(&egov.key_file)?);
        let signer = XmlSigner::from_pem(&key, &read(&egov.certificate_file)?)
            .map_err(|e| fault(format!("key_file and certificate_file: {e}")))?;
        let anchors = match &egov.anchors_file {
            None => Anchors::default(),
            Some(file) => Anchors::from_pem(&read(file)?)
                .ok_or_else(|| fault(format!("{} holds no certificate, or one that does not read", file.display())))?,
        };
        let client = calls::client(&settings)?;
        let account = Account::new(&settings, client.clone(), Arc::clone(&clock))?.keeping(tokens);
        let calls = Calls::new(&settings, client, account);
        Ok(Self { skeletons: Skeletons::default(), settings, egov, calls, signer, anchors, procedures, clock })
    }
}

impl EgovAgency {
    /// What keeps a filing from becoming a form, as far as it can be told before the form is here.
    fn unfit(&self, filing: &Filing<'_>) -> Vec<Finding> {
        let is_without_form =
            self.procedures.get(filing.procedure).is_some_and(|procedure| procedure.e_gov_forms.is_empty());
        if is_without_form {
            let (ja, en) = (
                "この手続の項目とe-Govの様式との対応が登録されていません。",
                "How this procedure's items go to e-Gov's form is not described here.",
            );
            return vec![Finding::reject("EG006", "", ja, en)];
        }
        serde_json::from_slice(filing.content).map(|content| attachment_findings(&content)).unwrap_or_default()
    }
}

#[async_trait]
impl Agency for EgovAgency {
    fn settings(&self) -> &AgencySettings {
        &self.settings
    }

    fn procedure(&self, code: &str) -> Option<&Procedure> {
        self.procedures.get(code)
    }

    fn check(&self, filing: &Filing<'_>) -> Vec<Finding> {
        let mut findings = check::check(&self.settings, &self.procedures, filing);
        let is_another = self.egov.corporate_number.as_ref().is_some_and(|own| own.as_str() != filing.applicant);
        if is_another {
            let (ja, en) = (
                "この提出先のアカウントは、別の法人のものです。",
                "The account at this agency is another corporation's.",
            );
            findings.push(Finding::reject("EG001", "", ja, en));
        }
        if filing.act != Act::Withdraw {
            findings.extend(self.unfit(filing));
        }
        findings.truncate(MOST_FINDINGS);
        findings
    }

    async fn send(&self, filing: &Filing<'_>) -> Sent {
        self.hand_in(filing).await
    }

    async fn look_up(&self, reference: &str) -> Found {
        self.by_reference(reference).await
    }

    async fn settle(&self, filing: &Filing<'_>) -> Found {
        self.find_out(filing).await
    }

    fn repeats(&self, filing: &Filing<'_>) -> Repeats {
        // What was handed in by `POST /post-apply` is in no report by our reference: a person finds out.
        let is_application = filing.act == Act::File && self.is_for_delivery(filing.procedure);
        if is_application { Repeats::Never } else { self.settings.repeats }
    }

    async fn look(&self, procedure: &str, arrival: &ArrivalNumber) -> Seen {
        self.standing(procedure, arrival).await
    }

    fn has_documents(&self) -> bool {
        true
    }

    async fn fetch_document(&self, of: DocumentName<'_>) -> Fetched {
        self.fetch(of).await
    }

    async fn confirm_document(&self, of: DocumentName<'_>) -> bool {
        self.tell(of).await
    }

    fn electronic_delivery(&self) -> Option<&ElectronicDelivery> {
        self.egov.electronic_delivery.as_ref()
    }

    async fn list_sent(&self, page: u32) -> Sendings {
        self.sent(page).await
    }
}
