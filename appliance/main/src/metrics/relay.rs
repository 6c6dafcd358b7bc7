use super::{Page, Seen};
use app::relay::{self, NodeState};
use media_contract::Standing;

/// Ways to be faster that a node may tell.
const WAYS: [&str; 4] = ["recvmmsg", "udp_gso", "udp_gro", "xdp"];

/// The relay for calls: what its node said last. While it is away it relays nothing, and what it will count begins at 0.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let counters = seen.app.counters();
    let help = "Credentials for relays that people were given.";
    page.counter("rainbow_edge_relay_credentials_total", help, counters.credentials_made.read());
    let (up, standing, ways) = match relay::node_state(seen.app) {
        NodeState::There { ready, standing, .. } => (true, standing, ready.capabilities),
        NodeState::Never | NodeState::Away { .. } => (false, Standing::default(), Vec::new()),
    };
    page.gauge("rainbow_edge_relay_up", "Whether the media node is there.", u8::from(up));
    let used = WAYS.map(|name| (name, u64::from(ways.iter().any(|way| way.name == name && way.used))));
    page.gauges("rainbow_edge_relay_faster", "Ways to be faster, and whether each is in use.", "way", &used);
    node(&standing, page);
}

fn node(standing: &Standing, page: &mut Page) {
    let ways = [("udp", standing.allocations_udp.into()), ("tls", standing.allocations_stream.into())];
    let help = "Relayed addresses now, by how their clients come.";
    page.gauges("rainbow_edge_relay_allocations", help, "via", &ways);
    page.gauge("rainbow_edge_relay_persons", "People who have any.", standing.persons);
    page.gauge("rainbow_edge_relay_streams", "Streams of TCP 443 at the media node.", standing.streams);
    let help = "Relayed addresses made since the start of the media node.";
    page.counter("rainbow_edge_relay_allocated_total", help, standing.allocated);
    let relayed = &standing.relayed;
    let bytes = [("to_peers", relayed.bytes_to_peers), ("to_clients", relayed.bytes_to_clients)];
    page.counters("rainbow_edge_relay_bytes_total", "Bytes relayed, by direction.", "direction", &bytes);
    let packets = [("to_peers", relayed.packets_to_peers), ("to_clients", relayed.packets_to_clients)];
    page.counters("rainbow_edge_relay_packets_total", "Packets relayed, by direction.", "direction", &packets);
    let help = "Packets of these that the network card's driver carried past the relay (XDP).";
    page.counter("rainbow_edge_relay_carried_packets_total", help, standing.carried_packets);
    let refused = &standing.refused;
    let reasons = [
        ("credentials", refused.credentials),
        ("quota", refused.quota),
        ("capacity", refused.capacity),
        ("peers", refused.peers),
        ("bandwidth", refused.bandwidth),
        ("permission", refused.permission),
        ("flood", refused.flood),
        ("malformed", refused.malformed),
    ];
    page.counters("rainbow_edge_relay_refused_total", "What the relay refused, by reason.", "reason", &reasons);
}
