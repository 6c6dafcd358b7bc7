//! The table of protocols behind the port: one line each.

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::http::{self, HttpVersion};
use crate::line::Line;
use crate::serve::Served;

/// Bytes after TLS.
pub(crate) type SecureStream = TlsStream<Line<TcpStream>>;

/// A protocol that clients choose by ALPN (RFC 7301).
pub(crate) struct Protocol {
    /// Identifier in the IANA registry.
    alpn: &'static str,
    kind: Kind,
}

/// Who handles the bytes.
#[derive(Clone, Copy)]
enum Kind {
    Http(HttpVersion),
}

/// In the order in which the gate prefers them.
const TABLE: &[Protocol] = &[
    Protocol { alpn: "h2", kind: Kind::Http(HttpVersion::Two) },
    Protocol { alpn: "http/1.1", kind: Kind::Http(HttpVersion::One) },
];

/// For clients that choose nothing.
const WITHOUT_ALPN: Kind = Kind::Http(HttpVersion::One);

/// Identifiers that the gate offers, in its order of preference. A client that offers only others is refused by TLS.
pub fn alpn_protocols() -> Vec<Vec<u8>> {
    TABLE.iter().map(|protocol| protocol.alpn.as_bytes().to_vec()).collect()
}

/// Hands the stream to the protocol that its handshake chose, and returns when that one is done with it.
pub(crate) async fn handle(stream: SecureStream, served: Served) {
    let chosen = stream.get_ref().1.alpn_protocol();
    let kind = chosen
        .and_then(|alpn| TABLE.iter().find(|protocol| protocol.alpn.as_bytes() == alpn))
        .map_or(WITHOUT_ALPN, |protocol| protocol.kind);
    match kind {
        Kind::Http(version) => http::serve(stream, version, served).await,
    }
}
