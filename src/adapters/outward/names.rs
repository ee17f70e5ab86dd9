//! Names of hosts, resolved to addresses that may be connected to, or to none.

use super::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;

/// The resolver of calls outward. A name with any address that may not be reached has none at all: one that answers
/// with both is trying something.
#[derive(Debug)]
pub(super) struct Names(Reach);

/// A name leads to a place that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a place that is not public")]
struct NotPublic;

impl Names {
    pub fn new(reach: Reach) -> Self {
        Self(reach)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| reach.allows(address.ip())) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

/// Whether a call failed because a name led elsewhere than it may.
pub(super) fn is_refusal(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<NotPublic>() {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr as _;

    #[tokio::test]
    async fn a_name_of_this_machine_has_no_address_unless_it_may() {
        let name = || Name::from_str("localhost").unwrap();
        assert!(Names::new(Reach::default()).resolve(name()).await.is_err());
        let here = Reach { this_machine: true, ..Reach::default() };
        assert!(Names::new(here).resolve(name()).await.unwrap().count() > 0);
    }
}
