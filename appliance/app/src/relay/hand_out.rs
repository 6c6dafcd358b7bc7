//! Which relays there are, and what a person shows them.

use super::credentials::{Credentials, SECRET_LIFE_S};
use super::desk::locked;
use super::node::NodeState;
use crate::pace::Rate;
use crate::{App, AppError, Caller, Settings};
use domain::rights::Right;
use std::net::IpAddr;

/// How often a person may ask (E5): at once more than all of his devices need when they come back together.
const ASKS: Rate = Rate { at_once: 60, every_ms: 1_000 };

/// Addresses of one family that are asked besides the name: each costs a browser a question a call.
const FURTHER_MAX: usize = 2;

/// What a place is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its view of one's address (RFC 8489).
    Stun,
    /// A relayed address (RFC 8656).
    Turn,
}

/// How it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream inside TLS.
    Tls,
}

/// One way to a relay.
#[derive(Clone)]
pub struct Server {
    /// What for.
    pub kind: Kind,
    /// How.
    pub transport: Transport,
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What is shown there; a place that tells addresses asks for nothing.
    pub credentials: Option<Credentials>,
}

/// All that a person needs to make calls.
#[derive(Clone)]
pub struct Handout {
    /// In the order in which they should be tried.
    pub servers: Vec<Server>,
    /// Seconds until the credentials expire.
    pub life_s: i64,
    /// When that is, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// The relays of this box, with credentials of the caller's own (G1). Nobody else's can be asked for.
///
/// # Errors
/// [`AppError::Busy`] for who asks without end.
pub fn hand_out(app: &App, caller: &Caller) -> Result<Handout, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    if !locked(&app.relay.pace).take(&caller.user, ASKS, app.clock.now_ms()) {
        app.counters.credentials_refused.one();
        return Err(AppError::Busy);
    }
    app.counters.credentials_made.one();
    Ok(handout(app, caller.user.as_str()))
}

/// The same for somebody at the box itself who tries whether it works; he is counted as one person.
#[must_use]
pub fn hand_out_for_probe(app: &App) -> Handout {
    handout(app, "probe")
}

fn handout(app: &App, id: &str) -> Handout {
    let (now_ms, life_s) = (app.clock.now_ms(), life_s(&app.settings));
    let mut servers = Vec::new();
    if app.settings.relay.is_some() {
        let host = app.name();
        let credentials = || Some(app.relay.key.credentials(id, now_ms, life_s));
        let (udp, tls) = own_ports(app);
        if let Some(port) = udp {
            servers.extend(by_udp(&host, port, credentials()));
            let further = further(app.settings.relay.iter().flat_map(|relay| &relay.external).map(|one| one.public));
            servers.extend(further.into_iter().map(|address| to_ask(&address.to_string(), port)));
        }
        if let Some(port) = tls {
            servers.push(by_tls(&host, port, credentials()));
        }
        for site in app.relay.sites().iter() {
            let credentials = || Some(site.key.credentials(id, now_ms, life_s));
            servers.extend(by_udp(&site.host, site.port, credentials()));
            servers.push(by_tls(&site.host, site.port, credentials()));
        }
    }
    Handout { servers, life_s, expires_ms: now_ms.saturating_add(life_s.saturating_mul(1_000)) }
}

/// Of the box's own node: while nobody has heard of one, nobody is sent there. One that is away is about to come back.
fn own_ports(app: &App) -> (Option<u16>, Option<u16>) {
    let node = app.relay.node();
    match &*node {
        NodeState::Never => (None, None),
        NodeState::There { ready, .. } | NodeState::Away { ready, .. } => {
            (ready.udp.first().map(std::net::SocketAddr::port), Some(https_port(&app.address())))
        }
    }
}

/// The port of `https://HOST[:PORT]`.
fn https_port(address: &str) -> u16 {
    let host = address.strip_prefix("https://").unwrap_or(address);
    let behind_host = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    behind_host.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(443)
}

fn by_udp(host: &str, port: u16, credentials: Option<Credentials>) -> [Server; 2] {
    let relay = Server { kind: Kind::Turn, transport: Transport::Udp, host: host.to_owned(), port, credentials };
    [to_ask(host, port), relay]
}

/// Where one's own address can be asked for.
fn to_ask(host: &str, port: u16) -> Server {
    Server { kind: Kind::Stun, transport: Transport::Udp, host: host.to_owned(), port, credentials: None }
}

/// Addresses of the box's own that are asked besides its name, where it has several of a family: who is seen with another port
/// by each is behind a symmetric NAT (RFC 4787, 4.1), which one address alone cannot tell.
fn further(external: impl Iterator<Item = IpAddr> + Clone) -> Vec<IpAddr> {
    let of_family = |ipv4: bool| external.clone().filter(move |address| address.is_ipv4() == ipv4);
    let several = [true, false].map(|ipv4| of_family(ipv4).take(FURTHER_MAX).collect::<Vec<_>>());
    several.into_iter().filter(|of_family| of_family.len() > 1).flatten().collect()
}

fn by_tls(host: &str, port: u16, credentials: Option<Credentials>) -> Server {
    Server { kind: Kind::Turn, transport: Transport::Tls, host: host.to_owned(), port, credentials }
}

pub(super) fn life_s(settings: &Settings) -> i64 {
    settings.relay.as_ref().map_or(SECRET_LIFE_S, |relay| relay.credential_life_s.clamp(1, SECRET_LIFE_S))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Paces;
    use domain::ids::UserId;

    #[test]
    fn who_asks_without_end_is_slowed_and_others_are_not_e5() {
        let mut paces = Paces::default();
        let id = |text: &str| UserId::parse(text).expect("an id");
        let (restless, other) = (id("d00000000000000000000bad"), id("d0000000000000000000ad01"));
        let allowed = (0..20_000).filter(|ms| paces.take(&restless, ASKS, *ms)).count();
        assert_eq!(allowed, 60 + 19, "sixty at once, and one each second");
        assert!(paces.take(&other, ASKS, 0));
    }

    #[test]
    fn a_second_address_is_asked_where_there_is_one_of_the_same_family_g1() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let [one, two, three] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map(address);
        let six = address("2001:db8::1");
        assert!(further([one, six].into_iter()).is_empty(), "one of each can be compared with nothing");
        assert_eq!(further([one, six, two, three].into_iter()), [one, two]);
    }

    #[test]
    fn the_port_is_the_one_that_people_see_e1() {
        let addresses = [
            ("https://edge.test", 443),
            ("https://edge.test:8443", 8443),
            ("https://[2001:db8::1]", 443),
            ("https://[2001:db8::1]:8443", 8443),
        ];
        for (address, port) in addresses {
            assert_eq!(https_port(address), port, "{address}");
        }
    }
}
