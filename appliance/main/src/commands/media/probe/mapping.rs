//! What a NAT between here and the relays makes of one socket: seen with another port by each relay, it is a symmetric one
//! (RFC 4787, 4.1: mapping that depends on where is sent to), and nobody but a relay reaches who is behind it.

use super::{Finding, Findings};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use turn_proto::message::{Class, Kind, Message, Method, Transaction, Writer, attribute as at};

/// All are asked so often; a network may lose one.
const ROUNDS: u32 = 3;
const ROUND: Duration = Duration::from_millis(700);
const DATAGRAM_BYTES_MAX: usize = 1_500;

/// Tells how the relays see one socket of this machine, where two at least answer: one alone cannot be compared.
pub(super) fn judge(relays: &[SocketAddr], all: &mut Vec<Finding>) {
    let seen = seen_by(relays).unwrap_or_default();
    if seen.len() < 2 {
        return;
    }
    let mut findings = Findings { way: String::from("all by udp"), all };
    let mut each: Vec<SocketAddr> = seen.values().copied().collect();
    each.dedup();
    if let [one] = each[..] {
        findings.works("nat", format!("{} addresses see one socket of this machine alike, as {one}", seen.len()));
        return;
    }
    let told: Vec<String> = seen.iter().map(|(relay, seen)| format!("{} sees {seen}", relay.ip())).collect();
    findings.works(
        "nat",
        format!(
            "a symmetric NAT is between here and the relays ({}): direct calls from here rarely succeed, they are relayed",
            told.join(", ")
        ),
    );
}

/// As whom each relay of IPv4 sees one and the same socket, of those that answer.
fn seen_by(relays: &[SocketAddr]) -> io::Result<BTreeMap<SocketAddr, SocketAddr>> {
    let relays: Vec<SocketAddr> = relays.iter().copied().filter(SocketAddr::is_ipv4).collect();
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    let mut transaction = Transaction([0; 12]);
    getrandom::fill(&mut transaction.0).map_err(io::Error::other)?;
    let mut question = Vec::new();
    Writer::new(&mut question, Kind { method: Method::Binding, class: Class::Request }, transaction).end();
    let mut seen = BTreeMap::new();
    for _ in 0..ROUNDS {
        for relay in relays.iter().filter(|relay| !seen.contains_key(*relay)).collect::<Vec<_>>() {
            // One that cannot be sent to does not answer either.
            let _unreached = socket.send_to(&question, relay);
        }
        let end = Instant::now() + ROUND;
        while seen.len() < relays.len() && Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            socket.set_read_timeout(Some(left))?;
            let mut bytes = [0; DATAGRAM_BYTES_MAX];
            // A port that is shut is told as an error of the socket.
            let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
            let told = Message::read(&bytes[..length]).ok().filter(|told| told.transaction == transaction);
            if let Some(mapped) = told.and_then(|told| told.address(at::XOR_MAPPED_ADDRESS))
                && relays.contains(&from)
            {
                seen.insert(from, mapped);
            }
        }
        if seen.len() == relays.len() {
            break;
        }
    }
    Ok(seen)
}
