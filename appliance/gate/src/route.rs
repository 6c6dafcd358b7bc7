//! Hands a stream to the protocol that its handshake chose, or its first byte tells.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::counters::Event;
use crate::http;
use crate::protocol::Protocol;
use crate::serve::Served;
use crate::stream::Stream;
use crate::takers::Takers;

/// For a peer to take the TLS alert that closes the stream.
const FAREWELL: Duration = Duration::from_secs(1);

/// Returns when the protocol is done with the stream.
pub(crate) async fn route(mut stream: Stream, mut served: Served, takers: &Takers) {
    let Some(protocol) = protocol_of(&mut stream, &mut served).await else {
        return close(stream, &served).await;
    };
    match protocol {
        Protocol::Http1 | Protocol::Http2 => http::serve(stream, protocol, served).await,
        other => match takers.of(other) {
            Some(take) => take(stream, served.around.connection.clone(), served.closing).await,
            None => close(stream, &served).await,
        },
    }
}

/// `None` when the peer says nothing in time, or the gate closes meanwhile.
async fn protocol_of(stream: &mut Stream, served: &mut Served) -> Option<Protocol> {
    if let Some(alpn) = stream.alpn() {
        return Protocol::of_alpn(alpn);
    }
    let Served { around, closing } = served;
    let byte = tokio::select! {
        first = tokio::time::timeout(around.limits.header_timeout, stream.first_byte()) => first.ok()?.ok()??,
        () = closing.wait() => return None,
    };
    Some(Protocol::of_first_byte(byte))
}

/// Without a byte that could be taken for an answer: only TLS says that this is the end.
async fn close(mut stream: Stream, served: &Served) {
    served.around.counters.count(Event::Untaken);
    // Who does not take it learns the end from TCP.
    let _untaken = tokio::time::timeout(FAREWELL, stream.shutdown()).await;
}
