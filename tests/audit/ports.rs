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
fn the_processes_of_the_box_wait_on_two_tcp_ports_and_one_of_udp_e1() {
    let _call = relaying();
    let edge = &audited().edge;
    let mut expected = vec![Listening { protocol: "udp", port: edge.media() }];
    expected.extend([edge.https(), edge.http()].map(|port| Listening { protocol: "tcp", port }));
    expected.sort();
    let mut found = own();
    // One socket a thread.
    found.dedup();
    assert_eq!(found, expected);
    assert!(edge.processes().contains(&edge.server()), "the serving role is among the processes looked at");
}

#[test]
fn a_scan_of_all_udp_ports_during_a_relayed_call_finds_one_of_the_box_e1_g1() {
    let mut call = relaying();
    let address = audited().address.to_string();
    let of_udp = || own().into_iter().filter(|socket| socket.protocol == "udp").map(|socket| socket.port);
    if !nix::unistd::geteuid().is_root() {
        println!("a UDP scan needs root: only the sockets of the box's processes were looked at");
        assert!(of_udp().all(|port| port == audited().edge.media()));
        return;
    }
    // Whoever listens on loopback and is closed says so at once; the kernel holds nothing back there.
    let report = nmap::scan(&["-sU", "-p-", "--min-rate", "5000", "--max-retries", "1", &address]);
    let found = nmap::open_ports(&report);
    assert_eq!(of_the_box(&found, "udp"), [audited().edge.media()], "a relayed call opens no port: {found:?}");
    assert!(!found.contains(&audited().edge.https()) || audited().edge.https() == audited().edge.media());
    assert!(call.0.try_wait().is_ok_and(|ended| ended.is_none()), "it goes on all the while");
}

/// A call that is being relayed: coturn's client sends for as long as this lives.
struct Call(std::process::Child);

impl Drop for Call {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn relaying() -> Call {
    let edge = &audited().edge;
    let at = audited().address.to_string();
    let begun = std::time::Instant::now();
    loop {
        let probe = edge.edge(&["media", "probe", "--at", &at], "");
        if probe.code == Some(0) {
            break;
        }
        // The media node starts beside the server.
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "{}", probe.text());
    }
    let (username, password) = audited().credentials();
    let mut command = std::process::Command::new("turnutils_uclient");
    command.args(["-c", "-y", "-m", "1", "-n", "100000", "-z", "50", "-l", "200", "-u", &username, "-w", &password]);
    command.args(["-p", &edge.media().to_string(), &audited().address.to_string()]);
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    Call(command.spawn().expect("coturn is installed"))
}
