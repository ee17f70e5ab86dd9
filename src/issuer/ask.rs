//! Whether a client may ask a citizen for these data at all: the catalogue, the registered purpose, the operator's rules.

use super::Issuer;
use super::rights::Bound;
use crate::catalog::DataSet;
use crate::domain::acr::Acr;
use crate::domain::client::Client;
use crate::domain::consent::{Ask, AskedDataSet};
use crate::domain::decision::DecisionRecord;
use crate::domain::grant::Grant;
use crate::domain::{Failure, Refusal, Timestamp};
use crate::policy::{Action, Question};
use crate::protocol::access_token::NarrowedDetails;
use crate::protocol::authorization_details;
use crate::protocol::code::INVALID_AUTHORIZATION_DETAILS;

fn refused(public: impl Into<String>, pointer: impl Into<String>) -> Refusal {
    Refusal::new(INVALID_AUTHORIZATION_DETAILS, public).at(pointer)
}

impl Issuer {
    /// Holds the parameter against the schema of its type, as the operator's files say.
    ///
    /// # Errors
    /// `invalid_authorization_details` with a JSON pointer (RFC 9396 §5).
    pub(super) fn check_detail_form(&self, details: Option<&str>) -> Result<(), Refusal> {
        let rules = self.parts.policies.now();
        let checked = details.map_or(Ok(()), |details| rules.details().check(details));
        checked.map_err(|misfit| {
            let place = if misfit.pointer.is_empty() { "authorization_details" } else { misfit.pointer.as_str() };
            refused(format!("{place}: {}", misfit.problem), misfit.pointer.clone())
        })
    }

    /// Checks an ask whose form is right already.
    ///
    /// # Errors
    /// `invalid_authorization_details` pointing at the first thing that may not be asked, naming the rule where a rule
    /// of the operator forbids it.
    pub(super) async fn check_ask(&self, ask: &Ask, client: &Client) -> Result<(), Refusal> {
        let mut records = Vec::new();
        let judged = self.judge(ask, client, &mut records);
        let are_kept = self.decisions.keep(&records).await;
        judged.map_err(|refusal| if are_kept { refusal } else { Refusal { decision: None, ..refusal } })
    }

    /// The same; `records` gets what the rules decided on the way.
    fn judge(&self, ask: &Ask, client: &Client, records: &mut Vec<DecisionRecord>) -> Result<(), Refusal> {
        check_registered(client, authorization_details::TYPE)?;
        let purpose = client.purpose(&ask.purpose).ok_or_else(|| {
            let known: Vec<&str> = client.purposes.iter().map(|purpose| purpose.code.as_str()).collect();
            refused(format!("purpose must be one registered for this client: {}", known.join(" ")), "/0/purpose")
        })?;
        if ask.access_days > purpose.max_access_days {
            let public = format!("access_days must be at most {} for this purpose", purpose.max_access_days);
            return Err(refused(public, "/0/access_days"));
        }
        // One ask is decided by one set of rules, whatever is put in force meanwhile.
        let rules = self.parts.policies.now();
        let now = self.now();
        for (index, asked) in ask.data_sets.iter().enumerate() {
            let place = format!("/0/data_sets/{index}");
            let set = self.parts.catalog.data_set(asked.code).ok_or_else(|| {
                refused(format!("the catalogue has no data set {}", asked.code), format!("{place}/code"))
            })?;
            check_items(asked, set, &place)?;
            self.check_predicates(asked, &place)?;
            let most = rules.limits().access_days(&set.group, &purpose.code);
            if ask.access_days > most {
                let public = format!("access_days must be at most {most} where {} is asked for", set.code);
                return Err(refused(public, "/0/access_days"));
            }
            let facts = set.facts();
            let question = Question {
                client: &client.id,
                class: client.class,
                status: client.status,
                action: Action::RequestDataSet,
                data_set: Some(&facts),
                // Nobody has signed in yet. Whether the citizen was recognised surely enough is asked again with the
                // decision.
                acr: Some(Acr::Aal3),
                purpose: Some(&purpose.code),
                access_days: Some(ask.access_days),
                hour: now.hour_in_japan(),
            };
            let decision = rules.decide(&question);
            let record = rules.record(&question, &decision, now);
            records.push(record.clone());
            if !decision.is_allowed {
                let public = format!("this client may not ask for {}: rule {}", set.code, decision.rule);
                return Err(refused(public, format!("{place}/code")).decided(record));
            }
        }
        self.check_thresholds(ask)
    }

    /// The part of a grant's consent that a token request names (RFC 9396 §6); nothing when it names none.
    ///
    /// # Errors
    /// `invalid_authorization_details` for another form, or for more than was agreed to.
    pub(super) fn narrowed(
        &self,
        details: Option<&str>,
        grant: &Grant,
    ) -> Result<Option<Vec<NarrowedDetails>>, Refusal> {
        let Some(text) = details else { return Ok(None) };
        self.check_detail_form(details)?;
        let ask = authorization_details::parse(text)?;
        let part = grant.consent.as_ref().and_then(|consent| consent.part(&ask));
        let part = part.ok_or_else(|| refused("authorization_details are over what the citizen agreed to", "/0"))?;
        Ok(Some(vec![NarrowedDetails::SelfInformation { data_sets: part }]))
    }

    /// What a token is to be bound to, where the client asks so for itself: one file, or one company's filings; nothing when
    /// it does not.
    ///
    /// # Errors
    /// `invalid_authorization_details` for another form or type, a type that the client did not register, or a company whose
    /// delegations do not lead to it.
    pub(super) async fn bound(
        &self,
        details: Option<&str>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Bound>, Failure> {
        let Some(text) = details else { return Ok(None) };
        self.check_detail_form(details)?;
        let detail = authorization_details::parse_own(text)?;
        check_registered(client, detail.kind())?;
        let chain = match &detail {
            NarrowedDetails::Submission(right) => Some(self.chain(right, client, now).await?),
            NarrowedDetails::BulkSubmission(_) | NarrowedDetails::SelfInformation { .. } => None,
        };
        Ok(Some(Bound { details: vec![detail], chain }))
    }
}

/// RFC 9396 §10: what a client registered is all that it may ask by.
fn check_registered(client: &Client, kind: &str) -> Result<(), Refusal> {
    let types = client.profile.authorization_details_types.as_ref();
    if types.is_some_and(|types| !types.iter().any(|registered| registered == kind)) {
        return Err(refused("this client registered authorization_details_types without this type", "/0/type"));
    }
    Ok(())
}

fn check_items(asked: &AskedDataSet, set: &DataSet, place: &str) -> Result<(), Refusal> {
    for item in &asked.items {
        match set.item(item.code) {
            Some(known) if !known.is_group() => {}
            Some(_) => {
                let public = format!("{} is a group; ask for its items", item.code);
                return Err(refused(public, format!("{place}/items")));
            }
            None => {
                let public = format!("{} has no item {}", set.code, item.code);
                return Err(refused(public, format!("{place}/items")));
            }
        }
    }
    Ok(())
}
