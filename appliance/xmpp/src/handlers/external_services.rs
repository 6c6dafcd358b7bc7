//! XEP-0215: which relays there are, and the asker's own credentials for them. Changes are not pushed (section 3.4): clients
//! ask before a call, and again when what they have expires.

use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::Element;
use app::AppError;
use app::relay::{self, Kind, Server, Transport};
use domain::clock::iso8601;

pub(super) const NAMESPACE: &str = "urn:xmpp:extdisco:2";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(215, "1.0.0", "External Service Discovery")], server: &[NAMESPACE], account: &[] };

/// Section 3.1 and 3.2: all services, or those of one type, each with its credentials.
pub(super) fn services<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let asked = iq.child("services", NAMESPACE).and_then(|services| services.attribute("type"));
        let handout = relay::hand_out(&session.app, &session.caller)?;
        let mut services = Element::new("services", NAMESPACE);
        if let Some(asked) = asked {
            services.set_attribute("type", asked);
        }
        for server in handout.servers.iter().filter(|server| asked.is_none_or(|asked| asked == type_of(server))) {
            services.push_child(service(server, handout.expires_ms));
        }
        Ok(vec![iq_result(iq).with_child(services)])
    })
}

/// Section 3.3: those of one service, which is known by its address and type, and its port where the client names one.
pub(super) fn credentials<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let invalid = || AppError::Invalid { field: "service", why: String::from("expected one, with host and type") };
        let asked = iq.child("credentials", NAMESPACE).and_then(|credentials| credentials.child("service", NAMESPACE));
        let asked = asked.ok_or_else(invalid)?;
        let (host, kind) = asked.attribute("host").zip(asked.attribute("type")).ok_or_else(invalid)?;
        let port = asked.attribute("port");
        let handout = relay::hand_out(&session.app, &session.caller)?;
        let is_meant = |server: &&Server| {
            server.host == host
                && type_of(server) == kind
                && port.is_none_or(|port| port == server.port.to_string())
                && server.credentials.is_some()
        };
        let found: Vec<&Server> = handout.servers.iter().filter(is_meant).collect();
        if found.is_empty() {
            return Err(AppError::NotFound(app::message::PLACE));
        }
        let mut told = Element::new("credentials", NAMESPACE);
        found.into_iter().for_each(|server| told.push_child(service(server, handout.expires_ms)));
        Ok(vec![iq_result(iq).with_child(told)])
    })
}

fn type_of(server: &Server) -> &'static str {
    match (server.kind, server.transport) {
        (Kind::Stun, Transport::Udp) => "stun",
        (Kind::Stun, Transport::Tls) => "stuns",
        (Kind::Turn, Transport::Udp) => "turn",
        (Kind::Turn, Transport::Tls) => "turns",
    }
}

fn service(server: &Server, expires_ms: i64) -> Element {
    let transport = match server.transport {
        Transport::Udp => "udp",
        Transport::Tls => "tcp",
    };
    let mut service = Element::new("service", NAMESPACE)
        .with_attribute("type", type_of(server))
        .with_attribute("transport", transport)
        .with_attribute("host", server.host.clone())
        .with_attribute("port", server.port.to_string());
    if let Some(credentials) = &server.credentials {
        service.set_attribute("restricted", "true");
        service.set_attribute("username", credentials.username.clone());
        service.set_attribute("password", credentials.password.to_string());
        service.set_attribute("expires", iso8601(expires_ms));
    }
    service
}
