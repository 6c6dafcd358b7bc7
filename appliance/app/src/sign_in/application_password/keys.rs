//! The keys of SCRAM-SHA-256 (RFC 5802, 3; RFC 7677).

use super::Salt;
use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};
use domain::clock::Rng;
use std::num::NonZeroU32;
use store::application_password::Keys;
use zeroize::Zeroizing;

/// The least that RFC 7677 (4) allows. More would make nobody safer: the passwords are random, so nobody tries them one
/// after another.
pub(super) const ITERATIONS: u32 = 4096;
/// Random bytes of a password: 120 bits.
const PASSWORD_BYTES: usize = 15;
/// Characters that stand together.
const GROUP_LENGTH: usize = 4;
/// Crockford's base 32: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new password: 24 characters in groups of four. The hyphens belong to it, because it is typed as it is shown.
pub(super) fn new_password(rng: &dyn Rng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; PASSWORD_BYTES]);
    rng.fill(bytes.as_mut_slice());
    let mut password = Zeroizing::new(String::with_capacity(PASSWORD_BYTES * 2));
    let (mut waiting, mut bits, mut written) = (0_u32, 0, 0);
    for byte in bytes.iter() {
        waiting = (waiting << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            if written > 0 && written % GROUP_LENGTH == 0 {
                password.push('-');
            }
            let digit = usize::try_from(waiting >> bits & 31).unwrap_or(0);
            password.push(char::from(ALPHABET[digit]));
            written += 1;
        }
    }
    password
}

/// What is kept of a password.
pub(super) fn derive(password: &str, salt: &Salt) -> Keys {
    let iterations = NonZeroU32::new(salt.iterations).unwrap_or(NonZeroU32::MIN);
    let mut salted = Zeroizing::new([0; 32]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt.salt, password.as_bytes(), salted.as_mut_slice());
    let client_key = Zeroizing::new(mac(salted.as_slice(), b"Client Key"));
    Keys { stored_key: sha256(client_key.as_slice()), server_key: mac(salted.as_slice(), b"Server Key") }
}

/// The server's signature, if the proof is that of the password with these keys. Takes as long when it is not.
pub(super) fn check(keys: &Keys, message: &str, proof: &[u8; 32]) -> Option<[u8; 32]> {
    let mut client_key = Zeroizing::new(mac(&keys.stored_key, message.as_bytes()));
    for (byte, of_proof) in client_key.iter_mut().zip(proof) {
        *byte ^= of_proof;
    }
    let signature = mac(&keys.server_key, message.as_bytes());
    let shown = sha256(client_key.as_slice());
    constant_time::verify_slices_are_equal(&shown, &keys.stored_key).is_ok().then_some(signature)
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
    sized(tag.as_ref())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    sized(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn sized(bytes: &[u8]) -> [u8; 32] {
    let mut sized = [0; 32];
    sized.copy_from_slice(bytes);
    sized
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    struct Counting;
    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(1..) {
                *byte = value;
            }
        }
    }

    /// The example of RFC 7677, 3.
    const MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    fn example() -> (Keys, [u8; 32]) {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
        let proof = STANDARD.decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=").expect("base64");
        (derive("pencil", &Salt { salt, iterations: 4096 }), sized(&proof))
    }

    #[test]
    fn the_example_of_rfc_7677_is_accepted_and_signed_a2() {
        let (keys, proof) = example();
        let signature = check(&keys, MESSAGE, &proof).expect("the right password");
        assert_eq!(STANDARD.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn one_bit_that_is_wrong_anywhere_is_refused_a2() {
        let (keys, proof) = example();
        for bit in 0..256 {
            let mut wrong = proof;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(check(&keys, MESSAGE, &wrong).is_none(), "bit {bit}");
        }
        assert!(check(&keys, &MESSAGE.replace("n=user", "n=boss"), &proof).is_none(), "of another exchange");
        let salt = Salt { salt: b"another salt".to_vec(), iterations: 4096 };
        assert!(check(&derive("pencil", &salt), MESSAGE, &proof).is_none());
    }

    #[test]
    fn a_password_holds_all_120_bits_in_groups_that_people_can_type_a11() {
        let password = new_password(&Counting);
        assert_eq!(
            password.as_str(),
            "041061050r3gg28a1c60t3gf"
                .as_bytes()
                .chunks(4)
                .map(|group| std::str::from_utf8(group).expect("ASCII"))
                .collect::<Vec<_>>()
                .join("-")
        );
    }
}
