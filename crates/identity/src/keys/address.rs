//! Which network addresses an issuer's keys may be fetched from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The addresses that a fetch may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Only public addresses.
    Public,
    /// Public and private ones.
    Private,
    /// Only this machine's.
    Loopback,
}

/// What kind of address it is, seen from a server that must not be used as a stepping stone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Public,
    Private,
    Loopback,
    Never,
}

impl Reach {
    /// Refuses an address out of reach.
    pub(super) fn check(self, address: IpAddr) -> Result<(), String> {
        let zone = zone(address);
        match (self, zone) {
            (Reach::Public, Zone::Public)
            | (Reach::Private, Zone::Public | Zone::Private | Zone::Loopback)
            | (Reach::Loopback, Zone::Loopback) => Ok(()),
            (_, Zone::Never) => Err(format!(
                "its address {address} is link-local, of a metadata service, or not of a host; keys are never fetched there"
            )),
            (Reach::Public, _) => Err(format!(
                "its address {address} is private; set `private_network = true` in the issuer's file if it is meant"
            )),
            (_, _) => Err(format!("its address {address} is not this machine's; use https")),
        }
    }
}

fn zone(address: IpAddr) -> Zone {
    match address {
        IpAddr::V4(v4) => zone_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => zone_v4(v4),
            None => zone_v6(v6),
        },
    }
}

fn zone_v4(address: Ipv4Addr) -> Zone {
    let [a, b, c, _] = address.octets();
    // Alibaba Cloud serves machine credentials in the shared range.
    let metadata = address == Ipv4Addr::new(100, 100, 100, 200);
    if address.is_link_local() || address.is_multicast() || a == 0 || a >= 240 || metadata {
        return Zone::Never;
    }
    if address.is_loopback() {
        return Zone::Loopback;
    }
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    if address.is_private() || shared || benchmark || protocol || address.is_documentation() {
        return Zone::Private;
    }
    Zone::Public
}

fn zone_v6(address: Ipv6Addr) -> Zone {
    let [first, second, ..] = address.segments();
    // AWS serves machine credentials at fd00:ec2::254.
    let metadata = address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    if address.is_unicast_link_local() || address.is_multicast() || address.is_unspecified() || metadata {
        return Zone::Never;
    }
    if address.is_loopback() {
        return Zone::Loopback;
    }
    let documentation = first == 0x2001 && second == 0xdb8;
    // Only 2000::/3 is global unicast.
    if first & 0xe000 != 0x2000 || documentation { Zone::Private } else { Zone::Public }
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = address.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match (s0, s1, s2, s3, s4, s5) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(join(s6, s7)),
        (0, 0, 0, 0, 0, 0) if s6 != 0 => Some(join(s6, s7)),
        (0x2002, ..) => Some(join(s1, s2)),
        _ => None,
    }
}

/// Resolves names, and hands on only addresses within reach: the connection goes to those and no others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolver(pub(super) Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let refusal = found.iter().find_map(|address| reach.check(address.ip()).err());
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|address| reach.check(address.ip()).is_ok()).collect();
            match (allowed.is_empty(), refusal) {
                (true, Some(problem)) => Err(problem.into()),
                (true, None) => Err("its name has no address".into()),
                (false, _) => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone_of(text: &str) -> Zone {
        zone(text.parse().unwrap())
    }

    #[test]
    fn addresses_fall_into_their_zone() {
        for text in
            ["8.8.8.8", "2606:4700::1111", "172.32.0.1", "100.63.0.1", "64:ff9b::808:808", "2002:808:808::"]
        {
            assert_eq!(zone_of(text), Zone::Public, "{text}");
        }
        for text in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "fd12::1",
            "198.18.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "4000::1",
        ] {
            assert_eq!(zone_of(text), Zone::Private, "{text}");
        }
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(zone_of(text), Zone::Loopback, "{text}");
        }
        for text in [
            "169.254.169.254",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "::a9fe:a9fe",
            "100.100.100.200",
        ] {
            assert_eq!(zone_of(text), Zone::Never, "{text}");
        }
    }

    #[test]
    fn reach_decides_by_zone() {
        let check = |reach: Reach, text: &str| reach.check(text.parse().unwrap()).is_ok();
        assert!(check(Reach::Public, "8.8.8.8") && !check(Reach::Public, "10.0.0.1"));
        assert!(!check(Reach::Public, "127.0.0.1") && check(Reach::Loopback, "127.0.0.1"));
        assert!(!check(Reach::Loopback, "8.8.8.8") && !check(Reach::Loopback, "10.0.0.1"));
        assert!(check(Reach::Private, "10.0.0.1") && check(Reach::Private, "8.8.8.8"));
        for reach in [Reach::Public, Reach::Private, Reach::Loopback] {
            assert!(!check(reach, "169.254.169.254"));
        }
    }
}
