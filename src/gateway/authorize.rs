//! Stage 5: what the token allows covers what is called.

use super::operation::Operation;
use super::standing::Standing;
use super::{Gateway, GatewayRefusal};
use crate::domain::Refusal;
use crate::domain::scope::{Scope, ScopeSet};
use crate::policy::{Action, Question};

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
        if operation.scopes.contains(&Scope::Catalog) {
            self.may_read_catalogue(&standing)?;
        }
        Ok(Authorized { standing, operation })
    }

    fn may_read_catalogue(&self, standing: &Standing) -> Result<(), GatewayRefusal> {
        let client = standing.client();
        let question = Question {
            client: &client.id,
            class: client.class,
            status: client.status,
            action: Action::ReadCatalogue,
            data_set: None,
            acr: None,
            purpose: None,
            access_days: None,
            hour: self.parts.clock.now().hour_in_japan(),
        };
        let decision = self.parts.policies.decide(&question);
        if decision.is_allowed {
            return Ok(());
        }
        Err(refused_by(&decision.rule).into())
    }
}

/// A rule's no, naming the rule.
pub(super) fn refused_by(rule: &str) -> Refusal {
    Refusal::new("refused_by_policy", format!("The rule `{rule}` of this service does not allow it."))
}
