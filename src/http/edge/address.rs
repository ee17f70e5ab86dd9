//! Who really called: the peer, or what trusted proxies say about it.

use actix_web::dev::ServiceRequest;
use std::net::{IpAddr, Ipv4Addr};

/// The caller's address, for limits only; never logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// A network of proxies: an address, or `address/prefix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/32`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (base, prefix) = text.split_once('/').map_or((text, None), |(base, prefix)| (base, Some(prefix)));
        let base: IpAddr = base.parse().ok()?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(longest), |p| p.parse().ok())?;
        (prefix <= longest).then_some(Self { base, prefix })
    }

    /// Whether it is so wide that it holds strangers: more than a site of one's own can be (RFC 6177 §2 for IPv6).
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.prefix < if self.base.is_ipv4() { 8 } else { 32 }
    }

    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        match (self.base, ip.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let rest = 32 - u32::from(self.prefix);
                base.to_bits().checked_shr(rest).unwrap_or(0) == ip.to_bits().checked_shr(rest).unwrap_or(0)
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                let rest = 128 - u32::from(self.prefix);
                base.to_bits().checked_shr(rest).unwrap_or(0) == ip.to_bits().checked_shr(rest).unwrap_or(0)
            }
            _ => false,
        }
    }
}

/// The last address in `X-Forwarded-For`, read from the right, that is no trusted proxy's; the peer itself when it is
/// a stranger. What a stranger writes into the field is never believed.
pub(super) fn client_ip(request: &ServiceRequest, trusted: &[Network]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip());
    if trusted.is_empty() {
        return peer;
    }
    let fields: Vec<&str> = request.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).collect();
    behind(peer, &fields, trusted)
}

fn behind(peer: IpAddr, fields: &[&str], trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|n| n.contains(ip));
    let mut found = peer;
    let mut hops = fields.iter().rev().flat_map(|field| field.rsplit(',')).map(str::trim);
    while is_trusted(found) {
        match hops.next().and_then(|hop| hop.parse().ok()) {
            Some(ip) => found = ip,
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        let trusted = [Network::parse("10.0.0.0/8").unwrap(), Network::parse("::1").unwrap()];
        for (peer, fields, expected) in [
            ("192.0.2.1", vec!["203.0.113.9"], "192.0.2.1"),
            ("10.1.1.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", vec!["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", vec!["198.51.100.1", "203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            ("10.1.1.1", vec!["nonsense"], "10.1.1.1"),
            ("10.1.1.1", vec![], "10.1.1.1"),
            ("::1", vec!["2001:db8::5"], "2001:db8::5"),
        ] {
            assert_eq!(behind(peer.parse().unwrap(), &fields, &trusted).to_string(), expected, "{peer} {fields:?}");
        }
        for bad in ["10.0.0.0/33", "x", "10.0.0.0/a", ""] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
