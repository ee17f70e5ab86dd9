//! A consent receipt in the members of ISO/IEC TS 27560, as JSON-LD.
//!
//! Sections and members are named as in §6.3 (record header, PII processing, PII information, party identification, event)
//! and §6.4 (receipt). The context leads each member to the term of the Data Privacy Vocabulary that the guide to TS 27560
//! names for it, and to Dublin Core where that has none. What the counter does not know is left empty, not made up: where a
//! third party stores what it received is nowhere registered.

use super::Holder;
use super::context::context;
use crate::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::consent::{Consent, ConsentedDataSet, Period};
use crate::domain::data_set::ItemCode;
use crate::domain::grant::{ConsentState, Grant, RevokedBy};
use crate::domain::ids::ReceiptId;
use crate::domain::predicate::Predicate;
use crate::domain::terms::LegalBasis;
use crate::domain::{Timestamp, Words};
use serde_json::{Value, json};

/// The profile of receipts that the guide to TS 27560 defines.
const RECEIPT_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";
/// The profile of records.
const RECORD_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
const SECONDS_OF_A_DAY: u64 = 86_400;

/// What became of a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Given,
    Renewed,
    Paused,
    Resumed,
    /// With the representation that it was given by.
    Held,
    /// The same, the other way.
    Released,
    Ended(RevokedBy),
}

/// An event of a consent, and the leaf of the log that it is.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    pub what: What,
    pub at: Timestamp,
    pub receipt: ReceiptId,
    pub leaf: Option<u64>,
}

/// What all receipts of one grant have in common.
pub(super) struct About<'a> {
    pub public_url: &'a str,
    pub catalog: &'a Catalog,
    pub client: &'a Client,
    pub principal: &'a str,
    pub holder: Holder,
    pub now: Timestamp,
}

/// By what both copies of a record are known to be of one: the grant, and when it was decided so.
pub(super) fn record_id(decision: &Grant) -> String {
    format!("{}.{}", decision.id, decision.agreed_at().millis())
}

