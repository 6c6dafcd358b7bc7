use crate::facts::Network;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

const ADAPTERS: &str = "/sys/class/net";
/// Whom systemd-resolved asks; without it, what everybody asks.
const NAME_SERVERS: [&str; 2] = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"];
/// Drivers, cable and DHCP take their time after the start of a machine.
const HAD_TIME_US: u64 = 45_000_000;
/// An adapter that nothing has started by then is as good as without a cable.
const LATE_US: u64 = 300_000_000;
const DEFAULT_V4: &str = "00000000";
const DEFAULT_V6: &str = "00000000000000000000000000000000";

pub(super) fn look() -> Network {
    let adapters: Vec<_> = fs::read_dir(ADAPTERS).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let adapters: Vec<_> = adapters.iter().filter(|path| path.join("device").exists()).collect();
    // The kernel tells of a cable once an adapter has been started, and refuses before.
    let carrier = |path: &Path| fs::read_to_string(path.join("carrier")).ok().map(|text| text.trim() == "1");
    let cables: Vec<Option<bool>> = adapters.iter().map(|path| carrier(path)).collect();
    Network {
        adapters: cables.len(),
        connected: cables.iter().filter(|cable| **cable == Some(true)).count(),
        addresses: addresses(),
        has_gateway: has_gateway(&text_of("/proc/net/route"), &text_of("/proc/net/ipv6_route")),
        has_name_server: has_name_server(&NAME_SERVERS.map(text_of)),
        had_time: had_time(super::monotonic_us(), &cables),
    }
}

/// Whether what is missing is missing for long enough to be told.
fn had_time(now_us: u64, cables: &[Option<bool>]) -> bool {
    let is_started = cables.is_empty() || cables.iter().any(Option::is_some);
    now_us > LATE_US || now_us > HAD_TIME_US && is_started
}

fn text_of(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Of adapters that are up; a link-local address of IPv6 is of no use in a browser.
fn addresses() -> Vec<IpAddr> {
    let usable =
        |flags: InterfaceFlags| flags.contains(InterfaceFlags::IFF_UP) && !flags.contains(InterfaceFlags::IFF_LOOPBACK);
    let all = getifaddrs().into_iter().flatten().filter(|interface| usable(interface.flags));
    let mut addresses: Vec<IpAddr> = all
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        })
        .filter(|address| !matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local()))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// Routes to everywhere, in the kernel's two tables. IPv6 has one over `lo` that leads nowhere.
fn has_gateway(v4: &str, v6: &str) -> bool {
    let of_v4 = v4.lines().skip(1).any(|line| line.split_whitespace().nth(1) == Some(DEFAULT_V4));
    let of_v6 = v6.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.first() == Some(&DEFAULT_V6) && words.get(1) == Some(&"00") && words.last() != Some(&"lo")
    });
    of_v4 || of_v6
}

/// Without systemd-resolved's own list there is the machine's; its stub on 127.0.0.53 asks that list and is none itself.
fn has_name_server(lists: &[String]) -> bool {
    let mut servers = lists.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("nameserver "));
    servers.any(|server| !server.trim().starts_with("127.0.0.5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_out_is_a_default_route_that_leads_somewhere_i1() {
        let head = "Iface\tDestination\tGateway\n";
        let local = format!("{head}eth0\t0002000A\t00000000\n");
        assert!(has_gateway(&format!("{head}eth0\t00000000\t0202000A\n"), ""));
        assert!(!has_gateway(&local, &format!("{DEFAULT_V6} 00 {DEFAULT_V6} 00 {DEFAULT_V6} ffffffff 1 0 200 lo\n")));
        assert!(has_gateway(&local, &format!("{DEFAULT_V6} 00 {DEFAULT_V6} 00 {DEFAULT_V6} 400 1 0 200 eth0\n")));
    }

    #[test]
    fn an_adapter_that_was_not_started_yet_is_not_said_to_be_without_a_cable_i1() {
        assert!(!had_time(HAD_TIME_US, &[Some(false)]));
        assert!(had_time(HAD_TIME_US + 1, &[Some(false)]) && had_time(HAD_TIME_US + 1, &[]));
        assert!(!had_time(HAD_TIME_US + 1, &[None]) && had_time(HAD_TIME_US + 1, &[None, Some(true)]));
        assert!(had_time(LATE_US + 1, &[None]));
    }

    #[test]
    fn the_stub_of_systemd_resolved_is_no_name_server_i1() {
        let lists = |a: &str, b: &str| has_name_server(&[a.to_owned(), b.to_owned()]);
        assert!(lists("nameserver 10.0.2.3\n", "nameserver 127.0.0.53\n"));
        assert!(!lists("# no servers\n", "nameserver 127.0.0.53\noptions edns0\n"));
        assert!(lists("", "nameserver 2001:db8::1\n"));
        assert!(!lists("", ""));
    }
}
