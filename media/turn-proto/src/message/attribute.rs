//! RFC 8489, section 18.3, and RFC 8656, section 18.

/// Who the client says it is.
pub const USERNAME: u16 = 0x0006;
/// HMAC-SHA1 over what is before it.
pub const MESSAGE_INTEGRITY: u16 = 0x0008;
/// Why a request is refused.
pub const ERROR_CODE: u16 = 0x0009;
/// Which attributes were not understood.
pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
/// Of a channel.
pub const CHANNEL_NUMBER: u16 = 0x000C;
/// Of an allocation, in seconds.
pub const LIFETIME: u16 = 0x000D;
/// Whom data goes to or comes from.
pub const XOR_PEER_ADDRESS: u16 = 0x0012;
/// The data.
pub const DATA: u16 = 0x0013;
/// Where a user name holds.
pub const REALM: u16 = 0x0014;
/// What shows that a client receives at its address.
pub const NONCE: u16 = 0x0015;
/// Where peers reach a client.
pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
/// IPv4 or IPv6.
pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
/// An even port, perhaps with the next one reserved.
pub const EVEN_PORT: u16 = 0x0018;
/// UDP.
pub const REQUESTED_TRANSPORT: u16 = 0x0019;
/// That relayed datagrams may not be cut.
pub const DONT_FRAGMENT: u16 = 0x001A;
/// HMAC-SHA256 over what is before it.
pub const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;
/// How the key is made of the password.
pub const PASSWORD_ALGORITHM: u16 = 0x001D;
/// A user name that cannot be read.
pub const USERHASH: u16 = 0x001E;
/// How the server sees the client.
pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
/// A port reserved before.
pub const RESERVATION_TOKEN: u16 = 0x0022;
/// IPv6 besides IPv4.
pub const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
/// Why one of two addresses was not given.
pub const ADDRESS_ERROR_CODE: u16 = 0x8001;
/// How keys may be made of passwords.
pub const PASSWORD_ALGORITHMS: u16 = 0x8002;
/// Which program this is.
pub const SOFTWARE: u16 = 0x8022;
/// Where else to ask.
pub const ALTERNATE_SERVER: u16 = 0x8023;
/// CRC-32 of the message.
pub const FINGERPRINT: u16 = 0x8028;

/// Whether a request may not be served by whoever does not understand this (RFC 8489, section 14).
#[must_use]
pub fn must_be_understood(attribute: u16) -> bool {
    attribute < 0x8000
}
