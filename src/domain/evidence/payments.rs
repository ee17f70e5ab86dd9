//! What is kept of payments.

use crate::domain::payment::{Payment, PaymentNews, Settlement};
use crate::domain::time::Timestamp;
use serde_json::{Value, json};

/// What happened to a payment.
#[derive(Clone, Copy, Debug)]
pub struct PaymentLeaf<'a> {
    /// Which.
    pub one: &'a Payment,
    /// What happened.
    pub news: PaymentNews,
    /// What was taken, where something was.
    pub settlement: Option<&'a Settlement>,
    /// When.
    pub at: Timestamp,
}

/// Neither how much nor what for; by what and as what it was taken.
pub(super) fn told(leaf: &PaymentLeaf<'_>) -> Value {
    let one = leaf.one;
    let mut told = json!({
        "kind": "payment", "payment": one.id.as_str(), "action": leaf.news.as_str(), "client": one.client.as_str(),
    });
    if let (Some(members), Some(settlement)) = (told.as_object_mut(), leaf.settlement) {
        members.insert("settlement".to_owned(), settlement.id.as_str().into());
        members.insert("way".to_owned(), settlement.taking.way.as_str().into());
        members.insert("counts_as".to_owned(), settlement.kind.as_str().into());
    }
    told
}
