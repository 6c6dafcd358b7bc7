//! Beginning and end of a stream in both framings (RFC 7395, 3.4 to 3.6; RFC 6120, 4.2 to 4.4).

use super::{Framing, Output, Phase, Stream, StreamCondition};
use crate::jid::Jid;
use crate::xml::{self, Element, namespace};

impl Stream {
    /// Takes the start tag of the client's stream of bytes: its first, or the one that follows `<success/>`.
    pub fn handle_header(&mut self, tag: &str, now_ms: u64) {
        self.handle_timeout(now_ms);
        if self.is_closed() {
            return;
        }
        let (header, scope) = match xml::parse_header(tag) {
            Ok(read) => read,
            Err(error) => return self.fail(error.into(), &error.to_string()),
        };
        if !matches!(self.phase, Phase::Opening(_)) {
            let text = "a stream is begun once, and again after <success/>";
            return self.fail(StreamCondition::PolicyViolation, text);
        }
        let is_ours = header.is("stream", namespace::STREAM) && scope.default_namespace() == Some(namespace::CLIENT);
        if !is_ours {
            let text = "a stream begins with <stream:stream xmlns='jabber:client' \
                        xmlns:stream='http://etherx.jabber.org/streams'>";
            return self.fail(StreamCondition::InvalidNamespace, text);
        }
        self.scope = scope;
        self.greet(&header);
    }

    /// Takes the end tag of the client's stream of bytes.
    pub fn handle_end(&mut self) {
        self.close();
    }

    pub(super) fn handle_open(&mut self, open: &Element) {
        if open.namespace() != namespace::FRAMING {
            let text = "a stream begins with <open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
            return self.fail(self.not_opened(open), text);
        }
        if open.name() != "open" {
            let text = "a stream begins with <open/>";
            return self.fail(StreamCondition::PolicyViolation, text);
        }
        self.greet(open);
    }

    pub(super) fn refuse_instead_of_header(&mut self, element: &Element) {
        let text = "a stream begins with <stream:stream>";
        self.fail(self.not_opened(element), text);
    }

    fn not_opened(&self, element: &Element) -> StreamCondition {
        let is_stanza = element.namespace() == namespace::CLIENT && self.opened > 0;
        if is_stanza { StreamCondition::NotAuthorized } else { StreamCondition::InvalidNamespace }
    }

    /// Answers what opens the stream, if it is for this server.
    fn greet(&mut self, opening: &Element) {
        if !opening.attribute("version").is_some_and(is_version_1) {
            let text = "this server speaks version 1.0";
            return self.fail(StreamCondition::UnsupportedVersion, text);
        }
        if !self.is_our_domain(opening.attribute("to")) {
            let text = "this server does not serve the domain in 'to'";
            return self.fail(StreamCondition::HostUnknown, text);
        }
        self.send_open();
        self.send_features();
    }

    fn is_our_domain(&self, to: Option<&str>) -> bool {
        let named = to.and_then(|to| Jid::parse(to).ok());
        named.is_some_and(|jid| jid.as_str() == self.settings.domain)
    }

    pub(super) fn send_open(&mut self) {
        self.opened = self.opened.saturating_add(1);
        let of_bytes = self.carrier.framing == Framing::Bytes;
        let (name, namespace) = if of_bytes { ("stream", namespace::STREAM) } else { ("open", namespace::FRAMING) };
        let open = Element::new(name, namespace)
            .with_attribute("from", self.settings.domain.as_str())
            .with_attribute("id", format!("{}-{}", self.stream_id, self.opened))
            .with_attribute("version", "1.0")
            .with_attribute("xml:lang", "en");
        let frame = if of_bytes { start_tag(&open) } else { open.to_xml() };
        self.outputs.push_back(Output::Send(frame));
    }

    pub(super) fn send_end(&mut self) {
        match self.carrier.framing {
            Framing::Message => self.send(&Element::new("close", namespace::FRAMING)),
            Framing::Bytes => self.outputs.push_back(Output::Send("</stream:stream>".to_owned())),
        }
    }
}

/// The element without its end, and with what stands in it without prefix.
fn start_tag(header: &Element) -> String {
    let empty = header.to_xml();
    let inside = empty.strip_suffix("/>").unwrap_or(&empty);
    format!("<?xml version=\"1.0\"?>{inside} xmlns=\"{}\">", namespace::CLIENT)
}

/// Versions 1.x are the same protocol (RFC 6120, 4.7.5).
fn is_version_1(version: &str) -> bool {
    version.split_once('.').is_some_and(|(major, minor)| {
        let is_number = |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number(minor) && is_number(major) && major.trim_start_matches('0') == "1"
    })
}
