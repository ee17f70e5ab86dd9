//! What both engines make of links in the same way.

use super::record;
use crate::domain::Fault;
use crate::domain::evidence::Event;
use crate::domain::ids::LinkId;
use crate::domain::linkage::{HeldLink, Link, LinkageAct};

/// As which kind a link is sealed.
pub(super) const KIND: &str = "link";

/// Under which name a link is sealed.
pub(super) fn name(id: &LinkId) -> String {
    format!("{KIND}:{id}")
}

/// A link from its body and its version.
pub(super) fn read(body: &str, version: i64) -> Result<HeldLink, Fault> {
    let version = u32::try_from(version).map_err(|_| Fault::Internal("a link has no such version".into()))?;
    Ok(HeldLink { link: record::read(KIND, body)?, version })
}

/// What a new link is told of as; `is_first` where it registered the account, too.
pub(super) fn linked(new: &Link, is_first: bool) -> Vec<Event<'_>> {
    let (subject, at) = (&new.subject, new.linked_at);
    let registered = Event::Linkage { subject, service: None, act: LinkageAct::Registered, at };
    let linked = Event::Linkage { subject, service: Some(&new.service), act: LinkageAct::Linked, at };
    is_first.then_some(registered).into_iter().chain([linked]).collect()
}
