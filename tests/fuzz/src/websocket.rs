//! WebSocket frames: any bytes end in an orderly way, no message is larger than allowed, and a text comes out as it went in
//! however it was cut into frames.
//!
//! The first byte of the input says how long the fragments are into which the rest is cut when it is sent as a text.

use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::runtime::{Builder, Runtime};
use xmpp::transport::{Incoming, TransportError, TransportSettings};
use xmpp::websocket::Connection;

const LIMIT_BYTES: usize = 4 * 1024;
const PIPE_BYTES: usize = 1024 * 1024;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
}

pub(crate) fn run(input: &[u8]) {
    let Some((length, bytes)) = input.split_first() else { return };
    let (came, _) = received(bytes);
    let texts = came.iter().filter_map(|incoming| if let Incoming::Text(text) = incoming { Some(text) } else { None });
    assert!(texts.into_iter().all(|text| text.len() <= LIMIT_BYTES));

    let Some(text) = crate::text(bytes) else { return };
    let (came, ended) = received(&framed(text, usize::from(*length).max(1)));
    match came.first() {
        Some(Incoming::Text(read)) => assert_eq!(read.as_str(), text),
        Some(Incoming::Refused(_)) => assert!(text.len() > LIMIT_BYTES),
        other => panic!("{other:?}, {ended:?}"),
    }
}

/// What the server reads from these bytes, and how it ended.
fn received(bytes: &[u8]) -> (Vec<Incoming>, Option<TransportError>) {
    let reading = async {
        let (mut client, server) = tokio::io::duplex(PIPE_BYTES);
        client.write_all(bytes).await.expect("room for all");
        client.shutdown().await.expect("our own pipe");
        let settings = TransportSettings { message_limit_bytes: LIMIT_BYTES, ..TransportSettings::default() };
        let mut connection = Connection::new(server, settings).await;
        let mut came = Vec::new();
        loop {
            match connection.next_frame().await {
                Ok(Incoming::Closed) => return (came, None),
                Ok(refused @ Incoming::Refused(_)) => {
                    came.push(refused);
                    return (came, None);
                }
                Ok(incoming) => came.push(incoming),
                Err(error) => return (came, Some(error)),
            }
        }
    };
    RUNTIME.with(|runtime| {
        runtime.block_on(async { tokio::time::timeout(PATIENCE, reading).await }).expect("an end in time")
    })
}

/// A client's text message in fragments of this length (RFC 6455, 5.2).
fn framed(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let fragments: Vec<&[u8]> = if text.is_empty() { vec![&[]] } else { text.as_bytes().chunks(length).collect() };
    for (index, fragment) in fragments.iter().enumerate() {
        let code = if index == 0 { 0x1 } else { 0x0 };
        let last = if index + 1 == fragments.len() { 0x80 } else { 0x00 };
        bytes.push(code | last);
        match u8::try_from(fragment.len()) {
            Ok(short) if short < 126 => bytes.push(0x80 | short),
            _ => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(fragment.len()).expect("at most 255").to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(fragment.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    }
    bytes
}
