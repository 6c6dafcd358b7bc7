//! The transport: XMPP frames in WebSocket messages (RFC 6455, RFC 7395).
//!
//! [`upgrade`] answers the HTTP request, [`connect`] turns the upgraded connection into a [`Connection`], which
//! reads and sends text frames within bounded memory and time.

mod connection;
mod upgrade;

#[cfg(test)]
mod tests;

pub use connection::{Connection, FrameRefusal, Incoming, TransportError};
pub use tokio_tungstenite::tungstenite::Utf8Bytes;
pub use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
pub use upgrade::{Upgrade, UpgradeRefusal, connect, upgrade};

use std::time::Duration;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Sizes and times of one connection.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// Largest message accepted, whole or in fragments. Twice as much may be sent.
    pub message_limit_bytes: usize,
    /// Kept by every connection, idle ones included.
    pub read_buffer_bytes: usize,
    /// What [`Connection::feed`] gathers before it writes.
    pub write_buffer_bytes: usize,
    /// Time that a reader has to take what is sent to it.
    pub write_timeout: Duration,
    /// Silence after which the client is asked whether it is there.
    pub ping_after: Duration,
    /// Time that it has to answer, by anything.
    pub pong_timeout: Duration,
    /// Time that it has to take its leave.
    pub close_timeout: Duration,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            message_limit_bytes: 256 * 1024,
            // 10,000 idle sessions are to fit into 150 MiB, TLS included.
            read_buffer_bytes: 2 * 1024,
            write_buffer_bytes: 4 * 1024,
            write_timeout: Duration::from_secs(20),
            ping_after: Duration::from_secs(60),
            pong_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
        }
    }
}

impl TransportSettings {
    fn config(&self) -> WebSocketConfig {
        let outgoing_bytes = self.message_limit_bytes.saturating_mul(2);
        WebSocketConfig::default()
            .read_buffer_size(self.read_buffer_bytes)
            .write_buffer_size(self.write_buffer_bytes)
            // One message more than the buffer, with the header of its frame.
            .max_write_buffer_size(self.write_buffer_bytes.saturating_add(outgoing_bytes).saturating_add(16))
            .max_message_size(Some(self.message_limit_bytes))
            .max_frame_size(Some(self.message_limit_bytes))
    }
}
