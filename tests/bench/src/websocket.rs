//! The client's side of a WebSocket (RFC 6455), as lean as it may be: whole text frames, masked with zeros, parsed in place.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const LAST: u8 = 0x80;
const MASKED: u8 = 0x80;
/// Larger frames than any server sends here.
const FRAME_MAX: usize = 1 << 24;
/// Longest answer to the upgrade.
const HEAD_MAX: usize = 16_384;
/// The example of RFC 6455, 1.3: what is measured does not depend on the key.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// An open WebSocket over TLS.
pub(crate) struct Socket {
    stream: TlsStream<TcpStream>,
    read: Vec<u8>,
    /// Where the next frame begins in `read`.
    at: usize,
    out: Vec<u8>,
}

/// A frame in the buffer: what it is and where its payload stands.
struct Found {
    opcode: u8,
    begin: usize,
    end: usize,
}

impl Socket {
    /// Asks for the upgrade to XMPP (RFC 7395, 3.1).
    pub(crate) async fn open(mut stream: TlsStream<TcpStream>, path: &str) -> Result<Self, String> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut read = Vec::new();
        loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&read[..end]);
                if !head.starts_with("HTTP/1.1 101") {
                    return Err(format!("no upgrade: {head}"));
                }
                read.drain(..end + 4);
                return Ok(Self { stream, read, at: 0, out: Vec::new() });
            }
            let came = stream.read_buf(&mut read).await.map_err(|error| error.to_string())?;
            if came == 0 || read.len() > HEAD_MAX {
                return Err(String::from("no answer to the upgrade"));
            }
        }
    }

    /// Puts a text frame behind those that wait for [`Socket::flush`].
    pub(crate) fn put(&mut self, text: &str) {
        self.put_frame(TEXT, text.as_bytes());
    }

    fn put_frame(&mut self, opcode: u8, payload: &[u8]) {
        self.out.push(LAST | opcode);
        match payload.len() {
            short @ 0..=125 => self.out.push(MASKED | u8::try_from(short).expect("below 126")),
            long => {
                let length = u16::try_from(long).expect("stanzas of a bench are below 64 KiB");
                self.out.push(MASKED | 126);
                self.out.extend_from_slice(&length.to_be_bytes());
            }
        }
        self.out.extend_from_slice(&[0; 4]);
        self.out.extend_from_slice(payload);
    }

    /// Sends what was put.
    pub(crate) async fn flush(&mut self) -> Result<(), String> {
        let sent = self.stream.write_all(&self.out).await;
        self.out.clear();
        sent.map_err(|error| error.to_string())?;
        self.stream.flush().await.map_err(|error| error.to_string())
    }

    /// Reads more from the connection; may be dropped at any time.
    pub(crate) async fn fill(&mut self) -> Result<(), String> {
        if self.at > 0 {
            self.read.drain(..self.at);
            self.at = 0;
        }
        if self.read.is_empty() {
            // Thousands of idle sessions are held by one process.
            self.read.shrink_to(0);
        }
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) => Err(String::from("the server has closed the connection")),
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The next text that has come whole; pings are answered at the next flush.
    pub(crate) fn take(&mut self) -> Result<Option<&str>, String> {
        while let Some(found) = self.find()? {
            self.at = found.end;
            match found.opcode {
                TEXT => {
                    let text = &self.read[found.begin..found.end];
                    return std::str::from_utf8(text).map(Some).map_err(|error| error.to_string());
                }
                PING => {
                    let payload = self.read[found.begin..found.end].to_vec();
                    self.put_frame(PONG, &payload);
                }
                PONG => {}
                CLOSE => return Err(String::from("the server has closed the WebSocket")),
                other => return Err(format!("a frame of kind {other}")),
            }
        }
        Ok(None)
    }

    /// Whether something was put and not sent.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.out.is_empty()
    }

    fn find(&self) -> Result<Option<Found>, String> {
        let bytes = &self.read[self.at..];
        let [first, second, ..] = bytes else { return Ok(None) };
        if first & LAST == 0 || second & MASKED != 0 {
            return Err(String::from("a frame in pieces, or masked by the server"));
        }
        let (length, head) = match second {
            126 => match bytes.get(2..4) {
                Some(&[high, low]) => (usize::from(u16::from_be_bytes([high, low])), 4),
                _ => return Ok(None),
            },
            127 => match bytes.get(2..10).and_then(|eight| eight.try_into().ok()) {
                Some(eight) => (usize::try_from(u64::from_be_bytes(eight)).unwrap_or(usize::MAX), 10),
                None => return Ok(None),
            },
            short => (usize::from(*short), 2),
        };
        if length > FRAME_MAX {
            return Err(format!("a frame of {length} bytes"));
        }
        let begin = self.at + head;
        let whole = bytes.len() >= head + length;
        Ok(whole.then_some(Found { opcode: first & 0xF, begin, end: begin + length }))
    }
}
