//! `IpAddress` and `NotIpAddress`.

use super::compared;

pub(super) fn all() {
    networks();
    spellings();
    not_addresses();
}

#[test]
fn networks() {
    compared(
        "ip/network",
        &[
            ("the first address", "IpAddress", r#""203.0.113.0/24""#, "203.0.113.0", true),
            ("the last address", "IpAddress", r#""203.0.113.0/24""#, "203.0.113.255", true),
            ("the one after", "IpAddress", r#""203.0.113.0/24""#, "203.0.114.0", false),
            ("the one before", "IpAddress", r#""203.0.113.0/24""#, "203.0.112.255", false),
            ("a bare address is /32", "IpAddress", r#""203.0.113.7""#, "203.0.113.7", true),
            ("a bare address is /32", "IpAddress", r#""203.0.113.7""#, "203.0.113.8", false),
            ("a bare IPv6 address is /128", "IpAddress", r#""2001:db8::1""#, "2001:db8::1", true),
            ("a bare IPv6 address is /128", "IpAddress", r#""2001:db8::1""#, "2001:db8::2", false),
            ("bits below the prefix do not matter", "IpAddress", r#""203.0.113.77/24""#, "203.0.113.1", true),
            ("prefix 0 is every one", "IpAddress", r#""0.0.0.0/0""#, "198.51.100.1", true),
            ("prefix 31", "IpAddress", r#""203.0.113.6/31""#, "203.0.113.7", true),
            ("prefix 31", "IpAddress", r#""203.0.113.6/31""#, "203.0.113.8", false),
            ("prefix 33 of IPv6", "IpAddress", r#""2001:db8:8000::/33""#, "2001:db8:8000::1", true),
            ("prefix 33 of IPv6", "IpAddress", r#""2001:db8:8000::/33""#, "2001:db8:7fff::1", false),
            (
                "the documented pair",
                "IpAddress",
                r#"["203.0.113.0/24","2001:DB8:1234:5678::/64"]"#,
                "2001:db8:1234:5678:ffff::",
                true,
            ),
            ("not", "NotIpAddress", r#""203.0.113.7""#, "203.0.113.8", true),
            ("not", "NotIpAddress", r#"["192.0.2.0/24","203.0.113.0/24"]"#, "203.0.113.8", false),
        ],
    );
    compared(
        "ip/families",
        &[
            ("IPv4 in all of IPv6", "IpAddress", r#""::/0""#, "203.0.113.7", false),
            ("IPv6 in all of IPv4", "IpAddress", r#""0.0.0.0/0""#, "2001:db8::1", false),
            (
                "an IPv4 address inside an IPv6 address",
                "IpAddress",
                r#""203.0.113.0/24""#,
                "::ffff:203.0.113.7",
                false,
            ),
            (
                "an IPv4 address inside an IPv6 network",
                "IpAddress",
                r#""::ffff:203.0.113.0/120""#,
                "203.0.113.7",
                false,
            ),
            ("not: the other family is outside", "NotIpAddress", r#""0.0.0.0/0""#, "2001:db8::1", true),
        ],
    );
}

#[test]
fn spellings() {
    let spellings = [
        ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678:0:0:0:1", true),
        ("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", true),
        ("2001:0db8:0:0::1", "2001:db8::1", true),
        ("2001:db8:0:0:1::1/128", "2001:db8::1:0:0:1", true),
        ("::1", "0:0:0:0:0:0:0:1", true),
        ("2001:db8::1", "2001:DB8::1", true),
        ("2001:db8::10", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db80::1", false),
    ];
    for rule in ["ip/canonical", "mistake/ipv6-as-text"] {
        let quoted: Vec<_> =
            spellings.iter().map(|(net, has, wanted)| (format!("\"{net}\""), has, wanted)).collect();
        let cases: Vec<_> = quoted
            .iter()
            .map(|(net, has, wanted)| ("spelling", "IpAddress", net.as_str(), **has, **wanted))
            .collect();
        compared(rule, &cases);
    }
}

#[test]
fn not_addresses() {
    compared(
        "ip/not-an-address",
        &[
            ("a space at the end", "IpAddress", r#""203.0.113.0/24""#, "203.0.113.7 ", false),
            ("empty", "IpAddress", r#""0.0.0.0/0""#, "", false),
            ("three parts", "IpAddress", r#""0.0.0.0/0""#, "203.0.113", false),
            ("a part too large", "IpAddress", r#""0.0.0.0/0""#, "203.0.113.256", false),
            ("octal", "IpAddress", r#""10.0.0.0/8""#, "010.0.0.1", false),
            ("a port", "IpAddress", r#""0.0.0.0/0""#, "203.0.113.7:443", false),
            ("a network in the request", "IpAddress", r#""203.0.113.0/24""#, "203.0.113.0/25", false),
            ("a zone", "IpAddress", r#""fe80::/10""#, "fe80::1%eth0", false),
            ("brackets", "IpAddress", r#""2001:db8::/32""#, "(2001:db8::1)", false),
            ("a name", "IpAddress", r#""0.0.0.0/0""#, "localhost", false),
            ("not: rubbish is outside", "NotIpAddress", r#""0.0.0.0/0""#, "localhost", true),
        ],
    );
}
