//! e-Gov 電子申請 API, version 2: filings as signed packages of XML, by a corporate account.
//!
//! What for: social and labour insurance are filed there. Its packages are strict, its refusals terse, and it knows no
//! idempotency key.
//!
//! How it flows: [`mod@account`] holds the account's token; [`calls`] makes one bounded call and [`envelope`] reads what comes
//! back. For a filing, [`skeleton`] fetches the procedure's blank forms; [`described`] fills one from the
//! items of a procedure that is described here, [`form`] from members named as its elements are; [`package`] puts it with the
//! signed configuration (構成管理XML) into a ZIP; [`send`] has it checked (形式チェック) and hands
//! it in; [`settle`] finds out whether something was handed in; [`standing`] reads how it stands, and [`documents`] fetches what it gives back.
//!
//! `POST /apply` takes nothing of ours that any list gives back: two filings of one procedure by one company on one day
//! cannot be told apart afterwards. `POST /bulk-apply` does: its report (`GET /apply/report`) gives the name of the file
//! that was sent. So each filing goes as a bundle of one, in a file named by our reference, and a lost answer is settled by
//! that name. Amendments (補正) and withdrawals (取下げ) are settled by what the application itself says.
//!
//! How to add one more: a call is a method in [`calls`]' words and its answer in [`envelope`].
//!
//! What it must never do: send a filing twice because an answer was lost; follow a link that e-Gov sends (paths are ours);
//! unpack or parse more than the bounds; log what is filed.
//!
//! Not spoken: the form of three signed configurations (個別ファイル署名形式), of which no accepted structure is publicly
//! known; procedures that want it are refused with `EG003`.

mod account;
mod calls;
mod described;
mod documents;
mod envelope;
mod form;
mod package;
mod send;
mod settings;
mod settle;
mod skeleton;
mod standing;

pub use account::{Account, ConnectFault, Connecting};
pub use settings::{Applicant, Destination, EgovSettings};

use super::{Agency, AgencySettings, Fetched, Filing, Found, InvalidAgency, Seen, Sent, check};
use crate::catalog::procedures::Procedures;
use crate::domain::submission::{Act, ArrivalNumber, DocumentKind, Finding, MOST_FINDINGS};
use crate::domain::xml::XmlSigner;
use crate::domain::{Clock, Secret};
use async_trait::async_trait;
use calls::Calls;
use package::attachment_findings;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
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
    /// The certificates by which official documents are sealed, DER.
    offices: Vec<Vec<u8>>,
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
    ) -> Result<Self, InvalidAgency> {
        settings.check()?;
        let fault = |fault: String| InvalidAgency { name: settings.name.clone(), fault };
        let egov = settings.egov.clone().ok_or_else(|| fault("kind \"egov\" wants a table [agencies.egov]".into()))?;
        let read = |file: &Path| std::fs::read_to_string(file).map_err(|e| fault(format!("{}: {e}", file.display())));
        let key = Secret::new(read(&egov.key_file)?);
        let signer = XmlSigner::from_pem(&key, &read(&egov.certificate_file)?)
            .map_err(|e| fault(format!("key_file and certificate_file: {e}")))?;
        let offices = match &egov.offices_file {
            None => Vec::new(),
            Some(file) => {
                offices(&read(file)?).ok_or_else(|| fault(format!("{} holds no certificate", file.display())))?
            }
        };
        let client = calls::client(&settings)?;
        let account = Account::new(&settings, client.clone(), Arc::clone(&clock))?;
        let calls = Calls::new(&settings, client, account);
        Ok(Self { skeletons: Skeletons::default(), settings, egov, calls, signer, offices, procedures, clock })
    }
}

impl EgovAgency {
    /// What keeps a filing from becoming a form, as far as it can be told before the form is here.
    fn unfit(&self, filing: &Filing<'_>) -> Vec<Finding> {
        let is_without_form =
            self.procedures.get(filing.procedure).is_some_and(|procedure| procedure.e_gov_form.is_none());
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

/// Every certificate of a PEM file.
fn offices(pem: &str) -> Option<Vec<Vec<u8>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|read| !read.is_empty()).map(|read| read.into_iter().map(|one| one.to_vec()).collect())
}

#[async_trait]
impl Agency for EgovAgency {
    fn settings(&self) -> &AgencySettings {
        &self.settings
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

    async fn look(&self, arrival: &ArrivalNumber) -> Seen {
        self.standing(arrival).await
    }

    fn has_documents(&self) -> bool {
        true
    }

    async fn fetch_document(&self, arrival: &ArrivalNumber, name: &ArrivalNumber, kind: DocumentKind) -> Fetched {
        self.fetch(arrival, name, kind).await
    }

    async fn confirm_document(&self, arrival: &ArrivalNumber, name: &ArrivalNumber, kind: DocumentKind) -> bool {
        self.tell(arrival, name, kind).await
    }
}
