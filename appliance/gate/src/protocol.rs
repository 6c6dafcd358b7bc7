//! The table of protocols behind the port: one line each (decision 2).

use std::ops::RangeInclusive;

/// A protocol that may follow the TLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP/2 (RFC 9113).
    Http2,
    /// HTTP/1.1 (RFC 9112), WebSockets too.
    Http1,
    /// XMPP of clients, by direct TLS (XEP-0368).
    XmppClient,
    /// XMPP of other servers, by direct TLS (XEP-0368).
    XmppServer,
    /// STUN and TURN over TLS (RFC 7443).
    Turn,
}

/// How a stream without ALPN tells that it is this protocol.
enum Begins {
    /// It cannot: only ALPN tells.
    Never,
    /// By its first byte.
    With(RangeInclusive<u8>),
    /// By beginning as none of the others.
    Otherwise,
}

struct Row {
    protocol: Protocol,
    /// Identifier in the IANA registry (RFC 7301).
    alpn: &'static str,
    begins: Begins,
}

const fn row(protocol: Protocol, alpn: &'static str, begins: Begins) -> Row {
    Row { protocol, alpn, begins }
}

/// In the order in which the gate prefers them: who offers HTTP beside another protocol, as coturn's client does, means the other
/// one; browsers offer nothing else. STUN and TURN begin as RFC 7983 section 7 has it.
const TABLE: [Row; 5] = [
    row(Protocol::Turn, "stun.turn", Begins::With(0x00..=0x03)),
    row(Protocol::XmppClient, "xmpp-client", Begins::With(b'<'..=b'<')),
    row(Protocol::XmppServer, "xmpp-server", Begins::Never),
    row(Protocol::Http2, "h2", Begins::Never),
    row(Protocol::Http1, "http/1.1", Begins::Otherwise),
];

impl Protocol {
    /// In the order in which the gate prefers them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.protocol)
    }

    pub(crate) fn alpn(self) -> &'static str {
        TABLE.iter().find(|row| row.protocol == self).map_or("", |row| row.alpn)
    }

    pub(crate) fn of_alpn(alpn: &[u8]) -> Option<Self> {
        TABLE.iter().find(|row| row.alpn.as_bytes() == alpn).map(|row| row.protocol)
    }

    /// Decides for good: what follows is never looked at again.
    pub(crate) fn of_first_byte(byte: u8) -> Self {
        let begins_with = |row: &&Row| matches!(&row.begins, Begins::With(bytes) if bytes.contains(&byte));
        let otherwise = |row: &&Row| matches!(row.begins, Begins::Otherwise);
        let row = TABLE.iter().find(begins_with).or_else(|| TABLE.iter().find(otherwise));
        row.map_or(Self::Http1, |row| row.protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells_the_protocol_e1() {
        for byte in 0..=u8::MAX {
            let expected = match byte {
                0x00..=0x03 => Protocol::Turn,
                b'<' => Protocol::XmppClient,
                _ => Protocol::Http1,
            };
            assert_eq!(Protocol::of_first_byte(byte), expected, "{byte:#04x}");
        }
    }

    #[test]
    fn every_protocol_has_one_line_and_its_own_identifier_e1() {
        for protocol in Protocol::all() {
            assert_eq!(Protocol::of_alpn(protocol.alpn().as_bytes()), Some(protocol));
        }
        assert_eq!(Protocol::of_alpn(b""), None);
    }
}
