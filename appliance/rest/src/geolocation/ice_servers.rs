use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::relay::{self, Handout, Kind, Server, Transport};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET geolocation/v1.0/settings/iceservers`, and `GET enduser/v1.0/settings/iceservers` as older clients ask: relays with
/// credentials of the caller's own, in the form of `RTCIceServer`. After `ttl` seconds the client asks again.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn) -> Answer {
    Ok(Json(told(&relay::hand_out(&edge.app, &caller)?)))
}

/// Clients ask again when half of the life is over, so that a call never begins with credentials about to expire.
fn told(handout: &Handout) -> Value {
    json!({ "data": handout.servers.iter().map(server).collect::<Vec<_>>(), "ttl": handout.life_s / 2 })
}

fn server(of: &Server) -> Value {
    let mut told = json!({ "urls": url(of) });
    if let Some(credentials) = &of.credentials {
        told["username"] = json!(credentials.username);
        told["credential"] = json!(credentials.password.as_str());
    }
    told
}

/// RFC 7064, RFC 7065.
fn url(of: &Server) -> String {
    let host = if of.host.contains(':') { format!("[{}]", of.host) } else { of.host.clone() };
    match (of.kind, of.transport) {
        (Kind::Stun, Transport::Udp) => format!("stun:{host}:{}", of.port),
        (Kind::Stun, Transport::Tls) => format!("stuns:{host}:{}", of.port),
        (Kind::Turn, Transport::Udp) => format!("turn:{host}:{}?transport=udp", of.port),
        (Kind::Turn, Transport::Tls) => format!("turns:{host}:{}?transport=tcp", of.port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_the_form_that_browsers_read_g1() {
        let at = |kind, transport, host: &str| {
            url(&Server { kind, transport, host: host.to_owned(), port: 443, credentials: None })
        };
        assert_eq!(at(Kind::Stun, Transport::Udp, "edge.test"), "stun:edge.test:443");
        assert_eq!(at(Kind::Turn, Transport::Udp, "192.0.2.1"), "turn:192.0.2.1:443?transport=udp");
        assert_eq!(at(Kind::Turn, Transport::Tls, "2001:db8::1"), "turns:[2001:db8::1]:443?transport=tcp");
    }
}
