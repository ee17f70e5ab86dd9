//! What the members of a consent receipt mean: its JSON-LD context.
//!
//! It is part of every receipt, so that one that was kept is understood without asking anybody.

use serde_json::{Map, Value, json};

/// Members by their terms. `dpv` is the Data Privacy Vocabulary, `dct` Dublin Core; what neither has is ours.
const TERMS: [(&str, &str); 37] = [
    ("dpv", "https://w3id.org/dpv#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("loc", "https://w3id.org/dpv/loc#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    // Sections of TS 27560 that are no things of their own (JSON-LD 1.1 §4.4).
    ("record", "@nest"),
    ("pii_processing", "@nest"),
    ("consent_record", "dpv:hasRecordOfActivity"),
    ("receipt_id", "dct:identifier"),
    ("record_id", "dct:identifier"),
    ("pii_principal_id", "dpv:hasDataSubject"),
    ("language", "dct:language"),
    ("purposes", "dpv:hasProcess"),
    ("purpose_type", "dpv:hasPurpose"),
    ("pii_information", "dpv:hasPersonalData"),
    ("pii_attribute_id", "dct:identifier"),
    ("pii_period", "dct:temporal"),
    ("sensitive_pii_category", "madoguchi:sensitive_pii_category"),
    ("pii_controllers", "dpv:hasDataController"),
    ("storage_locations", "dpv:hasLocation"),
    ("recipient_third_parties", "dpv:hasRecipient"),
    ("frequency", "dpv:hasFrequency"),
    ("times", "madoguchi:times"),
    ("per", "madoguchi:per"),
    ("on_behalf_of", "madoguchi:on_behalf_of"),
    ("party_identification", "dpv:hasEntity"),
    ("party_id", "dct:identifier"),
    ("party_role", "@type"),
    ("party_type", "madoguchi:party_type"),
    ("party_email", "dpv:hasContact"),
    ("party_phone", "dpv:hasContact"),
    ("party_contact", "dpv:hasContact"),
    ("event", "dpv:hasConsentStatus"),
    ("event_state", "@type"),
    ("event_type", "@type"),
    ("entity_id", "dpv:isIndicatedBy"),
    ("log_receipt", "dct:source"),
    ("leaf_index", "madoguchi:leaf_index"),
];

/// Members whose value is an address, a term or a time, with which of these.
const TYPED: [(&str, &str, &str); 14] = [
    ("schema_version", "dct:conformsTo", "@id"),
    ("publisher", "dct:publisher", "@id"),
    ("audience", "dct:audience", "@id"),
    ("privacy_notice", "dpv:hasNotice", "@id"),
    ("withdrawal_method", "dpv:hasConsentControl", "@id"),
    ("lawful_basis", "dpv:hasLegalBasis", "@id"),
    ("processing_method", "dpv:hasProcessing", "@id"),
    ("jurisdiction", "dpv:hasJurisdiction", "@id"),
    ("party_url", "dpv:hasContact", "@id"),
    ("created", "dct:created", "xsd:dateTime"),
    ("superseded_at", "dct:valid", "xsd:dateTime"),
    ("event_time", "dpv:isIndicatedAtTime", "xsd:dateTime"),
    ("validity_duration", "dpv:hasDuration", "xsd:duration"),
    ("retention_period", "dpv:hasStorageCondition", "xsd:duration"),
];

/// Members whose value is words, by language.
const WORDS: [(&str, &str); 4] = [
    ("purpose", "dct:title"),
    ("pii_type", "dct:title"),
    ("party_name", "dpv:hasName"),
    ("party_address", "dpv:hasAddress"),
];

/// The context.
pub(super) fn context() -> Value {
    let mut context = Map::new();
    context.insert("@version".to_owned(), json!(1.1));
    // A prefix that ends in a colon must say that it is one (JSON-LD 1.1 §4.1.5).
    context.insert("madoguchi".to_owned(), json!({"@id": "urn:madoguchi:", "@prefix": true}));
    context.extend(TERMS.map(|(name, iri)| (name.to_owned(), iri.into())));
    context.extend(TYPED.map(|(name, iri, kind)| (name.to_owned(), json!({"@id": iri, "@type": kind}))));
    context.extend(WORDS.map(|(name, iri)| (name.to_owned(), json!({"@id": iri, "@container": "@language"}))));
    Value::Object(context)
}
