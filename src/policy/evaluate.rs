//! One question put to Cedar: entities and request made from it, the answer read back.

use super::load::{Loaded, Rule};
use super::{Action, DEFAULT_DENY, DataSetFacts, Decision, HoldingRule, POLICY_ERROR, PolicyFault, Question};
use crate::domain::acr::Acr;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::ids::ClientId;
use cedar_policy::{
    Authorizer, Context, Decision as CedarDecision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::Arc;

/// Rules ready to be asked.
pub(super) struct Evaluator {
    authorizer: Authorizer,
    loaded: Loaded,
    types: Types,
}

/// The entity types of the schema, parsed once.
struct Types {
    client: EntityTypeName,
    class: EntityTypeName,
    group: EntityTypeName,
    data_set: EntityTypeName,
    records: EntityTypeName,
    catalogue: EntityTypeName,
    filings: EntityTypeName,
    notices: EntityTypeName,
    action: EntityTypeName,
}

type Asked = Result<(Request, Entities), Box<dyn Error>>;

impl Evaluator {
    /// Takes the rules over, once each kind of question has been tried on their schema.
    pub fn new(loaded: Loaded) -> Result<Self, Vec<PolicyFault>> {
        let types = Types::new().map_err(|error| vec![PolicyFault::new(&loaded.schema_file, error.to_string())])?;
        let evaluator = Self { authorizer: Authorizer::new(), loaded, types };
        let faults = evaluator.try_every_action();
        if faults.is_empty() { Ok(evaluator) } else { Err(faults) }
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.loaded.rules.iter()
    }

    /// The rules that hold, each asked by itself; one that can't be evaluated, or a question that doesn't fit, holds not.
    pub fn holding(&self, question: &Question<'_>) -> Vec<HoldingRule> {
        let Ok((request, entities)) = self.ask(question) else { return Vec::new() };
        let holds = |rule: &&Rule| self.holds_alone(rule, &request, &entities) == Some(true);
        self.rules()
            .filter(holds)
            .map(|rule| HoldingRule { rule: Arc::clone(&rule.id), permits: rule.permits() })
            .collect()
    }

    /// Whether one rule's own conditions hold; nothing when it can't be evaluated or isn't about this kind of question.
    pub fn holds(&self, rule: &Rule, question: &Question<'_>) -> Option<bool> {
        let (request, entities) = self.ask(question).ok()?;
        self.holds_alone(rule, &request, &entities)
    }

    fn holds_alone(&self, rule: &Rule, request: &Request, entities: &Entities) -> Option<bool> {
        let mut alone = PolicySet::new();
        alone.add(rule.policy.clone()).ok()?;
        let response = self.authorizer.is_authorized(request, &alone, entities);
        let failed = response.diagnostics().errors().next().is_some();
        (!failed).then(|| response.diagnostics().reason().next().is_some())
    }

    pub fn decide(&self, question: &Question<'_>) -> Decision {
        let (request, entities) = match self.ask(question) {
            Ok(asked) => asked,
            Err(error) => {
                tracing::error!(policy.error = %error, policy.action = question.action.as_str(), "a question does not fit the schema");
                return Decision { is_allowed: false, rule: POLICY_ERROR.into() };
            }
        };
        let response = self.authorizer.is_authorized(&request, &self.loaded.policies, &entities);
        // Cedar leaves a rule out that failed to evaluate. If it forbids, leaving it out would open a door.
        if let Some(error) = response.diagnostics().errors().next() {
            tracing::error!(policy.error = %error, "a rule could not be evaluated");
            return Decision { is_allowed: false, rule: POLICY_ERROR.into() };
        }
        let reasons: HashSet<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        let rule = self.rules().find(|rule| reasons.contains(&*rule.id)).map(|rule| Arc::clone(&rule.id));
        Decision {
            is_allowed: response.decision() == CedarDecision::Allow,
            rule: rule.unwrap_or_else(|| DEFAULT_DENY.into()),
        }
    }

    fn ask(&self, question: &Question<'_>) -> Asked {
        let types = &self.types;
        let client = uid(&types.client, question.client.as_str());
        let class = uid(&types.class, question.class.as_str());
        let status = RestrictedExpression::new_string(question.status.as_str().to_owned());
        let mut entities =
            vec![Entity::new(client.clone(), HashMap::from([("status".to_owned(), status)]), HashSet::from([class]))?];
        let mut context = Vec::new();
        let resource = match (question.action, question.data_set) {
            (Action::ReadCatalogue | Action::SearchServices, _) => uid(&types.catalogue, "catalogue"),
            (Action::ReadProvisionRecords, _) => uid(&types.records, "records"),
            (Action::ReadNotices | Action::PostNotices | Action::ReadPrivateDocuments, _) => {
                uid(&types.notices, "notices")
            }
            (
                Action::FileForAnother
                | Action::RegisterHealthInsurance
                | Action::EstablishCompany
                | Action::CollectPayments
                | Action::ReferenceDeposit
                | Action::ApplyForCitizen
                | Action::TakeApplications,
                _,
            ) => uid(&types.filings, "filings"),
            (_, None) => return Err("the action needs a data set".into()),
            (_, Some(facts)) => {
                let purpose = question.purpose.map(|code| RestrictedExpression::new_string(code.to_owned()));
                context.extend(purpose.map(|purpose| ("purpose".to_owned(), purpose)));
                context.extend(question.acr.map(|acr| ("acr".to_owned(), level(acr))));
                let days = question.access_days.map(|days| RestrictedExpression::new_long(i64::from(days)));
                context.extend(days.map(|days| ("access_days".to_owned(), days)));
                context.push(("hour".to_owned(), RestrictedExpression::new_long(i64::from(question.hour))));
                let data_set = self.data_set(facts)?;
                let resource = data_set.uid();
                entities.push(data_set);
                resource
            }
        };
        let schema = Some(&self.loaded.schema);
        let action = uid(&types.action, question.action.as_str());
        let request = Request::new(client, action, resource, Context::from_pairs(context)?, schema)?;
        Ok((request, Entities::from_entities(entities, schema)?))
    }

    fn data_set(&self, facts: &DataSetFacts) -> Result<Entity, Box<dyn Error>> {
        let classes = facts.classes.iter().map(|class| uid(&self.types.class, class.as_str()));
        let classes = RestrictedExpression::new_set(classes.map(RestrictedExpression::new_entity_uid));
        let attributes = HashMap::from([
            ("classes".to_owned(), classes),
            ("min_acr".to_owned(), level(facts.min_acr)),
            ("is_sensitive".to_owned(), RestrictedExpression::new_bool(facts.is_sensitive)),
        ]);
        let group = HashSet::from([uid(&self.types.group, &facts.group)]);
        Ok(Entity::new(uid(&self.types.data_set, facts.code.as_str()), attributes, group)?)
    }

    /// A schema that lacks what we ask about would refuse everything, later; it is found now.
    fn try_every_action(&self) -> Vec<PolicyFault> {
        let (Ok(client), Ok(code)) = (ClientId::parse("c_trial"), DataSetCode::parse("TM00000000000001")) else {
            return Vec::new();
        };
        let facts = DataSetFacts {
            code,
            group: "trial".to_owned(),
            classes: vec![ClientClass::General],
            min_acr: Acr::Aal3,
            is_sensitive: false,
        };
        let question = |action| Question {
            client: &client,
            class: ClientClass::General,
            status: ClientStatus::Production,
            action,
            data_set: Some(&facts),
            acr: Some(Acr::Aal3),
            purpose: Some("trial"),
            access_days: Some(1),
            hour: 12,
        };
        let tried = Action::ALL.map(|action| (action, self.ask(&question(action))));
        let failed = tried.into_iter().filter_map(|(action, asked)| Some((action, asked.err()?)));
        failed
            .map(|(action, error)| {
                let problem = format!("does not fit the question {}: {error}", action.as_str());
                PolicyFault::new(&self.loaded.schema_file, problem)
            })
            .collect()
    }
}

impl Types {
    fn new() -> Result<Self, Box<dyn Error>> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(Box::new);
        Ok(Self {
            client: name("Client")?,
            class: name("ClientClass")?,
            group: name("Group")?,
            data_set: name("DataSet")?,
            records: name("Records")?,
            catalogue: name("Catalogue")?,
            filings: name("Filings")?,
            notices: name("Notices")?,
            action: name("Action")?,
        })
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Levels as numbers, since rules compare them.
fn level(acr: Acr) -> RestrictedExpression {
    RestrictedExpression::new_long(match acr {
        Acr::Aal1 => 1,
        Acr::Aal2 => 2,
        Acr::Aal3 => 3,
    })
}
