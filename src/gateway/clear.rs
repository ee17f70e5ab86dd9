//! After the stages, for calls about data sets: each query against the consent and the operator's rules.

use super::{Gateway, GatewayRefusal, Permit};
use crate::catalog::DataSet;
use crate::domain::acr::Acr;
use crate::domain::clearance::{Clearance, NotCleared};
use crate::domain::client::Client;
use crate::domain::data_set::DataSetCode;
use crate::domain::grant::Grant;
use crate::domain::predicate::{Inquiry, Predicate};
use crate::domain::representation::Acting;
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
        let set = self.known(query.code)?;
        let clearance = match Clearance::check(grant, query, self.parts.clock.now()) {
            Ok(clearance) => clearance,
            Err(NotCleared::EveryItemRefused) => return Ok(Cleared::RefusedByCitizen(query)),
            Err(no) => return Err(refused(no, query.code)),
        };
        self.check_acting(grant, set)?;
        self.check_terms(grant, client, set)?;
        self.ask_rules(grant, client, set)?;
        Ok(Cleared::Yes(clearance))
    }

    /// Holds each question of yes or no against the consent and the rules, as [`clear`](Self::clear) does queries.
    ///
    /// # Errors
    /// As [`clear`](Self::clear), each pointing at its question.
    pub async fn clear_inquiries(&self, permit: &Permit, inquiries: &[Inquiry]) -> Result<(), GatewayRefusal> {
        let queries: Vec<Query> = inquiries.iter().map(|inquiry| inquiry.query).collect();
        self.check_sign_in(permit, &queries).await?;
        for (n, inquiry) in inquiries.iter().enumerate() {
            let cleared = self.clear_answers(permit.grant(), permit.client(), (inquiry.query, &[&inquiry.predicate]));
            if let Err(refusal) = cleared {
                let codes: Vec<DataSetCode> = inquiries.iter().map(Inquiry::code).collect();
                let refusal = self.keep_decision(refusal.at(format!("/predicates/{n}"))).await;
                self.witness(permit.grant(), &codes, &refusal).await;
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    /// Questions that one query answers, against a grant, as at acceptance and again before anything is fetched.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    pub fn clear_answers(
        &self,
        grant: &Arc<Grant>,
        client: &Client,
        (query, predicates): (Query, &[&Predicate]),
    ) -> Result<Clearance, Refusal> {
        let set = self.known(query.code)?;
        let now = self.parts.clock.now();
        let clearance =
            Clearance::check_answers(grant, query, predicates, now).map_err(|no| refused(no, query.code))?;
        self.check_acting(grant, set)?;
        self.check_terms(grant, client, set)?;
        self.ask_rules(grant, client, set)?;
        Ok(clearance)
    }

    fn known(&self, code: DataSetCode) -> Result<&DataSet, Refusal> {
        self.parts.catalog.data_set(code).ok_or_else(|| {
            Refusal::new("unknown_data_set", format!("{code} is not in the catalogue; see GET /v1/data-sets."))
        })
    }

    fn ask_rules(&self, grant: &Grant, client: &Client, set: &DataSet) -> Result<(), Refusal> {
        let facts = set.facts();
        let question = Question {
            client: &client.id,
            class: client.class,
            status: client.status,
            action: Action::RetrieveDataSet,
            data_set: Some(&facts),
            acr: sign_in_of(grant),
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

/// What a caller is told of a query that does not stand.
fn refused(no: NotCleared, code: DataSetCode) -> Refusal {
    match no {
        NotCleared::OutsidePeriod => {
            let words = format!("The condition for {code} reaches outside the consented period; see GET /v1/consent.");
            Refusal::new("outside_consented_period", words).limited(ReachedLimit::named("period"))
        }
        NotCleared::GrantPaused => super::paused(),
        NotCleared::GrantOver => Refusal::new("invalid_token", "The consent has ended. Ask the citizen again."),
        NotCleared::NotConsented | NotCleared::EveryItemRefused => {
            let words = format!("{code} is not part of the consent; see GET /v1/consent.");
            Refusal::new("not_consented", words).limited(ReachedLimit::named("items"))
        }
        NotCleared::QuestionNotConsented => {
            let words = "The citizen did not agree to this question, as it is put; see GET /v1/consent.";
            Refusal::new("not_consented", words).limited(ReachedLimit::named("predicates"))
        }
    }
}

/// How surely somebody was recognised for the grant; in an emergency the statements of two operators stand in its place.
fn sign_in_of(grant: &Grant) -> Option<Acr> {
    let is_emergency = grant.acting.as_ref().is_some_and(Acting::is_emergency);
    grant.authentication.map(|a| a.acr).or(is_emergency.then_some(Acr::Aal3))
}
