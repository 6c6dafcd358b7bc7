//! What a stream needs to know of what carries it.

/// How elements are told apart on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// One to a message, between `<open/>` and `<close/>` (RFC 7395).
    #[default]
    Message,
    /// By themselves, within one `<stream:stream>` (RFC 6120, 4).
    Bytes,
}

/// The value of TLS by which SASL is bound to one connection: `tls-exporter` (RFC 9266). Who stands between two
/// connections has two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelBinding(pub [u8; 32]);

impl ChannelBinding {
    /// Its registered name.
    pub const TYPE: &str = "tls-exporter";
}

/// What lies under a stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Carrier {
    /// How elements are framed.
    pub framing: Framing,
    /// Where the TLS of the connection is known.
    pub binding: Option<ChannelBinding>,
}
