//! What comes to the TLS port first: whatever it is, it is answered by TLS or not at all, and never as if it had been
//! understood.

use crate::door::{answer, door};

/// RFC 8446, 5.1 and 5.2: `change_cipher_spec` to `application_data`.
const KINDS: std::ops::RangeInclusive<u8> = 20..=23;
const RECORD_BYTES_MAX: usize = 16 * 1024 + 2048;

pub(crate) fn run(input: &[u8]) {
    let answer = answer(door().https, input);
    let mut rest = answer.as_slice();
    while let [kind, 3, _, high, low, more @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        assert!(KINDS.contains(kind) && length <= RECORD_BYTES_MAX, "no record of TLS: {rest:02x?}");
        // The last one may be cut by a reset.
        rest = more.get(length..).unwrap_or_default();
    }
    assert!(rest.len() < 5, "no record of TLS: {rest:02x?}");
}
