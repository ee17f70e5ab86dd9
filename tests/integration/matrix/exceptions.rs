//! Where an operation answers a kind of caller otherwise than its family. The list may only shrink.

use super::callers::Kind;
use super::rules::Answer;

/// Lower this with every exception that goes.
pub const MOST: usize = 11;

/// Operation, caller, answers, why.
pub const ALL: &[(&str, Kind, &[Answer], &str)] = &[
    ("introspect_token", Kind::WrongScope, &[(200, "")], "RFC 7662 §2.1 knows no scope, and ignores it"),
    ("introspect_token", Kind::OtherClient, &[(200, "")], "RFC 7662 §2.2: to another client it is inactive"),
    ("introspect_token", Kind::Revoked, &[(200, "")], "RFC 7662 §2.2: a revoked token is inactive, which is no error"),
    ("introspect_token", Kind::WrongKey, &[(200, "")], "nothing here is bound to a key"),
    ("revoke_token", Kind::WrongScope, &[(200, "")], "RFC 7009 §2.1 knows no scope, and ignores it"),
    ("revoke_token", Kind::OtherClient, &[(400, "unauthorized_client")], "RFC 7009 §2.1: it is told that it may not"),
    ("revoke_token", Kind::Revoked, &[(200, "")], "RFC 7009 §2.2: an invalid token is no error"),
    ("revoke_token", Kind::WrongKey, &[(200, "")], "nothing here is bound to a key"),
    ("push_authorization_request", Kind::OtherClient, &[(401, "invalid_client")], "its assertion and client_id differ"),
    ("push_authorization_request", Kind::Revoked, &[(201, "")], "a new request has no grant yet"),
    (
        "push_authorization_request",
        Kind::WrongKey,
        &[(400, "invalid_request")],
        "dpop_jkt and proof differ; no grant yet",
    ),
];
