//! After the stages, for calls about data sets: each query against the consent and the operator's rules.

use super::{Gateway, GatewayRefusal, Permit};
use crate::catalog::DataSet;
use crate::domain::clearance::{Clearance, NotCleared};
use crate::domain::client::Client;
use crate::domain::data_set::DataSetCode;
use crate::domain::grant::Grant;
use crate::domain::retrieval::Query;
use crate::domain::{ReachedLimit, Refusal};
use crate::evidence::Reason;
use crate::policy::{Action, Question};
use std::sync::Arc;

/// One query of a call that is allowed.
#[derive(Clone, Debug)]
pub enum Cleared {
    /// It may be asked for.
    Yes(Clearance),
    /// The citizen was asked and refused every item: an outcome, not a refusal.
    RefusedByCitizen(Query),
}

impl Gateway {
    /// Holds each query against the consent and the rules. A refusal becomes a line of the person's access history.
    ///
    /// # Errors
    /// `insufficient_user_authentication`; `unknown_data_set`, `not_consented`, `outside_consented_period`,
    /// `consent_paused`, `consent_outgrown`, `refused_by_policy`, each pointing at its query.
    pub async fn clear(&self, permit: &Permit, queries: &[Query]) -> Result<Vec<Cleared>, GatewayRefusal> {
        self.check_sign_in(permit, queries).await?;
        let checked = queries.iter().enumerate();
        let checked: Result<Vec<Cleared>, Refusal> = checked
            .map(|(n, query)| {
                let cleared = self.clear_one(permit.grant(), permit.client(), *query);
                cleared.map_err(|refusal| refusal.at(format!("/data_sets/{n}")))
            })
            .collect();
        match checked {
            Ok(cleared) => Ok(cleared),
            Err(refusal) => {
                let codes: Vec<DataSetCode> = queries.iter().map(|q| q.code).collect();
                let refusal = self.keep_decision(refusal).await;
                self.witness(permit.grant(), &codes, &refusal).await;
                Err(refusal.into())
            }
        }
    }

    /// One query against a grant, as at acceptance and again before anything leaves.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    pub fn clear_one(&self, grant: &Arc<Grant>, client: &Client, query: Query) -> Result<Cleared, Refusal> {
        let code = query.code;
        let set = self.parts.catalog.data_set(code).ok_or_else(|| {
            Refusal::new("unknown_data_set", format!("{code} is not in the catalogue; see GET /v1/data-sets."))
        })?;
        let clearance = match Clearance::check(grant, query, self.parts.clock.now()) {
            Ok(clearance) => clearance,
            Err(NotCleared::EveryItemRefused) => return Ok(Cleared::RefusedByCitizen(query)),
            Err(NotCleared::OutsidePeriod) => {
                let words =
                    format!("The condition for {code} reaches outside the consented period; see GET /v1/consent.");
                return Err(Refusal::new("outside_consented_period", words).limited(ReachedLimit::named("period")));
            }
            Err(NotCleared::GrantPaused) => return Err(super::paused()),
            Err(NotCleared::GrantOver) => {
                return Err(Refusal::new("invalid_token", "The consent has ended. Ask the citizen again."));
            }
            Err(NotCleared::NotConsented) => {
                return Err(Refusal::new(
                    "not_consented",
                    format!("{code} is not part of the consent; see GET /v1/consent."),
                )
                .limited(ReachedLimit::named("items")));
            }
        };
        self.check_acting(grant, set)?;
        self.check_terms(grant, client, set)?;
        self.ask_rules(grant, client, set)?;
        Ok(Cleared::Yes(clearance))
    }

    fn ask_rules(&self, grant: &Grant, client: &Client, set: &DataSet) -> Result<(), Refusal> {
        let facts = set.facts();
        let question = Question {
            client: &client.id,
            class: client.class,
            status: client.status,
            action: Action::RetrieveDataSet,
            data_set: Some(&facts),
            acr: grant.authentication.map(|a| a.acr),
            purpose: grant.consent.as_ref().map(|c| c.purpose.as_str()),
            access_days: grant.consent.as_ref().map(|c| c.access_days),
            hour: self.parts.clock.now().hour_in_japan(),
        };
        self.ask(&question)
    }

    /// Writes a refusal into the access history. Its failure is told to the log: the refusal stands either way.
    pub async fn witness<'a>(&self, grant: &Grant, codes: &[DataSetCode], reason: impl Into<Reason<'a>>) {
        let reason = reason.into();
        if let Err(fault) = self.parts.witness.refused(grant, codes, reason).await {
            tracing::error!(grant.id = grant.id.as_str(), problem.code = reason.code(), %fault, "a refusal was not witnessed");
        }
    }
}
