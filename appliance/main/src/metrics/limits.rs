use super::{Page, Seen};
use app::sign_in;

const NAME: &str = "rainbow_edge_limit_total";
const HELP: &str = "How often a limit refused, ended or delayed something, by room and limit.";

/// What each limit has kept away or cut (E5), by the name of the setting where there is one.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let (gate, xmpp, app, load) = (&seen.gate, seen.xmpp, seen.app.counters(), &seen.load);
    let of_gate = [
        ("connections_max", gate.refused_full),
        ("connections_per_source_max", gate.refused_source_full),
        ("connections_per_source_burst", gate.refused_source_too_fast),
        ("handshakes_max", gate.refused_handshakes),
        ("busiest_source", gate.dropped_for_others),
        ("stranger_life_ms", gate.life_over),
        ("tls_handshake_timeout_ms", gate.handshakes_too_slow),
        ("header_timeout_ms", gate.silent),
        ("http", gate.broken),
        ("body_limit_bytes", gate.bodies_too_large),
        ("rate_min_bytes_per_s", gate.bodies_too_slow),
        ("bodies_limit_bytes", gate.bodies_full),
        ("request_timeout_ms", gate.requests_too_slow),
        ("write_stall_timeout_ms", gate.answers_untaken),
    ];
    let of_sign_in = [
        ("lock_out_failures", sign_in::lock_count(seen.app)),
        ("hash_queue_max", load.passwords_refused.0),
        ("hash_queue_per_source_max", load.passwords_refused.1),
        ("sessions_per_user_max", app.sessions_displaced.read()),
    ];
    let of_xmpp = [
        ("stanza_limit_bytes", xmpp.too_large.read()),
        ("authentication_timeout_ms", xmpp.too_late.read()),
        ("session_queue_max", load.live.too_slow),
        ("sessions_per_user_max", load.live.refused),
        ("idle_ping_s", xmpp.silent.read()),
        ("write_timeout", xmpp.too_slow.read()),
    ];
    let of_store = [("queue_max", seen.commits().queue_full.read())];
    let of_network = [("invitations_per_day", app.invitations_refused.read())];
    let of_relay = [("credentials_pace", app.credentials_refused.read())];
    let of_push = [("pages_waiting", app.pages_dropped.read())];
    let rooms: [(&str, &[(&str, u64)]); 7] = [
        ("gate", &of_gate),
        ("sign_in", &of_sign_in),
        ("xmpp", &of_xmpp),
        ("store", &of_store),
        ("network", &of_network),
        ("push", &of_push),
        ("relay", &of_relay),
    ];
    page.counters_by_two(NAME, HELP, ["room", "limit"], &rooms);
}