impl About<'_> {
    /// The receipt of one decision; none where no self-information was decided about.
    pub(super) fn document(
        &self,
        decision: &Grant,
        superseded_at: Option<Timestamp>,
        happened: &[Happening],
    ) -> Option<Value> {
        let consent = decision.consent.as_ref()?;
        let (copy, audience) = match self.holder {
            Holder::Principal => ("principal", "dpv:DataSubject"),
            Holder::Controller => ("controller", "dpv:DataController"),
        };
        let record_id = record_id(decision);
        let mut record = json!({
            "@type": "dpv:ConsentRecord",
            "record": {
                "schema_version": RECORD_SCHEMA,
                "record_id": record_id,
                "pii_principal_id": self.principal,
            },
            "pii_processing": {
                "privacy_notice": self.place(decision),
                "language": ["ja", "en"],
                "purposes": [self.purpose(decision, consent)],
            },
            "party_identification": self.parties(decision, consent),
            "event": self.events(decision, superseded_at, happened),
        });
        if let (Some(members), Some(at)) = (record.as_object_mut(), superseded_at) {
            members.insert("superseded_at".to_owned(), at.rfc3339().into());
        }
        Some(json!({
            "@context": context(),
            "@type": "dpv:ConsentReceipt",
            "schema_version": RECEIPT_SCHEMA,
            "receipt_id": format!("{record_id}.{copy}"),
            "created": self.now.rfc3339(),
            "publisher": self.public_url,
            "audience": audience,
            "consent_record": record,
        }))
    }

    /// Where the person reads the words of the consent again, and takes it back.
    fn place(&self, decision: &Grant) -> String {
        format!("{}/dashboard/grants/{}", self.public_url, decision.id)
    }

    fn purpose(&self, decision: &Grant, consent: &Consent) -> Value {
        let basis = match consent.terms.legal_basis {
            LegalBasis::Consent => "dpv:Consent",
            LegalBasis::Contract => "dpv:Contract",
            LegalBasis::Law => "dpv:LegalObligation",
        };
        let recipients = (1..=consent.recipients.len()).map(recipient_id).collect::<Vec<_>>();
        let mut purpose = json!({
            "@type": "dpv:Process",
            "purpose": words(&consent.purpose_words),
            "purpose_type": consent.purpose,
            "lawful_basis": basis,
            "pii_information": consent.data_sets.iter().flat_map(|set| self.information(set)).collect::<Vec<_>>(),
            "pii_controllers": [self.client.id.as_str()],
            "processing_method": ["dpv:Obtain", "dpv:Use", "dpv:Store"],
            "storage_locations": [],
            "retention_period": format!("P{}D", consent.retention_days),
            "jurisdiction": "loc:JP",
            "recipient_third_parties": recipients,
            "withdrawal_method": self.place(decision),
            "on_behalf_of": consent.terms.on_behalf_of.as_str(),
        });
        if let (Some(members), Some(frequency)) = (purpose.as_object_mut(), consent.terms.frequency) {
            members.insert("frequency".to_owned(), json!({"times": frequency.times, "per": frequency.per.as_str()}));
        }
        purpose
    }

    /// The items that were agreed to, of one data set, and the questions, whose answers are made from it.
    fn information(&self, agreed: &ConsentedDataSet) -> Vec<Value> {
        let set = self.catalog.data_set(agreed.code);
        let is_sensitive = set.is_some_and(|set| set.is_sensitive);
        let one = |code: &ItemCode| {
            let named = set.and_then(|set| Some((&set.name, &set.item(*code)?.name)));
            let mut item = json!({
                "@type": "dpv:PersonalData",
                "pii_attribute_id": format!("{}/{code}", agreed.code),
                "sensitive_pii_category": is_sensitive,
            });
            let Some(members) = item.as_object_mut() else { return item };
            // A code that the catalogue has no more stays a code.
            let kind = named.map(|(set, item)| {
                json!({"ja": format!("{}：{}", set.ja, item.ja), "en": format!("{}: {}", set.en, item.en)})
            });
            let code = || json!({"ja": code.as_str(), "en": code.as_str()});
            members.insert("pii_type".to_owned(), kind.unwrap_or_else(code));
            members.extend(agreed.period.map(|period| ("pii_period".to_owned(), interval(period).into())));
            item
        };
        let question = |predicate: &Predicate| {
            json!({
                "@type": "dpv:DerivedPersonalData",
                "pii_attribute_id": format!("{}/{predicate}", agreed.code),
                "sensitive_pii_category": is_sensitive,
                "pii_type": words(&self.catalog.question(predicate)),
            })
        };
        agreed.items.iter().map(one).chain(agreed.predicates.iter().map(question)).collect()
    }

    fn parties(&self, decision: &Grant, consent: &Consent) -> Vec<Value> {
        let (client, number) = (self.client, self.client.corporate_number.as_str());
        let mut parties = vec![json!({
            "party_id": client.id.as_str(),
            "party_name": words(&client.name),
            "party_role": "dpv:DataController",
            "party_type": client.class.as_str(),
            "party_address": {
                "ja": format!("法人番号 {number}（国税庁法人番号公表サイトに公表されている所在地）"),
                "en": format!("As the National Tax Agency publishes it for corporate number {number}"),
            },
            "party_email": client.contact.email,
            "party_phone": client.contact.phone,
            "party_contact": [format!("mailto:{}", client.contact.email), format!("tel:{}", client.contact.phone)],
        })];
        parties.push(json!({
            "party_id": self.public_url,
            "party_name": {"ja": "窓口", "en": "madoguchi"},
            "party_role": "dpv:DataExporter",
            "party_type": "counter",
            "party_url": self.public_url,
        }));
        let others = consent.recipients.iter().zip(1..);
        parties.extend(others.map(|(recipient, number)| {
            json!({
                "party_id": recipient_id(number),
                "party_name": words(recipient),
                "party_role": "dpv:ThirdParty",
                "party_type": "recipient",
            })
        }));
        parties.extend(decision.acting.as_ref().map(|acting| {
            json!({
                "party_id": acting.id.as_str(),
                "party_role": "dpv:Representative",
                "party_type": acting.kind.as_str(),
            })
        }));
        parties
    }

    fn events(&self, decision: &Grant, superseded_at: Option<Timestamp>, happened: &[Happening]) -> Vec<Value> {
        let decider = decision.acting.as_ref().map_or(self.principal, |acting| acting.id.as_str());
        let mut events: Vec<Value> = happened.iter().map(|one| self.event(decision, decider, one)).collect();
        let without_leaf = |at: Timestamp, state: &str, entity: &str| {
            json!({
                "event_time": at.rfc3339(), "validity_duration": "PT0S", "entity_id": entity,
                "event_type": "dpv:ExplicitlyExpressedConsent", "event_state": state,
            })
        };
        if let Some(at) = superseded_at {
            events.push(without_leaf(at, "madoguchi:ConsentSuperseded", decider));
        } else if decision.state(self.now) == ConsentState::Expired {
            events.push(without_leaf(decision.expires_at, "dpv:ConsentExpired", self.public_url));
        }
        events
    }

    fn event(&self, decision: &Grant, decider: &str, one: &Happening) -> Value {
        let (state, entity) = match &one.what {
            What::Given => ("dpv:ConsentGiven", decider),
            What::Renewed => ("dpv:RenewedConsentGiven", decider),
            What::Paused => ("madoguchi:ConsentPaused", self.principal),
            What::Resumed => ("madoguchi:ConsentResumed", self.principal),
            What::Held => ("madoguchi:ConsentPaused", self.public_url),
            What::Released => ("madoguchi:ConsentResumed", self.public_url),
            What::Ended(RevokedBy::Citizen) => ("dpv:ConsentWithdrawn", self.principal),
            What::Ended(RevokedBy::Client) => ("dpv:ConsentInvalidated", self.client.id.as_str()),
            What::Ended(_) => ("dpv:ConsentInvalidated", self.public_url),
        };
        let is_valid = matches!(one.what, What::Given | What::Renewed | What::Resumed | What::Released);
        let left = if is_valid { decision.expires_at.since(one.at).as_secs() } else { 0 };
        let mut event = json!({
            "event_time": one.at.rfc3339(),
            "validity_duration": duration(left),
            "entity_id": entity,
            "event_type": "dpv:ExplicitlyExpressedConsent",
            "event_state": state,
            "log_receipt": one.receipt.as_str(),
        });
        if let Some(members) = event.as_object_mut() {
            members.extend(one.leaf.map(|leaf| ("leaf_index".to_owned(), leaf.into())));
        }
        event
    }
}

fn recipient_id(number: usize) -> String {
    format!("recipient-{number}")
}

fn words(words: &Words) -> Value {
    json!({"ja": words.ja, "en": words.en})
}

/// A span as ISO 8601 §5.5.2 writes it.
fn duration(seconds: u64) -> String {
    if seconds > 0 && seconds.is_multiple_of(SECONDS_OF_A_DAY) {
        format!("P{}D", seconds / SECONDS_OF_A_DAY)
    } else {
        format!("PT{seconds}S")
    }
}

/// Both days included; an open end is `..` (ISO 8601-2 §4.4).
fn interval(period: Period) -> String {
    period.to.map_or_else(|| format!("{}/..", period.from), |to| format!("{}/{to}", period.from))
}
