use super::{Page, Seen};

/// HTTP requests, those of the browser application and of WebSockets included.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let gate = &seen.gate;
    let answers = [
        ("1xx", gate.answers_1xx),
        ("2xx", gate.answers_2xx),
        ("3xx", gate.answers_3xx),
        ("4xx", gate.answers_4xx),
        ("5xx", gate.answers_5xx),
    ];
    let help = "Answers to HTTP requests by class of status; 1xx are connections that became WebSockets.";
    page.counters("rainbow_edge_requests_total", help, "status", &answers);
    let help = "Requests whose handler panicked: each is a fault of the server, and its log says where.";
    page.counter("rainbow_edge_requests_panicked_total", help, gate.panicked);
}
