//! Percent-encoding (RFC 3986, 2.1).

use std::fmt::Write as _;

/// `text` with every byte escaped that is no letter or digit of ASCII and not among `kept`.
#[must_use]
pub fn encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
