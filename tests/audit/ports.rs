//! One public port, one that redirects, and nothing else (E1).

use crate::{audited, nmap};
use world::Listening;

/// Where the box waits, over all its processes.
fn own() -> Vec<Listening> {
    let mut all: Vec<Listening> = audited().edge.processes().iter().flat_map(|process| process.listening()).collect();
    all.sort();
    all
}

/// What somebody else on this machine serves on all addresses is found at the box's address as well, and is not the
/// box's: it stays when the box's own ports are known.
fn of_the_box(found: &[u16], protocol: &str) -> Vec<u16> {
    let own: Vec<u16> = own().iter().filter(|socket| socket.protocol == protocol).map(|socket| socket.port).collect();
    found.iter().copied().filter(|port| own.contains(port)).collect()
}

#[test]
fn a_scan_of_all_tcp_ports_finds_two_and_nothing_else_e1() {
    let (edge, address) = (&audited().edge, audited().address.to_string());
    let mut expected = vec![edge.https(), edge.http()];
    expected.sort_unstable();
    let report = nmap::scan(&["-sT", "-p-", "--min-rate", "2000", &address]);
    let found = nmap::open_ports(&report);
    assert!(expected.iter().all(|port| found.contains(port)), "nmap finds {expected:?} open, not only {found:?}");
    assert_eq!(of_the_box(&found, "tcp"), expected, "a scan of the box finds its two ports and nothing else");
}

#[test]
fn the_processes_of_the_box_wait_on_two_tcp_ports_and_nowhere_else_e1() {
    let edge = &audited().edge;
    let mut expected = [edge.https(), edge.http()].map(|port| Listening { protocol: "tcp", port });
    expected.sort();
    assert_eq!(own(), expected);
    assert!(edge.processes().contains(&edge.server()), "the serving role is among the processes looked at");
}

#[test]
fn a_scan_of_udp_ports_finds_nothing_of_the_box_e1() {
    let address = audited().address.to_string();
    // The box has no relay yet: its UDP port answers nobody.
    assert_eq!(own().iter().filter(|socket| socket.protocol == "udp").count(), 0);
    if !nix::unistd::geteuid().is_root() {
        println!("a UDP scan needs root: only the sockets of the box's processes were looked at");
        return;
    }
    let ports = format!("53,67-69,123,137,161,443,500,1900,3478,4500,5349,5353,{}", audited().edge.https());
    let report = nmap::scan(&["-sU", "-p", &ports, "--max-retries", "2", &address]);
    assert_eq!(of_the_box(&nmap::open_ports(&report), "udp"), Vec::<u16>::new());
    let open = nmap::open_ports(&report);
    assert!(!open.contains(&audited().edge.https()), "nobody answers UDP at the number of the public port: {open:?}");
}
