//! XMPP by direct TLS (XEP-0368): a stream of bytes, cut into elements here.

use crate::stanza::ns;
use crate::tls::Door;
use crate::websocket::Frame;
use quick_xml::Reader;
use quick_xml::events::Event;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// An open connection.
pub struct Direct {
    tls: TlsStream<TcpStream>,
    unread: Vec<u8>,
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Direct")
    }
}

impl Direct {
    /// Connects, offering this by ALPN; nothing is said yet.
    pub async fn connect(door: &Door, alpn: &[&str]) -> std::io::Result<Self> {
        Ok(Self { tls: door.tls(alpn).await?, unread: Vec::new() })
    }

    /// What TLS chose.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.tls.get_ref().1.alpn_protocol()
    }

    /// The value of `tls-exporter` (RFC 9266).
    pub fn exporter(&self) -> [u8; 32] {
        crate::tls::exporter(&self.tls)
    }

    /// Sends these bytes. A closed connection shows when reading.
    pub async fn send(&mut self, text: &str) {
        let _ = self.tls.write_all(text.as_bytes()).await;
        let _ = self.tls.flush().await;
    }

    /// The next element; the stream's own start as an empty element, its end as a `<close/>` of RFC 7395.
    pub async fn next(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.cut() {
                return Frame::Text(frame);
            }
            let mut bytes = [0; 4096];
            match self.tls.read(&mut bytes).await {
                Ok(0) | Err(_) => return Frame::Closed(None),
                Ok(read) => self.unread.extend_from_slice(&bytes[..read]),
            }
        }
    }

    fn cut(&mut self) -> Option<String> {
        let text = std::str::from_utf8(&self.unread).ok()?;
        let begin = text.len() - text.trim_start().len();
        let begin =
            begin + text[begin..].strip_prefix("<?xml").map_or(0, |rest| 5 + rest.find("?>").map_or(0, |at| at + 2));
        let rest = &text[begin..];
        let (frame, end) = if rest.starts_with("<stream:stream") {
            let end = rest.find('>')?;
            (format!("{}/>", &rest[..end]), end + 1)
        } else if let Some(rest) = rest.strip_prefix("</stream:stream") {
            (format!("<close xmlns='{}'/>", ns::FRAMING), 15 + rest.find('>')? + 1)
        } else {
            let end = length_of_element(rest)?;
            (rest[..end].to_owned(), end)
        };
        self.unread.drain(..begin + end);
        Some(frame)
    }
}

/// `None` while the element is not whole.
fn length_of_element(text: &str) -> Option<usize> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::Empty(_) => {}
            Event::Eof => return None,
            _ => continue,
        }
        if depth == 0 {
            return usize::try_from(reader.buffer_position()).ok();
        }
    }
}
