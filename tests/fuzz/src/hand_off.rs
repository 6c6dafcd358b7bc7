//! What comes inside of TLS: the first byte, or ALPN, chooses the protocol; XMPP gets every byte as it was sent, HTTP gives
//! answers that are HTTP, and the rest gets nothing.
//!
//! The first byte of the input chooses the ALPN of the client.

use crate::door::{ALPN, NAME, PATIENCE, door};
use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) fn run(input: &[u8]) {
    let Some((choice, bytes)) = input.split_first() else { return };
    let chosen = usize::from(*choice) % ALPN.len();
    let answer = door().runtime.block_on(async { tokio::time::timeout(PATIENCE, said(chosen, bytes)).await });
    let answer = answer.expect("a connection that nobody ends");
    match (ALPN[chosen], bytes.first().copied()) {
        // Its server speaks first (RFC 9113, 3.4).
        ("h2", _) => {}
        (_, None) => assert!(answer.is_empty(), "nothing was asked: {answer:02x?}"),
        ("xmpp-client", _) | ("", Some(b'<')) => assert_eq!(answer, bytes, "every byte, in order"),
        ("", Some(0..=3)) => assert!(answer.is_empty(), "nobody serves TURN: {answer:02x?}"),
        _ => http1(&answer),
    }
}

/// What comes back for these bytes and the end behind them; a connection that is cut ends as well.
async fn said(chosen: usize, bytes: &[u8]) -> Vec<u8> {
    let door = door();
    let tcp = TcpStream::connect(door.https).await.expect("the gate lives");
    let name = ServerName::try_from(NAME).expect("a name");
    let mut tls = TlsConnector::from(Arc::clone(&door.clients[chosen])).connect(name, tcp).await.expect("a handshake");
    let _ = tls.write_all(bytes).await;
    let _ = tls.shutdown().await;
    let mut answer = Vec::new();
    let _ = tls.read_to_end(&mut answer).await;
    answer
}

fn http1(answer: &[u8]) {
    if answer.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(answer);
    let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.split([' ', '\r']).nth(1)).unwrap_or_default();
    assert!(["100", "200", "400", "408", "413", "414", "431", "501", "505"].contains(&status), "{text}");
    if status == "200" {
        assert!(text.contains("strict-transport-security: "), "{text}");
    }
}
