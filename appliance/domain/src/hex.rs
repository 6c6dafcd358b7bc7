//! Bytes as hexadecimal digits.

use std::fmt::Write as _;

/// Lower-case digits.
#[must_use]
pub fn write(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What [`write`] wrote, and nothing else.
#[must_use]
pub fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// As [`read`], of any length.
#[must_use]
pub fn read_all(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_as_they_are_written_and_no_other_way_d7() {
        let bytes = [0, 0x1f, 0xa0, 0xff];
        assert_eq!(write(&bytes), "001fa0ff");
        assert_eq!((read("001fa0ff"), read_all("001fa0ff")), (Some(bytes), Some(bytes.to_vec())));
        for other in ["001FA0FF", "001fa0f", "001fa0ffff", "001fa0fg", "0x1fa0ff", ""] {
            assert_eq!(read::<4>(other), None, "{other}");
        }
        assert_eq!((read_all("001fa0f"), read_all("0g")), (None, None));
    }
}
