//! The transport: XMPP frames in WebSocket messages (RFC 6455, RFC 7395).
//!
//! [`upgrade`] answers the HTTP request, [`connect`] turns the upgraded connection into a [`Connection`], which
//! reads and sends text frames within bounded memory and time.

mod connection;
mod upgrade;

#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
pub use upgrade::{Upgrade, UpgradeRefusal, connect, upgrade};

use crate::transport::{FrameRefusal, TransportSettings};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

fn config(of: &TransportSettings) -> WebSocketConfig {
    let outgoing_bytes = of.message_limit_bytes.saturating_mul(2);
    WebSocketConfig::default()
        .read_buffer_size(of.read_buffer_bytes)
        .write_buffer_size(of.write_buffer_bytes)
        // One message more than the buffer, with the header of its frame.
        .max_write_buffer_size(of.write_buffer_bytes.saturating_add(outgoing_bytes).saturating_add(16))
        .max_message_size(Some(of.message_limit_bytes))
        .max_frame_size(Some(of.message_limit_bytes))
}

/// The code that closes the WebSocket after the stream error that answers a refused frame.
fn close_code(refusal: FrameRefusal) -> CloseCode {
    match refusal {
        FrameRefusal::Oversize { .. } => CloseCode::Size,
        FrameRefusal::Binary => CloseCode::Unsupported,
        FrameRefusal::NotUtf8 | FrameRefusal::Xml(_) => CloseCode::Invalid,
    }
}
