//! Sockets that wait for strangers, as the kernel of a machine lists them in /proc/net.

/// In the order of /proc; ports in the kernel's own words.
pub(crate) const COMMAND: &str = "for kind in tcp tcp6 udp udp6 raw raw6; do sed \"s/^/$kind /\" /proc/net/$kind; done";

const TCP_LISTEN: &str = "0A";
/// A packet socket with nobody at the other end.
const UNCONNECTED: &str = "07";

/// What asks for addresses (DHCP) and routers (ICMPv6, RFC 4861) is answered at these; they serve nobody.
const CLIENTS: &[&str] = &["udp 68", "udp6 546", "raw6 58"];

/// `tcp 443`, sorted, without what waits on the loopback only.
pub(crate) fn waiting(listed: &str) -> Vec<String> {
    let mut found: Vec<String> = listed.lines().filter_map(entry).collect();
    found.retain(|one| !CLIENTS.contains(&one.as_str()));
    found.sort();
    found.dedup();
    found
}

/// `tcp6   0: 00000000000000000000000000000000:01BB 0000...:0000 0A ...`.
fn entry(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [kind, _, local, _, state, ..] = words.as_slice() else { return None };
    let (address, port) = local.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let waits = if kind.starts_with("tcp") { *state == TCP_LISTEN } else { *state == UNCONNECTED };
    (waits && !is_loopback(address)).then(|| format!("{kind} {port}"))
}

/// Addresses are words of the processor, so on x86 and ARM the first byte stands last.
fn is_loopback(address: &str) -> bool {
    match address.len() {
        8 => address.ends_with("7F"),
        _ => {
            address == "00000000000000000000000001000000"
                || address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F")
        }
    }
}

#[test]
fn sockets_that_wait_are_told_from_those_that_talk_i7() {
    let listed = "tcp   0: 00000000:01BB 00000000:0000 0A 0\ntcp   1: 0F02000A:01BB 0202000A:9C40 01 0\n\
        raw6 5: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 0\n\
        udp   2: 3500007F:0035 00000000:0000 07 0\nudp   3: 0F02000A:0044 00000000:0000 07 0\n\
        tcp6   4: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0\n";
    assert_eq!(waiting(listed), ["tcp 443", "tcp6 80"]);
}
