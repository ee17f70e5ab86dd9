//! The two ways to say no: [`Refusal`] ("no, because") and [`Fault`] ("we, or someone behind us, broke").

use super::decision::DecisionRecord;
use super::submission::Finding;
use super::time::Timestamp;
use std::fmt;
use std::time::Duration;

/// The limit of a consent that a call ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachedLimit {
    /// Which: `frequency`, `one_time`, `period`, `items`, `pause`, `purpose`, `recipients`, `retention`, `access_days`, …
    pub name: &'static str,
    /// How much of it is used, where it is counted.
    pub used: Option<u32>,
    /// How much there is, where it is counted.
    pub allowed: Option<u32>,
    /// When it frees by itself; absent when only the citizen can free it.
    pub frees_at: Option<Timestamp>,
}

impl ReachedLimit {
    /// A limit that is not counted, and frees by no clock.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self { name, used: None, allowed: None, frees_at: None }
    }

    /// A limit that is counted.
    #[must_use]
    pub const fn counted(name: &'static str, used: u32, allowed: u32, frees_at: Option<Timestamp>) -> Self {
        Self { name, used: Some(used), allowed: Some(allowed), frees_at }
    }
}

/// What else there is to tell with a no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The limit of the citizen's consent that it is about.
    Limit(ReachedLimit),
    /// Everything that was found about a filing.
    Findings(Vec<Finding>),
}

/// A reasoned no. Only `code`, `cause`, `public`, `pointer`, `detail` and the id of `decision` can reach
/// the wire; `private` is for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable snake_case code from its family's table (an RFC 6749 error or a problem code).
    pub code: &'static str,
    /// Which of the code's several causes it is, as a stable word, where a program must tell them apart.
    pub cause: Option<&'static str>,
    /// What the caller is told: names the field and the fix; nothing personal.
    pub public: String,
    /// What the log is told besides; never personal, never a token.
    pub private: Option<Box<str>>,
    /// JSON pointer (RFC 6901) or parameter name of the offending value, where there is one.
    pub pointer: Option<Box<str>>,
    /// When it is worth trying again, where that is known.
    pub retry_after: Option<Duration>,
    /// What else there is to tell: boxed, so that a no stays small.
    pub detail: Option<Box<Detail>>,
    /// The decision of the operator's rules that it comes from.
    pub decision: Option<Box<DecisionRecord>>,
}

impl Refusal {
    /// A no with its code and public reason. Words that came from outside may hold control characters, which belong in no
    /// log and on no terminal: they are left out.
    pub fn new(code: &'static str, public: impl Into<String>) -> Self {
        let mut public: String = public.into();
        public.retain(|c| !c.is_control());
        Self {
            code,
            cause: None,
            public,
            private: None,
            pointer: None,
            retry_after: None,
            detail: None,
            decision: None,
        }
    }

    /// The same, with words for the log.
    #[must_use]
    pub fn private(mut self, private: impl Into<String>) -> Self {
        self.private = Some(private.into().into_boxed_str());
        self
    }

    /// The same, with the word of its cause.
    #[must_use]
    pub const fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }

    /// The same, pointing at the offending value.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into().into_boxed_str());
        self
    }

    /// The same, naming the consent's limit that was reached.
    #[must_use]
    pub fn limited(mut self, limit: ReachedLimit) -> Self {
        self.detail = Some(Box::new(Detail::Limit(limit)));
        self
    }

    /// The same, with everything that was found about a filing.
    #[must_use]
    pub fn found(mut self, findings: Vec<Finding>) -> Self {
        self.detail = Some(Box::new(Detail::Findings(findings)));
        self
    }

    /// The limit of the citizen's consent that it is about.
    #[must_use]
    pub fn limit(&self) -> Option<&ReachedLimit> {
        match self.detail.as_deref() {
            Some(Detail::Limit(limit)) => Some(limit),
            _ => None,
        }
    }

    /// The same, coming from a decision of the operator's rules.
    #[must_use]
    pub fn decided(mut self, decision: DecisionRecord) -> Self {
        self.decision = Some(Box::new(decision));
        self
    }

    /// The same, saying when to try again.
    #[must_use]
    pub fn retry_after(mut self, span: Duration) -> Self {
        self.retry_after = Some(span);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.public)
    }
}

impl std::error::Error for Refusal {}

/// Something broke. Never shown to a caller beyond "try again" and an error id.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// An engine (database, hot state) is away or overloaded: 503 with Retry-After.
    #[error("{what} is unavailable")]
    Unavailable {
        /// Which engine: `sqlite`, `postgres`, `redis`, `memory`.
        what: &'static str,
        /// The engine's own words, for the log only.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A stored value does not read back as what was written, or a rule of ours is broken: 500.
    #[error("internal: {0}")]
    Internal(String),
}

impl Fault {
    /// An engine is away, with its own error.
    pub fn unavailable(what: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable { what, source: Some(Box::new(source)) }
    }
}

/// What a use case ends in when it does not succeed: a reasoned no, or a fault.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A reasoned no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}
