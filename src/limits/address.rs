//! Network addresses as limits count them, and the networks that are exempt.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address counts as: an IPv4 address by itself (also when written as IPv6), an IPv6 address by its /64, which
/// is what one subscriber is given (RFC 6177).
pub fn key_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// A network as `address/prefix length` (RFC 4632, RFC 4291).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `192.0.2.0/24` or `2001:db8::/32`. Bits after the prefix must be zero. An IPv6 prefix of up to 64 bits
    /// fits what is counted; `::1/128` is taken for loopback.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, prefix) = text.split_once('/')?;
        let base: IpAddr = base.parse().ok()?;
        if !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        if base == IpAddr::V6(Ipv6Addr::LOCALHOST) && prefix == 128 {
            // Loopback's /64 holds nothing else that could ever call.
            return Some(Self { base: key_of(base), prefix: 64 });
        }
        let longest = if base.is_ipv4() { 32 } else { 64 };
        let network = Self { base, prefix };
        (prefix <= longest && network.masked(base) == Some(base)).then_some(network)
    }

    /// Whether the address (as [`key_of`] gives it) is inside.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.masked(address) == Some(self.base)
    }

    /// The address with the bits after the prefix cleared; nothing when it is of the other family.
    fn masked(&self, address: IpAddr) -> Option<IpAddr> {
        match (self.base, address) {
            (IpAddr::V4(_), IpAddr::V4(v4)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                Some(IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask)))
            }
            (IpAddr::V6(_), IpAddr::V6(v6)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                Some(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_count_as_one() {
        let key = |text: &str| key_of(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("127.0.0.0/8", "127.9.9.9", "128.0.0.1"),
            ("192.0.2.4/30", "::ffff:192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("::1/128", "::1", "127.0.0.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.contains(key_of(inside.parse().unwrap())), "{network:?}");
            assert!(!network.contains(key_of(outside.parse().unwrap())), "{network:?}");
        }
        for bad in ["", "127.0.0.1", "127.0.0.1/8", "10.0.0.0/33", "10.0.0.0/+8", "2001:db8::1/128", "x/8", "10.0.0.0/"]
        {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
