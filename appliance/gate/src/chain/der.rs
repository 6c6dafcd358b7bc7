//! The few fields of a certificate that `webpki` has checked and does not tell. DER, X.690 section 8.1.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The content of the first value, which must have this tag, and what follows it.
fn value(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, input) = input.split_first()?;
    let (length, input) = input.split_first()?;
    let (length, input) = match length {
        0..=0x7f => (usize::from(*length), input),
        0x81..=0x83 => {
            let (bytes, input) = input.split_at_checked(usize::from(length - 0x80))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), input)
        }
        _ => return None,
    };
    if *found == tag { input.split_at_checked(length) } else { None }
}

/// Content of the algorithm identifier, and the key, of a `SubjectPublicKeyInfo`.
pub(super) fn public_key(info: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, _) = value(info, SEQUENCE)?;
    let (algorithm, rest) = value(info, SEQUENCE)?;
    let (bits, _) = value(rest, BIT_STRING)?;
    // The first byte counts unused bits; a key has none.
    Some((algorithm, bits.strip_prefix(&[0])?))
}

/// Size of the modulus of an RSA key (RFC 8017 appendix A.1.1).
pub(super) fn rsa_bits(key: &[u8]) -> Option<usize> {
    let (key, _) = value(key, SEQUENCE)?;
    let (modulus, _) = value(key, INTEGER)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    let leading = usize::try_from(first.leading_zeros()).ok()?;
    Some((modulus.len() - zeros) * 8 - leading)
}

/// Content of a certificate's `signatureAlgorithm` (RFC 5280 section 4.1.1.2).
pub(super) fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = value(certificate, SEQUENCE)?;
    let (_signed, rest) = value(certificate, SEQUENCE)?;
    value(rest, SEQUENCE).map(|(algorithm, _)| algorithm)
}

/// What people call those that are refused (RFC 8017 appendix A.2.4, RFC 3279 section 2.2.3).
pub(super) fn signature_name(algorithm: &[u8]) -> &'static str {
    const RSA: [u8; 10] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
    const ECDSA_SHA1: [u8; 9] = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    match (algorithm.strip_prefix(&RSA).and_then(<[u8]>::first), algorithm) {
        (Some(5), _) => "SHA-1",
        (Some(4), _) => "MD5",
        (_, algorithm) if algorithm.starts_with(&ECDSA_SHA1) => "SHA-1",
        _ => "an algorithm that clients do not take",
    }
}
