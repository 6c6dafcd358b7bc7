use super::{Page, Seen};

/// Connections of the one port, and of port 80.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let (occupied, gate) = (&seen.occupied, &seen.gate);
    page.gauge("rainbow_edge_connections", "Connections that are open.", occupied.connections);
    let help = "Connections among them on which nobody has signed in.";
    page.gauge("rainbow_edge_connections_strangers", help, occupied.strangers);
    page.gauge("rainbow_edge_tls_handshakes", "TLS handshakes under way.", occupied.handshakes);
    page.counter("rainbow_edge_connections_total", "Connections that got a place.", gate.accepted);
    page.counter("rainbow_edge_tls_handshakes_failed_total", "TLS handshakes that failed.", gate.handshakes_failed);
    let help = "Connections for a protocol that nobody serves, or that began with nothing.";
    page.counter("rainbow_edge_connections_untaken_total", help, gate.untaken);
}
