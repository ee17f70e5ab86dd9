//! Every operation of the OpenAPI document × every kind of caller.
//!
//! The operations come from the document itself, so one that is added to it is called here by everybody at once. What
//! each kind of caller must be told follows from how the document secures the operation ([`rules`]); the few places
//! where an operation has its own answer are [`exceptions`], a list that may only shrink. Every answer must be one that
//! the document names, every error body of its family's form, and nothing ever a 500.

mod bodies;
mod callers;
mod document;
mod exceptions;
mod rules;
pub mod stage;

use callers::Kind;
use document::{Operation, Security};
use stage::Stage;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_every_caller_as_documented() {
    let stage = Box::pin(Stage::set()).await;
    let operations = document::operations();
    let mut wrong = Vec::new();
    for operation in &operations {
        for kind in Kind::BEFORE_THE_TOKENS_END {
            wrong.extend(fault(&stage, operation, kind).await);
        }
    }
    // Everything signed until now is over: tokens after five minutes, assertions after one.
    stage.installation.clock.advance(Duration::from_mins(10));
    for operation in &operations {
        wrong.extend(fault(&stage, operation, Kind::Expired).await);
    }
    assert!(wrong.is_empty(), "{} of the matrix differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Calls, and says what is not as it must be.
async fn fault(stage: &Stage, operation: &Operation, kind: Kind) -> Option<String> {
    let told = callers::call(stage, operation, kind).await;
    let wanted = rules::answer(operation, kind);
    let is_wanted = wanted.iter().any(|(status, code)| told.brief() == (*status, *code));
    let form = document::form_fault(operation, &told);
    if is_wanted && form.is_none() {
        return None;
    }
    Some(format!(
        "{} as {kind:?}: {:?} wanted, {:?} told; {} {}",
        operation.id,
        wanted,
        told.brief(),
        form.unwrap_or_default(),
        told.body
    ))
}

#[test]
fn the_document_names_every_operation_of_the_gateway() {
    let operations = document::operations();
    for known in madoguchi::gateway::Operation::ALL {
        let found = operations.iter().find(|operation| operation.id == known.id);
        let found = found.unwrap_or_else(|| panic!("{} is not in the document", known.id));
        assert_eq!(found.security, Security::Token, "{}", known.id);
        let mut scopes: Vec<String> = known.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        scopes.sort();
        assert_eq!(found.scopes, scopes, "{}", known.id);
    }
}

#[test]
fn exceptions_only_shrink() {
    let operations = document::operations();
    assert!(exceptions::ALL.len() <= exceptions::MOST, "an exception was added; mend the operation instead");
    for (n, (id, kind, answers, why)) in exceptions::ALL.iter().enumerate() {
        let operation = operations.iter().find(|operation| operation.id == *id);
        let operation = operation.unwrap_or_else(|| panic!("{id} is gone: take its exception away"));
        assert!(!answers.is_empty() && !why.is_empty(), "{id}");
        assert_ne!(*answers, rules::common(operation, *kind).as_slice(), "{id} as {kind:?} is no exception any more");
        let twice = exceptions::ALL.iter().skip(n + 1).any(|(other, as_kind, ..)| other == id && as_kind == kind);
        assert!(!twice, "{id} as {kind:?} is there twice");
    }
}
