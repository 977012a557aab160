//! Networks: IPv4 and IPv6, compared as addresses, never as text.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reads `203.0.113.0/24`, `2001:db8::/32`, or a single address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpNet>() {
        Ok(network) => Some(network.trunc()),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

/// Whether an address, as the request carries it, lies in a network. Anything else than an address lies in none, and
/// IPv4 never lies in IPv6.
pub(crate) fn contains(network: &IpNet, text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (net, address, wanted) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.7/24", "203.0.113.200", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "198.51.100.1", false),
            ("2001:DB8::/32", "2001:0db8:0:0::1", true),
            ("2001:db8::1", "2001:db8:0:0:0:0:0:1", true),
            ("::ffff:203.0.113.7", "203.0.113.7", false),
            ("203.0.113.0/24", "203.0.113.7 ", false),
            ("203.0.113.0/24", "", false),
            ("10.0.0.0/8", "010.0.0.1", false),
        ] {
            assert_eq!(contains(&network(net).unwrap(), address), wanted, "{address} in {net}");
        }
        for text in ["", "203.0.113", "203.0.113.0/33", "203.0.113.0/", "*", "::g", "1.2.3.4/ 8"] {
            assert!(network(text).is_none(), "{text}");
        }
    }
}
