//! A WebSocket to the box: the upgrade by hand (RFC 6455 section 4.1), frames by tungstenite.

use crate::tls::Door;
use futures_util::{SinkExt as _, StreamExt as _};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, protocol::Role};

/// Key and accept value of the example in RFC 6455 section 1.3: a client of tests needs no fresh ones.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An open WebSocket.
pub struct Socket(WebSocketStream<TlsStream<TcpStream>>);

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Socket")
    }
}

/// What came over the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
    /// The socket is closed, with the close code when there was one.
    Closed(Option<u16>),
}

/// Asks for the upgrade; the head of a refusal is the error.
pub async fn upgrade(door: &Door, port: u16, target: &str, protocol: Option<&str>) -> Result<Socket, String> {
    let mut stream = door.tls(&["http/1.1"]).await.map_err(|error| format!("TLS: {error}"))?;
    let offer = protocol.map_or(String::new(), |name| format!("Sec-WebSocket-Protocol: {name}\r\n"));
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{offer}\r\n"
    );
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    let head = read_head(&mut stream).await?;
    if !head.starts_with("HTTP/1.1 101") {
        return Err(head);
    }
    let has = |name: &str, value: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .any(|(key, content)| key.eq_ignore_ascii_case(name) && content.trim() == value)
    };
    if !has("sec-websocket-accept", ACCEPT) {
        return Err(format!("wrong Sec-WebSocket-Accept: {head}"));
    }
    if protocol.is_some_and(|name| !has("sec-websocket-protocol", name)) {
        return Err(format!("the subprotocol was not confirmed: {head}"));
    }
    Ok(Socket(WebSocketStream::from_raw_socket(stream, Role::Client, None).await))
}

/// Reads byte by byte up to the empty line, so that no byte of the first frame is taken.
async fn read_head(stream: &mut TlsStream<TcpStream>) -> Result<String, String> {
    let read = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(error) => return Err(format!("{error} after {:?}", String::from_utf8_lossy(&head))),
            }
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    tokio::time::timeout(Duration::from_secs(crate::PATIENCE_S), read)
        .await
        .unwrap_or_else(|_| Err("no answer to the upgrade".to_owned()))
}

impl Socket {
    /// Sends a text frame. A closed socket shows when reading.
    pub async fn send_text(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// Sends a binary frame.
    pub async fn send_binary(&mut self, bytes: &[u8]) {
        let _ = self.0.send(Message::binary(bytes.to_vec())).await;
    }

    /// Sends a ping frame.
    pub async fn send_ping(&mut self, bytes: &[u8]) {
        let _ = self.0.send(Message::Ping(bytes.to_vec().into())).await;
    }

    /// Closes in good order.
    pub async fn close(&mut self) {
        let _ = self.0.close(None).await;
    }

    /// The next frame of content; pings are answered by tungstenite, pongs skipped.
    pub async fn next(&mut self) -> Frame {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Frame::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(bytes))) => return Frame::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => return Frame::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Frame::Closed(None),
            }
        }
    }

    /// Waits for the pong to a ping frame.
    pub async fn next_pong(&mut self) -> Option<Vec<u8>> {
        while let Some(Ok(message)) = self.0.next().await {
            if let Message::Pong(bytes) = message {
                return Some(bytes.to_vec());
            }
        }
        None
    }
}
