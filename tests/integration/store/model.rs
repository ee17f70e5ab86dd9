//! Any order of calls on a few requests, beside a model of what the ports promise.

use super::samples::{NOW, access, at, grant, request, subject_id};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::retrieval::{RequestState, RetrievalRequest};
use madoguchi::store::{Before, InsertedRequest, Store};
use proptest::prelude::*;

/// One call; the number says on which of the requests.
#[derive(Clone, Copy, Debug)]
enum Step {
    Insert(usize),
    FinishKeeping(usize),
    FinishDelivered(usize),
    TakeResult(usize),
    End(usize),
    Revoke,
}

const REQUESTS: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..REQUESTS;
    let step = prop_oneof![
        4 => n.clone().prop_map(Step::Insert),
        4 => n.clone().prop_map(Step::FinishKeeping),
        2 => n.clone().prop_map(Step::FinishDelivered),
        4 => n.clone().prop_map(Step::TakeResult),
        1 => n.prop_map(Step::End),
        1 => Just(Step::Revoke),
    ];
    prop::collection::vec(step, 1..25)
}

/// What a request should look like now: nothing, or its state.
#[derive(Default)]
struct Model {
    states: [Option<RequestState>; REQUESTS],
    is_revoked: bool,
    lines: usize,
}

impl Model {
    /// Moves one request on from any of `from`; whether it could.
    fn step(&mut self, n: usize, from: &[RequestState], to: RequestState) -> bool {
        let may = self.states[n].is_some_and(|state| from.contains(&state));
        if may {
            self.states[n] = Some(to);
        }
        may
    }
}

async fn run(store: &dyn Store, steps: &[Step]) {
    use RequestState::{Accepted, Cancelled, Completed, Delivered};
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    let requests: Vec<RetrievalRequest> = (0..REQUESTS).map(|_| request(&grant)).collect();
    let mut model = Model::default();
    for step in steps {
        match *step {
            Step::Insert(n) if model.states[n].is_some() => {}
            Step::Insert(n) => {
                let expected = if model.is_revoked { InsertedRequest::GrantOver } else { InsertedRequest::New };
                assert_eq!(store.insert_request(&requests[n], "node", at(30)).await.unwrap(), expected);
                model.states[n] = (!model.is_revoked).then_some(Accepted);
            }
            Step::FinishKeeping(n) | Step::FinishDelivered(n) => {
                let keeps = matches!(step, Step::FinishKeeping(_));
                let result = keeps.then_some(&b"sealed"[..]);
                let did = store.finish_request(&requests[n].id, result, &access(&grant, NOW)).await.unwrap();
                assert_eq!(did, model.step(n, &[Accepted], if keeps { Completed } else { Delivered }));
                model.lines += usize::from(did);
            }
            Step::TakeResult(n) => {
                let taken = store.take_result(&requests[n].id).await.unwrap().is_some();
                assert_eq!(taken, model.step(n, &[Completed], Delivered));
            }
            Step::End(n) => {
                let did = store.end_request(&requests[n].id, Cancelled).await.unwrap();
                assert_eq!(did, model.step(n, &[Accepted, Completed], Cancelled));
            }
            Step::Revoke => {
                let did = store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap();
                assert_eq!(did, !model.is_revoked);
                model.is_revoked = true;
                for n in 0..REQUESTS {
                    model.step(n, &[Accepted, Completed], Cancelled);
                }
            }
        }
        compare(store, &grant, &requests, &model).await;
    }
}

async fn compare(store: &dyn Store, grant: &Grant, requests: &[RetrievalRequest], model: &Model) {
    for (request, state) in requests.iter().zip(model.states) {
        let found = store.find_request(&request.id).await.unwrap();
        assert_eq!(found, state.map(|state| RetrievalRequest { state, ..request.clone() }));
        let waits = store.find_result(&request.id).await.unwrap().is_some();
        assert_eq!(waits, state == Some(RequestState::Completed));
    }
    let person = grant.subject.as_ref().unwrap();
    let lines = store.list_accesses(person, &Before { entry: None, limit: 1000 }).await.unwrap();
    assert_eq!(lines.len(), model.lines);
}

#[test]
fn any_order_of_calls_leaves_what_the_ports_promise() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let TestStore { store, .. } = &runtime.block_on(new_store());
    proptest!(ProptestConfig::with_cases(60), |(steps in steps())| {
        runtime.block_on(run(&**store, &steps));
    });
}
