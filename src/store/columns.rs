//! What every column of every table holds about persons, and why it may stand as it does. The same in both engines, but for
//! what only one of them has.
//!
//! A test reads the schema of each engine against this table, and another runs a citizen's whole way with names and numbers
//! that are found again, and reads the database raw: a column that is not here, or holds what it should not, fails.

mod kinds;

pub use kinds::{Column, Holds};

use kinds::columns;

columns! {
    "applied_migrations" { Nothing "number", "name", "digest": "the schema's own history"; }
    "data_keys" {
        Pseudonym "id": "the id of a consent, of a person or of what operators opened, or `lookup`";
        Sealed "sealed": "a key, under the master key; absent when it was destroyed";
        Nothing "destroyed_at": "a moment";
    }
    "clients" { Nothing "id", "body", "updated_at": "a third party and its public registration"; }
    "registrations" {
        Nothing "client_id", "body", "updated_at": "how a third party came to be registered";
        Digest "token": "of 256 unguessable bits";
    }
    "subjects" {
        Pseudonym "id": "made up; third parties are never told it";
        Digest "account": "HMAC under the key for look-ups, to find a person again who signs in";
        Sealed "body": "the account at the identity provider";
    }
    "subjects_in_clear" {
        Pseudonym "id": "empty since the store was opened: accounts of the time before are moved then";
        Nothing "upstream_issuer", "upstream_subject": "empty since the store was opened";
    }
    "predicate_thresholds" {
        Digest "line", "point": "HMACs under a key of ours: neither of whom nor by whom, neither of what nor of how much";
        Nothing "kept_until": "a moment";
    }
    "pushed_requests" {
        Digest "digest": "of 256 unguessable bits";
        Sealed "body": "what a third party asks";
        Nothing "expires_at", "used_at": "moments";
    }
    "interactions" {
        Pseudonym "id": "made up for one visit";
        Nothing "step", "expires_at": "a count and a moment";
        Sealed "body": "a citizen's way through sign-in and consent";
    }
    "grants" {
        Pseudonym "id", "subject_id", "representation_id": "made up; searched for on every call and at the dashboard";
        Nothing "client_id", "state", "revoked_at", "revoked_by", "paused_at", "held_at", "created_at", "expires_at":
            "whether a token still counts is decided by these in the database itself";
        Nothing "remind_at": "a moment";
        Sealed "body": "what was agreed to; in clear where it is a client's own grant, which is about nobody";
    }
    "superseded_grants" {
        Pseudonym "grant_id": "made up; searched for at the dashboard";
        Nothing "at": "a moment";
        Sealed "body": "what had been agreed to";
    }
    "consent_uses" {
        Pseudonym "grant_id": "made up; counted by on every call";
        Nothing "span", "used", "kept_until": "a count in a span of time";
    }
    "codes" {
        Digest "digest": "of 256 unguessable bits";
        Pseudonym "grant_id": "made up; a second use of the code ends it";
        Sealed "body": "what the token endpoint must check";
        Nothing "expires_at", "taken_at": "moments";
    }
    "refresh_tokens" {
        Digest "digest": "of 256 unguessable bits";
        Pseudonym "grant_id": "made up; the token ends with it";
        Nothing "client_id", "issued_at", "expires_at": "a third party and moments";
    }
    "assertions" {
        Digest "digest": "of a third party's own id for one message to us";
        Nothing "expires_at": "a moment";
    }
    "requests" {
        Pseudonym "id", "grant_id": "made up; searched for by the third party and at a consent's end";
        Nothing "client_id", "state", "lease_owner", "lease_until", "expires_at": "the work's own course";
        Digest "idempotency_key", "idempotency_body": "HMAC under the key for look-ups: what a third party sends can be guessed";
        Sealed "body", "result": "what was asked, and the answer that waits";
    }
    "accesses" {
        Pseudonym "id", "subject_id", "grant_id": "made up; the citizen's history is found by them";
        Nothing "at": "a moment: lists are in its order, and erasure goes by it";
        Sealed "body": "who asked for what, and how it ended";
    }
    "keys" {
        Nothing "id", "purpose", "created_at", "active_from", "retired_at": "the counter's own keys";
        Sealed "sealed": "a key, under the master key";
    }
    "sessions" {
        Digest "digest": "of 256 unguessable bits";
        Sealed "body": "who is signed in at the dashboard";
        Nothing "expires_at": "a moment";
    }
    "decoupled" {
        Pseudonym "id", "subject_id", "grant_id": "made up; the citizen's open questions are found by them";
        Digest "digest": "of 256 unguessable bits";
        Digest "user_code": "HMAC under a key of ours: a code has few characters";
        Nothing "client_id", "state", "pace_millis", "asked_at", "expires_at": "the question's own course";
        Sealed "body": "what is asked, and the words that the citizen sees at the client too";
    }
    "pairwise_subjects" {
        Digest "sub": "of a keyed digest";
        Pseudonym "subject_id": "made up";
    }
    "sign_ins" {
        Pseudonym "id", "subject_id", "grant_id": "made up; a sign-out finds by them whom to tell";
        Digest "browser", "code": "of 256 unguessable bits";
        Nothing "client_id", "created_at", "expires_at": "a third party and moments";
    }
    "logout_notices" {
        Pseudonym "sign_in_id", "subject_id", "grant_id": "made up; gone when the third party was told";
        Nothing "client_id", "created_at", "due_at", "attempts", "event": "whom to tell, when, and which kind of event";
    }
    "evidence_records" {
        Pseudonym "receipt", "subject_id", "grant_id", "key_id": "made up; a citizen's receipts are found by them";
        Nothing "at", "client_id": "a moment and a third party";
        Sealed "salt", "body": "what happened; in clear, with its salt, where it is about nobody (third parties, keys)";
    }
    "evidence_queue" {
        Nothing "number": "a count";
        Pseudonym "receipt": "made up";
        Digest "commitment": "over 256 unguessable bits";
    }
    "evidence_leaves" {
        Nothing "leaf_index": "a place";
        Pseudonym "receipt": "made up";
        Digest "commitment": "over 256 unguessable bits";
    }
    "evidence_tiles" {
        Nothing "level", "tile_index": "a place";
        Digest "hashes": "of the log's leaves";
    }
    "evidence_checkpoints" { Nothing "size", "at", "note": "the log's signed heads"; }
    "evidence_head" { Nothing "id", "size": "how long the log is"; }
    "decisions" {
        Digest "id": "of the question itself, which is about nobody";
        Nothing "at", "body": "what the operator's rules were asked, in codes, and what they answered";
    }
    "protections" {
        Pseudonym "subject_id": "made up; asked for whenever a representative acts";
        Nothing "since": "a moment";
        Nothing "registered_by": "under which name the operator's own staff acted";
    }
    "submissions" {
        Pseudonym "id": "made up";
        Digest "idempotency_key": "of what a filer sends for one message";
        Nothing "client_id", "delegation_id", "state", "accepted_at", "ended_at", "body":
            "a filing's own course; its content is in its deliveries";
    }
    "submission_deliveries" {
        Pseudonym "id", "submission_id": "made up";
        Nothing "place", "agency", "state", "lane", "turn", "due_at", "lease_until", "is_parked", "version", "body":
            "a part's own course to its agency";
        Sealed "content": "what is filed, until the agency has it";
    }
    "submission_documents" {
        Pseudonym "id", "submission_id", "delivery_id": "made up";
        Nothing "client_id", "reference", "agency", "announced_at", "ended_at", "due_at", "lease_until", "version", "body":
            "a document's own course: whose, how large, its digest; neither its title nor what it says";
        Sealed "content": "what an agency gave back or sent, with its letter, until whose it is has it";
    }
    "agency_turns" { Nothing "agency", "due_at": "when an agency is asked next what it sent"; }
    "employment_certificates" {
        Pseudonym "id": "made up";
        Digest "key", "digest", "reference": "of what the company's software sent, and of the secret that opens it";
        Nothing "client_id", "municipality", "issued_at", "revoked_at", "revoked_because", "openings", "opened_at":
            "by whose software, for which municipality, and its own course";
        Sealed "body": "what a company said of an employee's work";
    }
    "payments" {
        Pseudonym "id", "about": "made up; the payments of a notice or an application are found by its id";
        Digest "key": "HMAC under the key for look-ups: what an agency sends can be guessed";
        Digest "link": "of 256 unguessable bits";
        Nothing "client_id", "state", "due_at", "created_at", "attempt", "settlement", "look_at", "ended_at", "version":
            "by whose software, and its own course: by which way, when and how much was taken";
        Sealed "body": "who is to pay whom what, and by which numbers";
    }
    "payment_attempts" { Pseudonym "id", "payment_id": "made up"; }
    "payment_settlements" {
        Pseudonym "id", "payment_id": "made up";
        Nothing "client_id", "reference", "day", "way", "kind", "amount", "recorded_at", "place", "body":
            "how much was taken when and by which way, by the provider's name for it: days are summed of these";
    }
    "payment_heads" { Nothing "client_id", "last": "an agency and a count"; }
    "certificate_requests" {
        Pseudonym "id": "made up";
        Digest "link", "answer": "of 256 unguessable bits each";
        Nothing "client_id", "created_at", "version": "by whose software, and its own course";
        Sealed "body": "whom a company's software calls what, and what that person asked";
    }
    "applications" {
        Pseudonym "id", "subject_id": "made up; a person's own are found by theirs, as far as the person is there";
        Digest "key": "HMAC under the key for look-ups: what a third party sends can be guessed";
        Pseudonym "arrival": "a day and 60 unguessable bits";
        Pseudonym "batch_id", "interview_slot": "made up; which were handed in together, and at which time somebody comes";
        Nothing "client_id", "municipality", "arrived_at", "place", "ended_at", "interview_at", "readings", "read_at",
            "version": "by whose software, to which municipality, and its own course";
        Sealed "body": "who applied for what, as what, and what became of it";
    }
    "application_heads" {
        Nothing "municipality", "last", "counted": "a municipality and counts";
    }
    "application_drafts" {
        Pseudonym "id", "subject_id": "made up; a person's own are found by theirs";
        Digest "key": "HMAC under the key for look-ups: what a third party sends can be guessed";
        Nothing "client_id", "tag", "expires_at": "by whose software, and its own course";
        Sealed "body": "what a person is to apply for";
    }
    "application_attachments" {
        Pseudonym "id", "subject_id", "application_id": "made up";
        Digest "key": "HMAC under the key for look-ups: what a third party sends can be guessed";
        Nothing "client_id", "is_ready", "due_at", "version": "by whose software, and its own course";
        Sealed "body": "what a document is called, and what it is for";
    }
    "application_attachment_pieces" {
        Pseudonym "attachment_id": "made up";
        Nothing "number": "a count";
        Sealed "content": "what a document says";
    }
    "disasters" { Nothing "municipality", "code", "version", "closed_at", "apply_until", "body": "what a municipality makes known"; }
    "interview_slots" {
        Digest "key", "request": "HMAC under the key for look-ups of what a municipality sends for one call, and its digest";
        Nothing "id", "municipality", "position", "starts_at", "deadline", "procedures", "capacity", "taken", "withdrawn_at",
            "slot": "what a municipality makes known, and a count";
    }
    "application_certificates" {
        Pseudonym "certificate_id", "application_id": "made up; told of when the certificate is taken back";
    }
    "establishments" {
        Pseudonym "id": "made up";
        Digest "idempotency_key": "of what a filer sends for one message";
        Nothing "client_id", "created_at", "due_at", "kept_from", "version": "by whose software, and its own course";
        Sealed "body": "what is said of a company to be founded, of its founders, and how far it is";
    }
    "establishment_codes" {
        Digest "digest": "of about 99 unguessable bits";
        Pseudonym "establishment_id": "made up";
        Nothing "place": "a count";
    }
    "deposits" {
        Pseudonym "id", "submission_id": "made up";
        Digest "key", "digest": "of what the company's software sent";
        Nothing "client_id", "company", "delegation_id", "agency":
            "by whose software, for which company and by what right, to which agency";
        Nothing "declared_at", "filed_at", "place", "withdrawn_at", "keep_until", "warned_at", "over_at", "outage_since", "outage_because":
            "its own course";
        Sealed "body", "filed", "pieces": "where a company keeps what it filed, and its digests";
    }
    "deposit_head" {
        Nothing "id", "last": "a count";
    }
    "deposit_references" {
        Pseudonym "id", "deposit_id": "made up";
        Nothing "client_id", "purpose", "first_byte", "last_byte", "at", "outcome", "sent", "ended_at":
            "which agency's software asked for which bytes, what for, and what came of it";
    }
    "deposit_shares" {
        Pseudonym "id", "deposit_id": "made up";
        Nothing "client_id", "purpose", "shared_by", "shared_at", "expires_at", "ended_at":
            "with whose software a company shares what it filed, what for, and its own course";
    }
    "disposition_notices" {
        Pseudonym "id", "delivery_id", "superseded_by": "made up";
        Digest "key", "digest": "of what the agency's software sent";
        Nothing "client_id", "agency", "filer_id", "company", "delegation_id":
            "by which agency's software, for which company, and who filed by what right";
        Nothing "put_at", "delivered_at", "warned_at", "over_at": "its own course";
        Sealed "body", "content": "what an agency decided on a company's filing";
    }
    "citizen_notices" {
        Pseudonym "id", "subject_id": "made up; a citizen's list is found by them";
        Digest "key", "digest": "of what the agency's software sent, the key and the citizen's own secret `sub` among it";
        Nothing "client_id": "by which agency's software";
        Nothing "posted_at", "deliver_at", "over_at", "place", "read_at", "remind_at": "its own course";
        Sealed "body": "what an agency tells a citizen";
    }
    "citizen_notice_files" {
        Pseudonym "notice_id": "made up";
        Nothing "number": "a count";
        Sealed "content": "what came with a notice";
    }
    "citizen_notice_heads" {
        Pseudonym "subject_id": "made up";
        Nothing "last": "a count";
    }
    "links" {
        Pseudonym "id", "subject_id": "made up; a citizen's links are found by theirs";
        Nothing "service", "linked_at", "version": "which of the operator's services, and its own course";
        Sealed "body": "the account at the other side, and what opens it";
    }
    "health_insurance" {
        Pseudonym "subject_id": "made up";
        Nothing "turn", "leased_until": "its own course";
        Sealed "body": "by which card the person is known, and since when";
    }
    "account_registrations" {
        Pseudonym "subject_id": "made up";
        Nothing "registered_at": "a time";
    }
    "notice_bulks" {
        Pseudonym "id": "made up";
        Digest "key", "digest": "of what the agency's software sent";
        Nothing "client_id", "created_at", "bytes", "lines", "rejected", "is_complete": "by whose software, and its own course";
    }
    "notice_bulk_rejections" {
        Pseudonym "bulk_id": "made up";
        Nothing "line", "body": "a count, and what is wrong in a line, which never repeats a value";
    }
    "submission_turns" {
        Nothing "agency", "client_id", "turn": "whose turn it is";
    }
    "submission_event_head" {
        Nothing "id", "last": "how far events have a place (PostgreSQL only)";
    }
    "submission_events" {
        Nothing "id": "a count (PostgreSQL only)";
        Pseudonym "submission_id": "made up";
        Nothing "place", "client_id", "body": "what became of filings, by their ids";
    }
    "submission_drafts" {
        Pseudonym "id": "made up";
        Digest "idempotency_key": "of what a filer sends for one message";
        Nothing "client_id", "tag", "expires_at", "body": "a draft's own course";
        Sealed "content": "what a filer has written so far";
    }
    "bulk_submissions" {
        Pseudonym "id": "made up";
        Digest "idempotency_key": "of what a filer sends for one message";
        Nothing "client_id", "due_at", "kept_from", "version", "body": "a bulk filing's own course";
        Sealed "office": "what all records have in common, until it is over";
    }
    "bulk_pieces" {
        Pseudonym "bulk_id", "submission_id": "made up";
        Nothing "no", "first_line", "lines", "rejected": "counts";
        Sealed "content": "records, until they are handed on";
    }
    "bulk_outcomes" {
        Pseudonym "bulk_id": "made up";
        Nothing "line", "findings": "a count, and what is wrong in a line, which never repeats a value";
    }
    "webhooks" {
        Nothing "client_id", "body": "where a third party is told of what changed";
    }
    "webhook_messages" {
        Nothing "id", "client_id", "created_at", "due_at", "attempts", "last", "body": "what is to be told, by ids";
    }
    "emergencies" {
        Pseudonym "id": "made up; the representation's that it opens";
        Nothing "client_id", "created_at", "expires_at", "opened_at": "a third party and moments";
        Nothing "requested_by", "approved_by": "under which names the operator's own staff acted";
        Sealed "request", "approval": "what they signed: whose data, and why; nothing erases it";
    }
    "status_notices" { Nothing "id", "is_open", "changed_at", "version", "body": "what the operator tells everybody of the service"; }
    "component_days" { Nothing "component", "day", "worst": "how a part of the service stood"; }
    "statistics_facts" {
        Digest "person": "HMAC under the key for look-ups, until the month is published";
        Nothing "month", "series", "value_1", "value_2": "what somebody did, by codes that many share";
    }
    "statistics_releases" { Nothing "month", "body": "counts of many, with noise, as everybody may read them"; }
    "client_usage" { Nothing "client_id", "operation", "day", "calls": "how often a third party's software called"; }
    "agency_tokens" {
        Nothing "agency", "version": "which account of the operator's or a company's at an agency";
        Digest "connected": "of the unguessable token with which it was connected";
        Sealed "sealed": "its last refresh token";
    }
    "delegations" {
        Nothing "id", "company", "client_id", "via_id", "body": "which office files for which company: corporate numbers are public";
        Nothing "state", "created_at", "expires_at", "paused_at", "ended_at", "ended_by": "its own course";
        Nothing "changed_by": "under which name the operator's own staff acted";
    }
    "invitations" {
        Pseudonym "id", "principal_id": "made up; the representation's that it opens, and whose it is";
        Digest "code": "of about 99 unguessable bits";
        Nothing "state", "created_at", "expires_at", "changed_at": "its own course";
        Sealed "body": "as what somebody would act for whom, and until when";
    }
    "representations" {
        Pseudonym "id", "principal_id", "representative_id": "made up; searched for by either";
        Nothing "kind", "state", "changed_at", "ended_by", "frozen_for", "created_at", "expires_at":
            "of two that are alike one may stand, which the database itself decides";
        Nothing "changed_by": "under which name the operator's own staff acted";
        Sealed "body": "by what paper and by whom it was registered";
    }
}
