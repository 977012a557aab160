//! Dates and addresses: conditions cut their lines into intervals, and one point of each interval tells all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::condition::{Instant, Test, Wanted};

/// Values of which at least one lies in every set that can be told apart by the dates and networks of `tests`, the more
/// natural first.
pub(super) fn candidates<'t>(tests: impl Iterator<Item = &'t Test>) -> Vec<String> {
    let mut dates: Vec<Instant> = Vec::new();
    let mut networks: Vec<IpNet> = Vec::new();
    for test in tests {
        match test.wanted() {
            Wanted::Dates(_, instants) => dates.extend(instants),
            Wanted::Networks(list) => networks.extend(list),
            _ => {}
        }
    }
    let mut all = moments(dates);
    all.extend(addresses(&networks).into_iter().map(|address| address.to_string()));
    all
}

fn moments(mut dates: Vec<Instant>) -> Vec<String> {
    dates.sort();
    dates.dedup();
    let mut all: Vec<Instant> = Instant::parse("2026-01-01T00:00:00Z").into_iter().collect();
    for (seconds, nanoseconds) in [(0, 0), (86_400, 0), (-86_400, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
        all.extend(dates.iter().filter_map(|date| date.plus(seconds, nanoseconds)));
    }
    all.into_iter().map(Instant::to_text).collect()
}

fn addresses(networks: &[IpNet]) -> Vec<IpAddr> {
    let mut all = vec![
        IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
        IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
    ];
    for network in networks {
        let inside = after(network.network(), 1).filter(|address| network.contains(address));
        all.extend(inside);
        all.push(network.network());
        all.extend(after(network.broadcast(), 1));
    }
    all.extend([IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)]);
    all
}

fn after(address: IpAddr, by: u8) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => {
            u32::from(address).checked_add(by.into()).map(|bits| IpAddr::V4(Ipv4Addr::from(bits)))
        }
        IpAddr::V6(address) => {
            u128::from(address).checked_add(by.into()).map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
        }
    }
}

/// Whether a text is a date.
pub(super) fn is_date(text: &str) -> bool {
    Instant::parse(text).is_some()
}

/// Whether a text is an IP address.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}
