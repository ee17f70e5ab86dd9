//! Stage 5: what the token allows covers what is called.

use super::operation::{Narrow, Operation};
use super::standing::Standing;
use super::{Gateway, GatewayRefusal, Permit};
use crate::domain::Refusal;
use crate::domain::bulk::BoundFile;
use crate::domain::client::Client;
use crate::domain::filing_right::FilingRight;
use crate::domain::scope::{Scope, ScopeSet};
use crate::policy::{Action, Question};

/// What is about nobody, by scope, with what the rules are asked of it.
const OPEN_TO_ALL: [(Scope, Action); 2] =
    [(Scope::Catalog, Action::ReadCatalogue), (Scope::ServiceSearch, Action::SearchServices)];

/// A call that is allowed. Only [`Gateway::authorize`] makes one.
pub(super) struct Authorized {
    standing: Standing,
    operation: &'static Operation,
}

impl Authorized {
    pub const fn operation(&self) -> &'static Operation {
        self.operation
    }
    pub fn into_standing(self) -> Standing {
        self.standing
    }
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }
}

impl Gateway {
    pub(super) fn authorize(
        &self,
        operation: &'static Operation,
        standing: Standing,
    ) -> Result<Authorized, GatewayRefusal> {
        let has_scope = operation.scopes.is_empty() || operation.scopes.iter().any(|s| standing.scope().has(*s));
        if !has_scope || (operation.is_personal && standing.grant().subject.is_none()) {
            let scope = ScopeSet::of(operation.scopes).to_string();
            let words = format!("This needs a token with the scope {scope}, given by a person where it is about one.");
            return Err(self.too_narrow(Refusal::new("insufficient_scope", words), &scope));
        }
        let token = standing.token();
        let file = token.file().filter(|_| operation.narrow != Narrow::File).map(BoundFile::refusal);
        let right = token.right().filter(|_| operation.narrow != Narrow::Filing).map(FilingRight::refusal);
        if let Some(refusal) = file.or(right) {
            return Err(self.too_narrow(refusal, Scope::Submissions.as_str()));
        }
        for (scope, action) in OPEN_TO_ALL {
            if operation.scopes.contains(&scope) {
                self.ask(&self.about_no_data(standing.client(), action))?;
            }
        }
        Ok(Authorized { standing, operation })
    }

    /// Asks the rules in force: a no names the rule, and carries what was decided.
    pub(super) fn ask(&self, question: &Question<'_>) -> Result<(), Refusal> {
        let rules = self.parts.policies.now();
        let decision = rules.decide(question);
        if decision.is_allowed {
            return Ok(());
        }
        let words = format!("The rule `{}` of this service does not allow it.", decision.rule);
        Err(Refusal::new("refused_by_policy", words).decided(rules.record(question, &decision, self.parts.clock.now())))
    }

    /// Whether the rules let this third party file for another company than its own; whether that company has delegated it
    /// is not theirs to say.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_filing_for_another(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::FileForAnother).await.map_err(|refusal| refusal.at("/applicant"))
    }

    /// Whether the rules let this third party establish companies for their founders.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_establishing(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::EstablishCompany).await
    }

    /// Whether the rules let this third party ask for payments.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_collecting(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::CollectPayments).await
    }

    /// Whether the rules let this third party reference what was deposited for it.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_reference(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::ReferenceDeposit).await
    }

    /// Whether the rules let this third party read who asked whom for what about a citizen who agreed to that.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_provision_records(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::ReadProvisionRecords).await
    }

    /// Whether the rules let this third party have a citizen's card registered who agreed to that.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_health_insurance(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::RegisterHealthInsurance).await
    }

    /// Whether the rules let this third party post notices to citizens.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_posting(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::PostNotices).await
    }

    /// Whether the rules let this third party read the notices of a citizen who agreed to that.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_notices(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::ReadNotices).await
    }

    /// Whether the rules let this third party read the documents and links of a citizen who agreed to that.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_private_documents(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::ReadPrivateDocuments).await
    }

    /// Whether the rules let this third party apply to municipalities for citizens.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_applying(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::ApplyForCitizen).await
    }

    /// Whether the rules let this third party take what citizens applied for at the municipality that it is.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub async fn clear_taking_applications(&self, permit: &Permit) -> Result<(), Refusal> {
        self.clear_action(permit, Action::TakeApplications).await
    }

    /// The same for what the counter gives to that municipality by itself, without a call of it.
    ///
    /// # Errors
    /// `refused_by_policy`.
    pub fn clear_giving_applications(&self, client: &Client) -> Result<(), Refusal> {
        self.ask(&self.about_no_data(client, Action::TakeApplications))
    }

    async fn clear_action(&self, permit: &Permit, action: Action) -> Result<(), Refusal> {
        match self.ask(&self.about_no_data(permit.client(), action)) {
            Ok(()) => Ok(()),
            Err(refusal) => Err(self.keep_decision(refusal).await),
        }
    }

    fn about_no_data<'a>(&self, client: &'a Client, action: Action) -> Question<'a> {
        Question {
            client: &client.id,
            class: client.class,
            status: client.status,
            action,
            data_set: None,
            acr: None,
            purpose: None,
            access_days: None,
            hour: self.parts.clock.now().hour_in_japan(),
        }
    }

    /// The refusal, once the decision that it comes from, if any, can be looked up by the id that it tells.
    pub async fn keep_decision(&self, refusal: Refusal) -> Refusal {
        self.decisions.keep_of(refusal).await
    }
}
