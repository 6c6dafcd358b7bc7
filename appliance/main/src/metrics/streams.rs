use super::{Page, Seen};

/// XMPP streams, and the sessions and stanzas in them.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let xmpp = seen.xmpp;
    page.counter("rainbow_edge_streams_total", "Connections that began an XMPP stream.", xmpp.streams.read());
    let outcomes = [("right", xmpp.signed_in.read()), ("wrong", xmpp.refused.read())];
    page.counters("rainbow_edge_stream_sign_ins_total", "Sign-ins on streams, by outcome.", "outcome", &outcomes);
    let waiting = xmpp.left.read().saturating_sub(xmpp.waited.read());
    let help = "Sessions that lost their connection and wait for their client.";
    page.gauge("rainbow_edge_sessions_waiting", help, waiting);
    let outcomes = [("resumed", xmpp.resumed.read()), ("refused", xmpp.resume_refused.read())];
    let help = "Clients that came back for a session, by outcome; refused: it had ended, or was another's.";
    page.counters("rainbow_edge_resumptions_total", help, "outcome", &outcomes);
    let kinds =
        [("message", xmpp.messages_in.read()), ("presence", xmpp.presences_in.read()), ("iq", xmpp.iqs_in.read())];
    let help = "Stanzas received from clients, by kind; messages with receipts and typing notices.";
    page.counters("rainbow_edge_stanzas_received_total", help, "kind", &kinds);
    page.counter("rainbow_edge_stanzas_sent_total", "Stanzas sent to clients.", xmpp.stanzas_out.read());
    let help = "Messages accepted from clients, each counted once.";
    page.counter("rainbow_edge_messages_accepted_total", help, seen.app.counters().messages_accepted.read());
    let help = "Messages sent to devices, once for each device; copies of one's own are not counted.";
    page.counter("rainbow_edge_messages_sent_total", help, xmpp.messages_out.read());
}
