//! FINGERPRINT (RFC 8489, section 14.7): the CRC-32 of ITU V.42, so that STUN is told from other protocols on a port.

const TURNED: u32 = 0x5354_554E;

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let (mut sum, mut bit) = (byte, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xEDB8_8320 ^ (sum >> 1) } else { sum >> 1 };
            bit += 1;
        }
        table[byte as usize] = sum;
        byte += 1;
    }
    table
}

/// Of parts that follow one another.
pub(super) fn fingerprint(parts: &[&[u8]]) -> [u8; 4] {
    let step = |sum: u32, byte: &u8| TABLE[usize::from(sum.to_le_bytes()[0] ^ byte)] ^ (sum >> 8);
    let sum = parts.iter().fold(u32::MAX, |sum, part| part.iter().fold(sum, step));
    (!sum ^ TURNED).to_be_bytes()
}
